"""Who may use the pages of the archive."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, OFFICERS, Role
from shuzhuan.apps.enterprises.sections import FILLERS

READERS = GOVERNMENT | ENTERPRISE | BODIES
CERTIFIER = frozenset({Role.ENTERPRISE_CERTIFIER})
ENTERPRISE_MODEL, QUALIFICATION = "enterprises.Enterprise", "enterprises.Qualification"

ROWS = (
    Row("enterprises:home", READ, ENTERPRISE),
    Row("enterprises:archive", READ, ENTERPRISE),
    Row("enterprises:section", READ_WRITE, ENTERPRISE),
    Row("enterprises:draft", WRITE, ENTERPRISE),
    Row("enterprises:qualifications", READ_WRITE, ENTERPRISE, write_roles=FILLERS),
    Row("enterprises:qualification_add", READ_WRITE, FILLERS),
    Row("enterprises:qualification", READ_WRITE, FILLERS, model=QUALIFICATION, lookup="pk"),
    Row("enterprises:qualification_withdraw", WRITE, FILLERS, model=QUALIFICATION, lookup="pk"),
    Row("enterprises:colleagues", READ_WRITE, ENTERPRISE, write_roles=CERTIFIER),
    Row("enterprises:own_policies", READ, ENTERPRISE),
    # Everybody may register the own enterprise; an officer one of the own place.
    Row("enterprises:register", READ_WRITE, public=True),
    Row("enterprises:profile", READ, READERS, model=ENTERPRISE_MODEL, lookup="pk"),
    # Not vendors: the answers tell figures and declarations, which no consent opens.
    Row("enterprises:policies", READ, GOVERNMENT | ENTERPRISE, model=ENTERPRISE_MODEL, lookup="pk"),
    Row("enterprises:survey", READ_WRITE, OFFICERS, model=ENTERPRISE_MODEL, lookup="pk"),
    Row("enterprises:pilot", READ_WRITE, OFFICERS, model=ENTERPRISE_MODEL, lookup="pk"),
)

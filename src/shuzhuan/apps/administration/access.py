"""Who may administer what: nobody may do both."""

from shuzhuan.apps.access.table import READ, READ_WRITE, Row
from shuzhuan.apps.accounts.roles import Role

SYSTEM = frozenset({Role.SYSTEM_ADMIN})
SECURITY = frozenset({Role.SECURITY_ADMIN})
ROWS = (
    Row("administration:regions", READ, SYSTEM),
    Row("administration:region", READ_WRITE, SYSTEM, model="regions.Region", lookup="pk"),
    Row("administration:region_add", READ_WRITE, SYSTEM, model="regions.Region", lookup="pk"),
    Row("administration:people", READ, SECURITY),
    Row("administration:invite", READ_WRITE, SECURITY),
    Row("administration:person", READ_WRITE, SECURITY, model="accounts.User", lookup="pk"),
    Row("administration:sessions", READ_WRITE, SECURITY),
)

"""Who may use the pages of consent."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, OFFICERS, Role

CONSENT = "vendors.Consent"
VENDOR = frozenset({Role.VENDOR_STAFF})
WATCHERS = OFFICERS | {Role.LEADER}
CERTIFIER = frozenset({Role.ENTERPRISE_CERTIFIER})

ROWS = (
    Row("vendors:given", READ, ENTERPRISE),
    Row("vendors:answer", READ_WRITE, CERTIFIER, model=CONSENT, lookup="pk"),
    Row("vendors:withdraw", WRITE, CERTIFIER | VENDOR, model=CONSENT, lookup="pk"),
    Row("vendors:clients", READ, VENDOR),
    Row("vendors:request", READ_WRITE, VENDOR),
    Row("vendors:body", READ_WRITE, BODIES),
    Row("vendors:bodies", READ, WATCHERS),
    Row("vendors:body_record", READ, WATCHERS, model="vendors.BodyRecord", lookup="pk"),
)

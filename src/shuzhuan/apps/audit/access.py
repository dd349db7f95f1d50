"""Who may use the audit pages."""

from shuzhuan.apps.access.table import READ, WRITE, Row
from shuzhuan.apps.accounts.roles import Role

AUDITORS = frozenset({Role.AUDIT_ADMIN})
ROWS = (
    Row("audit:log", READ, AUDITORS),
    Row("audit:receipt", READ, AUDITORS, model="audit.Entry", lookup="pk"),
    Row("audit:export", READ, AUDITORS, model="audit.Chain", lookup="pk"),
    Row("audit:checkpoint", WRITE, AUDITORS, model="audit.Chain", lookup="pk"),
    Row("audit:verifier", READ, public=True),
    Row("audit:checkpoints", READ, public=True),
)

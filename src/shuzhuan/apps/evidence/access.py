"""Who may use the pages of the evidence store; what they see of it is in ``scopes``."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, OFFICERS, PARTIES

READERS = PARTIES | GOVERNMENT
# Whole archives leave the platform only through those who answer for them.
EXPORTERS = ENTERPRISE | OFFICERS
VISITORS = GOVERNMENT | BODIES
DOCUMENT = "evidence.Document"

ROWS = (
    Row("evidence:library", READ, PARTIES),
    Row("evidence:upload", WRITE, PARTIES),
    Row("evidence:document", READ, PARTIES, model=DOCUMENT, lookup="pk"),
    Row("evidence:add_version", WRITE, PARTIES, model=DOCUMENT, lookup="pk"),
    Row("evidence:withdraw", READ_WRITE, PARTIES, model=DOCUMENT, lookup="pk"),
    Row("evidence:file", WRITE, READERS, model="evidence.DocumentVersion", lookup="pk"),
    Row("evidence:shelf", READ, VISITORS, model="accounts.Party", lookup="pk"),
    Row("evidence:bundle", WRITE, EXPORTERS, model="accounts.Party", lookup="pk"),
    Row("evidence:verifier", READ, public=True),
)

"""Who may use these pages."""

from shuzhuan.apps.access.table import READ, READ_WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES

ENGAGEMENT = "assessments.Engagement"

ROWS = (
    # On site
    Row("assessments:visits", READ, BODIES),
    Row("assessments:visit", READ_WRITE, BODIES, model=ENGAGEMENT, lookup="pk"),
)

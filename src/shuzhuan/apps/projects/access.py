"""Who may use these pages: the table of transitions says the rest, action by action."""

from shuzhuan.apps.access.table import READ, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT

PROJECT = "projects.Project"
EVERYBODY = GOVERNMENT | ENTERPRISE | BODIES

ROWS: tuple[Row, ...] = (
    Row("projects:page", READ, EVERYBODY, model=PROJECT, lookup="pk"),
    # Whoever may not do an action is refused by `perform`, with a reason, and it is on record.
    Row("projects:act", WRITE, EVERYBODY, model=PROJECT, lookup="pk"),
)

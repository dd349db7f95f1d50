"""Who may use these pages: the table of transitions says the rest, action by action."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, Role

PROJECT = "projects.Project"
EVERYBODY = GOVERNMENT | ENTERPRISE | BODIES

ROWS: tuple[Row, ...] = (
    # The office's queue
    Row("projects:queue", READ, GOVERNMENT),
    Row("projects:export", WRITE, GOVERNMENT),
    # The address names an action of the table, not a record.
    Row("projects:bulk", READ_WRITE, frozenset({Role.COUNTY_OFFICER})),
    # One project
    Row("projects:page", READ, EVERYBODY, model=PROJECT, lookup="pk"),
    # Whoever may not do an action is refused by `perform`, with a reason, and it is on record.
    Row("projects:act", WRITE, EVERYBODY, model=PROJECT, lookup="pk"),
)

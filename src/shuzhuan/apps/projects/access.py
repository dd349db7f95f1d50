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
    # The enterprise's own pages; who signs is for the table of transitions.
    Row("projects:mine", READ, ENTERPRISE),
    Row("projects:own_money", READ, ENTERPRISE),
    Row("projects:lines_template", READ, ENTERPRISE),
    Row("projects:start", WRITE, ENTERPRISE, model="pilots.Batch", lookup="pk"),
    Row("projects:filing", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:receipt", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:receipt_file", WRITE, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:contract", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:lines", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:line", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:lines_import", WRITE, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:lines_export", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:acceptance", READ, ENTERPRISE, model=PROJECT, lookup="pk"),
    Row("projects:firm_act", WRITE, ENTERPRISE, model=PROJECT, lookup="pk"),
    # One project
    Row("projects:page", READ, EVERYBODY, model=PROJECT, lookup="pk"),
    # Whoever may not do an action is refused by `perform`, with a reason, and it is on record.
    Row("projects:act", WRITE, EVERYBODY, model=PROJECT, lookup="pk"),
)

"""Who may use the working place."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import GOVERNMENT, OFFICERS, Role

IMPORT, BULK, VIEW = "workbench.ImportRun", "workbench.BulkRun", "workbench.SavedView"

ROWS = (
    Row("workbench:home", READ, GOVERNMENT),
    Row("workbench:enterprises", READ, OFFICERS),
    Row("workbench:export", WRITE, OFFICERS),
    Row("workbench:view_save", WRITE, OFFICERS),
    Row("workbench:view_delete", WRITE, OFFICERS, model=VIEW, lookup="pk"),
    # The address names one of three actions, not a record.
    Row("workbench:bulk", READ_WRITE, OFFICERS),
    Row("workbench:bulk_run", READ_WRITE, OFFICERS, model=BULK, lookup="pk"),
    Row("workbench:import", READ_WRITE, OFFICERS),
    Row("workbench:import_template", READ, OFFICERS),
    Row("workbench:import_run", READ, OFFICERS, model=IMPORT, lookup="pk"),
    Row("workbench:import_commit", WRITE, OFFICERS, model=IMPORT, lookup="pk"),
    Row("workbench:import_drop", WRITE, OFFICERS, model=IMPORT, lookup="pk"),
    Row("workbench:import_marked", READ, OFFICERS, model=IMPORT, lookup="pk"),
    Row("workbench:pilots", READ, OFFICERS | {Role.LEADER}),
)

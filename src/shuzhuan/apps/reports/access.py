"""Who may use these pages: leaders, officers and finance of the place; what is public, everybody."""

from shuzhuan.apps.access.table import READ, WRITE, Row
from shuzhuan.apps.accounts.roles import GOVERNMENT

PROJECT, BATCH = "projects.Project", "pilots.Batch"

ROWS: tuple[Row, ...] = (
    Row("reports:leader", READ, GOVERNMENT),
    Row("reports:pace", READ, GOVERNMENT),
    Row("reports:figure", READ, GOVERNMENT),
    Row("reports:report", READ, GOVERNMENT),
    Row("reports:ledger", READ, GOVERNMENT),
    Row("reports:ledger_export", WRITE, GOVERNMENT),
    Row("reports:ledger_project", READ, GOVERNMENT, model=PROJECT, lookup="pk"),
    Row("reports:disclosure", READ, public=True),
    # What has been opened is public; a prepared batch is shown to its own government only.
    Row("reports:flow", READ, public=True, model=BATCH, lookup="pk"),
    Row("reports:flow_file", READ, public=True, model=BATCH, lookup="pk"),
    # The address names a pack of the library, not a record.
    Row("reports:pack_flows", READ, GOVERNMENT),
    Row("reports:pack_flow", READ, GOVERNMENT),
    Row("reports:pack_flow_file", READ, GOVERNMENT),
)

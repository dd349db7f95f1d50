"""Who may use these pages."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import GOVERNMENT, OFFICERS

PILOT, BATCH = "pilots.Pilot", "pilots.Batch"

ROWS: tuple[Row, ...] = (
    Row("pilots:batches", READ, public=True),
    Row("pilots:batch", READ, public=True, model=BATCH, lookup="pk"),
    # The office
    Row("pilots:desk", READ, GOVERNMENT),
    Row("pilots:pilot_new", READ_WRITE, OFFICERS),
    Row("pilots:batch_new", READ_WRITE, OFFICERS, model=PILOT, lookup="pk"),
    Row("pilots:sheet", READ, GOVERNMENT, model=BATCH, lookup="pk"),
    Row("pilots:open", READ_WRITE, OFFICERS, model=BATCH, lookup="pk"),
    Row("pilots:close", WRITE, OFFICERS, model=BATCH, lookup="pk"),
)

"""Who may use the notices' pages."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import OFFICERS

NOTICE = "notices.Notice"
ROWS = (
    Row("notices:list", READ, public=True),
    Row("notices:page", READ, public=True, model=NOTICE, lookup="pk"),
    Row("notices:desk", READ, OFFICERS),
    Row("notices:write", READ_WRITE, OFFICERS),
    Row("notices:sheet", READ, OFFICERS, model=NOTICE, lookup="pk"),
    Row("notices:change", READ_WRITE, OFFICERS, model=NOTICE, lookup="pk"),
    Row("notices:publish", WRITE, OFFICERS, model=NOTICE, lookup="pk"),
    Row("notices:withdraw", WRITE, OFFICERS, model=NOTICE, lookup="pk"),
    Row("notices:revise", WRITE, OFFICERS, model=NOTICE, lookup="pk"),
)

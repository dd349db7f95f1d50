"""Who may use the pages of publicity: everybody reads and objects, the office hears and closes."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import OFFICERS

PUBLICITY, ITEM, OBJECTION, FILE = (
    "publicity.Publicity",
    "publicity.PublicityItem",
    "publicity.Objection",
    "publicity.ObjectionFile",
)
ROWS = (
    Row("publicity:list", READ, public=True),
    Row("publicity:answer", READ_WRITE, public=True),
    Row("publicity:page", READ, public=True, model=PUBLICITY, lookup="pk"),
    Row("publicity:feed", READ, public=True, model=PUBLICITY, lookup="pk"),
    Row("publicity:book", READ, public=True, model=PUBLICITY, lookup="pk"),
    Row("publicity:object", READ_WRITE, public=True, model=ITEM, lookup="pk"),
    Row("publicity:desk", READ, OFFICERS),
    Row("publicity:sheet", READ, OFFICERS, model=PUBLICITY, lookup="pk"),
    Row("publicity:close", WRITE, OFFICERS, model=PUBLICITY, lookup="pk"),
    Row("publicity:cancel", WRITE, OFFICERS, model=PUBLICITY, lookup="pk"),
    Row("publicity:recompute", WRITE, OFFICERS, model=PUBLICITY, lookup="pk"),
    Row("publicity:withdraw", READ_WRITE, OFFICERS, model=ITEM, lookup="pk"),
    Row("publicity:objection", READ, OFFICERS, model=OBJECTION, lookup="pk"),
    Row("publicity:decide", WRITE, OFFICERS, model=OBJECTION, lookup="pk"),
    Row("publicity:contact", WRITE, OFFICERS, model=OBJECTION, lookup="pk"),
    # A POST: who opens what an objector attached is put on record.
    Row("publicity:file", WRITE, OFFICERS, model=FILE, lookup="pk"),
)

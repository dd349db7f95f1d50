"""Who may use these pages: everybody their own inbox, the system administrator the outbox.

The link of a mail is opened wherever the mail is read, so its page is public: the token says whose
address it confirms.
"""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import Role

MESSAGE = "inbox.Message"

ROWS: tuple[Row, ...] = (
    Row("inbox:list", READ, signed_in=True),
    Row("inbox:read_all", WRITE, signed_in=True),
    Row("inbox:message", READ, signed_in=True, model=MESSAGE, lookup="pk"),
    Row("inbox:open", WRITE, signed_in=True, model=MESSAGE, lookup="pk"),
    Row("inbox:mail", READ_WRITE, signed_in=True),
    Row("inbox:confirm", READ_WRITE, public=True),
    Row("inbox:outbox", READ_WRITE, frozenset({Role.SYSTEM_ADMIN})),
)

"""Access rows of the door.

What is public here asks for itself who is in the session: somebody between pass-word and second
factor, or before the choice of a role, is nobody yet.
"""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row

ROWS = (
    Row("signin:door", READ_WRITE, public=True),
    Row("signin:second_factor", READ_WRITE, public=True),
    Row("signin:choose", READ_WRITE, public=True),
    Row("signin:oidc", READ, public=True),
    Row("signin:oidc_back", READ, public=True),
    Row("signin:leave", WRITE, public=True),
    Row("signin:set_password", WRITE, public=True),
    Row("signin:link", READ, public=True),
    Row("signin:account", READ, signed_in=True),
    Row("signin:password", READ_WRITE, signed_in=True),
    Row("signin:my_factor", READ_WRITE, signed_in=True),
    Row("signin:sessions", READ_WRITE, signed_in=True),
)

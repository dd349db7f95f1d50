"""The access table of the whole site, put together from the tables of the apps."""

from shuzhuan.apps.access.table import READ, Row, assemble
from shuzhuan.apps.audit.access import ROWS as AUDIT
from shuzhuan.apps.enterprises.access import ROWS as ENTERPRISES
from shuzhuan.apps.policies.access import ROWS as POLICIES
from shuzhuan.apps.signin.access import ROWS as SIGNIN
from shuzhuan.apps.vendors.access import ROWS as VENDORS

SHELL = (
    Row("site:home", READ, public=True),
    Row("site:components", READ, public=True),
)

TABLE = assemble([SHELL, AUDIT, SIGNIN, POLICIES, ENTERPRISES, VENDORS])

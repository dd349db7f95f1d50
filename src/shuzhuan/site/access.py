"""The access table of the whole site, put together from the tables of the apps."""

from shuzhuan.apps.access.table import READ, WRITE, Row, assemble
from shuzhuan.apps.administration.access import ROWS as ADMINISTRATION
from shuzhuan.apps.assessments.access import ROWS as ASSESSMENTS
from shuzhuan.apps.audit.access import ROWS as AUDIT
from shuzhuan.apps.enterprises.access import ROWS as ENTERPRISES
from shuzhuan.apps.evidence.access import ROWS as EVIDENCE
from shuzhuan.apps.funds.access import ROWS as FUNDS
from shuzhuan.apps.inbox.access import ROWS as INBOX
from shuzhuan.apps.notices.access import ROWS as NOTICES
from shuzhuan.apps.pilots.access import ROWS as PILOTS
from shuzhuan.apps.policies.access import ROWS as POLICIES
from shuzhuan.apps.projects.access import ROWS as PROJECTS
from shuzhuan.apps.publicity.access import ROWS as PUBLICITY
from shuzhuan.apps.reports.access import ROWS as REPORTS
from shuzhuan.apps.signin.access import ROWS as SIGNIN
from shuzhuan.apps.vendors.access import ROWS as VENDORS
from shuzhuan.apps.workbench.access import ROWS as WORKBENCH

SHELL = (
    Row("site:home", READ, public=True),
    Row("site:components", READ, public=True),
    Row("site:begin", READ, signed_in=True),
    # Answer only in a demonstration, and then everybody.
    Row("site:demo", READ, public=True),
    Row("site:demo_enter", WRITE, public=True),
)

TABLE = assemble(
    [
        SHELL,
        AUDIT,
        SIGNIN,
        ADMINISTRATION,
        POLICIES,
        ENTERPRISES,
        VENDORS,
        EVIDENCE,
        WORKBENCH,
        NOTICES,
        INBOX,
        PUBLICITY,
        FUNDS,
        ASSESSMENTS,
        PILOTS,
        PROJECTS,
        REPORTS,
    ]
)

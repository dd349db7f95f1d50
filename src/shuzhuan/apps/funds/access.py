"""Who may use these pages."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import GOVERNMENT, OFFICERS, Role

FUND, PROPOSAL = "funds.Fund", "funds.BudgetProposal"
FINANCE = frozenset({Role.FINANCE_OFFICER})
SECOND = OFFICERS | {Role.FINANCE_OFFICER, Role.LEADER}

ROWS: tuple[Row, ...] = (
    Row("funds:home", READ, GOVERNMENT),
    Row("funds:open", READ_WRITE, FINANCE),
    Row("funds:fund", READ, GOVERNMENT, model=FUND, lookup="pk"),
    Row("funds:ledger", READ, GOVERNMENT, model=FUND, lookup="pk"),
    Row("funds:ledger_book", READ, GOVERNMENT, model=FUND, lookup="pk"),
    Row("funds:statement", READ, GOVERNMENT, model=FUND, lookup="pk"),
    Row("funds:statement_book", READ, GOVERNMENT, model=FUND, lookup="pk"),
    Row("funds:statement_bytes", READ, GOVERNMENT, model=FUND, lookup="pk"),
    Row("funds:periods", READ_WRITE, GOVERNMENT, model=FUND, lookup="pk", write_roles=FINANCE),
    Row("funds:close", WRITE, FINANCE, model=FUND, lookup="pk"),
    Row("funds:propose", READ_WRITE, FINANCE, model=FUND, lookup="pk"),
    Row("funds:proposal", READ, GOVERNMENT, model=PROPOSAL, lookup="pk"),
    Row("funds:confirm", WRITE, SECOND, model=PROPOSAL, lookup="pk"),
    Row("funds:decline", WRITE, SECOND, model=PROPOSAL, lookup="pk"),
)

"""Models of the ledger, after TigerBeetle: accounts that carry sums, transfers that only grow."""

from shuzhuan.apps.funds.models.budget import BudgetItem, BudgetKind, BudgetProposal, BudgetState
from shuzhuan.apps.funds.models.fund import Counts, Fund, FundLine, FundSource, Period
from shuzhuan.apps.funds.models.ledger import (
    Account,
    AccountKind,
    Entry,
    IdempotentRequest,
    Kind,
    Purpose,
    Side,
    Transfer,
)

__all__ = [
    "Account",
    "AccountKind",
    "BudgetItem",
    "BudgetKind",
    "BudgetProposal",
    "BudgetState",
    "Counts",
    "Entry",
    "Fund",
    "FundLine",
    "FundSource",
    "IdempotentRequest",
    "Kind",
    "Period",
    "Purpose",
    "Side",
    "Transfer",
]

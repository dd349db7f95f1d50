"""Everything that changes a fund or moves its money."""

from shuzhuan.apps.funds.actions.budget import (
    Item,
    allocate,
    appropriate,
    confirm_budget,
    decline_budget,
    propose_budget,
)
from shuzhuan.apps.funds.actions.funds import close_fund, close_period, open_fund
from shuzhuan.apps.funds.actions.log import told
from shuzhuan.apps.funds.actions.payments import claw_back, pay, release, reserve
from shuzhuan.apps.funds.actions.refusals import MoneyRefused, keeping_refusals

__all__ = [
    "Item",
    "MoneyRefused",
    "allocate",
    "appropriate",
    "claw_back",
    "close_fund",
    "close_period",
    "confirm_budget",
    "decline_budget",
    "keeping_refusals",
    "open_fund",
    "pay",
    "propose_budget",
    "release",
    "reserve",
    "told",
]

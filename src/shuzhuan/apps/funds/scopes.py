"""Who may see what of funds: the government of the place; an enterprise its own money."""

from __future__ import annotations

from django.db.models import Model, Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import ENTERPRISE, GOVERNMENT
from shuzhuan.apps.funds.models import (
    Account,
    BudgetItem,
    BudgetProposal,
    Entry,
    Fund,
    FundLine,
    FundSource,
    IdempotentRequest,
    Period,
    Transfer,
)


def _government(actor: Actor) -> Q:
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    return NOTHING


def _register(model: type[Model]) -> None:
    scoped(model)(_government)


for each in (
    Account, BudgetItem, BudgetProposal, Entry, Fund, FundLine, FundSource, IdempotentRequest, Period,
):  # fmt: skip
    _register(each)


@scoped(Transfer)
def transfers(actor: Actor) -> Q:
    """Those of the place; an enterprise sees what was set aside for it, paid and taken back."""
    if actor.role in ENTERPRISE and actor.party_id is not None:
        return Q(party_id=actor.party_id)
    return _government(actor)

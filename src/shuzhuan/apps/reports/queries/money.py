"""The money of the places as the general ledger has it: sums of accounts, in fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.funds.models import Account, AccountKind, Fund


@dataclass(frozen=True)
class Books:
    """appropriated = waiting + available + reserved + paid − returned."""

    funds: int = 0
    appropriated_fen: int = 0
    waiting_fen: int = 0
    available_fen: int = 0
    reserved_fen: int = 0
    paid_fen: int = 0
    returned_fen: int = 0

    @property
    def net_paid_fen(self) -> int:
        return self.paid_fen - self.returned_fen


def books(actor: Actor, place_ids: Iterable[int]) -> Books:
    """Two statements, whatever has been posted."""
    places = list(place_ids)
    funds = visible(actor, Fund).filter(place_id__in=places)
    found = list(funds.values_list("appropriated_fen", flat=True))
    rows = (
        visible(actor, Account)
        .filter(place_id__in=places)
        .order_by()
        .values_list("kind")
        .annotate(held=Sum("debits_pending"), out=Sum("debits_posted"), into=Sum("credits_posted"))
    )
    sums = {kind: (held, out, into) for kind, held, out, into in rows}
    nothing = (0, 0, 0)
    pool, payee = sums.get(AccountKind.POOL, nothing), sums.get(AccountKind.PAYEE, nothing)
    received = sums.get(AccountKind.RECEIVED, nothing)
    return Books(
        funds=len(found),
        appropriated_fen=sum(found),
        waiting_fen=received[2] - received[1] - received[0],
        available_fen=pool[2] - pool[1] - pool[0],
        reserved_fen=pool[0],
        paid_fen=payee[2],
        returned_fen=payee[1],
    )

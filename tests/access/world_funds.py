"""A fund with everything that belongs to it in several places; an enterprise is paid from each."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership, Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
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
from tests.access.world import Thing, World, builder
from tests.cast import canary


@builder
def funds(world: World) -> None:
    """Every place with a finance office keeps a fund."""
    for (role, key), finance in world.cast.people.items():
        if role == Role.FINANCE_OFFICER:
            _fund(world, key, finance)


def _fund(world: World, key: str, finance: Membership) -> None:
    place, now = world.cast.places[key], timezone.now()
    word, today, own = canary(place), timezone.localdate(), {"place": place}
    leader = world.cast.person(Role.LEADER, key)
    payee = next(
        p
        for p in world.cast.parties.values()
        if p.kind == PartyKind.ENTERPRISE and p.place.path.startswith(place.path)
    )
    fund = Fund.objects.create(
        **own, pack="pengyang", year=2026, name=f"资金{word}", opened_by=finance.user, size=1,
        last_recorded_at=now,
    )  # fmt: skip
    inside = {**own, "fund": fund}
    source = FundSource.objects.create(**inside, key="region", name=f"来源{word}", position=1)
    line = FundLine.objects.create(
        **inside, key="rebuild", group="改造", name=f"方向{word}", counts="enterprise", position=1
    )
    for kind in ("source", "received"):
        Account.objects.create(**inside, kind=kind, source=source)
    pool = Account.objects.create(
        **inside, kind="pool", line=line, credits_posted=100, debits_pending=7, entries_count=1
    )
    account = Account.objects.create(
        **inside, kind="payee", line=line, party=payee, credits_pending=7, entries_count=1
    )
    transfer = Transfer.objects.create(
        **inside, key=uuid4(), number=1, kind="pending", purpose="reserve", debit=pool,
        credit=account, amount_fen=7, dated=today, recorded_at=now, maker=finance.user,
        checker=leader.user, line=line, party=payee, payee=payee.name, reason=canary(payee),
    )  # fmt: skip
    sums = {"debits_posted": 0, "credits_posted": 0, "transfer": transfer, "number": 1, **own}
    entry = Entry.objects.create(
        **sums, account=pool, side="debit", debits_pending=7, credits_pending=0
    )
    request = IdempotentRequest.objects.create(
        **own, key=uuid4(), action="reserve", body_hash="0" * 64, transfer=transfer
    )
    period = Period.objects.create(
        **inside, starts="2026-01-01", ends="2026-01-31", closed_by=finance.user
    )
    proposal = BudgetProposal.objects.create(
        **inside, key=uuid4(), body_hash="0" * 64, kind="appropriate", dated=today, paper=word,
        total_fen=9, maker=finance.user,
    )  # fmt: skip
    item = BudgetItem.objects.create(**own, proposal=proposal, source=source, amount_fen=9)
    for row in (fund, source, line, pool, account, entry, request, period, proposal, item):
        world.add(Thing(row, place))
    _own(world, transfer, payee)


def _own(world: World, transfer: Transfer, payee: Party) -> None:
    """The one thing of a fund that its payee may see."""
    world.add(Thing(transfer, transfer.place, payee))

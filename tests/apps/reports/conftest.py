"""The drive through a pilot of 彭阳, and ten thousand projects written in bulk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.funds.models import Account, AccountKind, Fund, Transfer
from shuzhuan.apps.projects.models import Line, Project, Step
from shuzhuan.engine.process import MAIN_LINE, State
from shuzhuan.site.rehearsal.drive import Drive
from tests.apps.projects.conftest import clock, drive, mill
from tests.apps.workbench.kit import fill

__all__ = ["clock", "drive", "many", "mill"]
MANY = 10_000
PAID_FEN = 20_000_000
STATES = [State(s) for s in (*MAIN_LINE[1:], State.RETURNED, State.RECTIFICATION, State.REJECTED)]
_PAID = {State.PAID, State.CLOSED}


@pytest.fixture
def many(drive: Drive, cast: Any) -> Drive:
    """Ten thousand projects of 彭阳 in every state; the paid ones stand in the ledger, too."""
    write(drive, MANY)
    return drive


def write(drive: Drive, count: int) -> None:
    """So many firms with a project each, in every state."""
    place, today = drive.players.place, timezone.localdate()
    fill(place, count)
    firms = list(Enterprise.objects.filter(place=place, projects=None).order_by("pk"))
    user = drive.players.county.user_id
    Project.objects.bulk_create(
        _project(drive, firm, at, today, user) for at, firm in enumerate(firms)
    )
    projects = list(Project.objects.filter(enterprise__in=firms).order_by("pk"))
    Step.objects.bulk_create(
        Step(
            place=place, project=p, enterprise_id=p.enterprise_id, number=n + 1,
            action="file", before=str(MAIN_LINE[n]), after=str(MAIN_LINE[n + 1]), user_id=user,
            role="county_officer", waited_days=(p.pk + n) % 40, due_on=today,
        )
        for p in projects
        for n in range(4)
    )  # fmt: skip
    Line.objects.bulk_create(
        Line(
            place=place, project=p, enterprise_id=p.enterprise_id, kind="cloud", name="云服务",
            supplier="甲", invoice_number=f"{p.pk:012d}", invoice_on=today, paid_on=today,
            amount_fen=100, audited_fen=100, user_id=user,
        )
        for p in projects
    )  # fmt: skip
    _post(drive.fund, [p for p in projects if p.paid_fen], user)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _project(drive: Drive, firm: Enterprise, at: int, today: date, user: int | None) -> Project:
    state = STATES[at % len(STATES)]
    paid = PAID_FEN if state in _PAID else 0
    return Project(
        place=drive.players.place, pilot=drive.pilot, batch=drive.batch, enterprise=firm,
        number=f"彭阳县-2026-1-{at:05d}", title=f"改造{at}", state=str(state), lane=str(state.lane),
        entered_on=today - timedelta(days=at % 50), due_on=today + timedelta(days=at % 60 - 20),
        created_by_id=user, filed_at=timezone.now(), planned_fen=50_000_000,
        claimed_fen=45_000_000, audited_fen=40_000_000, ceiling_fen=PAID_FEN,
        proposed_fen=PAID_FEN, determined_fen=PAID_FEN, paid_fen=paid,
        paid_on=today if paid else None, payment_cleared_on=today if paid else None,
        level_before=1, level_after=2 + at % 2, level_target=2 + at % 2,
        objections_open=at % 97 == 0,
    )  # fmt: skip


def _post(fund: Fund, paid: list[Project], user: int | None) -> None:
    """Reservations and payments with the balances that they leave."""
    pool = Account.objects.get(fund=fund, kind=AccountKind.POOL, line__key="rebuild")
    parties = dict(Enterprise.objects.values_list("pk", "party_id"))
    one = Party.objects.get(pk=parties[paid[0].enterprise_id])
    payee = Account.objects.create(
        place=fund.place, fund=fund, kind=AccountKind.PAYEE, line=pool.line, party=one
    )
    first = fund.transfers.count()
    for kind, purpose, off in (("pending", "reserve", 0), ("post", "pay", len(paid))):
        held = dict(
            Transfer.objects.filter(fund=fund, kind="pending").values_list("subject_id", "pk")
        )
        Transfer.objects.bulk_create(
            Transfer(
                place=fund.place, key=UUID(int=p.pk * 2 + (off > 0)), fund=fund,
                number=first + off + at, kind=kind, purpose=purpose, debit=pool, credit=payee,
                amount_fen=p.paid_fen, dated=p.paid_on, recorded_at=timezone.now(), maker_id=user,
                checker_id=fund.opened_by_id, line=pool.line, party_id=parties[p.enterprise_id],
                payee=p.title, subject=p.number, subject_id=p.pk,
                pending_id=held.get(p.pk) if off else None,
            )
            for at, p in enumerate(paid, 1)
        )  # fmt: skip
    total = sum(p.paid_fen for p in paid)
    Account.objects.filter(pk=pool.pk).update(
        credits_posted=F("credits_posted") + total, debits_posted=F("debits_posted") + total
    )
    Account.objects.filter(pk=payee.pk).update(credits_posted=total)

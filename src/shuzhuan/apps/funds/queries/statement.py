"""A fund as it was known at one moment for business up to one day: 对账单.

The same question gives the same bytes for ever: what is posted later is recorded later, names are
those that stood when it was posted, and nothing is rounded or taken from the clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.funds.models import AccountKind, Fund, Kind, Purpose, Transfer
from shuzhuan.apps.funds.models.ledger import TICK, effect
from shuzhuan.engine.audit.tree import canonical

FORMAT = "shuzhuan.fund-statement/1"
# debits_pending, debits_posted, credits_pending, credits_posted
Sums = list[int]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One budget line in fen: allocated = available + reserved + paid − returned."""

    name: str
    group: str
    allocated_fen: int
    reserved_fen: int
    paid_fen: int
    returned_fen: int
    available_fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The answer. ``known_at``: everything recorded before it; ``dated_to``: the last day."""

    fund: Fund
    known_at: datetime
    dated_to: date
    rows: tuple[dict[str, Any], ...]
    accounts: tuple[dict[str, Any], ...]
    lines: tuple[StatementLine, ...]
    appropriated_fen: int
    waiting_fen: int

    def canonical(self) -> bytes:
        """The bytes that never change."""
        fund = self.fund
        told = {
            "format": FORMAT,
            "fund": {
                "id": fund.pk,
                "place": fund.place.code,
                "pack": fund.pack,
                "policy_version": fund.policy_version,
                "year": fund.year,
                "name": fund.name,
            },
            "known_at": _utc(self.known_at),
            "dated_to": self.dated_to.isoformat(),
            "transfers": list(self.rows),
            "accounts": list(self.accounts),
        }
        return canonical(told)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes, to compare two print-outs by."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def total(self, name: str) -> int:
        """Sum of one amount over the lines, in fen."""
        return sum(getattr(line, name) for line in self.lines)

    @property
    def totals(self) -> dict[str, int]:
        names = ("allocated_fen", "reserved_fen", "paid_fen", "returned_fen", "available_fen")
        return {name: self.total(name) for name in names}


def statement(
    fund: Fund, known_at: datetime | None = None, dated_to: date | None = None
) -> Statement:
    """The statement; without a moment, of everything posted so far. Raises ValidationError.

    The fund's row is locked for an instant: whoever is posting finishes first, and whoever posts
    afterwards is recorded later than ``known_at``.
    """
    with transaction.atomic():
        held = Fund.objects.select_for_update(no_key=True).get(pk=fund.pk)
        last, now = held.last_recorded_at, timezone.now()
        horizon = now if last is None or now > last else last + TICK
    known = known_at or horizon
    if known > horizon:
        raise ValidationError("对账单只能到现在为止，不能问将来。")
    day = dated_to or timezone.localdate(known)
    return _computed(fund, known, day)


def _computed(fund: Fund, known: datetime, day: date) -> Statement:
    sums: dict[int, Sums] = {}
    rows = tuple(_rows(fund, known, day, sums))
    accounts = list(fund.accounts.select_related("source", "line").order_by("pk"))
    described = tuple(
        {
            "id": a.pk,
            "kind": a.kind,
            "source": a.source.key if a.source else None,
            "line": a.line.key if a.line else None,
            "party": a.party_id,
            "debits_pending": sums[a.pk][0],
            "debits_posted": sums[a.pk][1],
            "credits_pending": sums[a.pk][2],
            "credits_posted": sums[a.pk][3],
        }
        for a in accounts
        if a.pk in sums
    )
    empty = [0, 0, 0, 0]
    lines = []
    for line in fund.lines.all():
        pool = next(a for a in accounts if a.kind == AccountKind.POOL and a.line_id == line.pk)
        payees = [
            sums.get(a.pk, empty)
            for a in accounts
            if a.kind == AccountKind.PAYEE and a.line_id == line.pk
        ]
        reserved, gone, _, came = sums.get(pool.pk, empty)
        returned = sum(each[1] for each in payees)
        recalled = sum(
            row["amount_fen"]
            for row in rows
            if row["purpose"] == Purpose.RECALL and row["line"] == line.key
        )
        lines.append(
            StatementLine(
                name=line.name,
                group=line.group,
                allocated_fen=came - returned - recalled,
                reserved_fen=reserved,
                paid_fen=sum(each[3] for each in payees),
                returned_fen=returned,
                available_fen=came - gone - reserved,
            )
        )
    by_kind = {
        kind: [sums.get(a.pk, empty) for a in accounts if a.kind == kind] for kind in AccountKind
    }
    return Statement(
        fund=fund,
        known_at=known,
        dated_to=day,
        rows=rows,
        accounts=described,
        lines=tuple(lines),
        appropriated_fen=sum(s[1] - s[3] for s in by_kind[AccountKind.SOURCE]),
        waiting_fen=sum(s[3] - s[1] - s[0] for s in by_kind[AccountKind.RECEIVED]),
    )


def _rows(
    fund: Fund, known: datetime, day: date, sums: dict[int, Sums]
) -> Iterator[dict[str, Any]]:
    """Transfers in their order, each added to the sums of its accounts."""
    numbers: dict[int, tuple[int, int]] = {}  # pk → number, amount
    found = Transfer.objects.filter(fund=fund, recorded_at__lt=known, dated__lte=day)
    for t in found.select_related("line", "source").order_by("number").iterator(chunk_size=2000):
        numbers[t.pk] = (t.number, t.amount_fen)
        held = numbers[t.pending_id][1] if t.pending_id is not None else 0
        pending, posted = effect(Kind(t.kind), t.amount_fen, held)
        for pk, at in ((t.debit_id, 0), (t.credit_id, 2)):
            row = sums.setdefault(pk, [0, 0, 0, 0])
            row[at] += pending
            row[at + 1] += posted
        yield {
            "number": t.number,
            "key": str(t.key),
            "purpose": t.purpose,
            "amount_fen": t.amount_fen,
            "debit": t.debit_id,
            "credit": t.credit_id,
            "dated": t.dated.isoformat(),
            "recorded_at": _utc(t.recorded_at),
            "maker": t.maker_id,
            "checker": t.checker_id,
            "source": t.source.key if t.source else None,
            "line": t.line.key if t.line else None,
            "party": t.party_id,
            "payee": t.payee,
            "resolves": numbers[t.pending_id][0] if t.pending_id else None,
            "reverses": numbers[t.reverses_id][0] if t.reverses_id else None,
            "subject": t.subject,
            "subject_id": t.subject_id,
            "policy": t.policy,
            "reason": t.reason,
        }


def _utc(moment: datetime) -> str:
    """The moment as text, the same whatever the server's time zone."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

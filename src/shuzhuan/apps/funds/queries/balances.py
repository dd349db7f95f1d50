"""What a fund has, by source and by line, read from the sums of its accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, Sum

from shuzhuan.apps.funds.models import (
    Account,
    AccountKind,
    Counts,
    Fund,
    FundLine,
    FundSource,
    Purpose,
    Transfer,
)


@dataclass(frozen=True, slots=True)
class LineBalance:
    """One budget line in fen: allocated = available + reserved + paid − returned."""

    line: FundLine
    allocated_fen: int
    reserved_fen: int
    paid_fen: int
    returned_fen: int
    available_fen: int
    by_source: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceBalance:
    """One source in fen: what arrived (less what was surrendered), and what is not on a line."""

    source: FundSource
    appropriated_fen: int
    waiting_fen: int

    @property
    def allocated_fen(self) -> int:
        return self.appropriated_fen - self.waiting_fen


@dataclass(frozen=True, slots=True)
class Balances:
    """A fund as it stands."""

    fund: Fund
    sources: tuple[SourceBalance, ...]
    lines: tuple[LineBalance, ...]
    payees: int = field(default=0)

    def _sum(self, name: str, rows: Iterable[LineBalance] | None = None) -> int:
        return sum(getattr(row, name) for row in (self.lines if rows is None else rows))

    @property
    def appropriated_fen(self) -> int:
        return sum(row.appropriated_fen for row in self.sources)

    @property
    def waiting_fen(self) -> int:
        return sum(row.waiting_fen for row in self.sources)

    @property
    def allocated_fen(self) -> int:
        return self._sum("allocated_fen")

    @property
    def source_sums(self) -> list[int]:
        """What each source has put on lines."""
        return [row.allocated_fen for row in self.sources]

    @property
    def reserved_fen(self) -> int:
        return self._sum("reserved_fen")

    @property
    def paid_fen(self) -> int:
        return self._sum("paid_fen")

    @property
    def returned_fen(self) -> int:
        return self._sum("returned_fen")

    @property
    def available_fen(self) -> int:
        return self._sum("available_fen")

    @property
    def support_fen(self) -> int:
        """Put on lines that count as supporting work."""
        return self._sum(
            "allocated_fen", [x for x in self.lines if x.line.counts == Counts.SUPPORT]
        )

    @property
    def enterprise_fen(self) -> int:
        """Put on lines that count as the transformation of enterprises."""
        return self.allocated_fen - self.support_fen

    @property
    def support_share(self) -> str:
        """Its part of what has been appropriated, in per cent, cut off after one decimal."""
        return _share(self.support_fen, self.appropriated_fen)

    @property
    def enterprise_share(self) -> str:
        """Its part of what has been appropriated, in per cent, cut off after one decimal."""
        return _share(self.enterprise_fen, self.appropriated_fen)

    @property
    def support_left_fen(self) -> int | None:
        """What may still be put on supporting work: within its share, and of what has come in."""
        most = self.support_most_fen
        return None if most is None else min(most - self.support_fen, self.waiting_fen)

    @property
    def support_most_fen(self) -> int | None:
        """What may go to supporting work at most; None where the document says nothing."""
        num, den = self.fund.support_num, self.fund.support_den
        if num is None or den is None:
            return None
        return self.appropriated_fen * num // den


def _share(part_fen: int, whole_fen: int) -> str:
    if whole_fen <= 0:
        return "—"
    tenths = part_fen * 1000 // whole_fen
    return f"{tenths // 10}.{tenths % 10}%"


def balances(fund: Fund) -> Balances:
    """The fund by source and line, in a fixed number of queries however much has been posted."""
    sources, lines = list(fund.sources.all()), list(fund.lines.all())
    accounts = list(Account.objects.filter(fund=fund).exclude(kind=AccountKind.PAYEE))
    outside = {a.source_id: a for a in accounts if a.kind == AccountKind.SOURCE}
    received = {a.source_id: a for a in accounts if a.kind == AccountKind.RECEIVED}
    pools = {a.line_id: a for a in accounts if a.kind == AccountKind.POOL}
    payees = {
        row["line"]: row
        for row in Account.objects.filter(fund=fund, kind=AccountKind.PAYEE)
        .values("line")
        .annotate(paid=Sum("credits_posted"), back=Sum("debits_posted"), many=Count("pk"))
        .order_by()
    }
    matrix = _matrix(fund)
    found = []
    for line in lines:
        pool, paid = pools[line.pk], payees.get(line.pk, {"paid": 0, "back": 0})
        cells = tuple(matrix.get((s.pk, line.pk), 0) for s in sources)
        found.append(
            LineBalance(
                line=line,
                allocated_fen=sum(cells),
                reserved_fen=pool.debits_pending,
                paid_fen=paid["paid"],
                returned_fen=paid["back"],
                available_fen=pool.free_fen,
                by_source=cells,
            )
        )
    return Balances(
        fund=fund,
        sources=tuple(
            SourceBalance(
                s,
                outside[s.pk].debits_posted - outside[s.pk].credits_posted,
                received[s.pk].free_fen,
            )
            for s in sources
        ),
        lines=tuple(found),
        payees=sum(row["many"] for row in payees.values()),
    )


def _matrix(fund: Fund) -> dict[tuple[int, int], int]:
    """By source and line: what was put there less what was recalled."""
    rows = (
        Transfer.objects.filter(fund=fund, purpose__in=[Purpose.ALLOCATE, Purpose.RECALL])
        .values("source_id", "line_id")
        .annotate(
            put=Sum("amount_fen", filter=Q(purpose=Purpose.ALLOCATE)),
            back=Sum("amount_fen", filter=Q(purpose=Purpose.RECALL)),
        )
        .order_by()
    )
    return {(r["source_id"], r["line_id"]): (r["put"] or 0) - (r["back"] or 0) for r in rows}


def given(fund: Fund, source_id: int, line_id: int) -> int:
    """What a source has given a line and not yet got back, in fen."""
    return _matrix(fund).get((source_id, line_id), 0)

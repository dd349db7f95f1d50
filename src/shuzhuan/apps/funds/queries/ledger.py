"""The book of one fund, by page: 资金台账."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.funds.models import Fund, Purpose, Transfer

ROWS_ON_A_PAGE = 50
WORDS_CHARS_MAX = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address, read; what cannot be read is named in ``mistakes``."""

    purpose: str = ""
    line: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None
    mistakes: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.purpose or self.line or self.words or self.since or self.until)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page, with the number and the amounts of all rows that were asked for."""

    page: Page[Transfer]
    count: int
    sums: tuple[tuple[str, int], ...]


def read(query: dict[str, str]) -> Asked:
    """The filters in an address."""
    mistakes: list[str] = []
    days: dict[str, date | None] = {}
    for name, label in (("since", "从"), ("until", "到")):
        text = query.get(name, "").strip()
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            days[name] = None
            mistakes.append(f"“{label}”的日期“{text[:20]}”看不懂，请写成 2026-01-31。")
    purpose = query.get("purpose", "")
    line = query.get("line", "")
    return Asked(
        purpose=purpose if purpose in Purpose.values else "",
        line=line if line.isascii() else "",
        words=" ".join(query.get("q", "").replace("\x00", "").split())[:WORDS_CHARS_MAX],
        since=days["since"],
        until=days["until"],
        mistakes=tuple(mistakes),
    )


def narrowed(actor: Actor, fund: Fund, asked: Asked) -> QuerySet[Transfer]:
    """The transfers that were asked for, newest first."""
    rows = visible(actor, Transfer).filter(fund=fund)
    if asked.mistakes:
        return rows.none()
    if asked.purpose:
        rows = rows.filter(purpose=asked.purpose)
    if asked.line:
        rows = rows.filter(line__key=asked.line)
    if asked.since:
        rows = rows.filter(dated__gte=asked.since)
    if asked.until:
        rows = rows.filter(dated__lte=asked.until)
    for word in asked.words.split():
        test = Q(payee__icontains=word) | Q(subject__icontains=word) | Q(reason__icontains=word)
        rows = rows.filter(test)
    return rows.order_by("-number")


def shown(rows: QuerySet[Transfer]) -> QuerySet[Any]:
    """With the names that a row shows, in the same query."""
    named = rows.select_related("line", "source", "maker", "checker")
    return named.annotate(before=Coalesce("pending__number", "reverses__number"))


def listing(actor: Actor, fund: Fund, asked: Asked, page: str | None) -> Listing:
    """One page of the book."""
    rows = narrowed(actor, fund, asked)
    sums = (
        rows.order_by()
        .values("purpose")
        .annotate(fen=Sum("amount_fen"), many=Count("pk"))
        .values_list("purpose", "fen", "many")
    )
    found = {purpose: (fen, many) for purpose, fen, many in sums}
    count = sum(many for _, many in found.values())
    paginator = _Counted(shown(rows), ROWS_ON_A_PAGE)
    paginator.count = count
    return Listing(
        page=paginator.get_page(page),
        count=count,
        sums=tuple((p.label, found[p][0]) for p in Purpose if p in found),
    )


class _Counted(Paginator[Transfer]):
    """A paginator that is told how many rows there are: the sums have counted them."""

    count: int = 0

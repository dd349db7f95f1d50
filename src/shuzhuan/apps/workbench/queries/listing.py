"""One page of the list: the order from the indexes alone, then the rows of the page by id."""

from __future__ import annotations

from dataclasses import dataclass

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.workbench.columns import Column
from shuzhuan.apps.workbench.filters import PAGE_MAX, FilterForm, narrowed, ordered

PAGE_ROWS = 50
ROWS_MAX = PAGE_ROWS * PAGE_MAX


@dataclass(frozen=True)
class Page:
    """``count`` is exact up to ROWS_MAX; beyond that ``more`` is set."""

    rows: list[Enterprise]
    count: int
    more: bool
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE_ROWS))

    @property
    def said(self) -> str:
        """1,000+ where counting on would cost more than it tells."""
        return f"{self.count:,}{'+' if self.more else ''}"

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_ROWS + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def page_of(actor: Actor, form: FilterForm, columns: list[Column]) -> Page:
    """Two statements: at most ROWS_MAX ids in order, which also count, and the rows shown."""
    if form.errors:
        return Page([], 0, more=False, number=1)
    listed = ordered(narrowed(actor, form), form.cleaned_data["sort"])
    ids = list(listed.values_list("pk", flat=True)[: ROWS_MAX + 1])
    count = min(len(ids), ROWS_MAX)
    number = max(1, min(form.cleaned_data["page"] or 1, -(-count // PAGE_ROWS)))
    shown = ids[:ROWS_MAX][(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return Page(_rows(actor, shown, columns), count, len(ids) > ROWS_MAX, number)


def _rows(actor: Actor, ids: list[int], columns: list[Column]) -> list[Enterprise]:
    if not ids:
        return []
    needed = {name for column in columns for name in column.needs}
    rows = visible(actor, Enterprise).only("name", *sorted(needed)).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]

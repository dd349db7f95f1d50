"""What everybody may read, signed in or not: publicities of every place, with what is permitted.

The row-level wall of PostgreSQL narrows a signed-in person to the own places; these queries step
over it, and fetch everything before they step back. What leaves this module towards the public is
the words of the publicity and the stored columns of its items, never the party, the subject, the
objections or the people of the office.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.publicity import period
from shuzhuan.apps.publicity.models import ItemState, Kind, Publicity, PublicityItem, State
from shuzhuan.apps.regions.models import Region

ROWS_ON_A_PAGE = 20
ITEMS_ON_A_PAGE = 500
LATEST = 5
WHY = "publicities are for everybody"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the address, read; what is not one of the choices filters nothing."""

    place: str = ""
    kind: str = ""
    year: int = 0

    @property
    def any(self) -> bool:
        return bool(self.place or self.kind or self.year)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the period stands on a day, in words. ``open``: objections are received."""

    words: str
    open: bool
    left: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One item as everybody sees it. ``cells``: title, text and whether it is an amount.

    ``heard``: objections to it are received as long as the period runs.
    """

    pk: int
    position: int
    cells: tuple[tuple[str, str, bool], ...]
    withdrawn: bool
    heard: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One publicity as everybody sees it."""

    publicity: Publicity
    standing: Standing
    page: Page[PublicityItem]
    rows: list[Row]


def read(query: dict[str, str]) -> Asked:
    """The filters in an address."""
    kind, place, year = (query.get(name, "") for name in ("kind", "place", "year"))
    return Asked(
        place=place if place.isalnum() and place.isascii() else "",
        kind=kind if kind in Kind.values else "",
        year=int(year) if len(year) == len("2026") and year.isascii() and year.isdigit() else 0,
    )


def standing(publicity: Publicity, today: date) -> Standing:
    """Where a publicity stands on a day."""
    if publicity.state != State.RUNNING:
        return Standing(publicity.get_state_display(), open=False)
    if today < publicity.starts_on:
        return Standing(f"{publicity.starts_on:%Y-%m-%d} 开始", open=False)
    if publicity.is_over(today):
        return Standing("公示期满", open=False)
    left = period.left_on(today, publicity.ends_on)
    words = f"还剩 {left} 个工作日" if today < publicity.ends_on else "今天是最后一天"
    return Standing(words, open=True, left=left)


def listing(asked: Asked, page: str | None) -> tuple[Page[Publicity], list[Region], list[int]]:
    """One page of the list, running ones first, with the places and years that there are."""
    found = Publicity.objects.select_related("place")
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.year:
        found = found.filter(year=asked.year)
    with opened(WHY):
        spoken = Region.objects.filter(pk__in=Publicity.objects.values("place_id"))
        places = list(spoken.order_by("path"))
        years = list(Publicity.objects.order_by("-year").values_list("year", flat=True).distinct())
        if asked.place:
            found = found.filter(place_id__in=[p.pk for p in places if p.code == asked.place])
        ordered = found.order_by("-state", "-starts_on", "-pk")
        shown = Paginator(ordered, ROWS_ON_A_PAGE).get_page(page)
        shown.object_list = list(shown.object_list)
    return shown, places, years


def running(today: date) -> list[tuple[Publicity, Standing]]:
    """The few that end first of those that receive objections, for the home page."""
    rows = Publicity.objects.filter(
        state=State.RUNNING, starts_on__lte=today, ends_on__gte=today
    ).select_related("place")
    with opened(WHY):
        found = list(rows.order_by("ends_on", "pk")[:LATEST])
    return [(publicity, standing(publicity, today)) for publicity in found]


def public_or_404(pk: int, page: str | None = None) -> Shown:
    """One publicity with a page of its rows. Raises Http404."""
    with opened(WHY):
        publicity = _one(pk)
        items = _items(publicity)
        shown = Paginator(items, ITEMS_ON_A_PAGE).get_page(page)
        shown.object_list = list(shown.object_list)
    rows = [_row(publicity, item) for item in shown.object_list]
    return Shown(publicity, standing(publicity, timezone.localdate()), shown, rows)


def everything_or_404(pk: int) -> tuple[Publicity, list[PublicityItem]]:
    """One publicity with all its rows, for a file. Raises Http404."""
    with opened(WHY):
        publicity = _one(pk)
        return publicity, list(_items(publicity))


def item_or_404(pk: int) -> tuple[PublicityItem, Row, Standing]:
    """One row of a publicity, to object to. Raises Http404."""
    with opened(WHY):
        items = PublicityItem.objects.select_related("publicity__place")
        item = items.filter(pk=pk).first()
    if item is None:
        raise Http404
    return item, _row(item.publicity, item), standing(item.publicity, timezone.localdate())


def feed(publicity: Publicity, items: list[PublicityItem]) -> dict[str, object]:
    """One publicity as data: the same words and columns as the page, nothing more."""
    return {
        "number": publicity.number,
        "title": publicity.title,
        "kind": publicity.get_kind_display(),
        "place": publicity.place.name,
        "basis": publicity.basis,
        "starts_on": publicity.starts_on.isoformat(),
        "ends_on": publicity.ends_on.isoformat(),
        "ends_on_provisional": publicity.provisional,
        "contact": publicity.contact,
        "state": publicity.get_state_display(),
        "fields": list(publicity.fields),
        "amount_unit": "元" if publicity.amount_field else "",
        "items": [dict(cells_of(publicity, item)) for item in items],
    }


def cells_of(publicity: Publicity, item: PublicityItem) -> Iterator[tuple[str, str]]:
    """Title and text of each permitted column, in order."""
    for field in publicity.fields:
        yield field, str(item.values.get(field, ""))


def marked_cells(publicity: Publicity, item: PublicityItem) -> tuple[tuple[str, str, bool], ...]:
    """The cells of an item, the amount marked."""
    amount = publicity.amount_field
    return tuple((field, text, field == amount) for field, text in cells_of(publicity, item))


def _one(pk: int) -> Publicity:
    found = Publicity.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _items(publicity: Publicity) -> QuerySet[PublicityItem]:
    needed = ("position", "values", "amount_fen", "state")
    return PublicityItem.objects.filter(publicity=publicity).only(*needed).order_by("position")


def _row(publicity: Publicity, item: PublicityItem) -> Row:
    return Row(
        pk=item.pk,
        position=item.position,
        cells=marked_cells(publicity, item),
        withdrawn=item.state == ItemState.WITHDRAWN,
        heard=item.state not in (ItemState.WITHDRAWN, ItemState.PASSED),
    )

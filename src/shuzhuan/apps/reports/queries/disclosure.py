"""补助公开: what was paid to whom, for everybody. Unit, project, amount, date, and nothing else.

A row appears when the treasury's payment is posted. What was taken back is a row of its own, so
that nobody reads a sum that an enterprise no longer has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Min, QuerySet, Sum

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.funds.models import Purpose, Transfer
from shuzhuan.apps.pilots.models import Pilot
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.regions.models import Region

PAGE_ROWS = 50
_SIGNS = {Purpose.PAY: 1, Purpose.CLAW_BACK: -1}


@dataclass(frozen=True)
class Paid:
    """One row: unit, project, amount in fen (negative: taken back), date."""

    unit: str
    project: str
    amount_fen: int
    day: date

    @property
    def returned(self) -> bool:
        return self.amount_fen < 0


@dataclass(frozen=True)
class Disclosed:
    """A page of what was paid, and the choices for narrowing it."""

    rows: list[Paid]
    page: Page[Transfer]
    total_fen: int
    place: Region | None
    year: str
    places: list[tuple[int, str]]
    years: list[str]
    synthetic: bool


def disclosed(query: Mapping[str, str]) -> Disclosed:
    """Seven statements for everybody alike; what cannot be read narrows nothing."""
    with opened("subsidies that were paid are public"):
        rows = Transfer.objects.filter(purpose__in=list(_SIGNS), subject_id__isnull=False)
        places = _places(rows)
        years = _years(rows)
        chosen = next((pk for pk, _ in places if str(pk) == query.get("place")), None)
        year = query.get("year", "") if query.get("year", "") in years else ""
        if chosen is not None:
            rows = rows.filter(place_id=chosen)
        if year:
            rows = rows.filter(dated__year=int(year))
        sums = dict(rows.order_by().values_list("purpose").annotate(Sum("amount_fen")))
        found = rows.order_by("-dated", "-recorded_at", "-pk")
        page = Paginator(found, PAGE_ROWS).get_page(query.get("page"))
        shown, synthetic = _shown(list(page.object_list))
        page.object_list = []  # read above, behind the open wall
        region = Region.objects.filter(pk=chosen).first() if chosen is not None else None
    total = sum(_SIGNS[Purpose(purpose)] * fen for purpose, fen in sums.items())
    return Disclosed(shown, page, total, region, year, places, years, synthetic)


def _places(rows: QuerySet[Transfer]) -> list[tuple[int, str]]:
    found = rows.order_by("place__path").values_list("place_id", "place__name").distinct()
    return [(pk, name) for pk, name in found]


def _years(rows: QuerySet[Transfer]) -> list[str]:
    found = rows.order_by().values_list("dated__year").annotate(first=Min("dated"))
    return sorted((str(year) for year, _ in found), reverse=True)


def _shown(transfers: list[Transfer]) -> tuple[list[Paid], bool]:
    """The rows with the titles of their projects; whether any of them is invented."""
    ids = {t.subject_id for t in transfers if t.subject_id is not None}
    projects = {
        (pk, number): (title, pilot)
        for pk, number, title, pilot in Project.objects.filter(pk__in=ids).values_list(
            "pk", "number", "title", "pilot_id"
        )
    }
    found: list[Paid] = []
    pilots: set[int] = set()
    for t in transfers:
        title, pilot = projects.get((t.subject_id or 0, t.subject), ("", None))
        if pilot is not None:
            pilots.add(pilot)
        amount = _SIGNS[Purpose(t.purpose)] * t.amount_fen
        found.append(Paid(t.payee, title, amount, t.dated))
    return found, Pilot.objects.filter(pk__in=pilots, synthetic=True).exists()

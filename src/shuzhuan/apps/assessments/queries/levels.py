"""Levels across a place: distribution, shares by trade, size and region, movement, coverage.

Everything is counted by the database over current sheets of one kind. Sheets under indicators
with different figures are never put together: one version is shown, the others are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from fractions import Fraction
from urllib.parse import urlencode

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    AssessmentState,
    PublishedSet,
)
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.enterprises.models import Enterprise, PilotState, SizeClass
from shuzhuan.apps.enterprises.models.enterprise import LEVEL_MAX
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.engine.grading import show_milli

LEVELS = range(LEVEL_MAX + 1)
GOOD_LEVEL = 2
MONTHS_SHOWN = 12
INDUSTRIES_SHOWN = 30
NO_INDUSTRY, OUTSIDE = "没有填行业", "园区外"


@dataclass(frozen=True, slots=True)
class Version:
    """Sets with the same figures, and how many current sheets of the kind rest on them."""

    figures: str
    label: str
    set_ids: tuple[int, ...]
    sheets: int
    has_unverified: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page shows: a kind, and of it one version (empty while nothing is assessed)."""

    kind: AssessmentKind
    versions: tuple[Version, ...]
    version: Version | None

    @property
    def others(self) -> int:
        """Sheets that are not part of the page, because their figures are others."""
        return sum(v.sheets for v in self.versions) - (self.version.sheets if self.version else 0)

    @property
    def query(self) -> str:
        found = {"kind": str(self.kind)}
        if self.version is not None and len(self.versions) > 1:
            found["version"] = self.version.figures[:12]
        return urlencode(found)


@dataclass(frozen=True)
class Line:
    """One line of a table: how many sheets stand at each level. ``query``: the list behind it."""

    name: str
    counts: Mapping[int, int]
    milli: int
    query: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def good(self) -> int:
        return sum(n for level, n in self.counts.items() if level >= GOOD_LEVEL)

    @property
    def good_share(self) -> int:
        """Per cent at level 2 or above, rounded down."""
        return self.good * 100 // self.total if self.total else 0

    @property
    def average(self) -> str:
        """Mean points to a tenth, rounded down."""
        return show_milli(self.milli // self.total // 100 * 100) if self.total else "—"

    @property
    def cells(self) -> list[tuple[int, str]]:
        """(how many, list) for each level from none up."""
        return [(self.counts.get(n, 0), f"{self.query}&level={n}") for n in LEVELS]


@dataclass(frozen=True)
class Overview:
    """The tables of one page."""

    whole: Line
    industries: list[Line]
    sizes: list[Line]
    places: list[Line]
    places_title: str


def read(actor: Actor, query: Mapping[str, str]) -> Asked:
    """The kind and version that an address asks for. One statement."""
    text = query.get("kind", "")
    known = text in AssessmentKind.values
    kind = AssessmentKind(text) if known else AssessmentKind.ACCEPTANCE
    by_kind = _versions(actor)
    if not known:  # the strongest kind that there is
        order = (AssessmentKind.ACCEPTANCE, AssessmentKind.DIAGNOSIS, AssessmentKind.SELF)
        kind = next((k for k in order if by_kind.get(k)), AssessmentKind.SELF)
    versions = tuple(sorted(by_kind.get(kind, ()), key=lambda v: (-v.sheets, -v.set_ids[-1])))
    wanted = query.get("version", "")
    chosen = next((v for v in versions if wanted and v.figures.startswith(wanted)), None)
    return Asked(kind, versions, chosen or (versions[0] if versions else None))


def _versions(actor: Actor) -> dict[str, list[Version]]:
    rows = (
        visible(actor, Assessment)
        .filter(is_current=True)
        .order_by("indicators_id")
        .values_list(
            "kind", "indicators_id", "indicators__figures_sha256", "indicators__title",
            "indicators__version", "indicators__has_unverified",
        )
        .annotate(n=Count("pk"))
    )  # fmt: skip
    found: dict[tuple[str, str], Version] = {}
    for kind, pk, figures, title, number, unverified, n in rows:
        old = found.get((kind, figures))
        if old is None:
            found[kind, figures] = Version(figures, f"{title} {number}", (pk,), n, unverified)
        else:
            found[kind, figures] = replace(
                old,
                label=f"{old.label}、{number}",
                set_ids=(*old.set_ids, pk),
                sheets=old.sheets + n,
                has_unverified=old.has_unverified or unverified,
            )
    by_kind: dict[str, list[Version]] = {}
    for (kind, _), version in found.items():
        by_kind.setdefault(kind, []).append(version)
    return by_kind


def current(actor: Actor, asked: Asked) -> QuerySet[Assessment]:
    """The current sheets of the kind and version."""
    ids = asked.version.set_ids if asked.version else ()
    rows = visible(actor, Assessment).filter(
        kind=asked.kind, is_current=True, indicators_id__in=ids
    )
    return rows.order_by()


def overview(actor: Actor, asked: Asked) -> Overview:
    """Four statements: one for the regions, three that count."""
    rows = current(actor, asked)
    regions = {r.pk: r for r in Region.objects.filter(path__startswith=actor.region_path)}
    industries = _lines(rows, "enterprise__industry", asked, "industry")
    sizes = _lines(rows, "enterprise__size_class", asked, "size")
    title, places = _places(rows, asked, regions[actor.region_id or 0], regions)
    labels = dict(SizeClass.choices)
    order = [*SizeClass.values, ""]
    by_size = sorted(sizes, key=lambda line: order.index(line.name))
    return Overview(
        whole=_sum("合计", sizes, asked.query),
        industries=[_named(line, line.name or NO_INDUSTRY) for line in industries],
        sizes=[_named(line, labels.get(line.name, "规模未定")) for line in by_size],
        places=places,
        places_title=title,
    )


def _lines(rows: QuerySet[Assessment], column: str, asked: Asked, key: str) -> list[Line]:
    found: dict[str, tuple[Counter[int], list[int]]] = {}
    counted = rows.values_list(column, "level").annotate(n=Count("pk"), milli=Sum("points_milli"))
    for name, level, n, milli in counted:
        counts, sums = found.setdefault(name, (Counter(), [0]))
        counts[level or 0] += n
        sums[0] += milli
    lines = [
        Line(name, counts, sums[0], f"{asked.query}&{urlencode({key: name or '-'})}")
        for name, (counts, sums) in found.items()
    ]
    return sorted(lines, key=lambda line: (-line.total, line.name))


def _named(line: Line, name: str) -> Line:
    return replace(line, name=name)


def _sum(name: str, lines: Iterable[Line], query: str) -> Line:
    counts: Counter[int] = Counter()
    milli = 0
    for line in lines:
        counts.update(line.counts)
        milli += line.milli
    return Line(name, counts, milli, query)


def _places(
    rows: QuerySet[Assessment], asked: Asked, own: Region, regions: Mapping[int, Region]
) -> tuple[str, list[Line]]:
    """The regions right below the officer's; in a county its parks."""
    below = {
        Level.PROVINCE: (Level.CITY, "各市"),
        Level.CITY: (Level.COUNTY, "各县（市、区）"),
    }
    wanted, title = below.get(Level(own.level), (Level.PARK, "园区"))
    found: dict[int, tuple[Counter[int], list[int]]] = {}
    counted = rows.values_list("place_id", "enterprise__park_id", "level").annotate(
        n=Count("pk"), milli=Sum("points_milli")
    )
    for place_id, park_id, level, n, milli in counted:
        near = regions.get(park_id or 0) or regions[place_id]
        key = _above(near, wanted, regions)
        counts, sums = found.setdefault(key, (Counter(), [0]))
        counts[level or 0] += n
        sums[0] += milli
    if set(found) <= {0}:
        return title, []
    lines = [
        Line(
            regions[key].name if key else (OUTSIDE if wanted == Level.PARK else "其他"),
            counts,
            sums[0],
            f"{asked.query}&place={key or '-'}",
        )
        for key, (counts, sums) in found.items()
    ]
    return title, sorted(lines, key=lambda line: (-line.total, line.name))


def _above(region: Region, wanted: Level, regions: Mapping[int, Region]) -> int:
    """Id of the region of this level that holds another one; 0 where there is none."""
    found: Region | None = region
    while found is not None and found.level != wanted:
        found = regions.get(found.parent_id or 0)
    return found.pk if found is not None else 0


@dataclass(frozen=True)
class Moves:
    """How enterprises moved from the earlier on-site result to acceptance."""

    cells: Mapping[tuple[int, int], int]
    apart: int
    without: int

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    @property
    def up(self) -> int:
        return sum(n for (old, new), n in self.cells.items() if new > old)

    @property
    def same(self) -> int:
        return sum(n for (old, new), n in self.cells.items() if new == old)

    @property
    def down(self) -> int:
        return self.total - self.up - self.same

    @property
    def rows(self) -> list[tuple[int, list[tuple[int, bool, str]]]]:
        """(level before, [(how many, whether the level stayed, list)] by level after)."""
        return [
            (
                old,
                [
                    (
                        self.cells.get((old, new), 0),
                        old == new,
                        f"kind={AssessmentKind.ACCEPTANCE}&version=all&before={old}&level={new}",
                    )
                    for new in LEVELS
                ],
            )
            for old in LEVELS
        ]


def comparable() -> Q:
    """Acceptance sheets whose earlier result rests on the same figures."""
    return Q(before__indicators__figures_sha256=F("indicators__figures_sha256"))


def movement(actor: Actor) -> Moves:
    """Before → after of all current acceptance sheets, of every version. One statement."""
    rows = (
        visible(actor, Assessment)
        .filter(kind=AssessmentKind.ACCEPTANCE, is_current=True)
        .order_by()
        .annotate(same=Case(When(comparable(), then=Value(1)), default=Value(0)))
        .values_list("before__level", "level", "same")
        .annotate(n=Count("pk"))
    )
    cells: Counter[tuple[int, int]] = Counter()
    apart = without = 0
    for before, level, same, n in rows:
        if before is None:
            without += n
        elif not same:
            apart += n
        else:
            cells[before, level or 0] += n
    return Moves(cells, apart, without)


@dataclass(frozen=True)
class Scenario:
    """How far one scenario is in one trade. ``reached`` is the sum of the levels."""

    item: str
    name: str
    sheets: int
    reached: int
    below: int

    @property
    def average(self) -> str:
        tenths = self.reached * 10 // self.sheets if self.sheets else 0
        return f"{tenths // 10}.{tenths % 10}"

    @property
    def below_share(self) -> int:
        return self.below * 100 // self.sheets if self.sheets else 0


@dataclass
class Trade:
    """The scenarios of one trade, the weakest first."""

    name: str
    scenarios: list[Scenario] = field(default_factory=list)

    @property
    def sheets(self) -> int:
        return max((s.sheets for s in self.scenarios), default=0)


def weakest(actor: Actor, asked: Asked) -> tuple[Trade, list[Trade]]:
    """All trades together, and each; scenarios with the lowest average first. Two statements."""
    if asked.version is None:
        return Trade("全部行业"), []
    row = PublishedSet.objects.get(pk=asked.version.set_ids[-1])
    names = {s.id: f"{n}. {s.name}" for n, s in enumerate(parsed(row).scenarios, 1)}
    places = {item: place for place, item in enumerate(names)}
    counted = (
        visible(actor, Answer)
        .filter(assessment__in=current(actor, asked).values("pk"), reached__isnull=False)
        .order_by()
        .values_list("enterprise__industry", "item")
        .annotate(n=Count("pk"), sum=Sum("reached"), low=Count("pk", filter=Q(reached__lt=2)))
    )
    trades: dict[str, Trade] = {}
    whole: dict[str, Scenario] = {}
    for industry, item, n, reached, low in counted:
        found = Scenario(item, names.get(item, item), n, reached, low)
        name = industry or NO_INDUSTRY
        trades.setdefault(name, Trade(name)).scenarios.append(found)
        old = whole.get(item, Scenario(item, found.name, 0, 0, 0))
        whole[item] = Scenario(
            item, found.name, old.sheets + n, old.reached + reached, old.below + low
        )
    everything = Trade("全部行业", list(whole.values()))
    shown = sorted(trades.values(), key=lambda t: (-t.sheets, t.name))[:INDUSTRIES_SHOWN]
    for trade in (everything, *shown):
        trade.scenarios.sort(
            key=lambda s: (Fraction(s.reached, s.sheets), -s.below, places[s.item])
        )
    return everything, shown


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many enterprises of a group have a current sheet of each kind, of any version."""

    name: str
    total: int
    assessed: Mapping[str, int]
    pilots: bool

    @property
    def cells(self) -> list[tuple[str, int, int, str]]:
        """(kind, with, without, list of those without)."""
        more = "&pilots=1" if self.pilots else ""
        return [
            (
                kind.label,
                self.assessed.get(kind, 0),
                self.total - self.assessed.get(kind, 0),
                f"missing={kind}{more}",
            )
            for kind in AssessmentKind
        ]


def coverage(actor: Actor) -> list[Coverage]:
    """All enterprises of the place, and those on the pilot list. Two statements."""
    states = dict(
        visible(actor, Enterprise).order_by().values_list("pilot_state").annotate(n=Count("pk"))
    )
    have: Counter[str] = Counter()
    pilots: Counter[str] = Counter()
    rows = visible(actor, Assessment).filter(is_current=True).order_by()
    counted = rows.values_list("kind", "enterprise__pilot_state").annotate(n=Count("pk"))
    for kind, state, n in counted:
        have[kind] += n
        if state == PilotState.IN:
            pilots[kind] += n
    groups = [Coverage("全部企业", sum(states.values()), have, pilots=False)]
    if states.get(PilotState.IN):
        groups.append(Coverage("试点企业", states[PilotState.IN], pilots, pilots=True))
    return groups


def trend(actor: Actor, asked: Asked) -> list[tuple[str, int, int]]:
    """(month, submitted, of them at level 2 or above) of the last months. One statement."""
    today = timezone.localdate()
    months = [(today.year * 12 + today.month - 1 - back) for back in range(MONTHS_SHOWN)][::-1]
    first = timezone.make_aware(
        datetime.combine(date(months[0] // 12, months[0] % 12 + 1, 1), time())
    )
    ids = asked.version.set_ids if asked.version else ()
    rows = (
        visible(actor, Assessment)
        .filter(
            kind=asked.kind,
            state=AssessmentState.SUBMITTED,
            indicators_id__in=ids,
            submitted_at__gte=first,
        )
        .order_by()
        .annotate(month=TruncMonth("submitted_at"))
        .values_list("month")
        .annotate(n=Count("pk"), good=Count("pk", filter=Q(level__gte=GOOD_LEVEL)))
    )
    found = {(at.year * 12 + at.month - 1): (n, good) for at, n, good in rows}
    return [(f"{m // 12}-{m % 12 + 1:02}", *found.get(m, (0, 0))) for m in months]

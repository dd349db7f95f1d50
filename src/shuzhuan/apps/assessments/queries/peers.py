"""How peers stand: counts and medians of at least five others, never a name, never one sheet."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.apps.regions.queries import ids_below
from shuzhuan.engine.grading.model import show_milli

PEERS_MIN = 5
"""With fewer, a reader could work out who stands where."""

_Row = tuple[int, int, str, str]  # points, level, size class, path of the place


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the peers stand at one level."""

    level: int
    name: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Peers:
    """The nearest group that is large enough. ``count`` 0: there is none, ``why`` says so."""

    group: str = ""
    count: int = 0
    median: str = ""
    shares: tuple[Share, ...] = ()
    above: int = 0
    why: str = ""


def peers(assessment: Assessment, level_names: tuple[str, ...]) -> Peers:
    """Compare with current self-assessments under the same figures; own sheet left out.

    Groups, the narrowest first: industry, size and county; industry and county; industry and
    province. Reads across places in one statement and hands on nothing but the group.
    """
    enterprise = assessment.enterprise
    if not enterprise.industry:
        return Peers(why="档案里还没有填写细分行业，不能和同行比较。")
    province = f"{enterprise.place.path.split('/', 1)[0]}/"
    found = _nearest(enterprise, _rows(assessment, province))
    if found is None:
        return Peers(why=f"同行不足{PEERS_MIN}家，不作比较。")
    name, group = found
    return _told(name, group, level_names, assessment.points_milli or 0)


def _nearest(enterprise: Enterprise, rows: list[_Row]) -> tuple[str, list[_Row]] | None:
    """The narrowest group that may be shown, with its name."""
    industry, size, county = enterprise.industry, enterprise.size_class, _county(enterprise.place)
    counties: dict[str, list[_Row]] = defaultdict(list)
    steps = county.path.count("/")
    for row in rows:
        counties["/".join(row[3].split("/")[:steps])].append(row)
    near = counties["/".join(county.path.split("/")[:steps])]
    alike = [row for row in near if size and row[2] == size]
    if len(alike) >= PEERS_MIN:
        return f"{county.name}{industry}行业的{enterprise.get_size_class_display()}企业", alike
    if _tellable(len(near), _in_sizes(near)):
        return f"{county.name}{industry}行业", near
    if _tellable(len(rows), sum(_in_county(group) for group in counties.values())):
        return f"全省（区、市）{industry}行业", rows
    return None


def _tellable(whole: int, inside: int) -> bool:
    """Whether a group is large enough, and what is left of it without the groups shown inside.

    Otherwise whoever sees both, say after correcting the own size class, reads the few that are
    left from the difference.
    """
    return whole >= PEERS_MIN and not 0 < whole - inside < PEERS_MIN


def _in_sizes(county: list[_Row]) -> int:
    """How many of a county belong to a size class that is shown by itself."""
    sizes = Counter(size for _, _, size, _ in county if size)
    return sum(count for count in sizes.values() if count >= PEERS_MIN)


def _in_county(county: list[_Row]) -> int:
    """How many of a county are shown there, in whichever group."""
    inside = _in_sizes(county)
    return len(county) if _tellable(len(county), inside) else inside


def _county(place: Region) -> Region:
    """The county that a park belongs to; any other place is itself."""
    if place.level == Level.PARK and place.parent is not None:
        return place.parent
    return place


def _rows(assessment: Assessment, province: str) -> list[_Row]:
    with opened("medians of peers; no row leaves this module"):
        rows = (
            Assessment.objects.filter(
                place_id__in=ids_below(province),
                kind=AssessmentKind.SELF,
                is_current=True,
                indicators__figures_sha256=assessment.indicators.figures_sha256,
                enterprise__industry=assessment.enterprise.industry,
            )
            .exclude(enterprise_id=assessment.enterprise_id)
            .values_list("points_milli", "level", "enterprise__size_class", "place__path")
        )
        return [(points or 0, level or 0, size, path) for points, level, size, path in rows]


def _told(name: str, group: list[_Row], level_names: tuple[str, ...], own: int) -> Peers:
    count = len(group)
    shares = []
    for level, label in enumerate(level_names):
        at = sum(row[1] == level for row in group)
        shares.append(Share(level, label, at, round(at * 100 / count)))
    middle = median(row[0] for row in group)
    return Peers(
        group=name,
        count=count,
        median=show_milli(int(middle)),
        shares=tuple(shares),
        above=sum(own > row[0] for row in group),
    )

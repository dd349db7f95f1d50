"""What is late and with whom, what falls due next, objections and rectifications that run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.reports.queries.standing import RECTIFYING
from shuzhuan.engine.process import Lane
from shuzhuan.engine.workdays import china

SOON_WORKDAYS = 10
SHOWN = 10
OBJECTED = Q(objections_open__gt=0)
_SOMEBODY = ~Q(lane=Lane.NOBODY)


def until(today: date) -> date:
    """The last day that falls due soon."""
    return china().add(today, SOON_WORKDAYS).day


def late(today: date) -> Q:
    """Projects whose deadline is over, with somebody."""
    return Q(due_on__lt=today) & _SOMEBODY


def soon(today: date) -> Q:
    """Projects whose deadline comes soon, with somebody."""
    return Q(due_on__gte=today, due_on__lte=until(today)) & _SOMEBODY


@dataclass(frozen=True)
class Waits:
    """One project that waits. ``days``: working days late, or left where it is not late."""

    project: Project
    place: str
    days: int
    late: bool

    @property
    def said(self) -> str:
        """How late, or how much is left, in words."""
        if self.project.due_on is None or self.project.lane == Lane.NOBODY:
            return ""
        if self.late:
            return f"逾期{self.days}个工作日" if self.days else "已过期限"
        return f"还剩{self.days}个工作日" if self.days else "今天到期"

    @property
    def state(self) -> str:
        return self.project.at.label

    @property
    def lane(self) -> str:
        return Lane(self.project.lane).label


@dataclass(frozen=True)
class Waiting:
    """Counts are of all; the lists hold the most urgent ones."""

    until: date
    late: list[Waits] = field(default_factory=list)
    soon: list[Waits] = field(default_factory=list)
    objected: list[Waits] = field(default_factory=list)
    rectifying: list[Waits] = field(default_factory=list)
    late_by_lane: dict[Lane, int] = field(default_factory=dict)
    soon_by_lane: dict[Lane, int] = field(default_factory=dict)
    late_by_place: dict[int, int] = field(default_factory=dict)

    @property
    def late_count(self) -> int:
        return sum(self.late_by_lane.values())

    @property
    def soon_count(self) -> int:
        return sum(self.soon_by_lane.values())


def waiting(actor: Actor, place_ids: Iterable[int], names: dict[int, str], today: date) -> Waiting:
    """Five statements."""
    rows = visible(actor, Project).filter(place_id__in=list(place_ids))
    late_by_lane: Counter[Lane] = Counter()
    soon_by_lane: Counter[Lane] = Counter()
    late_by_place: Counter[int] = Counter()
    due = rows.filter(due_on__lte=until(today)).order_by().values_list("place_id", "lane")
    for place, lane, many_late, many_soon in due.annotate(
        late=Count("pk", filter=late(today)), soon=Count("pk", filter=soon(today))
    ):
        late_by_lane[Lane(lane)] += many_late
        soon_by_lane[Lane(lane)] += many_soon
        late_by_place[place] += many_late

    def listed(found: QuerySet[Project], *order: str) -> list[Waits]:
        shown = found.select_related("enterprise").order_by(*order, "pk")[:SHOWN]
        return [waits(p, names, today) for p in shown]

    return Waiting(
        until=until(today),
        late=listed(rows.filter(late(today)), "due_on"),
        soon=listed(rows.filter(soon(today)), "due_on"),
        objected=listed(rows.filter(OBJECTED), "entered_on"),
        rectifying=listed(rows.filter(RECTIFYING.q), "due_on"),
        late_by_lane=_most_first(late_by_lane),
        soon_by_lane=_most_first(soon_by_lane),
        late_by_place=dict(late_by_place),
    )


def waits(project: Project, names: dict[int, str], today: date) -> Waits:
    """A project as one that waits."""
    late = bool(project.due_on and project.due_on < today and project.lane != Lane.NOBODY)
    return Waits(project, names.get(project.place_id, ""), _days(project, today), late)


def _most_first(counts: Counter[Lane]) -> dict[Lane, int]:
    return {lane: many for lane, many in counts.most_common() if many}


def _days(project: Project, today: date) -> int:
    due = project.due_on
    if due is None:
        return 0
    if due < today:
        return china().between(due, today)
    return china().between(today, due)

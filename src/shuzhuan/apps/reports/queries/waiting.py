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
from shuzhuan.engine.process import Lane, State
from shuzhuan.engine.workdays import china

SOON_WORKDAYS = 10
SHOWN = 10


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
    until = china().add(today, SOON_WORKDAYS).day
    rows = visible(actor, Project).filter(place_id__in=list(place_ids))
    due = rows.filter(due_on__lte=until).exclude(lane=Lane.NOBODY)
    late, soon = Q(due_on__lt=today), Q(due_on__gte=today)
    late_by_lane: Counter[Lane] = Counter()
    soon_by_lane: Counter[Lane] = Counter()
    late_by_place: Counter[int] = Counter()
    grouped = due.order_by().values_list("place_id", "lane")
    for place, lane, many_late, many_soon in grouped.annotate(
        late=Count("pk", filter=late), soon=Count("pk", filter=soon)
    ):
        late_by_lane[Lane(lane)] += many_late
        soon_by_lane[Lane(lane)] += many_soon
        late_by_place[place] += many_late

    def listed(found: QuerySet[Project], *order: str) -> list[Waits]:
        shown = found.select_related("enterprise").order_by(*order, "pk")[:SHOWN]
        return [
            Waits(
                p, names.get(p.place_id, ""), _days(p, today), bool(p.due_on and p.due_on < today)
            )
            for p in shown
        ]

    return Waiting(
        until=until,
        late=listed(due.filter(late), "due_on"),
        soon=listed(due.filter(soon), "due_on"),
        objected=listed(rows.filter(objections_open__gt=0), "entered_on"),
        rectifying=listed(rows.filter(state=State.RECTIFICATION), "due_on"),
        late_by_lane={lane: n for lane, n in late_by_lane.items() if n},
        soon_by_lane={lane: n for lane, n in soon_by_lane.items() if n},
        late_by_place=dict(late_by_place),
    )


def _days(project: Project, today: date) -> int:
    due = project.due_on
    if due is None:
        return 0
    if due < today:
        return china().between(due, today)
    return china().between(today, due)

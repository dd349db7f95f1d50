"""What the office has before it: objections to hear, periods to close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.publicity.models import Objection, ObjectionState, Publicity, State
from shuzhuan.engine import workdays

ROWS_ON_A_PAGE = 50
SOON_WORKDAYS = 3
OBJECTIONS, RUNNING, OVER, ENDED = "objections", "running", "over", "ended"
VIEWS = (
    (OBJECTIONS, "待核查的异议"),
    (RUNNING, "公示中"),
    (OVER, "期满待结束"),
    (ENDED, "已结束和撤销"),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of everything."""

    running: int
    over: int
    ended: int
    open: int
    late: int

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        """Key, label and count of each view."""
        counts = {OBJECTIONS: self.open, RUNNING: self.running, OVER: self.over, ENDED: self.ended}
        return [(key, label, counts[key]) for key, label in VIEWS]


@dataclass(frozen=True, slots=True)
class Due:
    """An objection with its light: green, yellow within three working days, red when late; the
    words say how much time is left."""

    objection: Objection
    colour: str
    words: str


def figures(actor: Actor) -> Figures:
    """Two counting queries."""
    today = timezone.localdate()
    running = Q(state=State.RUNNING)
    periods = visible(actor, Publicity).aggregate(
        running=Count("pk", filter=running & Q(ends_on__gte=today)),
        over=Count("pk", filter=running & Q(ends_on__lt=today)),
        ended=Count("pk", filter=~running),
    )
    hearing = visible(actor, Objection).filter(state=ObjectionState.OPEN)
    counted = hearing.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    return Figures(**periods, **counted)


def objections(actor: Actor, page: str | None) -> Page[Objection]:
    """Those to hear, the most urgent first."""
    rows = visible(actor, Objection).filter(state=ObjectionState.OPEN)
    rows = rows.select_related("item__publicity").defer("text", "finding", "item__values")
    return Paginator(rows.order_by("due_on", "pk"), ROWS_ON_A_PAGE).get_page(page)


def publicities(actor: Actor, view: str, page: str | None) -> Page[Publicity]:
    """Those of one view."""
    today = timezone.localdate()
    rows: QuerySet[Publicity] = visible(actor, Publicity)
    if view == ENDED:
        rows = rows.exclude(state=State.RUNNING).order_by("-closed_at", "-pk")
    elif view == OVER:
        rows = rows.filter(state=State.RUNNING, ends_on__lt=today).order_by("ends_on", "pk")
    else:
        rows = rows.filter(state=State.RUNNING, ends_on__gte=today).order_by("ends_on", "pk")
    return Paginator(rows, ROWS_ON_A_PAGE).get_page(page)


def lit(rows: Iterable[Objection]) -> list[Due]:
    """The rows with their lights."""
    today = timezone.localdate()
    return [Due(row, *_light(row.due_on, today)) for row in rows]


def _light(due_on: date, today: date) -> tuple[str, str]:
    if due_on < today:
        return "red", "已逾期"
    if due_on == today:
        return "yellow", "今天到期"
    left = workdays.china().between(today, due_on)
    return "yellow" if left <= SOON_WORKDAYS else "green", f"还剩 {left} 个工作日"

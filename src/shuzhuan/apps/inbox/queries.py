"""What the inbox and the outbox show."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.inbox.models import Message, MessageLevel, Outgoing, OutgoingState

ROWS_ON_A_PAGE = 20
BADGE_MAX = 99
OPEN_TODO = Q(level=MessageLevel.TODO, done_at__isnull=True)
SHOWS = (("", "全部"), ("unread", "未读"), ("todo", "待办"))


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of an inbox and how much waits in it."""

    page: Page[Message]
    show: str
    unread: int
    todo: int


def unread_count(actor: Actor) -> int:
    """How many are unread, counted up to one more than a badge shows. One query."""
    rows = visible(actor, Message).filter(is_read=False).order_by()
    return rows[: BADGE_MAX + 1].count()


def listing(actor: Actor, show: str, number: str | None) -> Listing:
    """One page: unread first, then the newest; or only what is to be done, or unread."""
    own = visible(actor, Message)
    unread, todo = own.filter(is_read=False), own.filter(OPEN_TODO)
    rows = {"unread": unread, "todo": todo}.get(show, own)
    order = ("-created_at", "-pk") if show == "todo" else ("is_read", "-created_at", "-pk")
    rows = rows.select_related("membership__region", "party", "place").order_by(*order)
    return Listing(
        page=Paginator(rows, ROWS_ON_A_PAGE).get_page(number),
        show=show if show in {"unread", "todo"} else "",
        unread=unread.order_by().count(),
        todo=todo.order_by().count(),
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """Mails that failed for one reason."""

    reason: str
    state: str
    count: int
    attempts: int


@dataclass(frozen=True, slots=True)
class OutboxState:
    """The outbox in numbers: no addresses, no contents."""

    counts: list[tuple[str, str, int]]  # state, its label, rows
    due: int
    dropped: int
    failures: list[Failure]
    last_sent: object


def outbox(actor: Actor) -> OutboxState:
    """How the outbox stands. Three queries."""
    rows = visible(actor, Outgoing).order_by()
    by_state = dict(rows.values_list("state").annotate(count=Count("pk")))
    # Claimed rows are due again when their lease runs out; until then somebody works on them.
    waiting = Q(state__in=[OutgoingState.WAITING, OutgoingState.FAILED])
    totals = rows.aggregate(
        last=Max("sent_at"), due=Count("pk", filter=waiting & Q(next_at__lte=timezone.now()))
    )
    failed = rows.filter(state__in=[OutgoingState.FAILED, OutgoingState.GIVEN_UP])
    reasons = (
        failed.values("last_error", "state")
        .annotate(count=Count("pk"), most=Max("attempts"))
        .order_by(F("count").desc(), "last_error")
    )
    return OutboxState(
        counts=[
            (value, label, by_state.get(value, 0))
            for value, label in OutgoingState.choices
            if value != OutgoingState.DROPPED
        ],
        due=totals["due"],
        dropped=by_state.get(OutgoingState.DROPPED, 0),
        failures=[
            Failure(row["last_error"], OutgoingState(row["state"]).label, row["count"], row["most"])
            for row in reasons
        ],
        last_sent=totals["last"],
    )

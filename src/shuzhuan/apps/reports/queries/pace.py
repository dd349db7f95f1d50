"""How long each stage takes, and who holds it: 兑现督导. Working days, from what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Step
from shuzhuan.apps.reports.queries.standing import Standing, one_of
from shuzhuan.engine.process import MAIN_LINE, PUBLIC_PERIODS, Lane, State
from shuzhuan.engine.workdays import china

_ORDER = (*MAIN_LINE[:2], State.RETURNED, *MAIN_LINE[2:11], State.RECTIFICATION, *MAIN_LINE[11:],
          State.CLAW_BACK)  # fmt: skip
MONEY_FROM = State.COUNTY_REVIEW
HALF, NINE = 50, 90


@dataclass(frozen=True)
class Stay:
    """Stays in one state that have ended, in working days, and those that go on.

    ``median`` and ``ninth`` are observed values (nearest rank): half, and nine in ten, of the
    stays were at most so long.
    """

    state: State
    ended: int
    median: int | None
    ninth: int | None
    longest: int | None
    late: int
    here: int
    here_longest: int | None

    @property
    def lane(self) -> Lane:
        return self.state.lane

    @property
    def of_money(self) -> bool:
        """Whether the stage belongs to the way of the money, from the first review on."""
        return self.state in MAIN_LINE[MAIN_LINE.index(MONEY_FROM) :]

    @property
    def late_said(self) -> str:
        """How many ended late; a publicity is never closed before its last day is over."""
        if self.state in PUBLIC_PERIODS or not self.ended:
            return "—"
        return f"{self.late:,}（{100 * self.late // self.ended}%）" if self.late else "0"


def nearest_rank(counts: Mapping[int, int], percent: int) -> int | None:
    """The least value that at least so many per cent of the values do not exceed."""
    total = sum(counts.values())
    if not total:
        return None
    wanted, seen = -(-total * percent // 100), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return None


def pace(actor: Actor, place_ids: Iterable[int], now: Standing, today: date) -> list[Stay]:
    """One statement over the history of the places; ``now`` tells who stands where."""
    rows = (
        visible(actor, Step)
        .filter(place_id__in=list(place_ids))
        .exclude(before=F("after"))
        .order_by()
        .values_list("before", "waited_days")
        .annotate(many=Count("pk"), late=Count("pk", filter=Q(at__date__gt=F("due_on"))))
    )
    counts: dict[State, dict[int, int]] = {}
    late: dict[State, int] = {}
    for before, days, many, many_late in rows:
        state = State(before)
        counts.setdefault(state, {})[days] = many
        late[state] = late.get(state, 0) + many_late
    found = []
    for state in _ORDER:
        seen, here = counts.get(state, {}), now.count(one_of(state))
        since = now.oldest(state)
        if (not seen and not here) or state == State.CLOSED:
            continue
        found.append(
            Stay(
                state, sum(seen.values()), nearest_rank(seen, HALF), nearest_rank(seen, NINE),
                max(seen, default=None), late.get(state, 0), here,
                china().between(since, today) if since is not None else None,
            )
        )  # fmt: skip
    return found

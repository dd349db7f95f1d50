"""Where the projects of a place stand, and their money: one statement, summed in memory.

A row of it is one combination of place, state and levels, so a place with ten thousand projects
and one with ten cost the same to tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Count, F, Min, Q, Sum

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.process import MAIN_LINE, OVER, State

MONEY = (
    "planned_fen", "claimed_fen", "audited_fen", "ceiling_fen", "proposed_fen", "determined_fen",
    "reserved_fen", "paid_fen", "clawback_fen", "returned_fen",
)  # fmt: skip
# A project beside the line has come as far as the step that it came from.
BESIDE = {
    State.RETURNED: State.FORM_CHECK,
    State.RECTIFICATION: State.COUNTY_REVIEW,
    State.CLAW_BACK: State.PAID,
}
ENDS = tuple(sorted(OVER | {State.CLAW_BACK}))


def from_on(state: State) -> frozenset[State]:
    """The state, those behind it on the main line, and those beside these; no ends."""
    line = set(MAIN_LINE[MAIN_LINE.index(state) :])
    return frozenset(line | {side for side, at in BESIDE.items() if at in line})


LISTED_ON = from_on(State.LISTED) - {State.CLAW_BACK}
ACCEPTED = from_on(State.APPROVED) - {State.CLAW_BACK}
ON_THE_WAY = LISTED_ON - ACCEPTED
BEFORE_LISTING = from_on(State.FORM_CHECK) - from_on(State.LISTED)


@dataclass(frozen=True)
class Cell:
    """Equal projects of one place. ``oldest``: the day on which the first one came here."""

    place_id: int
    state: State
    level_after: int | None
    level_target: int | None
    count: int
    objected: int
    objections: int
    oldest: date | None
    money: tuple[int, ...]


@dataclass(frozen=True)
class Want:
    """Which projects a figure counts: by state and by a level, both ends included.

    Read over the sums for the page and as a filter for the list behind the figure, so that the
    two cannot differ. ``level``: level_after, level_target, or nothing for any level.
    """

    states: frozenset[State] = frozenset(State)
    level: Literal["", "level_after", "level_target"] = ""
    least: int = 0
    most: int = 4

    def fits(self, cell: Cell) -> bool:
        if cell.state not in self.states:
            return False
        if not self.level:
            return True
        level = cell.level_after if self.level == "level_after" else cell.level_target
        return level is not None and self.least <= level <= self.most

    @property
    def q(self) -> Q:
        found = Q(state__in=sorted(self.states))
        if self.level:
            found &= Q(**{f"{self.level}__range": (self.least, self.most)})
        return found


def one_of(*states: State) -> Want:
    """Projects in one of these states."""
    return Want(frozenset(states))


def come_to(state: State) -> Want:
    """Projects that have come at least so far and have not lost their place."""
    return Want(from_on(state) - {State.CLAW_BACK})


def to_level(level: int) -> tuple[Want, Want]:
    """Projects that reached a level when they were accepted, or that are on the way to it."""
    return (
        Want(ACCEPTED, "level_after", level, level),
        Want(ON_THE_WAY, "level_target", level, level),
    )


FILED = Want()
LIVE = Want(frozenset(State) - OVER - {State.CLOSED})
RECTIFYING = one_of(State.RECTIFICATION)


@dataclass(frozen=True)
class Standing:
    """Every project of the places, added up. Money in fen by the names in MONEY."""

    cells: tuple[Cell, ...]

    def within(self, place_ids: Iterable[int]) -> Standing:
        """Those of some of the places."""
        wanted = set(place_ids)
        return Standing(tuple(cell for cell in self.cells if cell.place_id in wanted))

    def count(self, *wants: Want) -> int:
        """How many projects fit one of these."""
        return sum(cell.count for cell in self.cells if any(want.fits(cell) for want in wants))

    def fen(self, name: str) -> int:
        """Sum of one amount over all projects."""
        at = MONEY.index(name)
        return sum(cell.money[at] for cell in self.cells)

    @property
    def planned(self) -> int:
        return self.fen("planned_fen")

    @property
    def audited(self) -> int:
        return self.fen("audited_fen")

    @property
    def outstanding(self) -> int:
        """What was ordered back and has not come yet."""
        return self.fen("clawback_fen") - self.fen("returned_fen")

    @property
    def total(self) -> int:
        return self.count(FILED)

    @property
    def live(self) -> int:
        """On the way: neither closed nor ended."""
        return self.count(LIVE)

    @property
    def objections(self) -> int:
        return sum(cell.objections for cell in self.cells)

    @property
    def objected(self) -> int:
        """Projects with an objection that is not decided."""
        return sum(cell.objected for cell in self.cells)

    @property
    def rectifying(self) -> int:
        return self.count(RECTIFYING)

    def oldest(self, state: State) -> date | None:
        """Since when the one that waits longest stands in a state."""
        days = [cell.oldest for cell in self.cells if cell.state == state and cell.oldest]
        return min(days, default=None)


def standing(actor: Actor, place_ids: Iterable[int]) -> Standing:
    """One statement over the projects that the actor may see in these places."""
    rows = (
        visible(actor, Project)
        .filter(place_id__in=list(place_ids))
        .order_by()
        .values_list("place_id", "state", "level_after", "level_target")
        .annotate(
            many=Count("pk"),
            objected=Count("pk", filter=Q(objections_open__gt=0)),
            objections=Sum("objections_open"),
            oldest=Min(F("entered_on")),
            **{f"sum_{name}": Sum(name) for name in MONEY},
        )
    )
    return Standing(
        tuple(
            Cell(place, State(state), after, target, many, objected, objections, oldest, money)
            for place, state, after, target, many, objected, objections, oldest, *rest in rows
            for money in (tuple(rest),)
        )
    )

"""A last day in words, with a light that has a shape: who looks sees at once what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from shuzhuan.engine.process import PUBLIC_PERIODS, Lane, State
from shuzhuan.engine.workdays import china

SOON_DAYS = 3  # working days


@dataclass(frozen=True)
class Lit:
    """``colour`` of the shell's light; empty where nothing is due. ``day``: the last day."""

    colour: str
    words: str
    day: date | None = None
    provisional: bool = False


NOTHING = Lit("", "")


class Dated(Protocol):
    """A project, or what a list has read of one."""

    @property
    def at(self) -> State: ...
    @property
    def lane(self) -> str: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def due_provisional(self) -> bool: ...


def lit(project: Dated, today: date) -> Lit:
    """How much time is left of the project's present stay, in working days."""
    due = project.due_on
    if due is None or project.lane == Lane.NOBODY:
        return NOTHING
    if due < today <= last_day(project.at, due):
        return Lit("yellow", "公示期满，可以结束", due, project.due_provisional)
    if due < today:
        late = china().between(due, today)
        words = f"逾期 {late} 个工作日" if late else "已过期限"
        return Lit("red", words, due, project.due_provisional)
    left = china().between(today, due)
    if due == today:
        return Lit("yellow", "今天到期", due, project.due_provisional)
    colour = "yellow" if left <= SOON_DAYS else "green"
    words = f"还剩 {left} 个工作日" if left else "放假期间到期"
    return Lit(colour, words, due, project.due_provisional)


def last_day(state: State, due: date) -> date:
    """When it is to be done at the latest: a publicity is ended on the working day after it."""
    return china().add(due, 1).day if state in PUBLIC_PERIODS else due


def public_late_before(today: date) -> date:
    """A publicity that ended before this day should have been closed already."""
    day = today - timedelta(days=1)
    while not china().is_workday(day):
        day -= timedelta(days=1)
    return day


def soon_until(today: date) -> date:
    """The last day that counts as soon."""
    return china().add(today, SOON_DAYS).day

"""What a place sets: steps, days, papers. Read from a pack, frozen on a batch when it opens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..policy.dates import add_months, days, from_days
from ..workdays import Calendar
from .states import MAIN_LINE, State

if TYPE_CHECKING:
    from ..policy.pack import Pack

FORMAT = "shuzhuan.process/1"
DAYS_MAX = 400
# Working days that an office gives itself where the document sets none; an officer changes them
# when a batch opens, and pages say that they are the batch's own.
OFFICE_DAYS: Mapping[State, int] = {
    State.FORM_CHECK: 10,
    State.RETURNED: 10,
    State.EXPERT_REVIEW: 20,
    State.SELECTED: 5,
    State.CLEARED: 5,
    State.LISTED: 20,
    State.ACCEPTANCE_REQUESTED: 5,
    State.GRADING: 30,
    State.COUNTY_REVIEW: 10,
    State.CITY_REVIEW: 15,
    State.APPROVED: 5,
    State.DETERMINATION: 5,
    State.CONFIRMATION: 3,
    State.PAYMENT: 10,
    State.PAID: 30,
    State.CLAW_BACK: 20,
}
HEARING_DAYS = 10
OWN = "本批次设定"
"""The source of a number that the document does not name."""
# Without these nothing can be paid lawfully, whatever a pack leaves out.
_NEEDED: Mapping[str, str] = {
    "filing": "申报",
    "implementation": "实施",
    "acceptance_request": "验收申请",
    "grading_audit": "评测与投资审核",
    "county_review": "县初审",
    "determination": "核定",
    "payment": "兑付",
}
UNITS = {"workday": "个工作日", "day": "日", "month": "个月", "year": "年"}


class ProcessError(ValueError):
    """A pack's process cannot be run here; Chinese message."""


@dataclass(frozen=True)
class Step:
    """One step of the place: who does it, with which papers, by which clause."""

    id: str
    name: str
    papers: tuple[str, ...]
    cite: str


@dataclass(frozen=True)
class Period:
    """A publicity period: ``days`` of a unit (``bound``: at_least, exactly), and what it may show."""

    days: int
    unit: str
    fields: tuple[str, ...]
    cite: str
    bound: str = "at_least"


@dataclass(frozen=True)
class Due:
    """A last day. ``provisional``: the calendar of a year on the way is not published yet."""

    day: date
    provisional: bool
    text: str
    cite: str


@dataclass(frozen=True)
class Parameters:
    """Everything that a batch freezes."""

    pack: str
    version: str
    place: str
    steps: tuple[Step, ...]
    papers: Mapping[str, str]
    publicity: Mapping[str, Period]
    rectify_days: int
    rectify_cite: str
    cycle_months: int
    cycle_cite: str
    office_days: Mapping[str, int]
    hearing_days: int
    rechecks_max: int = 1

    def has(self, state: State) -> bool:
        """Whether the place's process comes through the state."""
        return not state.step or any(step.id == state.step for step in self.steps)

    def next(self, target: State) -> State:
        """The target, or the first state after it on the main line that the place knows."""
        if target not in MAIN_LINE:
            return target
        line = MAIN_LINE[MAIN_LINE.index(target) :]
        return next(state for state in line if self.has(state))

    def step(self, step_id: str) -> Step | None:
        """One step, or None where the place leaves it out."""
        return next((step for step in self.steps if step.id == step_id), None)

    def due(
        self, state: State, entered: date, calendar: Calendar, pilot_starts: date | None = None
    ) -> Due | None:
        """The last day of a stay in a state, counted from the day it was entered.

        The work has until the end of the pilot's cycle, where ``pilot_starts`` is known.
        """
        if state == State.RECTIFICATION:
            text = f"{self.rectify_days}日"
            return _calendar_due(entered, self.rectify_days, text, self.rectify_cite, calendar)
        if state == State.IMPLEMENTING and pilot_starts is not None:
            text = f"{self.cycle_months}个月"
            return Due(self.cycle_ends(pilot_starts), False, text, self.cycle_cite)
        if state in (State.SELECTION_PUBLICITY, State.PAYMENT_PUBLICITY):
            period = self.publicity[
                "selection" if state == State.SELECTION_PUBLICITY else "payment"
            ]
            return _period_due(period, entered, calendar)
        count = self.office_days.get(state)
        if count is None:
            return None
        found = calendar.add(entered, count)
        return Due(found.day, found.provisional, f"{count}个工作日", OWN)

    @property
    def cycle_named(self) -> bool:
        """Whether the document names the cycle; else the batch has set it."""
        return self.cycle_cite != OWN

    def cycle_ends(self, start: date) -> date:
        """The last day of the pilot's cycle."""
        return from_days(add_months(days(start), self.cycle_months))

    def to_json(self) -> str:
        """Canonical text for storing."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, sort_keys=True)


def _calendar_due(entered: date, count: int, text: str, cite: str, calendar: Calendar) -> Due:
    """Calendar days; one that would end on a day off ends with the next working day (民法典 203)."""
    found = calendar.add(date.fromordinal(entered.toordinal() + count), 0)
    return Due(found.day, found.provisional, text, cite)


def _period_due(period: Period, entered: date, calendar: Calendar) -> Due:
    text = f"{period.days}{UNITS[period.unit]}"
    if period.unit == "day":
        return _calendar_due(entered, period.days, text, period.cite, calendar)
    found = calendar.add(entered, period.days)
    return Due(found.day, found.provisional, text, period.cite)


@lru_cache(maxsize=64)
def from_json(text: str) -> Parameters:
    """Read what ``to_json`` wrote. Raises ProcessError. A text never changes: it is read once."""
    raw: dict[str, Any] = json.loads(text)
    if raw.pop("format", None) != FORMAT:
        raise ProcessError("批次里的流程参数不是本版本能读的格式")
    raw["steps"] = tuple(Step(**{**s, "papers": tuple(s["papers"])}) for s in raw["steps"])
    raw["publicity"] = {
        key: Period(**{**p, "fields": tuple(p["fields"])}) for key, p in raw["publicity"].items()
    }
    return Parameters(**raw)


def parameters_of(
    pack: Pack, office_days: Mapping[State, int] | None = None, hearing_days: int = HEARING_DAYS
) -> Parameters:
    """The parameters of a place from its pack. Raises ProcessError that says what is missing."""
    process = pack.source.process
    if process is None:
        raise ProcessError(f"{pack.name}的政策包没有办理流程")
    known = {state.step for state in State if state.step}
    steps = tuple(Step(s.id, s.name, s.papers, s.cite) for s in process.steps if s.id in known)
    missing = [name for need, name in _NEEDED.items() if need not in {step.id for step in steps}]
    if missing:
        raise ProcessError(f"{pack.name}的办理流程缺少步骤：{'、'.join(missing)}，还不能按它开批次")
    spans = {**OFFICE_DAYS, **(office_days or {})}
    for state, count in spans.items():
        if not 1 <= count <= DAYS_MAX:
            raise ProcessError(f"“{state.label}”的天数应在1到{DAYS_MAX}之间")
    if not 1 <= hearing_days <= DAYS_MAX:
        raise ProcessError(f"异议办理的天数应在1到{DAYS_MAX}之间")
    limits = {limit.id: limit for limit in process.time_limits}
    rectify, cycle = limits.get("rectify"), limits.get("pilot_cycle")
    return Parameters(
        pack=pack.id,
        version=pack.version,
        place=pack.name,
        steps=steps,
        papers={paper.id: paper.name for paper in process.papers},
        publicity={
            p.id: Period(p.days, p.unit, tuple(p.fields), p.cite, p.bound)
            for p in process.publicity
        },
        rectify_days=rectify.value if rectify is not None else 30,
        rectify_cite=rectify.cite if rectify is not None else OWN,
        cycle_months=12 * cycle.value if cycle is not None and cycle.unit == "year" else 12,
        cycle_cite=cycle.cite if cycle is not None else OWN,
        office_days={str(state): count for state, count in spans.items()},
        hearing_days=hearing_days,
    )

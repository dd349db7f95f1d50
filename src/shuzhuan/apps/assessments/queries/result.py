"""What the page of a result shows: conditions of each level, the way on, what is missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from shuzhuan.engine.grading import (
    Answers,
    Costs,
    IndicatorSet,
    Missing,
    NoSuchLevelError,
    NoWay,
    Result,
    Way,
    grade,
    missing,
    shortest_way,
    show_milli,
)
from shuzhuan.engine.grading.result import Condition, LevelCheck
from shuzhuan.engine.grading.wording import condition_text, number, points, told_way

_STATES = {True: "满足", False: "不满足", None: "尚不能确定"}


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition: what is needed, what there is, and whether that holds."""

    text: str
    found: str
    state: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One level with its conditions."""

    level: int
    name: str
    state: bool | None
    conditions: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True)
class Onward:
    """The way to a level. Exactly one of ``way``, ``none`` and ``top`` is there.

    ``told``: how long the way is and what it does to each condition.
    """

    target: int
    targets: tuple[tuple[int, str], ...]
    kept: tuple[tuple[str, str], ...]
    way: Way | None = None
    told: str = ""
    none: NoWay | None = None
    missing: Missing | None = None
    top: str = ""

    @property
    def points_short(self) -> str:
        return show_milli(self.missing.points_milli) if self.missing is not None else ""

    @property
    def gaps(self) -> list[tuple[str, str]]:
        """Title of each question that could bring more, with how much."""
        if self.missing is None:
            return []
        return [(gap.title, show_milli(gap.gain_milli)) for gap in self.missing.questions]


def checks(result: Result) -> list[CheckLine]:
    """Every level with its conditions, from the lowest."""
    return [
        CheckLine(
            check.level,
            check.name,
            check.state,
            tuple(_condition(check, condition) for condition in check.conditions),
        )
        for check in result.checks
    ]


def _condition(check: LevelCheck, condition: Condition) -> ConditionLine:
    found = points(condition.found) if condition.kind == "points" else number(condition.found)
    return ConditionLine(
        condition_text(condition, check.at), found, condition.state, _STATES[condition.state]
    )


def onward(
    indicators: IndicatorSet, answers: Answers, result: Result, target: int, kept: Collection[str]
) -> Onward:
    """The shortest way to ``target`` (0: the next level), leaving the items ``kept`` as they are."""
    now = result.level.low
    targets = tuple((n, indicators.level_names[n]) for n in range(now + 1, len(result.checks) + 1))
    names = {q.id: q.title for q in indicators.questions}
    names |= {s.id: s.name for s in indicators.scenarios}
    held = tuple((item, title) for item, title in names.items() if item in kept)
    if not targets:
        return Onward(now, (), (), top=f"已经是{result.level_text}，这套指标没有更高的等级。")
    if target not in dict(targets):
        target = targets[0][0]
    costs = Costs().without(indicators, [item for item, _ in held])
    try:
        way = shortest_way(indicators, answers, target, costs)
        lacking = missing(indicators, answers, target)
    except NoSuchLevelError as error:
        return Onward(now, (), (), top=f"{error}。")
    if isinstance(way, NoWay):
        return Onward(target, targets, held, none=way, missing=lacking)
    at_end = grade(indicators, way.after).checks[target - 1]
    told = told_way(way, result.checks[target - 1], at_end)
    return Onward(target, targets, held, way=way, told=told, missing=lacking)

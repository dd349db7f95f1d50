"""What is missing for a level, condition by condition and item by item."""

from __future__ import annotations

from dataclasses import dataclass

from .answers import Answers, GradingError
from .grade import grade
from .model import IndicatorSet, Question
from .result import LevelCheck, QuestionResult, Result


class NoSuchLevelError(GradingError):
    """The target is not a level of the set, or there is none above the one reached."""


@dataclass(frozen=True, slots=True)
class QuestionGap:
    """Points still to be had in one question. ``options``: keys that would add or raise."""

    id: str
    title: str
    answered: bool
    gain_milli: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScenarioGap:
    """A scenario below the level that the target counts. ``now`` None: not judged yet."""

    id: str
    name: str
    binding: bool
    now: int | None
    needed: int
    next_step: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands between a sheet and a level; all zero and empty when it is reached.

    Unanswered items count as not done. ``questions`` and ``scenarios`` list everything that
    could help, the largest gain first; how much of it is needed say the three shortfalls.
    """

    level: int
    level_name: str
    points_milli: int
    scenarios_short: int
    binding_short: int
    questions: tuple[QuestionGap, ...]
    scenarios: tuple[ScenarioGap, ...]

    @property
    def reached(self) -> bool:
        return not (self.points_milli or self.scenarios_short or self.binding_short)


def target_level(indicators: IndicatorSet, result: Result, target: int | None) -> int:
    """``target``, or the level above the one that is certain. Raises NoSuchLevelError."""
    level = result.level.low + 1 if target is None else target
    if not 1 <= level <= len(indicators.levels):
        highest = indicators.level_names[-1]
        raise NoSuchLevelError(f"没有更高的等级：这套指标最高是{highest}")
    return level


def missing(indicators: IndicatorSet, answers: Answers, target: int | None = None) -> Missing:
    """What is missing for ``target`` (default: the next level).

    Raises NoSuchLevelError, or DifferentSetsError for a sheet of another set.
    """
    result = grade(indicators, answers)
    level = target_level(indicators, result, target)
    check = result.checks[level - 1]
    short = shortfalls(check)
    questions: list[QuestionGap] = []
    if short["points"]:
        pairs = zip(indicators.questions, result.questions, strict=True)
        questions = [_question_gap(q, found) for q, found in pairs]
    scenarios: list[ScenarioGap] = []
    if short["scenarios"] or short["binding"]:
        scenarios = _scenario_gaps(indicators, result, check.at)
    return Missing(
        level=level,
        level_name=check.name,
        points_milli=short["points"],
        scenarios_short=short["scenarios"],
        binding_short=short["binding"],
        questions=tuple(
            sorted((g for g in questions if g.gain_milli), key=lambda g: -g.gain_milli)
        ),
        scenarios=tuple(sorted(scenarios, key=lambda g: (not g.binding, -(g.now or 0)))),
    )


def shortfalls(check: LevelCheck) -> dict[str, int]:
    """By condition how much is missing for sure; thousandths for points."""
    short = {"points": 0, "scenarios": 0, "binding": 0}
    for condition in check.conditions:
        short[condition.kind] = max(0, condition.needed - condition.found.low)
    return short


def _question_gap(question: Question, found: QuestionResult) -> QuestionGap:
    worth, low = question.worth, found.points_milli.low
    if question.kind == "multi":
        options = [k for k, points in worth.items() if points and k not in found.keys]
    else:
        options = [key for key, points in worth.items() if points > low]
    return QuestionGap(
        question.id,
        question.title,
        found.answer is not None,
        question.points_milli - low,
        tuple(options),
    )


def _scenario_gaps(indicators: IndicatorSet, result: Result, at: int) -> list[ScenarioGap]:
    gaps = []
    for found in result.scenarios:
        now = found.level or 0
        if now < at:
            step = indicators.scenario[found.id].levels[now + 1]
            gaps.append(ScenarioGap(found.id, found.name, found.binding, found.level, at, step))
    return gaps

"""Grade one sheet: set + answers → result. Pure: no clock, no database, no rounding."""

from __future__ import annotations

from collections.abc import Sequence

from .answers import Answer, Answers, Picked, Rate, Reached, Scored, same_set
from .model import IndicatorSet, LevelRule, Question, numeral
from .result import (
    Bounds,
    Condition,
    DimensionResult,
    LevelCheck,
    LevelCount,
    QuestionResult,
    Result,
    ScenarioResult,
)


def grade(indicators: IndicatorSet, answers: Answers) -> Result:
    """The result of one sheet, complete or not.

    The level is the highest whose conditions all hold; while items are unanswered it is a
    lower and an upper bound. Raises DifferentSetsError if the sheet belongs to another set.
    """
    same_set(indicators, answers)
    questions = tuple(
        _question(question, answers.values.get(question.id)) for question in indicators.questions
    )
    scenarios = tuple(
        ScenarioResult(s.id, s.name, s.area, s.binding, _level(answers.values.get(s.id)))
        for s in indicators.scenarios
    )
    dimensions = _dimensions(indicators, questions)
    total = _sum([d.points_milli for d in dimensions])
    counts = count_levels(scenarios, indicators.scenario_top)
    checks = tuple(_check(rule, total, counts, indicators) for rule in indicators.levels)
    items = (*(q.id for q in questions), *(s.id for s in scenarios))
    return Result(
        ref=indicators.ref,
        title=indicators.title,
        questions=questions,
        dimensions=dimensions,
        points_milli=total,
        max_milli=indicators.top_milli,
        scenarios=scenarios,
        counts=counts,
        checks=checks,
        level=_overall(checks),
        level_names=indicators.level_names,
        unanswered=tuple(item for item in items if item not in answers.values),
        unverified=_unverified(indicators, answers),
        notices=indicators.notices,
    )


def keys_of(question: Question, answer: Answer) -> tuple[str, ...]:
    """The options that an answer stands for; a share stands for its band."""
    match answer:
        case Picked(keys):
            return keys
        case Rate():
            return (band_of(question, answer),)
        case _:
            return ()


def band_of(question: Question, rate: Rate) -> str:
    """The key of the band that holds a share: (lower, upper], the first from 0 on."""
    for option in question.options:
        if option.up_to_milli is not None and rate.at_most(option.up_to_milli):
            return option.key
    raise ValueError(f"{question.id}: share above 100 %")  # parse_answer lets none through


def _question(question: Question, answer: Answer | None) -> QuestionResult:
    keys: tuple[str, ...] = ()
    if answer is None:
        bounds = Bounds(question.least_milli, question.points_milli)
    else:
        keys = keys_of(question, answer)
        points = sum(question.worth[key] for key in keys)
        if isinstance(answer, Scored):
            points = answer.points_milli
        bounds = Bounds(points, points)
    return QuestionResult(
        id=question.id,
        title=question.title,
        dimension=question.dimension,
        topic=question.topic,
        answer=answer,
        keys=keys,
        points_milli=bounds,
        max_milli=question.points_milli,
    )


def _level(answer: Answer | None) -> int | None:
    return answer.level if isinstance(answer, Reached) else None


def _dimensions(
    indicators: IndicatorSet, questions: Sequence[QuestionResult]
) -> tuple[DimensionResult, ...]:
    return tuple(
        DimensionResult(
            dimension.id,
            dimension.title,
            _sum([q.points_milli for q in questions if q.dimension == dimension.id]),
            dimension.points_milli,
        )
        for dimension in indicators.dimensions
    )


def _sum(parts: Sequence[Bounds]) -> Bounds:
    return Bounds(sum(part.low for part in parts), sum(part.high for part in parts))


def count_levels(scenarios: Sequence[ScenarioResult], top: int) -> tuple[LevelCount, ...]:
    """For each level 1..top how many scenarios stand at it or above."""
    open_all = sum(s.level is None for s in scenarios)
    open_binding = sum(s.level is None and s.binding for s in scenarios)
    counts = []
    for level in range(1, top + 1):
        reached = [s for s in scenarios if s.level is not None and s.level >= level]
        binding = sum(s.binding for s in reached)
        counts.append(
            LevelCount(
                level,
                Bounds(len(reached), len(reached) + open_all),
                Bounds(binding, binding + open_binding),
            )
        )
    return tuple(counts)


def _check(
    rule: LevelRule, total: Bounds, counts: Sequence[LevelCount], indicators: IndicatorSet
) -> LevelCheck:
    conditions = [Condition("points", rule.points_milli, total)]
    at = 0
    if rule.scenarios:
        at = rule.scenarios.at
        found = counts[at - 1]
        conditions.append(Condition("scenarios", rule.scenarios.count, found.count))
        conditions.append(Condition("binding", rule.scenarios.binding, found.binding))
    return LevelCheck(rule.level, indicators.level_names[rule.level], at, tuple(conditions))


def _overall(checks: Sequence[LevelCheck]) -> Bounds:
    """Low: what holds already. High: what could hold if every unanswered item were at its best."""
    states = [(check.level, check.state) for check in checks]
    low = max((level for level, state in states if state is True), default=0)
    high = max((level for level, state in states if state is not False), default=0)
    return Bounds(low, high)


def _unverified(indicators: IndicatorSet, answers: Answers) -> tuple[tuple[str, str], ...]:
    """Marks of everything that this result rests on: options only where they were ticked."""
    marks = [
        (f"{numeral(r.level)}级的条件", r.unverified) for r in indicators.levels if r.unverified
    ]
    marks += [(d.title, d.unverified) for d in indicators.dimensions if d.unverified]
    marks += [(s.name, s.unverified) for s in indicators.scenarios if s.unverified]
    marks += [(q.title, q.unverified) for q in indicators.questions if q.unverified]
    for question, option in indicators.unverified_options:
        answer = answers.values.get(question.id)
        if isinstance(answer, Picked) and option.key in answer.keys:
            marks.append((f"{question.title} {option.key}", option.unverified or ""))
    return tuple((what, mark or "") for what, mark in marks)

"""Answer sheets that come to a wanted level, found from the indicator set itself."""

from __future__ import annotations

from typing import Any

from shuzhuan.engine.grading import IndicatorSet, grade, parse_answers


def sheet_of_level(indicators: IndicatorSet, level: int) -> dict[str, Any]:
    """Every item answered so that the grade is exactly ``level``. Raises ValueError if none is found.

    Scenarios stand at the level; questions are answered best first until the points suffice.
    """
    scenarios = {item: level for item in indicators.scenario}
    low = {item: _worst(indicators, item) for item in indicators.question}
    for count in range(len(low) + 1):
        raised = dict(low)
        for item in list(indicators.question)[:count]:
            raised[item] = _best(indicators, item)
        sheet = {**raised, **scenarios}
        if grade(indicators, parse_answers(indicators, sheet)).level.low == level:
            return sheet
    raise ValueError(f"no sheet of level {level} was found")


def _worst(indicators: IndicatorSet, item: str) -> Any:
    question = indicators.question[item]
    if question.kind == "rate":
        return "0"
    least = min(question.options, key=lambda option: question.worth[option.key])
    return [least.key] if question.kind == "multi" else least.key


def _best(indicators: IndicatorSet, item: str) -> Any:
    question = indicators.question[item]
    if question.kind == "rate":
        return "100"
    if question.kind == "multi":
        return [o.key for o in question.options if not o.excludes_others]
    return max(question.options, key=lambda option: question.worth[option.key]).key

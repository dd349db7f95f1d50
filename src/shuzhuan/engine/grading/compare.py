"""Before and after, item by item; never across versions unless somebody says what matches what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .answers import DifferentSetsError, GradingError
from .model import IndicatorSet, SetRef
from .result import Bounds, QuestionResult, Result, ScenarioResult


@dataclass(frozen=True, slots=True)
class SetMapping:
    """Which item of one set is which of another, stated by a person or proven by equal figures.

    ``levels``: whether the levels themselves mean the same (equal rules), or only the items.
    """

    before: SetRef
    after: SetRef
    items: Mapping[str, str]
    levels: bool = False


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """One question before and after. ``change_milli`` None: open, an answer is missing."""

    before: QuestionResult
    after: QuestionResult
    change_milli: int | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """One scenario before and after. ``change`` in levels; None: not judged on one side."""

    before: ScenarioResult
    after: ScenarioResult
    change: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results side by side.

    ``level_change`` and ``points_change_milli`` are None while open, or when the sets differ
    and no mapping says that their levels are the same. ``only_before`` and ``only_after``
    are items without a counterpart.
    """

    level_change: int | None
    points_change_milli: int | None
    questions: tuple[QuestionChange, ...]
    scenarios: tuple[ScenarioChange, ...]
    only_before: tuple[str, ...] = field(default=())
    only_after: tuple[str, ...] = field(default=())


def same_figures(before: IndicatorSet, after: IndicatorSet) -> SetMapping:
    """The mapping of two wordings of the same indicators. Raises GradingError if figures differ."""
    if before.figures_digest != after.figures_digest:
        raise GradingError(
            f"{before.ref} 与 {after.ref} 的分值、选项或等级条件不同，不只是措辞不同"
        )
    items = (*before.question, *before.scenario)
    return SetMapping(before.ref, after.ref, {item: item for item in items}, levels=True)


def compare(before: Result, after: Result, mapping: SetMapping | None = None) -> Comparison:
    """What changed. Raises DifferentSetsError for two versions without a mapping between them."""
    same = before.ref == after.ref
    if not same and (mapping is None or (mapping.before, mapping.after) != (before.ref, after.ref)):
        raise DifferentSetsError(before.ref, after.ref)
    whole = same or (mapping is not None and mapping.levels)
    old_items, new_items = _items(before), _items(after)
    items = {one: one for one in old_items} if same or mapping is None else mapping.items
    pairs = [
        (old_items[old], new_items[new])
        for old, new in items.items()
        if old in old_items and new in new_items
    ]
    old_matched, new_matched = {one.id for one, _ in pairs}, {other.id for _, other in pairs}
    return Comparison(
        level_change=_change(before.level, after.level) if whole else None,
        points_change_milli=_change(before.points_milli, after.points_milli) if whole else None,
        questions=tuple(
            _question(one, other)
            for one, other in pairs
            if isinstance(one, QuestionResult) and isinstance(other, QuestionResult)
        ),
        scenarios=tuple(
            _scenario(one, other)
            for one, other in pairs
            if isinstance(one, ScenarioResult) and isinstance(other, ScenarioResult)
        ),
        only_before=tuple(one for one in old_items if one not in old_matched),
        only_after=tuple(one for one in new_items if one not in new_matched),
    )


def _items(result: Result) -> dict[str, QuestionResult | ScenarioResult]:
    items: dict[str, QuestionResult | ScenarioResult] = {q.id: q for q in result.questions}
    return items | {s.id: s for s in result.scenarios}


def _change(before: Bounds, after: Bounds) -> int | None:
    return after.low - before.low if before.settled and after.settled else None


def _question(before: QuestionResult, after: QuestionResult) -> QuestionChange:
    return QuestionChange(
        before=before,
        after=after,
        change_milli=_change(before.points_milli, after.points_milli),
        gained=tuple(key for key in after.keys if key not in before.keys),
        lost=tuple(key for key in before.keys if key not in after.keys),
    )


def _scenario(before: ScenarioResult, after: ScenarioResult) -> ScenarioChange:
    if before.level is None or after.level is None:
        return ScenarioChange(before, after, None)
    return ScenarioChange(before, after, after.level - before.level)

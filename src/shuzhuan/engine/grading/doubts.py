"""Signals that a grading deserves a second look. A signal is a reason to check, not a finding.

Pure functions: what counts as far or as little is a parameter (``Limits``), because no
document fixes it; a place sets its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .answers import Answers, same_set
from .compare import Comparison, SetMapping, compare
from .grade import grade
from .model import IndicatorSet, show_milli
from .result import Result

Fen = int


@dataclass(frozen=True, slots=True)
class Limits:
    """From which difference on a signal is given; points in thousandths, money in fen.

    A jump is doubtful when fewer than ``spend_per_level_fen`` were spent for each level, or for
    a rise of ``jump_milli`` within a level. A self-assessment is held against what was found on
    site within ``self_days`` of it: later there may be work in between. Sheets with fewer than ``items`` answers that
    claim something are never called identical: enterprises that have nothing look alike.
    """

    self_milli: int = 20_000
    self_levels: int = 2
    self_days: int = 90
    jump_milli: int = 15_000
    spend_per_level_fen: Fen = 3_000_000
    items: int = 8


@dataclass(frozen=True, slots=True)
class Doubt:
    """One signal. ``items`` are the item ids it rests on, ``who`` the sheets it is about."""

    kind: Literal["self_far", "jump_without_spend", "identical"]
    text: str
    items: tuple[str, ...] = ()
    who: tuple[str, ...] = ()


def self_far_from_onsite(
    own: Result,
    onsite: Result,
    limits: Limits | None = None,
    mapping: SetMapping | None = None,
) -> Doubt | None:
    """Whether a self-assessment lies far from what was found on site.

    Nothing is said while either is incomplete. Raises DifferentSetsError.
    """
    bound = limits or Limits()
    found = compare(own, onsite, mapping)
    points, levels = found.points_change_milli, found.level_change
    if points is None or levels is None:
        return None
    if abs(points) < bound.self_milli and abs(levels) < bound.self_levels:
        return None
    side = "高于" if (levels, points) < (0, 0) else "低于"
    text = (
        f"自评{side}现场：总分自评 {show_milli(own.points_milli.low)} 分、"
        f"现场 {show_milli(onsite.points_milli.low)} 分，"
        f"等级自评{own.level_text}、现场{onsite.level_text}"
    )
    return Doubt("self_far", text, _changed(found))


def jump_without_spend(
    before: Result,
    after: Result,
    spend_fen: Fen,
    limits: Limits | None = None,
    mapping: SetMapping | None = None,
) -> Doubt | None:
    """Whether the level rose without the money that such a rise takes. Raises DifferentSetsError."""
    bound = limits or Limits()
    found = compare(before, after, mapping)
    points, levels = found.points_change_milli, found.level_change
    if points is None or levels is None or (levels < 1 and points < bound.jump_milli):
        return None
    if spend_fen >= bound.spend_per_level_fen * max(1, levels):
        return None
    text = (
        f"{before.level_text}升到{after.level_text}，总分增加 {show_milli(max(points, 0))} 分，"
        f"投入只有 {spend_fen // 100:,}.{spend_fen % 100:02} 元"
    )
    return Doubt("jump_without_spend", text, _changed(found))


def identical_sheets(
    indicators: IndicatorSet, sheets: Mapping[str, Answers], limits: Limits | None = None
) -> list[Doubt]:
    """Groups of sheets with exactly the same answers. Raises DifferentSetsError."""
    bound = limits or Limits()
    groups: dict[bytes, list[str]] = defaultdict(list)
    for who, sheet in sheets.items():
        same_set(indicators, sheet)
        groups[sheet.canonical()].append(who)
    doubts = []
    for members in groups.values():
        if len(members) < 2:  # noqa: PLR2004 - a sheet is always identical to itself
            continue
        claims = _claims(grade(indicators, sheets[members[0]]))
        if len(claims) >= bound.items:
            text = f"{len(members)} 份答卷的 {len(sheets[members[0]].values)} 项答案完全相同"
            doubts.append(Doubt("identical", text, claims, tuple(members)))
    return doubts


def _claims(result: Result) -> tuple[str, ...]:
    """Items whose answer says that something is there."""
    questions = [q.id for q in result.questions if q.answer and q.points_milli.low]
    return (*questions, *(s.id for s in result.scenarios if s.level))


def _changed(found: Comparison) -> tuple[str, ...]:
    """The items that differ, the largest difference first."""
    questions = [(abs(q.change_milli or 0), q.after.id) for q in found.questions]
    scenarios = [(abs(s.change or 0), s.after.id) for s in found.scenarios]
    by_size = sorted(questions, key=lambda one: -one[0]), sorted(scenarios, key=lambda one: -one[0])
    return tuple(item for part in by_size for size, item in part if size)

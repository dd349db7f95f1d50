"""What a set would do to the levels that stand today, before it is published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, PublishedSet
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.engine.grading import (
    AnswerError,
    Answers,
    IndicatorSet,
    encode,
    grade_columns,
    parse_answers,
)

BLOCK_SHEETS = 2_000
SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Moved:
    """One enterprise whose level would be another one."""

    enterprise_id: int
    name: str
    kind: str
    before: int
    after: int


@dataclass
class Movement:
    """Sheets of one kind by (level now, level under the set)."""

    kind: AssessmentKind
    cells: Counter[tuple[int, int]] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    @property
    def up(self) -> int:
        return sum(n for (old, new), n in self.cells.items() if new > old)

    @property
    def down(self) -> int:
        return sum(n for (old, new), n in self.cells.items() if new < old)

    @property
    def levels(self) -> list[int]:
        return sorted({level for pair in self.cells for level in pair})

    @property
    def rows(self) -> list[tuple[int, list[tuple[bool, int]]]]:
        """(level now, [(whether it stays, how many)] by level then)."""
        return [
            (old, [(old == new, self.cells[old, new]) for new in self.levels])
            for old in self.levels
        ]


@dataclass
class Impact:
    """``apart``: current sheets that the set cannot grade, because its items are others."""

    movements: list[Movement]
    moved: list[Moved]
    moved_count: int
    apart: int
    total: int


def impact(actor: Actor, row: PublishedSet) -> Impact:
    """Grade the current sheets of the place under the set, in columns. Stores nothing."""
    indicators = parsed(row)
    found = {kind: Movement(kind) for kind in AssessmentKind}
    moved: list[Moved] = []
    count = apart = total = 0
    for block in _blocks(actor, row):
        total += len(block)
        graded, unread = _graded(indicators, block)
        apart += unread
        for sheet, after in graded:
            before, kind = int(sheet["level"]), str(sheet["kind"])
            found[AssessmentKind(kind)].cells[before, after] += 1
            if before != after:
                count += 1
                if len(moved) < SHOWN_MAX:
                    firm, name = int(sheet["enterprise_id"]), str(sheet["enterprise__name"])
                    moved.append(Moved(firm, name, AssessmentKind(kind).label, before, after))
    return Impact([m for m in found.values() if m.total], moved, count, apart, total)


def _blocks(actor: Actor, row: PublishedSet) -> Iterable[list[dict[str, Any]]]:
    """Current sheets of the set's place and sector, some thousand at a time."""
    rows = visible(actor, Assessment).filter(is_current=True, indicators__sector=row.sector)
    if row.place is not None:
        rows = rows.filter(place__path__startswith=row.place.path)
    block: list[dict[str, Any]] = []
    wanted = rows.order_by("enterprise__name", "pk").values(
        "enterprise_id", "enterprise__name", "kind", "level", "answers_json"
    )
    for sheet in wanted.iterator(BLOCK_SHEETS):
        block.append(dict(sheet))
        if len(block) == BLOCK_SHEETS:
            yield block
            block = []
    if block:
        yield block


def _graded(
    indicators: IndicatorSet, block: list[dict[str, Any]]
) -> tuple[list[tuple[dict[str, Any], int]], int]:
    """(sheet, level under the set) of what it can grade whole, and how many it cannot."""
    kept: list[dict[str, Any]] = []
    sheets: list[Answers] = []
    items = len(indicators.questions) + len(indicators.scenarios)
    for sheet in block:
        try:
            answers = parse_answers(indicators, json.loads(str(sheet["answers_json"])))
        except AnswerError:
            continue
        if len(answers.values) == items:
            kept.append(sheet)
            sheets.append(answers)
    if not sheets:
        return [], len(block)
    levels = grade_columns(indicators, encode(indicators, sheets))["level_low"].to_list()
    return list(zip(kept, levels, strict=True)), len(block) - len(kept)

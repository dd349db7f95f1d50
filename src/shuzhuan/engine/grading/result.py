"""A result: points, scenario counts and level of one sheet, with bounds where answers are missing.

Every amount is a ``Bounds``: ``low`` if all unanswered items turn out at their worst,
``high`` if at their best. With nothing unanswered both are equal. Points are thousandths.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from .answers import Answer, answer_json
from .model import SetRef

FORMAT = "shuzhuan.grading/1"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a number can still be."""

    low: int
    high: int

    @property
    def settled(self) -> bool:
        return self.low == self.high

    def reaches(self, needed: int) -> bool | None:
        """Whether the number is at least ``needed``; None while unanswered items decide it."""
        if self.low >= needed:
            return True
        return None if self.high >= needed else False

    def to_json(self) -> list[int]:
        return [self.low, self.high]


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """Points of one question. ``answer`` None: not answered. ``keys``: options that earn them."""

    id: str
    title: str
    dimension: str
    topic: str
    answer: Answer | None
    keys: tuple[str, ...]
    points_milli: Bounds
    max_milli: int


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """Points of one dimension."""

    id: str
    title: str
    points_milli: Bounds
    max_milli: int


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Level of one scenario. ``level`` None: not judged yet."""

    id: str
    name: str
    area: str
    binding: bool
    level: int | None


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many scenarios stand at ``level`` or above, and how many of them are binding."""

    level: int
    count: Bounds
    binding: Bounds


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions of a level. ``points`` are thousandths, the others numbers."""

    kind: Literal["points", "scenarios", "binding"]
    needed: int
    found: Bounds

    @property
    def state(self) -> bool | None:
        return self.found.reaches(self.needed)


@dataclass(frozen=True, slots=True)
class LevelCheck:
    """The conditions of one level. ``at``: level from which a scenario counts (0: no condition)."""

    level: int
    name: str
    at: int
    conditions: tuple[Condition, ...]

    @property
    def state(self) -> bool | None:
        """True: all hold. False: one cannot hold any more. None: unanswered items decide."""
        states = [condition.state for condition in self.conditions]
        if False in states:
            return False
        return None if None in states else True


@dataclass(frozen=True, slots=True)
class Result:
    """What one sheet is worth under one set. ``unverified`` are (what, mark) to be shown."""

    ref: SetRef
    title: str
    questions: tuple[QuestionResult, ...]
    dimensions: tuple[DimensionResult, ...]
    points_milli: Bounds
    max_milli: int
    scenarios: tuple[ScenarioResult, ...]
    counts: tuple[LevelCount, ...]
    checks: tuple[LevelCheck, ...]
    level: Bounds
    level_names: tuple[str, ...]
    unanswered: tuple[str, ...]
    unverified: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every item is answered."""
        return not self.unanswered

    @property
    def level_text(self) -> str:
        """``二级（规范级）``, or both bounds while it is open."""
        low, high = self.level_names[self.level.low], self.level_names[self.level.high]
        return low if self.level.settled else f"{low}至{high}之间"

    def lines(self) -> list[str]:
        """The explanation in Chinese, one sentence a line."""
        from .wording import explain  # noqa: PLC0415 - wording reads results

        return explain(self)

    def to_json(self) -> dict[str, Any]:
        """The stored form: plain JSON, points in thousandths, [low, high] for bounds."""
        return {
            "format": FORMAT,
            "set": self.ref.to_json(),
            "level": self.level.to_json(),
            "points_milli": self.points_milli.to_json(),
            "dimensions": {d.id: d.points_milli.to_json() for d in self.dimensions},
            "questions": {
                q.id: {
                    "answer": None if q.answer is None else answer_json(q.answer),
                    "keys": list(q.keys),
                    "points_milli": q.points_milli.to_json(),
                }
                for q in self.questions
            },
            "scenarios": {s.id: s.level for s in self.scenarios},
            "counts": {
                str(c.level): {"all": c.count.to_json(), "binding": c.binding.to_json()}
                for c in self.counts
            },
            "checks": [
                {
                    "level": check.level,
                    "state": check.state,
                    "conditions": [
                        {"kind": c.kind, "needed": c.needed, "found": c.found.to_json()}
                        for c in check.conditions
                    ],
                }
                for check in self.checks
            ],
            "unanswered": list(self.unanswered),
            "unverified": [list(mark) for mark in self.unverified],
            "lines": self.lines(),
        }

    def canonical(self) -> bytes:
        """The same sheet under the same set gives the same bytes."""
        text = json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))
        return text.encode()

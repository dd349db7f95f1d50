"""What a report says, as plain texts: Word, PDF and tests read this one thing.

Every text is ready to print. Nothing here is computed by a template.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from shuzhuan.engine.charts import Chart


@dataclass(frozen=True, slots=True)
class Line:
    """A label and its text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition of one level; ``state``: 满足 or 不满足, ``verdict`` of the whole level."""

    level: str
    text: str
    found: str
    state: str
    verdict: str
    first: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One question or scenario with everything that was found about it."""

    number: str
    title: str
    group: str
    ask: str
    answer: tuple[str, ...]
    result: str
    finding: str
    remark: str
    evidence: str
    before: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A problem, a need or a proposed scenario; ``item``: the question or scenario it belongs to."""

    number: str
    text: str
    item: str


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One line of the list of scenarios; ``next_step`` is what the next level asks for."""

    number: str
    name: str
    area: str
    kind: str
    level: str
    before: str
    next_step: str


@dataclass(frozen=True, slots=True)
class WayPart:
    """The shortest way to the next level. ``steps`` empty: ``sentence`` says why."""

    sentence: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One thing that the plan proposes. ``cost``: 元 with two decimals."""

    number: str
    item: str
    target: str
    kind: str
    product: str
    supplier: str
    cost: str
    note: str


@dataclass(frozen=True, slots=True)
class ClausePart:
    """One clause of the expected subsidy with the sum explained."""

    title: str
    amount: str
    lines: tuple[str, ...]
    cite: str


@dataclass(frozen=True, slots=True)
class PlanPart:
    """一企一策. ``total``: 元 with two decimals; ``subsidy`` is a ceiling in words."""

    lines: tuple[Line, ...]
    summary: str
    measures: tuple[MeasureRow, ...]
    total: str
    total_cn: str
    subsidy: str
    clauses: tuple[ClausePart, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One item before and after."""

    number: str
    title: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class ChangePart:
    """Before and after side by side. ``rows`` empty: ``sentence`` says why."""

    sentence: str
    questions: tuple[ChangeRow, ...] = ()
    scenarios: tuple[ChangeRow, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One document that the sheet rests on, as it was when it was used."""

    label: str
    title: str
    sha256: str
    date: str
    used: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, and the lines to fill in."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """``key``: which part of the template; ``short``: how pages call it (三, 附一)."""

    key: str
    title: str
    short: str


_CHAPTERS = {
    "summary": "总体结论",
    "charts": "图示",
    "change": "改造前后逐项对照",
    "questions": "计分题逐项情况",
    "scenarios": "应用场景逐项情况",
    "notes": "问题、需求和拟建场景清单",
    "scenario_list": "应用场景清单",
    "way": "到下一等级最短的路",
    "plan": "一企一策方案",
    "signatures": "声明与签章",
}
_DIAGNOSIS = (
    "summary", "charts", "questions", "scenarios", "notes", "scenario_list", "way", "plan",
    "signatures",
)  # fmt: skip
_ACCEPTANCE = (
    "summary", "charts", "change", "questions", "scenarios", "notes", "way", "signatures",
)  # fmt: skip
_APPENDICES = {"evidence": "证据目录", "basis": "依据与口径"}


def chapters_of(kind: str, absent: Set[str] = frozenset()) -> tuple[Chapter, ...]:
    """The chapters of one kind of report in their order; Word and PDF have the same.

    ``absent``: keys of chapters that are left out; the others are numbered without a gap.
    """
    keys = _ACCEPTANCE if kind == "acceptance" else _DIAGNOSIS
    held = [key for key in keys if key not in absent]
    more = [key for key in _APPENDICES if key not in absent]
    signs = "一二" if len(more) > 1 else ("",)
    return (
        *(Chapter(k, f"{n}、{_CHAPTERS[k]}", n) for k, n in zip(held, "一二三四五六七八九十", strict=False)),
        *(Chapter(k, f"附录{n}　{_APPENDICES[k]}", f"附{n}") for k, n in zip(more, signs, strict=True)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportData:
    """One report. ``marks`` stand on the cover and at the foot of every page."""

    kind: str
    title: str
    short_title: str
    enterprise: str
    number: str
    day: str
    file_stem: str
    timestamp: int
    marks: tuple[str, ...]
    cover: tuple[Line, ...]
    level: str
    points: str
    sentences: tuple[str, ...]
    conditions: tuple[ConditionRow, ...]
    charts: tuple[Chart, ...]
    questions: tuple[Item, ...]
    scenarios: tuple[Item, ...]
    problems: tuple[Note, ...]
    needs: tuple[Note, ...]
    proposed: tuple[Note, ...]
    scenario_rows: tuple[ScenarioRow, ...]
    way: WayPart
    plan: PlanPart | None
    change: ChangePart | None
    declaration: tuple[str, ...]
    signatures: tuple[Signature, ...]
    evidence: tuple[EvidenceRow, ...]
    unverified: tuple[Line, ...]
    basis: tuple[Line, ...]
    notices: tuple[str, ...] = field(default=())
    has_before: bool = False

    @property
    def absent(self) -> frozenset[str]:
        """Keys of the chapters that would be empty."""
        held = {
            "scenarios": self.scenarios,
            "notes": (*self.problems, *self.needs, *self.proposed),
            "scenario_list": self.scenario_rows,
            "plan": self.plan,
            "evidence": self.evidence,
        }
        return frozenset(key for key, found in held.items() if not found)

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters that hold something, in their order."""
        return chapters_of(self.kind, self.absent)

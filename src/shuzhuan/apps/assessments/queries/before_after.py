"""Before and after the work, item by item; figures that differ are never compared."""

from __future__ import annotations

from dataclasses import dataclass

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Answer, Assessment, AssessmentState
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.entries import evidence, told
from shuzhuan.apps.evidence.models import Link
from shuzhuan.engine.grading import (
    Comparison,
    DifferentSetsError,
    Result,
    compare,
    same_figures,
    show_milli,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One item on one side."""

    words: str
    finding: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One item on both sides; ``change`` in points (``+3.5``) or levels, empty when unchanged."""

    label: str
    before: Side
    after: Side
    change: str


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The whole comparison, or ``why`` there is none. ``reworded``: the figures are the same."""

    after: Assessment
    before: Assessment | None
    why: str = ""
    reworded: bool = False
    old: Result | None = None
    new: Result | None = None
    comparison: Comparison | None = None
    questions: tuple[Line, ...] = ()
    scenarios: tuple[Line, ...] = ()

    @property
    def points(self) -> str:
        found = self.comparison.points_change_milli if self.comparison else None
        return "" if found is None else _signed(found)

    @property
    def raised(self) -> int:
        """How many scenarios stand higher than before."""
        if self.comparison is None:
            return 0
        return sum((one.change or 0) > 0 for one in self.comparison.scenarios)


def before_after(actor: Actor, after: Assessment) -> BeforeAfter:
    """Compare an acceptance grading with the diagnosis it names.

    No figure is drawn across versions, unless they are two wordings of the same figures.
    """
    before = None
    if after.before_id is not None:
        with opened("the name of the body that judged before the work"):
            before = reading.sheets(actor).filter(pk=after.before_id).first()
    if before is None or before.state != AssessmentState.SUBMITTED:
        return BeforeAfter(after, None, "改造前没有有效的诊断，没有可以对照的结果。")
    old, new = reading.result(before), reading.result(after)
    mapping = None
    if before.indicators.figures_sha256 == after.indicators.figures_sha256:
        mapping = same_figures(reading.indicator_set(before), reading.indicator_set(after))
    try:
        found = compare(old, new, mapping)
    except DifferentSetsError as error:
        return BeforeAfter(after, before, f"{error}。两次结果分别查看，这里不计算差别。")
    one, other = _sides(actor, before), _sides(actor, after)
    indicators = reading.indicator_set(after)
    questions = tuple(
        Line(
            reading.label_of(indicators, change.after.id),
            one[change.after.id],
            other[change.after.id],
            _signed(change.change_milli) if change.change_milli else "",
        )
        for change in found.questions
    )
    scenarios = tuple(
        Line(
            reading.label_of(indicators, change.after.id),
            one[change.after.id],
            other[change.after.id],
            f"{change.change:+d}" if change.change else "",
        )
        for change in found.scenarios
    )
    reworded = old.ref != new.ref
    return BeforeAfter(after, before, "", reworded, old, new, found, questions, scenarios)


def _sides(actor: Actor, sheet: Assessment) -> dict[str, Side]:
    indicators, rows = reading.indicator_set(sheet), reading.rows(sheet)
    links = evidence(actor, rows)
    items = (*indicators.question, *indicators.scenario)
    return {item: _side(sheet, item, rows.get(item), tuple(links.get(item, ()))) for item in items}


def _side(sheet: Assessment, item: str, row: Answer | None, links: tuple[Link, ...]) -> Side:
    words = told(reading.indicator_set(sheet), item, "" if row is None else row.value)
    return Side(words, "" if row is None else row.finding, links)


def _signed(milli: int) -> str:
    sign = "+" if milli >= 0 else "−"
    return f"{sign}{show_milli(abs(milli))}"

"""One sheet as the engine reads it: its indicator set, its answers, its result."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db.models import QuerySet

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Answer, Assessment, AssessmentState, PublishedSet
from shuzhuan.engine.grading import Answers, IndicatorSet, Result, grade, parse_answers, read_set

_SETS_KEPT = 32
_sets: dict[str, IndicatorSet] = {}


def sheets(actor: Actor) -> QuerySet[Assessment]:
    """The assessments that the actor may see, with what their pages show.

    The text of the indicator set is left out: it is long, and parsed once per process.
    """
    rows = visible(actor, Assessment).select_related("enterprise", "party", "indicators")
    return rows.defer("indicators__document")


def sheet_or_404(actor: Actor, pk: int, **lookup: object) -> Assessment:
    """One visible assessment, ready for ``indicator_set``, or the same 404 as for a missing one."""
    get_visible(actor, Assessment, pk=pk, **lookup)
    with opened("the name of the body that judged an enterprise"):
        return sheets(actor).get(pk=pk)


def parsed(published: PublishedSet) -> IndicatorSet:
    """The stored set, parsed once per process; what is published never changes."""
    found = _sets.get(published.sha256)
    if found is None:
        name = f"{published.set_id} {published.version}"
        found = read_set(name, published.document.encode())
        if len(_sets) >= _SETS_KEPT:
            _sets.pop(next(iter(_sets)))
        _sets[published.sha256] = found
    return found


def indicator_set(assessment: Assessment) -> IndicatorSet:
    """The set under which the sheet was begun; it stays with the sheet."""
    return parsed(assessment.indicators)


def rows(assessment: Assessment) -> dict[str, Answer]:
    """The stored rows by item, among them items that have only a remark."""
    found = Answer.objects.filter(place_id=assessment.place_id, assessment=assessment)
    return {row.item: row for row in found.select_related("saved_by")}


def answers(assessment: Assessment, found: Mapping[str, Answer] | None = None) -> Answers:
    """What is answered: of a draft from its rows (``found`` if read already), else as submitted."""
    if assessment.state != AssessmentState.DRAFT:
        return parse_answers(indicator_set(assessment), json.loads(assessment.answers_json))
    stored = rows(assessment) if found is None else found
    raw = {item: json.loads(row.value) for item, row in stored.items() if row.value}
    return parse_answers(indicator_set(assessment), raw)


def result(assessment: Assessment, found: Mapping[str, Answer] | None = None) -> Result:
    """What the sheet is worth. Bounds while items of a draft are unanswered."""
    return grade(indicator_set(assessment), answers(assessment, found))


def replays(assessment: Assessment) -> bool:
    """Whether a submitted sheet, graded again, gives the very bytes that were stored."""
    return result(assessment).canonical().decode() == assessment.result


def label_of(indicators: IndicatorSet, item: str) -> str:
    """``第3题 云平台`` or ``场景5 质量管理``, as pages, messages and reports number them."""
    if item in indicators.question:
        number = list(indicators.question).index(item) + 1
        return f"第{number}题 {indicators.question[item].title}"
    if item in indicators.scenario:
        number = list(indicators.scenario).index(item) + 1
        return f"场景{number} {indicators.scenario[item].name}"
    return item

"""Answers for a whole sheet of the shipped set, and who gives them."""

from __future__ import annotations

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit import submit
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.apps.enterprises.models import Enterprise

# 31.5 points and eight scenarios at level 1, four of them at level 2: 一级（初始级）.
QUESTIONS: dict[str, object] = {
    "q1": ["B", "C"],
    "q2": "35.5",
    "q3": {"part": "12", "whole": "40"},
    "q4": ["B", "C"],
    "q5": ["B"],
    "q6": ["B"],
    "q7": ["A"],
    "q8": ["C"],
    "q9": ["B", "C"],
    "q10": ["B"],
    "q11": "1.2",
    "q12": ["B"],
    "q13": ["B"],
    "q14": ["A"],
    "q15": ["A"],
}


def scenarios(level: int = 1, count: int = 8) -> dict[str, object]:
    """The first ``count`` scenarios at a level, the others at none."""
    return {f"s{n}": level if n <= count else 0 for n in range(1, 17)}


def fill(actor: Actor, sheet: Assessment, **changed: object) -> None:
    """Answer every item through the action."""
    indicators = indicator_set(sheet)
    values = {**QUESTIONS, **scenarios(), **changed}
    for item in (*indicators.question, *indicators.scenario):
        save_answer(actor, sheet.pk, item, values[item], key=f"k-{sheet.pk}-{item}", seen=0)


def assessed(actor: Actor, enterprise: Enterprise, **changed: object) -> Assessment:
    """A submitted self-assessment of the actor's enterprise."""
    sheet = start(actor, enterprise, AssessmentKind.SELF)
    fill(actor, sheet, **changed)
    sheet.refresh_from_db()
    return submit(actor, sheet.pk, committed_name=actor.name, seen_saves=sheet.saves)

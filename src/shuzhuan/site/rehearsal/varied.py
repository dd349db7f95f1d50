"""Answer sheets of firms that differ: no two are alike, and every trade is weak in its own way."""

from __future__ import annotations

import random
from bisect import bisect_left
from typing import Any

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.engine.grading import IndicatorSet, grade, parse_answers
from shuzhuan.engine.grading.model import Question
from shuzhuan.site.rehearsal.drive import Drive, Firm

RIPEST = 200
"""Where every item of every firm is answered at its best."""
# How far into its level a sheet stands, in per cent: whoever judges itself is kind to itself.
_INTO = {AssessmentKind.SELF: 50, AssessmentKind.DIAGNOSIS: 10, AssessmentKind.ACCEPTANCE: 20}
_INTO_MORE = 40


class Varied(Drive):
    """A drive whose firms answer each in their own way, and judge themselves too."""

    def answers(self, sheet: Assessment, level: int) -> dict[str, Any]:
        """A complete sheet of the level that fits what the firm answered before."""
        firm = sheet.enterprise
        into = _INTO[AssessmentKind(sheet.kind)] + int(_INTO_MORE * _chance(firm.name))
        return likely_sheet(indicator_set(sheet), level, firm.name, firm.industry, into)

    def answer(self, actor: Actor, sheet: Assessment, level: int) -> None:
        """Save by save, but in one transaction: a sheet takes half the time."""
        with transaction.atomic():
            for item, value in self.answers(sheet, level).items():
                save_answer(actor, sheet.pk, item, value, key=str(self.keys()))

    def judges_itself(self, firm: Firm, level: int) -> Assessment:
        """The firm does its self-assessment."""
        return self.sheet(firm.certifier, firm, AssessmentKind.SELF, level)


def likely_sheet(
    indicators: IndicatorSet, level: int, firm: str, trade: str, into: int
) -> dict[str, Any]:
    """Every item answered so that the grade is exactly ``level``. The same words, the same sheet.

    ``into``: where between this level and the next, 0 to 100. A firm that ripens gets better in
    some items and worse in none. Raises ValueError if no ripeness of the firm has that level.
    """

    def at(ripe: int) -> dict[str, Any]:
        return _sheet(indicators, ripe / 100, firm, trade)

    def graded(ripe: int) -> int:
        return grade(indicators, parse_answers(indicators, at(ripe))).level.low

    first = bisect_left(range(RIPEST + 1), level, key=graded)
    after = bisect_left(range(RIPEST + 1), level + 1, key=graded)
    if first == after:
        raise ValueError(f"no sheet of level {level} was found for {firm}")
    return at(first + (after - 1 - first) * into // 100)


def _sheet(indicators: IndicatorSet, ripe: float, firm: str, trade: str) -> dict[str, Any]:
    def share(item: str) -> float:
        bent = _chance(firm, item) + _chance(trade, item) - 1
        return min(max(ripe + bent / 2, 0), 1)

    questions = {
        item: _choice(question, share(item), firm) for item, question in indicators.question.items()
    }
    return questions | {item: round(share(item) * 4) for item in indicators.scenario}


def _choice(question: Question, share: float, firm: str) -> Any:
    """The answer that is worth about this share of the points."""
    if question.kind == "rate":
        return str(round(share * 100))
    ordered = sorted(question.options, key=lambda option: question.worth[option.key])
    if question.kind != "multi":
        return ordered[round(share * (len(ordered) - 1))].key
    some = [option.key for option in question.options if not option.excludes_others]
    some.sort(key=lambda key: _chance(firm, question.id, key))
    return some[: round(share * len(some))] or [ordered[0].key]


def _chance(*words: str) -> float:
    """A number in [0, 1) that these words always give."""
    return random.Random(" ".join(words)).random()  # noqa: S311 - variety, not a secret

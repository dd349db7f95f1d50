"""What stands beside an item on site: the self-assessed answer, and for acceptance the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.entries import told

OTHER_SET = "用的是另一版指标，不能逐项并列。"


@dataclass(frozen=True, slots=True)
class Beside:
    """One earlier sheet; ``answers`` in words by item. ``why`` says why there are none."""

    title: str
    assessment: Assessment
    answers: Mapping[str, str]
    why: str = ""

    def of(self, item: str) -> str:
        return self.answers.get(item, "没有作答")


def beside(actor: Actor, found: Assessment) -> list[Beside]:
    """The submitted self-assessment that stands, and the diagnosis that acceptance compares with."""
    rows = reading.sheets(actor).filter(enterprise_id=found.enterprise_id)
    earlier = None
    # The diagnosis may be by a body of another place: its name is read on purpose.
    with opened("the names of those who judged before"):
        own = rows.filter(kind=AssessmentKind.SELF, is_current=True).first()
        if found.before_id is not None:
            earlier = rows.filter(pk=found.before_id, state=AssessmentState.SUBMITTED).first()
    shown = [("企业自评", own), ("改造前诊断", earlier)]
    return [_beside(title, found, row) for title, row in shown if row is not None]


def _beside(title: str, found: Assessment, row: Assessment) -> Beside:
    if row.indicators.figures_sha256 != found.indicators.figures_sha256:
        return Beside(title, row, {}, f"{title}{OTHER_SET}")
    indicators = reading.indicator_set(row)
    stored = json.loads(row.answers_json)
    words = {
        item: told(indicators, item, json.dumps(value, ensure_ascii=False))
        for item, value in stored.items()
    }
    return Beside(title, row, words)

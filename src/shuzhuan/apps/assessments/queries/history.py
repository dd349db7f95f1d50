"""All assessments of one enterprise: by kind, never mixed, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries.sheet import indicator_set, sheets
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.engine.grading import show_milli

HISTORY_MAX = 50
_MEANING = {
    AssessmentKind.SELF: "企业自己对照指标填写，供自己了解差距，不作为补助依据。",
    AssessmentKind.DIAGNOSIS: "服务商或第三方机构到现场诊断，用来制定改造方案。",
    AssessmentKind.ACCEPTANCE: "改造完成后由第三方机构现场评测，兑付补助以它为准。",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One assessment in a list."""

    row: Assessment
    level: str
    points: str
    total: int

    @property
    def complete(self) -> bool:
        """Whether every item of a draft is answered."""
        return self.row.answered >= self.total

    @property
    def is_draft(self) -> bool:
        return self.row.state == AssessmentState.DRAFT


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind: what stands, and what there was. ``meaning``: who judged and what it is for."""

    kind: str
    title: str
    meaning: str
    current: Line | None
    draft: Line | None
    lines: tuple[Line, ...]

    @property
    def mixed(self) -> bool:
        """Whether the lines rest on different figures: then each has to say on which."""
        return len({line.row.indicators.figures_sha256 for line in self.lines}) > 1


def standing(actor: Actor, enterprise: Enterprise) -> list[Standing]:
    """The three kinds side by side, as far as the actor may see them; one statement.

    A draft of an on-site kind is its author's business and not listed.
    """
    rows = sheets(actor).filter(enterprise=enterprise).order_by("-started_at", "-pk")[:HISTORY_MAX]
    with opened("the names of the bodies that judged an enterprise"):
        lines = [_line(row) for row in rows]
    found = []
    for kind in AssessmentKind:
        own = [line for line in lines if line.row.kind == kind]
        done = [line for line in own if not line.is_draft]
        drafts = [line for line in own if line.is_draft and kind == AssessmentKind.SELF]
        found.append(
            Standing(
                kind=kind,
                title=kind.label,
                meaning=_MEANING[kind],
                current=next((line for line in done if line.row.is_current), None),
                draft=drafts[0] if drafts else None,
                lines=tuple(done),
            )
        )
    return found


def latest_sector(standing: Sequence[Standing]) -> str:
    """The sector of the newest sheet, which the next one is most likely for; empty for none."""
    rows = [line.row for kind in standing for line in kind.lines]
    newest = max(rows, key=lambda row: row.started_at, default=None)
    return "" if newest is None else newest.indicators.sector


def _line(row: Assessment) -> Line:
    indicators = indicator_set(row)
    total = len(indicators.question) + len(indicators.scenario)
    if row.level is None or row.points_milli is None:
        return Line(row, "", "", total)
    return Line(row, indicators.level_names[row.level], show_milli(row.points_milli), total)

"""Everything that a report is made of, read in a handful of queries.

The sheet is what its reader may see (the caller fetched it by its scope). What belongs to the
sheet (answers, findings, the list of the evidence it was judged by, the earlier result it is
compared with) is part of the record and the same for every reader; the files themselves stay
behind their own scope. The plan is fetched by scope.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from shuzhuan.apps.access import wall
from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    AssessmentState,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.queries import sheet
from shuzhuan.apps.assessments.reports.marks import marks_of
from shuzhuan.apps.evidence.models import Link
from shuzhuan.engine.grading import Answers, IndicatorSet


@dataclass(frozen=True, slots=True)
class Use:
    """One document used for one item, in the version that was used."""

    item: str
    version_id: int
    title: str
    sha256: str
    day: date


@dataclass(frozen=True, slots=True)
class Cost:
    """One measure of a plan. Money in fen; ``target`` is the stored JSON value."""

    item: str
    target: str
    kind: str
    product: str
    supplier: str
    cost_fen: int
    note: str


@dataclass(frozen=True, slots=True)
class PlanMaterial:
    """The plan that was handed over. Money in fen; ``decision`` is the engine's stored form."""

    number: int
    state: str
    summary: str
    expected_level: int | None
    expected_points_milli: int | None
    cost_fen: int
    subsidy_fen: int | None
    decision: Mapping[str, Any]
    starts_on: date | None
    ends_on: date | None
    accepted_on: date | None
    measures: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """The earlier result that an acceptance is compared with."""

    indicators: IndicatorSet
    answers: Answers
    body: str
    visited_on: date | None


@dataclass(frozen=True, slots=True)
class Material:
    """One submitted sheet with its surroundings. ``remarks``: item → (finding, remark)."""

    kind: AssessmentKind
    pk: int
    place: str
    place_code: str
    enterprise: str
    uscc: str
    industry: str
    body: str
    body_uscc: str
    visited_on: date | None
    submitted_at: datetime
    committed_name: str
    withdrawn: str
    indicators: IndicatorSet
    answers: Answers
    answers_sha256: str
    remarks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    findings: tuple[tuple[str, str, str], ...] = ()
    plan: PlanMaterial | None = None
    before: Before | None = None
    marks: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The day of the visit; of the submission where nobody visited."""
        return self.visited_on or timezone.localdate(self.submitted_at)


def gather(assessment: Assessment, actor: Actor) -> Material:
    """Read a submitted (or withdrawn) sheet. Raises ValueError for a draft."""
    if assessment.state == AssessmentState.DRAFT or assessment.submitted_at is None:
        raise ValueError("a draft has no report")
    plan = _plan(assessment, actor)
    with wall.opened("a report shows the evidence and the earlier result that its sheet rests on"):
        enterprise, party = assessment.enterprise, assessment.party
        rows = sheet.rows(assessment)
        withdrawn = assessment.state == AssessmentState.WITHDRAWN
        return Material(
            kind=AssessmentKind(assessment.kind),
            pk=assessment.pk,
            place=enterprise.place.name,
            place_code=enterprise.place.code,
            enterprise=enterprise.name,
            uscc=enterprise.uscc,
            industry=enterprise.industry,
            body=party.name,
            body_uscc=party.uscc,
            visited_on=assessment.visited_on,
            submitted_at=assessment.submitted_at,
            committed_name=assessment.committed_name,
            withdrawn=assessment.withdrawn_reason if withdrawn else "",
            indicators=sheet.indicator_set(assessment),
            answers=sheet.answers(assessment),
            answers_sha256=assessment.answers_sha256,
            remarks={item: (row.finding, row.remark) for item, row in rows.items()},
            uses=_uses(assessment, rows),
            findings=tuple(assessment.findings.values_list("kind", "item", "text")),
            plan=plan,
            before=_before(assessment),
            marks=tuple(marks_of(enterprise)),
        )


def _uses(assessment: Assessment, rows: Mapping[str, Answer]) -> tuple[Use, ...]:
    items = {row.pk: item for item, row in rows.items()}
    found = Link.objects.filter(
        kind=Answer._meta.label_lower, object_id__in=items, ended_at__isnull=True
    )
    links = found.select_related("document", "version__blob").order_by("pk")
    uses = [
        Use(
            item=items[link.object_id],
            version_id=link.version_id,
            title=link.document.title,
            sha256=link.version.blob.sha256,
            day=timezone.localdate(link.version.uploaded_at),
        )
        for link in links
    ]
    order = {item: at for at, item in enumerate(_order(assessment))}
    return tuple(sorted(uses, key=lambda use: order.get(use.item, len(order))))


def _order(assessment: Assessment) -> tuple[str, ...]:
    indicators = sheet.indicator_set(assessment)
    return (*indicators.question, *indicators.scenario)


def _plan(assessment: Assessment, actor: Actor) -> PlanMaterial | None:
    """The newest plan on the ground of this diagnosis that was handed over and not sent back."""
    if assessment.kind != AssessmentKind.DIAGNOSIS:
        return None
    unready = (PlanState.DRAFT, PlanState.RETURNED)
    handed_over = visible(actor, Plan).filter(diagnosis=assessment).exclude(state__in=unready)
    plan = handed_over.order_by("-number").first()
    if plan is None:
        return None
    return PlanMaterial(
        number=plan.number,
        state=plan.get_state_display(),
        summary=plan.summary,
        expected_level=plan.expected_level,
        expected_points_milli=plan.expected_points_milli,
        cost_fen=plan.cost_fen,
        subsidy_fen=plan.expected_subsidy_fen,
        decision=_decision(plan.decision),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        accepted_on=plan.accepted_at and timezone.localdate(plan.accepted_at),
        measures=tuple(
            Cost(m.item, m.target, m.get_kind_display(), m.product, m.supplier, m.cost_fen, m.note)
            for m in plan.measures.order_by("position")
        ),
    )


def _decision(text: str) -> Mapping[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _before(assessment: Assessment) -> Before | None:
    before = assessment.before
    if before is None or before.state == AssessmentState.DRAFT:
        return None
    return Before(
        indicators=sheet.indicator_set(before),
        answers=sheet.answers(before),
        body=before.party.name,
        visited_on=before.visited_on,
    )

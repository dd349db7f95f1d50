"""Plans as their pages read them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Assessment, Engagement, Measure, Plan
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.entries import told


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure with its item and target in words."""

    row: Measure
    label: str
    now: str
    target: str


def plans(actor: Actor) -> QuerySet[Plan]:
    """The plans that the actor may see, with what their pages show."""
    rows = visible(actor, Plan).select_related(
        "enterprise__place", "party", "diagnosis__indicators", "accepted_by", "returned_by"
    )
    return rows.defer("diagnosis__indicators__document")


def plan_or_404(actor: Actor, pk: int) -> Plan:
    """One visible plan, or the same 404 as for a missing one. The author may be from elsewhere."""
    if not visible(actor, Plan).filter(pk=pk).exists():
        raise Http404
    with opened("the name of the body that wrote a plan"):
        return plans(actor).get(pk=pk)


def newest_plan(actor: Actor, diagnosis: Assessment) -> Plan | None:
    """The newest version of the plan on a diagnosis."""
    rows = visible(actor, Plan).filter(diagnosis=diagnosis, party_id=diagnosis.party_id)
    return rows.order_by("-number").first()


def plans_of_firm(actor: Actor) -> list[Plan]:
    """Every version handed over to the actor's enterprise, the newest first."""
    with opened("the names of the bodies that wrote plans for an enterprise"):
        rows = plans(actor).filter(enterprise__party_id=actor.party_id or 0)
        return list(rows.order_by("-submitted_at", "-number"))


def plans_under(actor: Actor, engagement: Engagement) -> list[Plan]:
    """What was planned under an engagement, as far as it was handed over."""
    rows = visible(actor, Plan).filter(diagnosis__engagement=engagement)
    return list(rows.order_by("-number"))


def measure_lines(plan: Plan) -> list[MeasureLine]:
    """The measures in their order."""
    indicators = reading.indicator_set(plan.diagnosis)
    stored = json.loads(plan.diagnosis.answers_json)
    lines = []
    for row in plan.measures.filter(place_id=plan.place_id):
        label = reading.label_of(indicators, row.item) if row.item else ""
        now = told(indicators, row.item, json.dumps(stored.get(row.item))) if row.item else ""
        target = told(indicators, row.item, row.target) if row.item and row.target else ""
        lines.append(MeasureLine(row, label, now, target))
    return lines

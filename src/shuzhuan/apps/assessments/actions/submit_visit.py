"""Submit an on-site sheet, with the day of the visit."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.submit import submit
from shuzhuan.apps.assessments.actions.writing import locked
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState


@transaction.atomic
def submit_visit(
    actor: Actor,
    assessment_pk: int,
    *,
    visited_on: date | None,
    committed_name: str,
    seen_saves: int,
) -> Assessment:
    """Submit a complete on-site sheet; as ``submit``, which checks the day and the engagement."""
    sheet = locked(actor, assessment_pk)
    if sheet.kind == AssessmentKind.SELF:
        raise ValidationError("自评没有现场日期。")
    if sheet.state == AssessmentState.DRAFT:
        if visited_on is None:
            raise ValidationError({"visited_on": "请填写现场日期。"})
        sheet.visited_on = visited_on
        sheet.save(update_fields=["visited_on"])
    return submit(actor, assessment_pk, committed_name=committed_name, seen_saves=seen_saves)

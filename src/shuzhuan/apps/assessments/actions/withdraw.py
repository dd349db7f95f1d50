"""Take a submitted assessment back, with the reason; it stays in the history."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import BODIES
from shuzhuan.apps.assessments import hooks
from shuzhuan.apps.assessments.actions.writing import CERTIFIERS, locked, user_of
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.unmask import reason_of


@transaction.atomic
def withdraw(actor: Actor, assessment_pk: int, reason: str) -> Assessment:
    """Withdraw a submitted sheet; the one submitted before it stands again.

    Raises ValidationError (a reason is needed; only what is submitted), PermissionDenied.
    """
    sheet = locked(actor, assessment_pk)
    allowed = CERTIFIERS if sheet.kind == AssessmentKind.SELF else BODIES
    if actor.role not in allowed:
        raise PermissionDenied
    if sheet.state == AssessmentState.WITHDRAWN:
        return sheet
    if sheet.state != AssessmentState.SUBMITTED:
        raise ValidationError("这份评测还没有提交，不用撤销。")
    was_current = sheet.is_current
    sheet.withdrawn_reason = reason_of(reason)
    sheet.state, sheet.is_current = AssessmentState.WITHDRAWN, False
    sheet.withdrawn_at, sheet.withdrawn_by_id = timezone.now(), user_of(actor)
    sheet.save(
        update_fields=["withdrawn_reason", "state", "is_current", "withdrawn_at", "withdrawn_by"]
    )
    if was_current:
        _restore_earlier(sheet)
    record("withdraw_assessment", actor, sheet, detail={"reason": sheet.withdrawn_reason})
    hooks.withdrawn(actor, sheet)
    return sheet


def _restore_earlier(sheet: Assessment) -> None:
    earlier = (
        Assessment.objects.filter(
            place_id=sheet.place_id,
            enterprise_id=sheet.enterprise_id,
            kind=sheet.kind,
            state=AssessmentState.SUBMITTED,
        )
        .order_by("-submitted_at", "-pk")
        .first()
    )
    if earlier is not None:
        earlier.is_current = True
        earlier.save(update_fields=["is_current"])

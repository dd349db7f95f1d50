"""Begin an assessment, or take up the one that is open."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import BODIES
from shuzhuan.apps.assessments.actions.sets import (
    MANUFACTURING,
    comparable_set,
    current_set,
)
from shuzhuan.apps.assessments.actions.writing import SELF_WRITERS, require_live, user_of
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    Engagement,
)
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.models import Enterprise


@transaction.atomic
def start(
    actor: Actor,
    enterprise: Enterprise,
    kind: str,
    *,
    engagement: Engagement | None = None,
    sector: str = MANUFACTURING,
) -> Assessment:
    """The open sheet of this kind, or a new one under the set that is current for the sector.

    The set stays with the sheet, whatever is published later. An acceptance grading takes the
    figures of the diagnosis that it is compared with. An on-site kind needs an engagement in
    force for the same purpose. Raises ValidationError, PermissionDenied.
    """
    if not visible(actor, Enterprise).filter(pk=enterprise.pk).exists():
        raise PermissionDenied
    if kind == AssessmentKind.SELF:
        if actor.role not in SELF_WRITERS or actor.party_id != enterprise.party_id:
            raise PermissionDenied
        engagement = None
    else:
        engagement = _engaged(actor, enterprise, kind, engagement)
    party_id = actor.party_id
    assert party_id is not None
    key = {
        "place_id": enterprise.place_id,
        "enterprise": enterprise,
        "party_id": party_id,
        "kind": kind,
        "state": AssessmentState.DRAFT,
    }
    open_sheet = Assessment.objects.select_for_update(no_key=True).filter(**key).first()
    if open_sheet is not None:
        return _resumed(actor, open_sheet, engagement)
    before = before_of(enterprise, kind)
    if before is None:
        indicators = current_set(enterprise.place, sector)
    else:
        indicators = comparable_set(enterprise.place, before.indicators)
    try:
        with transaction.atomic():
            sheet = Assessment.objects.create(
                **key,
                indicators=indicators,
                engagement=engagement,
                before=before,
                started_by_id=user_of(actor),
            )
    except IntegrityError:  # a colleague was quicker
        return Assessment.objects.get(**key)
    detail = {"kind": kind, "set": sheet.indicators.sha256}
    record("start_assessment", actor, sheet, detail=detail)
    return sheet


def _engaged(
    actor: Actor, enterprise: Enterprise, kind: str, engagement: Engagement | None
) -> Engagement:
    if actor.role not in BODIES or engagement is None:
        raise PermissionDenied
    if engagement.party_id != actor.party_id or engagement.enterprise_id != enterprise.pk:
        raise PermissionDenied
    if engagement.kind != kind:
        raise ValidationError(f"委派的事项是{engagement.get_kind_display()}，不能做这一种评测。")
    return require_live(engagement)


def _resumed(actor: Actor, sheet: Assessment, engagement: Engagement | None) -> Assessment:
    """The open sheet; a new engagement takes over what was begun under an ended one."""
    if engagement is not None and sheet.engagement_id != engagement.pk:
        sheet.engagement = engagement
        sheet.save(update_fields=["engagement"])
        record("resume_assessment", actor, sheet, detail={"engagement": engagement.pk})
    return sheet


def before_of(enterprise: Enterprise, kind: str) -> Assessment | None:
    """What an acceptance grading is compared with: the diagnosis that stands at its start."""
    if kind != AssessmentKind.ACCEPTANCE:
        return None
    current = Assessment.objects.filter(
        place_id=enterprise.place_id,
        enterprise=enterprise,
        kind=AssessmentKind.DIAGNOSIS,
        is_current=True,
    )
    return current.select_related("indicators").first()

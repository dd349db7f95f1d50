"""Who may write on a sheet: the people of whoever judges, while it is a draft."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.accounts.roles import BODIES, Role
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    Engagement,
)

SELF_WRITERS = frozenset({Role.ENTERPRISE_FILLER, Role.ENTERPRISE_CERTIFIER})
CERTIFIERS = frozenset({Role.ENTERPRISE_CERTIFIER})


def user_of(actor: Actor) -> int:
    """Id of the acting person. Raises PermissionDenied for the public."""
    if actor.user_id is None:
        raise PermissionDenied
    return actor.user_id


def locked(actor: Actor, pk: int) -> Assessment:
    """The visible sheet of the actor's own party, locked until the transaction ends.

    Raises Http404 for a foreign one, PermissionDenied for one that others judge.
    """
    get_visible(actor, Assessment, pk=pk)
    # Only the sheet itself is locked: its set and its enterprise are shared with everybody.
    sheet = (
        Assessment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("enterprise", "indicators")
        .defer("indicators__document")
        .get(pk=pk)
    )
    if actor.party_id is None or sheet.party_id != actor.party_id:
        raise PermissionDenied
    return sheet


def writable(actor: Actor, pk: int) -> Assessment:
    """As ``locked``, for a sheet that may still be written. Raises ValidationError otherwise."""
    sheet = locked(actor, pk)
    allowed = SELF_WRITERS if sheet.kind == AssessmentKind.SELF else BODIES
    if actor.role not in allowed:
        raise PermissionDenied
    if sheet.state != AssessmentState.DRAFT:
        raise ValidationError("这份评测已经提交，不能再改。要改正，请先撤销，再重新评一次。")
    if sheet.kind != AssessmentKind.SELF:
        require_live(sheet.engagement)
    return sheet


def require_live(engagement: Engagement | None) -> Engagement:
    """The engagement if it is in force today. Raises ValidationError otherwise."""
    if engagement is None or not engagement.is_live(timezone.localdate()):
        raise ValidationError("委派已经结束或还没有开始，不能再填写。请联系委派单位。")
    return engagement

"""Ask a body to diagnose, grade or audit an enterprise, and end that again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import ENTERPRISE, OFFICERS, Role
from shuzhuan.apps.assessments import independence
from shuzhuan.apps.assessments.models import Engagement
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.inbox.actions.settle import settle
from shuzhuan.apps.inbox.actions.tell import tell
from shuzhuan.apps.inbox.models import MessageLevel

REASON_CHARS_MAX = 200
_DOES: dict[str, str] = {
    Kind.DIAGNOSIS: "入企诊断",
    Kind.ACCEPTANCE: "验收评测",
    Kind.AUDIT: "投资审核",
}


@transaction.atomic
def engage(
    actor: Actor,
    enterprise: Enterprise,
    party: Party,
    kind: str,
    valid_from: date,
    valid_to: date,
    project_id: int | None = None,
) -> Engagement:
    """Ask the body; it may work on the enterprise from now on. Raises ValidationError.

    Acceptance grading and audit are refused with every tie named (PY 第九条、第十二条（二）2).
    Asking again while it runs changes the period and is checked again.
    """
    _officer_of(actor, enterprise)
    # One at a time for an enterprise: the check and what it looks at must not cross.
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    if kind not in Kind.values:
        raise ValidationError({"kind": "请选择诊断、验收评测或投资审核。"})
    _fits(party, kind)
    today = timezone.localdate()
    if valid_to < max(valid_from, today):
        raise ValidationError({"valid_to": "截止日期不能早于起始日期，也不能早于今天。"})
    seen = independence.look(enterprise, party, kind, today)
    if seen.ties:
        raise ValidationError({"party": f"不能委派，不符合改造评测分离：{seen.reasons}。"})
    engagement = _open(actor, enterprise, party, kind, project_id)
    engagement.valid_from, engagement.valid_to = valid_from, valid_to
    engagement.project_id = project_id if project_id is not None else engagement.project_id
    engagement.checked = independence.noted(engagement, "engaged", seen)
    engagement.save()
    detail = {
        "party": party.pk,
        "kind": str(kind),
        "from": valid_from.isoformat(),
        "to": valid_to.isoformat(),
        "project": project_id,
    }
    entry = record("engage", actor, engagement, detail=detail)
    _tell(engagement, entry.number)
    if seen.unknown:
        _warn(engagement, entry.number, seen.unknown)
    return engagement


@transaction.atomic
def end_engagement(actor: Actor, engagement: Engagement, reason: str) -> Engagement:
    """End it at once: the body sees nothing of the enterprise any more. Raises ValidationError."""
    _officer_of(actor, engagement.enterprise)
    reason = reason.strip()[:REASON_CHARS_MAX]
    if not reason:
        raise ValidationError({"reason": "请写明结束委派的原因。"})
    found = Engagement.objects.select_for_update(no_key=True).get(pk=engagement.pk)
    if found.ended_at is not None:
        raise ValidationError("这份委派已经结束。")
    found.ended_at, found.ended_by_id = timezone.now(), user_of(actor)
    found.ended_reason = reason
    found.save()
    record("end_engagement", actor, found, detail={"reason": reason})
    settle(found)
    tell(
        key=f"assessments.engagement_ended:{found.pk}",
        title=f"{found.enterprise.name}的{_DOES[found.kind]}委派已结束",
        body=f"原因：{reason}",
        url=reverse("assessments:visits"),
        about=found,
        party_id=found.party_id,
    )
    return found


def _officer_of(actor: Actor, enterprise: Enterprise) -> None:
    if actor.role not in OFFICERS or enterprise.place_id not in actor.place_ids:
        raise PermissionDenied


def _fits(party: Party, kind: str) -> None:
    """Vendors may diagnose; only agencies may grade the outcome or audit it."""
    if party.kind == PartyKind.ENTERPRISE:
        raise ValidationError({"party": "请选择服务商或第三方机构。"})
    if kind in independence.INDEPENDENT and party.kind != PartyKind.AGENCY:
        raise ValidationError({"party": "验收评测和投资审核只能委派第三方机构，服务商不行。"})


def _open(
    actor: Actor, enterprise: Enterprise, party: Party, kind: str, project_id: int | None
) -> Engagement:
    """The one that runs, to be changed, or a new one; what ran out or served another is closed."""
    key = {"place_id": enterprise.place_id, "enterprise": enterprise, "party": party, "kind": kind}
    found = (
        Engagement.objects.select_for_update(no_key=True)
        .filter(**key, ended_at__isnull=True)
        .first()
    )
    if found is not None:
        over = found.valid_to < timezone.localdate()
        other = None not in (found.project_id, project_id) and found.project_id != project_id
        if not over and not other:
            found.enterprise, found.party = enterprise, party
            return found
        found.ended_at, found.ended_by_id = timezone.now(), user_of(actor)
        found.ended_reason = "期限已过" if over else "改为另一个项目"
        found.save()
    return Engagement(**key, created_by_id=user_of(actor))


def _tell(engagement: Engagement, event: int) -> None:
    """The body has work to do; the enterprise knows who will come."""
    does, firm = _DOES[engagement.kind], engagement.enterprise
    period = f"{engagement.valid_from}至{engagement.valid_to}"
    tell(
        key=f"assessments.engaged:{engagement.pk}:{event}",
        title=f"请为{firm.name}做{does}",
        body=f"由贵单位办理，期限：{period}。企业档案在这段时间内对贵单位开放。",
        url=reverse("assessments:visits"),
        about=engagement,
        party_id=engagement.party_id,
        level=MessageLevel.TODO,
    )
    tell(
        key=f"assessments.engaged_firm:{engagement.pk}:{event}",
        title=f"{engagement.party.name}将为贵企业做{does}",
        body=f"由主管部门委派，对方办理的期限：{period}。对方在这段时间内可以查看贵企业的档案。",
        url=reverse("enterprises:home"),
        about=engagement,
        party_id=firm.party_id,
        party_roles=ENTERPRISE,
    )


def _warn(engagement: Engagement, event: int, unknown: Iterable[str]) -> None:
    """The office learns what could not be compared; it decides whether that is enough."""
    tell(
        key=f"assessments.unproven:{engagement.pk}:{event}",
        title=f"待核实：{engagement.party.name}与{engagement.enterprise.name}的改造方有没有关联",
        body="；".join(unknown) + "。请对方在“本单位档案”里登记，或者自行核实。",
        url=reverse("assessments:engagement", args=[engagement.pk]),
        about=engagement,
        offices=[Role.COUNTY_OFFICER],
        office_region_id=engagement.place_id,
        level=MessageLevel.WARN,
    )

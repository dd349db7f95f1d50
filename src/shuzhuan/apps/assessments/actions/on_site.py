"""What follows when an on-site sheet is submitted or withdrawn: independence, level, messages."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.assessments import independence
from shuzhuan.apps.assessments.hooks import when_submitted, when_withdrawn
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, Engagement
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.inbox.actions.settle import settle
from shuzhuan.apps.inbox.actions.tell import tell

ON_SITE = (AssessmentKind.DIAGNOSIS, AssessmentKind.ACCEPTANCE)


@when_submitted
def on_submitted(actor: Actor, sheet: Assessment) -> None:
    """Check the independence of whoever grades the outcome once more, then store the level.

    Raises ValidationError that names every tie: then nothing is stored.
    """
    if sheet.kind not in ON_SITE:
        return
    if sheet.kind == AssessmentKind.ACCEPTANCE:
        _independent(actor, sheet)
    refresh_level(actor, sheet.enterprise_id)
    assert sheet.engagement is not None
    settle(sheet.engagement)
    _tell(sheet)


@when_withdrawn
def on_withdrawn(actor: Actor, sheet: Assessment) -> None:
    """The level falls back to the on-site result before it, or to none."""
    if sheet.kind in ON_SITE:
        refresh_level(actor, sheet.enterprise_id)


def latest_on_site(enterprise_id: int) -> Assessment | None:
    """The latest result by its day on site; on one day acceptance stands before diagnosis."""
    rows = Assessment.objects.filter(enterprise_id=enterprise_id, is_current=True, kind__in=ON_SITE)
    return max(
        rows,
        key=lambda row: (row.visited_on, row.kind == AssessmentKind.ACCEPTANCE, row.submitted_at),
        default=None,
    )


def refresh_level(actor: Actor, enterprise_id: int) -> None:
    """Copy the latest on-site result to the enterprise, where lists read it. In a transaction."""
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise_id)
    latest = latest_on_site(enterprise_id)
    level = None if latest is None else latest.level
    day = None if latest is None else latest.visited_on
    before = enterprise.digital_level
    if (before, enterprise.digital_level_on) == (level, day):
        return
    enterprise.digital_level, enterprise.digital_level_on = level, day
    enterprise.save(update_fields=["digital_level", "digital_level_on", "updated_at"])
    detail = {
        "before": before,
        "level": level,
        "on": None if day is None else day.isoformat(),
        "assessment": None if latest is None else latest.pk,
    }
    record("set_digital_level", actor, enterprise, detail=detail)


def _independent(actor: Actor, sheet: Assessment) -> None:
    if actor.role != Role.AGENCY_STAFF:
        raise PermissionDenied
    engagement = Engagement.objects.select_for_update(no_key=True).get(assessments=sheet)
    seen = independence.look(sheet.enterprise, sheet.party, sheet.kind, timezone.localdate())
    if seen.ties:
        raise ValidationError(f"不能提交，不符合改造评测分离：{seen.reasons}。请联系委派单位。")
    engagement.checked = independence.noted(engagement, "submitted", seen)
    engagement.save(update_fields=["checked"])


def _tell(sheet: Assessment) -> None:
    what = "验收评测" if sheet.kind == AssessmentKind.ACCEPTANCE else "入企诊断"
    firm = sheet.enterprise
    tell(
        key=f"assessments.on_site:{sheet.pk}",
        title=f"{firm.name}的{what}已提交",
        body=f"现场日期：{sheet.visited_on}。结果和逐项依据可以查看。",
        url=reverse("assessments:result", args=[sheet.pk]),
        about=sheet,
        party_id=firm.party_id,
        party_roles=ENTERPRISE,
        offices=[Role.COUNTY_OFFICER],
        office_region_id=sheet.place_id,
    )

"""What follows a self-assessment: the enterprise and its office hear of it."""

from __future__ import annotations

from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.assessments.hooks import when_submitted
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.apps.inbox.actions.tell import tell
from shuzhuan.engine.grading import show_milli


@when_submitted
def tell_of_self(actor: Actor, sheet: Assessment) -> None:
    """In the transaction of the submission."""
    if sheet.kind != AssessmentKind.SELF:
        return
    assert sheet.level is not None and sheet.points_milli is not None
    level = indicator_set(sheet).level_names[sheet.level]
    tell(
        key=f"assessments.self:{sheet.pk}",
        title=f"{sheet.enterprise.name}完成了数字化水平自评：{level}",
        body=f"{show_milli(sheet.points_milli)} 分。逐项得分和到下一级最短的路可以查看。",
        url=reverse("assessments:result", args=[sheet.pk]),
        about=sheet,
        party_id=sheet.enterprise.party_id,
        party_roles=ENTERPRISE,
        offices=[Role.COUNTY_OFFICER],
        office_region_id=sheet.place_id,
    )

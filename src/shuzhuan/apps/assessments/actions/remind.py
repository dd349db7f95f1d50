"""Ask enterprises that have not assessed themselves to do so."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.assessments.actions.writing import SELF_WRITERS
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.inbox.actions import tell
from shuzhuan.apps.inbox.models import MessageLevel

FIRMS_MAX = 200


@transaction.atomic
def remind(actor: Actor, firms: Iterable[Enterprise]) -> tuple[int, int]:
    """Tell the people of each enterprise, at most once a day. Returns (enterprises told, people).

    ``firms`` are visible ones without a self-assessment. Raises ValidationError for too many.
    """
    if actor.role not in OFFICERS:
        raise PermissionDenied
    chosen = list(firms)
    if len(chosen) > FIRMS_MAX:
        raise ValidationError(f"一次最多提醒 {FIRMS_MAX} 家。")
    day = timezone.localdate().isoformat()
    told = people = 0
    for firm in chosen:
        reached = tell(
            key=f"assessments.remind_self:{firm.pk}:{day}",
            title="请完成数字化水平自评",
            body="还没有收到贵企业的自评。31道题可以分几次在手机上做完，做完立即看到等级和最短的提升路径。",
            url=reverse("assessments:self_home"),
            about=firm,
            party_id=firm.party_id,
            party_roles=SELF_WRITERS,
            level=MessageLevel.INFO,
        )
        told += bool(reached)
        people += reached
    detail = {"asked": len(chosen), "told": told, "people": people}
    record("remind_self_assessment", actor, None, place_id=actor.region_id, detail=detail)
    return told, people

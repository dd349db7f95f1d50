"""Engagements of a place, as its officers see them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.core.paginator import Page, Paginator
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import Assessment, AssessmentState, Engagement, EngagementKind

ROWS_ON_A_PAGE = 50
LIVE, OVER = "live", "over"


def engagements(
    actor: Actor, kind: str, state: str, page: str | None
) -> tuple[Page[int], list[Engagement]]:
    """A page of them, the newest first. The bodies may be registered anywhere."""
    rows = visible(actor, Engagement)
    if kind in EngagementKind.values:
        rows = rows.filter(kind=kind)
    today = timezone.localdate()
    if state == LIVE:
        rows = rows.filter(ended_at__isnull=True, valid_to__gte=today)
    elif state == OVER:
        rows = rows.exclude(ended_at__isnull=True, valid_to__gte=today)
    rows = rows.order_by("-created_at", "-pk")
    found = Paginator(rows.values_list("pk", flat=True), ROWS_ON_A_PAGE).get_page(page)
    listed = list(found.object_list)
    with opened("the names of the bodies that were asked to visit a place"):
        named = Engagement.objects.select_related("enterprise", "party").in_bulk(listed)
    return found, [named[pk] for pk in listed]


def of_enterprise(actor: Actor, enterprise_id: int) -> list[Engagement]:
    """Everybody who was asked to visit one enterprise."""
    rows = visible(actor, Engagement).filter(enterprise_id=enterprise_id)
    with opened("the names of the bodies that were asked to visit an enterprise"):
        return list(rows.select_related("party").order_by("-created_at", "-pk"))


def engagement_or_404(actor: Actor, pk: int) -> Engagement:
    """One with the names of its people, or the same 404 as for a missing one."""
    rows = visible(actor, Engagement).filter(pk=pk)
    with opened("the name of the body that was asked"):
        found = rows.select_related("enterprise__place", "party", "created_by", "ended_by").first()
    if found is None:
        raise Http404
    return found


def sheets_of(actor: Actor, engagement: Engagement) -> list[Assessment]:
    """What was submitted under it, the newest first."""
    rows = visible(actor, Assessment).filter(engagement=engagement)
    rows = rows.exclude(state=AssessmentState.DRAFT)
    return list(rows.defer("answers_json", "result").order_by("-submitted_at"))


_STAGES = (("engaged", "委派时"), ("submitted", "提交评测时"))


def looks(engagement: Engagement) -> list[tuple[str, Mapping[str, object]]]:
    """What the check of independence saw, by stage."""
    checked = json.loads(engagement.checked or "{}")
    return [(title, checked[key]) for key, title in _STAGES if key in checked]

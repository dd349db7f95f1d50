"""What a body was asked to do: its enterprises, how far each sheet is, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentState,
    Engagement,
    EngagementKind,
)
from shuzhuan.apps.enterprises.models import Enterprise

ROWS_ON_A_PAGE = 50
SOON_DAYS = 7
OPEN, DONE = "open", "done"


@dataclass(frozen=True, slots=True)
class Visit:
    """One enterprise of the list, with the sheet that was begun for it, if any."""

    engagement: Engagement
    sheet: Assessment | None
    today: date

    @property
    def is_live(self) -> bool:
        return self.engagement.is_live(self.today)

    @property
    def has_sheet(self) -> bool:
        """An audit of investments has none: its pages belong to the project."""
        return self.engagement.kind != EngagementKind.AUDIT

    @property
    def days_left(self) -> int:
        return (self.engagement.valid_to - self.today).days

    @property
    def is_due_soon(self) -> bool:
        submitted = self.sheet is not None and self.sheet.state == AssessmentState.SUBMITTED
        return self.is_live and not submitted and self.days_left <= SOON_DAYS

    @property
    def label(self) -> str:
        """Where the work stands."""
        if not self.is_live:
            return f"{self.engagement.valid_from}起"
        if not self.has_sheet:
            return "在项目里办理"
        if self.sheet is None:
            return "未开始"
        if self.sheet.state == AssessmentState.DRAFT:
            return f"填写中，已答{self.sheet.answered}项"
        return self.sheet.get_state_display()


def visits(actor: Actor, state: str, page: str | None) -> tuple[Page[int], list[Visit]]:
    """A page of what the actor's body was asked to do, the nearest deadline first."""
    rows = visible(actor, Engagement).order_by("valid_to", "pk")
    done = Exists(
        Assessment.objects.filter(engagement=OuterRef("pk"), state=AssessmentState.SUBMITTED)
    )
    if state == DONE:
        rows = rows.filter(done)
    elif state == OPEN:
        rows = rows.exclude(done)
    found = Paginator(rows.values_list("pk", flat=True), ROWS_ON_A_PAGE).get_page(page)
    # Named before the work may begin: the list says who is next, its links open on the day.
    # The page is found first: joined for all rows, thousands of names would be looked up.
    with opened("the names of enterprises that a body was asked to visit"):
        by_pk = _named(Engagement.objects.all()).in_bulk(list(found.object_list))
        listed = [by_pk[pk] for pk in found.object_list]
    sheets = _sheets(listed)
    today = timezone.localdate()
    return found, [Visit(row, sheets.get(row.pk), today) for row in listed]


def visit_or_404(actor: Actor, pk: int) -> Visit:
    """One engagement in force today, or the same 404 as for a foreign one."""
    engagement = get_visible(actor, Engagement, pk=pk)
    today = timezone.localdate()
    if not engagement.is_live(today):
        raise Http404
    engagement = _named(visible(actor, Engagement)).get(pk=pk)
    return Visit(engagement, _sheets([engagement]).get(pk), today)


def enterprise_of(actor: Actor, visit: Visit) -> Enterprise:
    """The enterprise as the body may see it."""
    return get_visible(actor, Enterprise, pk=visit.engagement.enterprise_id)


def _named(rows: QuerySet[Engagement]) -> QuerySet[Engagement]:
    return rows.select_related("enterprise__place", "party")


def _sheets(engagements: list[Engagement]) -> dict[int, Assessment]:
    """The newest sheet of each that was not withdrawn."""
    rows = (
        Assessment.objects.filter(engagement__in=[row.pk for row in engagements])
        .exclude(state=AssessmentState.WITHDRAWN)
        .select_related("indicators")
        .defer("indicators__document", "answers_json", "result")
        .order_by("pk")
    )
    return {row.engagement_id: row for row in rows if row.engagement_id is not None}

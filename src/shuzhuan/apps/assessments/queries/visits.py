"""What a body was asked to do: its enterprises, how far each sheet is, and until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Least
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
    Plan,
    PlanState,
)
from shuzhuan.apps.enterprises.models import Enterprise

ROWS_ON_A_PAGE = 50
SOON_DAYS = 7
OPEN, DONE, ALL = "open", "done", "all"


# When a body has handed in its part of a project; the app above this one says so.
Rule = Callable[[], Q]
_rules: list[Rule] = []


def handed_in_by(rule: Rule) -> Rule:
    """Register a condition on engagements for a project: their work is done. Rules add up."""
    _rules.append(rule)
    return rule


# Until when a project wants it, which is sooner than the archive closes.
Deadline = Callable[[], Subquery]
_deadlines: list[Deadline] = []


def due_by(rule: Deadline) -> Deadline:
    """Register the last day of an engagement's project: a sub-query on its ``project_id``."""
    _deadlines.append(rule)
    return rule


@dataclass(frozen=True, slots=True)
class Visit:
    """One enterprise of the list, with the sheet that was begun for it and its plan, if any.

    ``done``: whether everything that the body was asked for has been handed in.
    """

    engagement: Engagement
    sheet: Assessment | None
    today: date
    plan: Plan | None = None
    done: bool = False
    project_due: date | None = None  # None: not asked for; the last day of the engagement then

    @property
    def is_live(self) -> bool:
        return self.engagement.is_live(self.today)

    @property
    def has_sheet(self) -> bool:
        """An audit of investments has none: its pages belong to the project."""
        return self.engagement.kind != EngagementKind.AUDIT

    @property
    def until(self) -> date:
        """The last day for the work."""
        closes = self.engagement.valid_to
        return closes if self.project_due is None or self.done else min(closes, self.project_due)

    @property
    def days_left(self) -> int:
        return (self.until - self.today).days

    @property
    def is_due_soon(self) -> bool:
        return self.is_live and not self.done and self.days_left <= SOON_DAYS

    @property
    def submitted(self) -> bool:
        return self.sheet is not None and self.sheet.state == AssessmentState.SUBMITTED

    @property
    def diagnosed(self) -> bool:
        return self.submitted and self.engagement.kind == EngagementKind.DIAGNOSIS

    @property
    def label(self) -> str:
        """Where the work stands."""
        if not self.is_live:
            return f"{self.engagement.valid_from}起"
        if not self.has_sheet:
            return "审核已提交" if self.done else "待核定投入"
        if self.sheet is None:
            return "未开始"
        if not self.submitted:
            return f"填写中，已答{self.sheet.answered}项"
        if self.diagnosed:
            return f"方案{self.plan.get_state_display()}" if self.plan else "诊断已提交，待编方案"
        return "已提交" if self.done else "评测已填，待提交验收意见"

    @property
    def action(self) -> str:
        """What the body does next; empty where it has nothing to do."""
        if self.done or not self.is_live:
            return ""
        if not self.has_sheet:
            return "去核定"
        if self.sheet is None:
            return f"开始{self.engagement.get_kind_display()}"
        if not self.submitted:
            return "接着填"
        if not self.diagnosed:
            return "去提交"
        returned = self.plan is not None and self.plan.state == PlanState.RETURNED
        return "修改方案" if returned else "编制方案"

    @property
    def in_project(self) -> bool:
        """Whether the next step is on the page of the project."""
        return not self.has_sheet or (self.submitted and not self.diagnosed)


def visits(actor: Actor, state: str, page: str | None) -> tuple[Page[int], list[Visit]]:
    """A page of what the actor's body was asked to do, the nearest deadline first."""
    rows = visible(actor, Engagement).order_by(Least("valid_to", _project_due()), "pk")
    if state == DONE:
        rows = rows.filter(_handed_in())
    elif state == OPEN:
        rows = rows.exclude(_handed_in())
    found = Paginator(rows.values_list("pk", flat=True), ROWS_ON_A_PAGE).get_page(page)
    # Named before the work may begin: the list says who is next, its links open on the day.
    # The page is found first: joined for all rows, thousands of names would be looked up.
    with opened("the names of enterprises that a body was asked to visit"):
        named = _named(Engagement.objects.all()).annotate(
            done=Case(When(_handed_in(), True), default=False)
        )
        by_pk = named.in_bulk(list(found.object_list))
    listed = [by_pk[pk] for pk in found.object_list]
    sheets, plans = _sheets(listed), _plans(actor, listed)
    today = timezone.localdate()
    return found, [
        Visit(row, sheets.get(row.pk), today, plans.get(row.pk), row.done, row.project_due)
        for row in listed
    ]


def _project_due() -> Coalesce:
    """Until when the project wants it, or the last day of the engagement where none does."""
    return Coalesce(*(rule() for rule in _deadlines), F("valid_to"))


def _handed_in() -> Q:
    """A diagnosis with its plan, what a project took over, and a grading that no project asked for."""
    given = [PlanState.SUBMITTED, PlanState.ACCEPTED]
    planned = Exists(Plan.objects.filter(diagnosis__engagement=OuterRef("pk"), state__in=given))
    alone = Exists(
        Assessment.objects.filter(engagement=OuterRef("pk"), state=AssessmentState.SUBMITTED)
    )
    done = Q(planned, kind=EngagementKind.DIAGNOSIS)
    done |= Q(alone, kind=EngagementKind.ACCEPTANCE, project_id__isnull=True)
    for rule in _rules:
        done |= rule()
    return done


def visit_or_404(actor: Actor, pk: int) -> Visit:
    """One engagement in force today, or the same 404 as for a foreign one."""
    engagement = get_visible(actor, Engagement, pk=pk)
    today = timezone.localdate()
    if not engagement.is_live(today):
        raise Http404
    engagement = _named(visible(actor, Engagement)).get(pk=pk)
    sheet = _sheets([engagement]).get(pk)
    return Visit(engagement, sheet, today, project_due=engagement.project_due)


def enterprise_of(actor: Actor, visit: Visit) -> Enterprise:
    """The enterprise as the body may see it."""
    return get_visible(actor, Enterprise, pk=visit.engagement.enterprise_id)


def _named(rows: QuerySet[Engagement]) -> Any:
    named = rows.select_related("enterprise__place", "party")
    return named.annotate(project_due=_project_due())


def _plans(actor: Actor, engagements: Sequence[Engagement]) -> dict[int, Plan]:
    """The newest version of each, as far as it is the body's own."""
    rows = Plan.objects.filter(
        diagnosis__engagement__in=[row.pk for row in engagements], party_id=actor.party_id or 0
    )
    rows = rows.select_related("diagnosis").only("state", "number", "diagnosis__engagement_id")
    by_engagement: dict[int, Plan] = {}
    for row in rows.order_by("number"):
        assert row.diagnosis.engagement_id is not None  # just asked for
        by_engagement[row.diagnosis.engagement_id] = row
    return by_engagement


def _sheets(engagements: Sequence[Engagement]) -> dict[int, Assessment]:
    """The newest sheet of each that was not withdrawn."""
    rows = (
        Assessment.objects.filter(engagement__in=[row.pk for row in engagements])
        .exclude(state=AssessmentState.WITHDRAWN)
        .select_related("indicators")
        .defer("indicators__document", "answers_json", "result")
        .order_by("pk")
    )
    return {row.engagement_id: row for row in rows if row.engagement_id is not None}

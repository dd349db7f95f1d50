"""The pages of a body on site: whom to visit, the sheet, the lists, the submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.assessments.actions.findings import save_findings
from shuzhuan.apps.assessments.actions.sets import MANUFACTURING, sectors
from shuzhuan.apps.assessments.actions.start import before_of, start
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.forms.visits import SubmitForm, finding_lines, finding_rows
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    Finding,
    FindingKind,
)
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.beside import beside
from shuzhuan.apps.assessments.queries.plans import newest_plan
from shuzhuan.apps.assessments.queries.visits import (
    ALL,
    DONE,
    OPEN,
    Visit,
    enterprise_of,
    visit_or_404,
    visits,
)
from shuzhuan.apps.assessments.views import keeping

UNPROCESSABLE = 422
TABS = ((OPEN, "待完成"), (DONE, "已完成"), (ALL, "全部"))


@require_safe
def listing_page(request: HttpRequest) -> HttpResponse:
    """Whom the body was asked to visit: 入企任务."""
    actor = actor_of_request(request)
    state = request.GET.get("state", OPEN)
    page, rows = visits(actor, state, request.GET.get("page"))
    context = {"page": page, "rows": rows, "tabs": TABS, "state": state}
    return render(request, "assessments/visit/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One enterprise: begin its sheet, and see how far it is."""
    actor = actor_of_request(request)
    found = visit_or_404(actor, pk)
    if not found.has_sheet:
        return redirect("enterprises:profile", found.engagement.enterprise_id)
    if request.method == "POST":
        return _begin(request, actor, found)
    enterprise = enterprise_of(actor, found)
    context: dict[str, Any] = {"visit": found, "enterprise": enterprise}
    if found.sheet is None:
        before = before_of(enterprise, found.engagement.kind)
        context["sectors"] = [] if before else sectors(enterprise.place)
    else:
        sheet = reading.sheet_or_404(actor, found.sheet.pk)
        rows = reading.rows(sheet)
        context |= {
            "assessment": sheet,
            "sheet": listing.sheet(sheet, rows, listing.evidence(actor, rows)),
            "indicators": reading.indicator_set(sheet),
            "drafting": sheet.state == AssessmentState.DRAFT,
            "diagnosing": sheet.kind == AssessmentKind.DIAGNOSIS,
            "findings": Finding.objects.filter(place_id=sheet.place_id, diagnosis=sheet).count(),
            "plan": newest_plan(actor, sheet),
            "beside": beside(actor, sheet),
            "store_key": keeping.store_key(actor, sheet),
        }
    return render(request, "assessments/visit/visit.html", context)


def _begin(request: HttpRequest, actor: Actor, found: Visit) -> HttpResponse:
    engagement = found.engagement
    try:
        made = start(
            actor,
            enterprise_of(actor, found),
            engagement.kind,
            engagement=engagement,
            sector=request.POST.get("sector", MANUFACTURING),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("assessments:visit", engagement.pk)
    first = next(iter(reading.indicator_set(made).question))
    return redirect("assessments:visit_item", engagement.pk, first)


@dataclass(frozen=True, slots=True)
class Writing:
    """Somebody of a body at work on the sheet of one visit."""

    actor: Actor
    visit: Visit
    sheet: Assessment


def writing_or_none(request: HttpRequest, pk: int) -> Writing | None:
    """Who writes which sheet, while it is written. Raises Http404 for a foreign visit."""
    actor = actor_of_request(request)
    found = visit_or_404(actor, pk)
    if found.sheet is None or found.sheet.state != AssessmentState.DRAFT:
        return None
    return Writing(actor, found, reading.sheet_or_404(actor, found.sheet.pk))


@require_http_methods(["GET", "HEAD", "POST"])
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    """Problems, needs and proposed scenarios; a submitted diagnosis shows them."""
    actor = actor_of_request(request)
    found = visit_or_404(actor, pk)
    if found.sheet is None or found.sheet.kind != AssessmentKind.DIAGNOSIS:
        return redirect("assessments:visit", pk)
    sheet = reading.sheet_or_404(actor, found.sheet.pk)
    wrong = ""
    if request.method == "POST":
        try:
            save_findings(actor, sheet.pk, finding_lines(request.POST))
        except ValidationError as error:
            wrong = error.messages[0]
        else:
            messages.success(request, "已保存。")
            return redirect("assessments:visit_findings", pk)
    stored = Finding.objects.filter(place_id=sheet.place_id, diagnosis=sheet)
    context = {
        "visit": found,
        "assessment": sheet,
        "drafting": sheet.state == AssessmentState.DRAFT,
        "lists": finding_rows(
            reading.indicator_set(sheet), list(stored), request.POST if wrong else None
        ),
        "kinds": FindingKind,
        "wrong": wrong,
    }
    status = UNPROCESSABLE if wrong else 200
    return render(request, "assessments/visit/findings.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is declared; whoever was there types the own name."""
    at = writing_or_none(request, pk)
    if at is None:
        return redirect("assessments:visit", pk)
    actor, sheet = at.actor, at.sheet
    today = timezone.localdate().isoformat()
    form = SubmitForm(
        request.POST if request.method == "POST" else None,
        initial={"visited_on": today, "seen": sheet.saves},
    )
    if request.method == "POST" and form.is_valid():
        try:
            submit_visit(
                actor,
                sheet.pk,
                visited_on=form.cleaned_data["visited_on"],
                committed_name=form.cleaned_data["committed_name"],
                seen_saves=form.cleaned_data["seen"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已提交，企业和主管部门现在可以看到结果。")
            return redirect("assessments:visit", pk)
    rows = reading.rows(sheet)
    context = {
        "visit": at.visit,
        "assessment": sheet,
        "sheet": listing.sheet(sheet, rows, {}),
        "indicators": reading.indicator_set(sheet),
        "form": form,
        "store_key": keeping.store_key(actor, sheet),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/visit/commit.html", context, status=status)

"""The pages of a body on site: whom to visit, the sheet, the findings, the submission."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.queries.visits import (
    DONE,
    OPEN,
    enterprise_of,
    visit_or_404,
    visits,
)

TABS = (("", "全部"), (OPEN, "待完成"), (DONE, "已提交"))


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Whom the body was asked to visit: 入企任务."""
    actor = actor_of_request(request)
    state = request.GET.get("state", "")
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
        try:
            start(
                actor,
                enterprise_of(actor, found),
                found.engagement.kind,
                engagement=found.engagement,
            )
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("assessments:visit", pk)
    return render(request, "assessments/visit/visit.html", {"visit": found})

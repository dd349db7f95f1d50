"""改造前后对照."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.assessments.models import AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.before_after import before_after


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A submitted acceptance grading beside the diagnosis before the work."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if found.kind != AssessmentKind.ACCEPTANCE or found.state != AssessmentState.SUBMITTED:
        return redirect("assessments:result", pk)
    context = {"assessment": found, "pair": before_after(actor, found)}
    return render(request, "assessments/visit/compare.html", context)

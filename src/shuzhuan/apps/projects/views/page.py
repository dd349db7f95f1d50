"""The page of one project, for everybody who may see it; each sees what is theirs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.apps.projects.queries.offers import Attempt, offers

UNPROCESSABLE = 422


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the project stands, what can be done next, and everything that belongs to it."""
    return show(request, get_visible(actor_of_request(request), Project, pk=pk))


def show(request: HttpRequest, project: Project, attempt: Attempt | None = None) -> HttpResponse:
    """The page, after a refused attempt with what was typed and why it was refused."""
    actor = actor_of_request(request)
    steps = list(visible(actor, Step).filter(project=project))
    context = {
        "project": project,
        "steps": steps,
        "offers": offers(actor, project, steps, attempt),
    }
    status = None if attempt is None else UNPROCESSABLE
    return render(request, "projects/page.html", context, status=status)

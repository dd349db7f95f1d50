"""The page of one project, for everybody who may see it; each sees what is theirs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.apps.projects.queries.offers import Attempt, offers
from shuzhuan.apps.projects.queries.page import WITH, Shown
from shuzhuan.apps.projects.views.audit import AUDIT_LINE, rows_of, where

UNPROCESSABLE = 422


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the project stands, what can be done next, and everything that belongs to it."""
    return show(request, get_visible(actor_of_request(request), Project, pk=pk))


def show(request: HttpRequest, project: Project, attempt: Attempt | None = None) -> HttpResponse:
    """The page, after a refused attempt with what was typed and why it was refused."""
    actor = actor_of_request(request)
    project = Project.objects.select_related(*WITH).get(pk=project.pk)
    steps = list(visible(actor, Step).filter(project=project).select_related("user"))
    offered, shown = offers(actor, project, steps, attempt), Shown(actor, project, steps)
    context = {
        "project": project,
        "shown": shown,
        "offers": offered,
        "attempt": attempt,
        # Otherwise what was refused is not among what can be done: it is said on top.
        "tried": any(offer.tried for offer in offered),
        "where": where(attempt),
        "audit_rows": rows_of(shown.lines, attempt) if shown.is_auditor else [],
    }
    if attempt is not None and attempt.action == AUDIT_LINE:
        context["tried"] = False
    status = None if attempt is None else UNPROCESSABLE
    return render(request, "projects/page.html", context, status=status)

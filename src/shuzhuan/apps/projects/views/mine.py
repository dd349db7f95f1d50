"""The enterprise's projects and the batches that it may file in: 我的申报."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.enterprises.queries.archive import own_enterprise
from shuzhuan.apps.pilots.models import Batch
from shuzhuan.apps.projects.actions.start_project import start_project
from shuzhuan.apps.projects.queries import mine

UNPROCESSABLE = 422


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Own projects, then open batches with 第八、十条 looked at before anything is filled in."""
    return _show(request)


def _show(request: HttpRequest, wrong: str = "") -> HttpResponse:
    actor, today = actor_of_request(request), timezone.localdate()
    enterprise = own_enterprise(actor)
    context = {
        "here": "projects",
        "enterprise": enterprise,
        "own": mine.own_projects(actor, today),
        "chances": mine.chances(actor, enterprise, today),
        "wrong": wrong,
        "today": today,
    }
    status = UNPROCESSABLE if wrong else 200
    return render(request, "projects/mine.html", context, status=status)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a filing in a batch, or go on with the one that is there."""
    actor = actor_of_request(request)
    batch = get_visible(actor, Batch, pk=pk)
    try:
        project = start_project(actor, batch, own_enterprise(actor))
    except ValidationError as error:
        return _show(request, error.messages[0])
    messages.success(request, "草稿已经建好，企业档案和一企一策里有的都带进来了。")
    return redirect("projects:filing", project.pk)

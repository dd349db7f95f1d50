"""Do one action of the table: the address names the project and the action."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.projects.actions import Done, perform
from shuzhuan.apps.projects.forms import key_of, payload_of
from shuzhuan.apps.projects.forms.base import BROKEN
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.offers import Attempt
from shuzhuan.apps.projects.views import audit
from shuzhuan.apps.projects.views.page import show
from shuzhuan.engine.process import BY_ACTION, State

VERSION_DIGITS_MAX = 9
# Actions whose forms stand on pages of their own say where a refusal is shown and where one goes
# on from there; the rest belong to the project's page.
Again = Callable[[HttpRequest, Project, Attempt], HttpResponse]
Onward = Callable[[Project, Done], str]
SHOWN_BY: dict[str, Again] = {}
LEADS_TO: dict[str, Onward] = {}


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Perform it; a refusal shows the form again with what was typed and why."""
    actor = actor_of_request(request)
    project = get_visible(actor, Project, pk=pk)
    if action not in BY_ACTION:
        raise Http404
    key, version = key_of(request.POST), request.POST.get("version", "")
    if key is None or (version and not (version.isascii() and version.isdigit())):
        return _again(request, project, Attempt(action, request.POST, {"": BROKEN}))
    answer = perform(
        actor, pk, action, payload_of(request.POST), key=key,
        version=int(version[:VERSION_DIGITS_MAX]) if version else None,
    )  # fmt: skip
    refused = None
    if not isinstance(answer, Done):
        refused = Attempt(action, request.POST, answer.problems)
    if action == audit.AUDIT_LINE and request.headers.get("HX-Request") == "true":
        return audit.row(request, project, refused, request.POST.get("line", ""))
    if not isinstance(answer, Done):
        assert refused is not None
        return _again(request, project, refused)
    messages.success(request, _said(answer))
    return redirect(_onward(actor, project, answer) + _line(request, action))


def _line(request: HttpRequest, action: str) -> str:
    """Where on the page one goes on: at the line that was saved."""
    return f"#line-{request.POST.get('line', '')}" if action == audit.AUDIT_LINE else ""


def _again(request: HttpRequest, project: Project, attempt: Attempt) -> HttpResponse:
    return SHOWN_BY.get(attempt.action, show)(request, project, attempt)


def _onward(actor: Actor, project: Project, answer: Done) -> str:
    if not visible(actor, Project).filter(pk=project.pk).exists():
        return reverse("site:home")
    if answer.action in LEADS_TO:
        return LEADS_TO[answer.action](project, answer)
    return reverse("projects:page", args=[project.pk])


def _said(answer: Done) -> str:
    row = BY_ACTION[answer.action]
    if row.target is None:
        return f"{row.label}：已保存。"
    return f"{row.label}：已办好，项目现在是“{State(answer.state).label}”。"

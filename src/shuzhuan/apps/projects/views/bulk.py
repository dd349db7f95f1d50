"""Do one action on many projects: first what it will be, then all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.actions.bulk import TARGETS_MAX, TOGETHER, NoneDone, amount_of, bulk
from shuzhuan.apps.projects.forms import key_of
from shuzhuan.apps.projects.forms.acceptance import UNITS
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries import queue as queues
from shuzhuan.apps.projects.views.page import UNPROCESSABLE
from shuzhuan.apps.projects.views.queue import queue_url
from shuzhuan.engine.process import BY_ACTION

PICKED = "picked"
_DIGITS_MAX = 18


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, action: str) -> HttpResponse:
    """Which projects, and what the public will read; posting does it."""
    actor = actor_of_request(request)
    if action not in TOGETHER:
        raise Http404
    given = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    query = _query(QueryDict(given))
    ready, others = _targets(actor, action, query)
    back = queue_url(queues.without(query, PICKED).urlencode())
    failed: NoneDone | None = None
    if request.method == "POST":
        ids, key = _numbers(request.POST.getlist("project")), key_of(request.POST)
        answer = bulk(actor, action, ids, key=key or uuid4())
        if not isinstance(answer, NoneDone):
            label = BY_ACTION[action].label
            messages.success(request, f"{label}：{answer.count} 个项目都已办好。")
            return HttpResponseRedirect(back)
        failed = answer
    kind = TOGETHER[action]
    context = {
        "action": action, "transition": BY_ACTION[action], "failed": failed,
        "rows": [(p, amount_of(p, kind) if kind else None) for p in ready[:TARGETS_MAX]],
        "count": len(ready), "others": others, "most": TARGETS_MAX, "kind": kind,
        "periods": _periods(ready, kind) if kind else [], "query": query.urlencode(),
        "key": uuid4(), "back": back,
    }  # fmt: skip
    status = UNPROCESSABLE if failed is not None else None
    return render(request, "projects/bulk.html", context, status=status)


def _query(given: QueryDict) -> QueryDict:
    """The filters of the list that one came from, and what was ticked there."""
    query = QueryDict(given.get("from", ""), mutable=True) if "from" in given else given.copy()
    query.setlist(PICKED, given.getlist(PICKED))
    return queues.without(query, "page", "from")


def _targets(actor: Actor, action: str, query: QueryDict) -> tuple[list[Project], int]:
    """The chosen or filtered projects that stand where the action starts, and how many do not."""
    picked = _numbers(query.getlist(PICKED))
    if picked:
        rows = visible(actor, Project).filter(pk__in=picked)
    else:
        rows = queues.narrowed(actor, queues.read(query, actor))
    sources = [str(state) for state in BY_ACTION[action].sources]
    fitting = rows.filter(state__in=sources, place_id=actor.region_id)
    ready = list(
        fitting.select_related("batch", "pilot", "enterprise", "place").order_by("number", "pk")
    )
    return ready, rows.count() - len(ready)


def _periods(projects: Iterable[Project], kind: str) -> list[tuple[str, str, str, str]]:
    """By batch: title, days, basis and the columns that the public reads."""
    found = {}
    for project in projects:
        if project.batch_id not in found:
            period = project.batch.parameters.publicity[kind]
            span = f"{period.days}{UNITS[period.unit]}"
            found[project.batch_id] = (
                project.batch.title, span, period.cite, "、".join(period.fields)
            )  # fmt: skip
    return list(found.values())


def _numbers(texts: list[str]) -> list[int]:
    return [int(t) for t in texts if t.isascii() and t.isdigit() and len(t) <= _DIGITS_MAX]

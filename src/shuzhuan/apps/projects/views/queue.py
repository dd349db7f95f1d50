"""The queue of an office, and what of it is taken out as Excel."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.projects.actions.bulk import TOGETHER
from shuzhuan.apps.projects.actions.export import export_queue
from shuzhuan.apps.projects.book import XLSX
from shuzhuan.apps.projects.queries import queue as queues
from shuzhuan.engine.process import BY_ACTION

NUMERIC = frozenset({"planned", "subsidy"})


def queue_url(query: str) -> str:
    """The queue with these filters."""
    url = reverse("projects:queue")
    return f"{url}?{query}" if query else url


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Every project of the place: where it stands, whose move it is, how long they have."""
    actor = actor_of_request(request)
    query = queues.without(request.GET)
    form = queues.read(query, actor)
    page = queues.page_of(actor, form, query.get("page"))
    today = timezone.localdate()
    sort = "due" if form.errors else form.cleaned_data["sort"]
    kept = queues.without(query, "page")
    context = {
        "form": form,
        "page": page,
        "rows": [queues.row_of(project, today) for project in page.object_list],
        "heads": _heads(queues.without(kept, "sort"), sort),
        "figures": queues.figures(actor),
        "query": kept.urlencode(),
        "sort": query.get("sort", ""),
        "acts": actor.role == Role.COUNTY_OFFICER,
        "mine": actor.role in queues.LANE_OF,
        "together": [(name, BY_ACTION[name].label) for name in TOGETHER],
    }
    return render(request, "projects/queue.html", context)


def _heads(bare: QueryDict, sort: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for key, (title, _) in queues.SORTS.items():
        down = sort == f"-{key}"
        turned = f"-{key}" if sort == key or (key in NUMERIC and not down) else key
        copy = bare.copy()
        copy["sort"] = turned
        state = "descending" if down else "ascending" if sort == key else ""
        head = {"key": key, "title": title, "state": state, "numeric": key in NUMERIC}
        found.append({**head, "url": queue_url(copy.urlencode())})
    return found


@require_POST
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """All filtered rows as Excel."""
    actor = actor_of_request(request)
    query = queues.without(QueryDict(request.POST.get("query", "")), "page")
    form = queues.read(query, actor)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.xlsx"
        try:
            export_queue(actor, form, query.urlencode(), path)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return HttpResponseRedirect(queue_url(query.urlencode()))
        handle = path.open("rb")  # stays readable after the folder has gone
    name = f"项目清单-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(handle, as_attachment=True, filename=name, content_type=XLSX)

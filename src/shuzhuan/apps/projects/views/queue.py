"""The queue of an office, and what of it is taken out as Excel."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
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
from shuzhuan.apps.projects.kept import shelf_of
from shuzhuan.apps.projects.queries import queue as queues
from shuzhuan.apps.projects.queries.due import lit
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
    listed = queues.listed(actor, form, query.get("page"))
    today = timezone.localdate()
    sort = "due" if form.errors else form.cleaned_data["sort"]
    kept = queues.without(query, "page")
    context = {
        "form": form,
        "page": listed.page,
        "rows": [(row, lit(row, today), form.places.get(row.place_id)) for row in listed.rows],
        "heads": _heads(queues.without(kept, "sort"), sort, several=form.several),
        "tabs": _tabs(queues.without(kept, "lane", "due"), form, listed.figures),
        "figures": listed.figures,
        "query": kept.urlencode(),
        "sort": query.get("sort", ""),
        "acts": actor.role == Role.COUNTY_OFFICER,
        "together": [(name, BY_ACTION[name].label) for name in TOGETHER],
        "shelf": shelf_of(actor),
    }
    return render(request, "projects/queue.html", context)


@dataclass(frozen=True)
class Tab:
    """One tab: how many projects it shows, and whether it is the one that is open."""

    label: str
    count: int
    url: str
    current: bool


def _tabs(
    bare: QueryDict, form: queues.QueueForm, figures: queues.Figures
) -> list[Tab]:  # fmt: skip
    """The same filters, each time for another question."""
    rows = [
        (queues.MINE, "待我办", figures.mine, "lane"), (queues.LATE, "已逾期", figures.late, "due"),
        (queues.SOON, "三个工作日内到期", figures.soon, "due"),
        (queues.OPEN, "在办", figures.open, "lane"), (queues.ALL, "全部", figures.all, ""),
    ]  # fmt: skip
    found = []
    for key, label, count, name in rows[0 if form.acts else 1 :]:
        copy = bare.copy()
        if name:
            copy[name] = key
        current = not form.errors and form.tab == key
        found.append(Tab(label, count, queue_url(copy.urlencode()), current))
    return found


def _heads(bare: QueryDict, sort: str, *, several: bool) -> list[dict[str, object]]:
    """The columns; the county's only where there are ``several``."""
    found: list[dict[str, object]] = []
    for key, (title, _) in queues.SORTS.items():
        if key == "place" and not several:
            continue
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

"""Bulk actions: say what will happen, do it in the background, show what became of each."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.workbench.actions.bulk import TARGETS_MAX, resume_bulk, start_bulk
from shuzhuan.apps.workbench.filters import narrowed, read
from shuzhuan.apps.workbench.forms import bulk_form, parameters_of
from shuzhuan.apps.workbench.models import BulkAction, BulkItem, BulkOutcome, BulkRun
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.views.listing import list_url, query_of

ITEMS_SHOWN = 100
STUCK = timedelta(minutes=1)
NAMES_SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, action: str) -> HttpResponse:
    """How many enterprises, which, and the day and reason; posting starts the run."""
    actor = actor_of_request(request)
    if action not in BulkAction.values:
        raise Http404
    what, places = BulkAction(action), places_of(actor)
    given = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    query = query_of(given)
    filters = read(query, places)
    form = bulk_form(what, places, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and not filters.errors:
        key = request.POST.get("key", "")[:36] or str(uuid.uuid4())
        try:
            run = start_bulk(
                actor, filters, what, parameters_of(what, form.cleaned_data), key,
                query.urlencode()[:1000],
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("workbench:bulk_run", run.pk)
    rows = narrowed(actor, filters).order_by("name")
    context = {
        "action": what, "form": form, "filters": filters, "query": query.urlencode(),
        "count": rows.count(), "names": [row.name for row in rows.only("name")[:NAMES_SHOWN]],
        "most": TARGETS_MAX, "key": request.POST.get("key") or str(uuid.uuid4()),
        "list_url": list_url(query.urlencode()),
    }  # fmt: skip
    return render(request, "workbench/bulk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is and what became of each enterprise; posting takes up a stopped one."""
    actor = actor_of_request(request)
    found = get_visible(actor, BulkRun, pk=pk)
    if request.method == "POST":
        if found.finished_at is None:
            resume_bulk(actor, found)
        return redirect("workbench:bulk_run", pk)
    only = request.GET.get("only", "")
    items = visible(actor, BulkItem).filter(run=found).exclude(outcome=BulkOutcome.WAITING)
    if only in BulkOutcome.values:
        items = items.filter(outcome=only)
    items = items.select_related("enterprise").order_by("-outcome", "pk")
    page = Paginator(items, ITEMS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "run": found, "page": page, "only": only,
        "percent": found.done * 100 // found.total if found.total else 100,
        "good": found.done - found.refused,
        "stuck": found.finished_at is None and timezone.now() - found.touched_at > STUCK,
        "list_url": list_url(found.query),
    }  # fmt: skip
    template = "workbench/bulk_run.html"
    if request.headers.get("HX-Request") == "true":
        template += "#progress"
    return render(request, template, context)

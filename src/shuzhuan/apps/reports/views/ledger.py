"""资金使用台账: the list, one project in full, and the workbook."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.reports.actions.export_ledger import export_ledger
from shuzhuan.apps.reports.queries import ledger
from shuzhuan.apps.workbench.places import places_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILTERS = ("q", "place", "stage", "state", "since", "until")


def _query(data: QueryDict) -> str:
    """The filters in use, in one order."""
    return urlencode([(name, data[name]) for name in FILTERS if data.get(name)])


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One page of the ledger."""
    actor = actor_of_request(request)
    places = places_of(actor)
    asked = ledger.read(request.GET.dict(), places)
    told = ledger.listing(actor, places, asked, request.GET.get("page"))
    rows = [
        (row, [(label, getattr(row, name)) for name, label in ledger.COLUMNS])
        for row in told.page.object_list
    ]
    context = {
        "places": places,
        "asked": asked,
        "told": told,
        "page": told.page,
        "rows": rows,
        "columns": [label for _, label in ledger.COLUMNS],
        "totals": [(label, told.totals[name]) for name, label in ledger.COLUMNS],
        "stages": [(key, label) for key, (label, _) in ledger.STAGES.items()],
        "states": ledger.state_choices(),
        "query": _query(request.GET),
        "here": "ledger",
    }
    return render(request, "reports/ledger.html", context)


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """Lines with invoices, and every entry of the ledger for one project."""
    actor = actor_of_request(request)
    get_visible(actor, Project, pk=pk)
    found = (
        visible(actor, Project).select_related("enterprise", "place", "batch", "pilot").get(pk=pk)
    )
    context = {
        "project": found,
        "account": ledger.account(actor, found),
        "amounts": [(label, getattr(found, name)) for name, label in ledger.COLUMNS],
        "here": "ledger",
    }
    return render(request, "reports/ledger_project.html", context)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Everything that was asked for as a workbook, with the reason on record."""
    actor = actor_of_request(request)
    places = places_of(actor)
    query = _query(QueryDict(request.POST.get("query", "")))
    asked = ledger.read(QueryDict(query).dict(), places)
    try:
        content = export_ledger(actor, places, asked, request.POST.get("reason", ""), query)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        url = reverse("reports:ledger")
        return HttpResponseRedirect(f"{url}?{query}" if query else url)
    response = HttpResponse(content, content_type=XLSX)
    name = quote(f"{places.region.name}资金使用台账-{timezone.localdate():%Y%m%d}.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response

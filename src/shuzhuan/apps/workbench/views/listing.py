"""The list of enterprises: filtered, sorted, kept as a view, taken out as Excel."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.workbench.actions.export import CLEAR, MASKED, NONE, Wanted, export_list
from shuzhuan.apps.workbench.actions.save_view import delete_view, save_view
from shuzhuan.apps.workbench.columns import ALWAYS, COLUMNS, chosen
from shuzhuan.apps.workbench.filters import FilterForm, read
from shuzhuan.apps.workbench.kept import view_url, views_of
from shuzhuan.apps.workbench.models import BulkAction, Listing
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.queries.listing import PAGE_ROWS, ROWS_MAX, page_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def list_url(query: str) -> str:
    """The list with these filters."""
    return view_url(Listing.ENTERPRISES, query)


def query_of(text: str) -> QueryDict:
    """A query that a form carries, without a page number."""
    query = QueryDict(text, mutable=True)
    query.pop("page", None)
    return query


def _without(query: QueryDict, *names: str) -> QueryDict:
    copy = query.copy()
    for name in names:
        copy.pop(name, None)
    return copy


def _tidied(query: QueryDict) -> QueryDict:
    """Without the empty filters that a form sends along."""
    copy = query.copy()
    for name in list(copy):
        values = [value for value in copy.getlist(name) if value != ""]
        if values:
            copy.setlist(name, values)
        else:
            del copy[name]
    return copy


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One page of the list."""
    actor = actor_of_request(request)
    places = places_of(actor)
    query = _tidied(request.GET)
    form = read(query, places)
    columns = chosen(query.getlist("cols"), places)
    found = page_of(actor, form, columns)
    sort = form.cleaned_data.get("sort") or ""
    bare = _without(query, "sort", "page").urlencode()
    heads = [
        {
            "column": column,
            "state": "descending" if sort == f"-{column.key}" else "ascending"
            if sort == column.key else "",
            "url": list_url(
                f"{bare}{'&' if bare else ''}sort="
                f"{'-' if sort == column.key or (column.numeric and sort != f'-{column.key}') else ''}"
                f"{column.key}"
            ),
        }
        for column in columns
    ]  # fmt: skip
    shown = [
        (row, [(column, column.value(row, places)) for column in columns if column.key != "name"])
        for row in found.rows
    ]
    pageless = _without(query, "page").urlencode()
    context = {
        "places": places, "form": form, "page": found, "heads": heads, "shown": shown,
        "columns": columns, "all_columns": [c for c in COLUMNS if c.key not in ALWAYS],
        "chosen": {column.key for column in columns}, "query": pageless,
        "next_url": list_url(f"{pageless}&page={found.number + 1}".lstrip("&")),
        "previous_url": list_url(f"{pageless}&page={found.number - 1}".lstrip("&")),
        "views": list(views_of(actor, Listing.ENTERPRISES)),
        "me": actor.user_id, "actions": BulkAction.choices, "rows_max": ROWS_MAX,
        "page_rows": PAGE_ROWS, "sort": sort,
    }  # fmt: skip
    template = "workbench/list.html"
    if request.headers.get("HX-Request") == "true":
        template += "#results"
    return render(request, template, context)


@require_POST
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """What the list shows, all results, as Excel."""
    actor = actor_of_request(request)
    places = places_of(actor)
    text = request.POST.get("query", "")
    query = query_of(text)
    form = read(query, places)
    how = request.POST.get("contacts", NONE)
    wanted = Wanted(
        columns=chosen(query.getlist("cols"), places),
        contacts=how if how in (MASKED, CLEAR) else NONE,
        reason=request.POST.get("reason", ""),
        query=query.urlencode(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        try:
            _complain(form)
            export_list(actor, places, form, wanted, path)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return HttpResponseRedirect(list_url(query.urlencode()))
        handle = path.open("rb")  # stays readable after the folder has gone
    name = f"{places.region.name}企业名单-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(handle, as_attachment=True, filename=name, content_type=XLSX)


def _complain(form: FilterForm) -> None:
    if form.errors:
        label, word = form.unreadable[0]
        raise ValidationError(f"{label}：{word}")


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the list under a name."""
    query = query_of(request.POST.get("query", "")).urlencode()
    asked = request.POST.get("listing", Listing.ENTERPRISES)
    listing = Listing(asked) if asked in Listing.values else Listing.ENTERPRISES
    try:
        view = save_view(
            actor_of_request(request),
            listing,
            request.POST.get("name", ""),
            query,
            shared=request.POST.get("shared") == "on",
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"已保存视图“{view.name}”。")
    return HttpResponseRedirect(view_url(listing, query))


@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up an own view."""
    listing = delete_view(actor_of_request(request), pk)
    messages.success(request, "视图已删除。")
    return HttpResponseRedirect(view_url(listing, ""))

"""The office's desk: hear objections, close what has run its time."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.audit.unmask import unmask
from shuzhuan.apps.evidence.store import store
from shuzhuan.apps.evidence.views.files import sealed
from shuzhuan.apps.publicity import desk as desks
from shuzhuan.apps.publicity import period, queries
from shuzhuan.apps.publicity.actions import attach, finish
from shuzhuan.apps.publicity.actions import decide as deciding
from shuzhuan.apps.publicity.actions import recompute as recomputing
from shuzhuan.apps.publicity.forms import UPHELD, DecideForm, ReasonForm
from shuzhuan.apps.publicity.masks import mask_contact
from shuzhuan.apps.publicity.models import (
    Objection,
    ObjectionFile,
    Publicity,
    PublicityItem,
    State,
)

ITEMS_ON_A_PAGE = 100


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Objections by due day, and the publicities by where they stand."""
    actor = actor_of_request(request)
    figures = desks.figures(actor)
    view = request.GET.get("view", "")
    if view not in dict(desks.VIEWS):
        view = desks.OBJECTIONS if figures.open else desks.OVER if figures.over else desks.RUNNING
    context = {"figures": figures, "view": view}
    number = request.GET.get("page")
    if view == desks.OBJECTIONS:
        page = desks.objections(actor, number)
        return render(
            request, "publicity/desk.html", {**context, "page": page, "due": desks.lit(page)}
        )
    listed = desks.publicities(actor, view, number)
    today = timezone.localdate()
    rows = [(each, queries.standing(each, today)) for each in listed]
    return render(request, "publicity/desk.html", {**context, "page": listed, "rows": rows})


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One publicity with its items, its objections and what can be done next."""
    return _sheet(request, pk, ReasonForm())


def _sheet(request: HttpRequest, pk: int, form: ReasonForm) -> HttpResponse:
    actor = actor_of_request(request)
    publicity = get_visible(actor, Publicity, pk=pk)
    today = timezone.localdate()
    heard = visible(actor, Objection).filter(item__publicity=publicity)
    items = visible(actor, PublicityItem).filter(publicity=publicity).order_by("position")
    page = Paginator(items, ITEMS_ON_A_PAGE).get_page(request.GET.get("page"))
    counted = period.recounted(publicity)
    running = publicity.state == State.RUNNING
    context = {
        "publicity": publicity,
        "standing": queries.standing(publicity, today),
        "page": page,
        "rows": [(item, queries.marked_cells(publicity, item)) for item in page],
        "due": desks.lit(heard.defer("text", "finding").order_by("-pk")[:ITEMS_ON_A_PAGE]),
        "running": running,
        "over": running and publicity.is_over(today),
        "counted": counted
        if running and (counted.day, counted.provisional) != (publicity.ends_on, publicity.provisional)
        else None,
        "form": form,
    }  # fmt: skip
    return render(request, "publicity/sheet.html", context)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a publicity whose time is over."""
    actor = actor_of_request(request)
    publicity = get_visible(actor, Publicity, pk=pk)
    try:
        finish.close(actor, publicity)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "公示已结束。没有异议或者异议不成立的，可以进入下一步。")
    return redirect("publicity:sheet", pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a whole publicity back."""
    actor = actor_of_request(request)
    publicity = get_visible(actor, Publicity, pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            finish.cancel(actor, publicity, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "公示已撤销，公众看得到原因。")
            return redirect("publicity:sheet", pk)
    return _sheet(request, pk, form)


@require_POST
def recompute(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the period again."""
    actor = actor_of_request(request)
    publicity = get_visible(actor, Publicity, pk=pk)
    changed = recomputing.recompute(publicity, actor)
    messages.success(request, "截止日期已重新推算。" if changed else "截止日期没有变化。")
    return redirect("publicity:sheet", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one item out."""
    actor = actor_of_request(request)
    item = get_visible(actor, PublicityItem, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            finish.withdraw_item(actor, item, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已撤下。")
            return redirect("publicity:sheet", item.publicity_id)
    context = {"form": form, "item": item, "cells": queries.cells_of(item.publicity, item)}
    return render(request, "publicity/withdraw.html", context)


@never_cache
@require_safe
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection, to be heard or as it was answered."""
    get_visible(actor_of_request(request), Objection, pk=pk)
    return _objection(request, pk, DecideForm())


@never_cache
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer it."""
    actor = actor_of_request(request)
    get_visible(actor, Objection, pk=pk)
    form = DecideForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            deciding.decide(actor, pk, given["result"] == UPHELD, given["finding"], given["key"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已答复，提出人凭查询码可以看到。")
            return redirect("publicity:objection", pk)
    return _objection(request, pk, form)


@never_cache
@require_POST
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole contact, with a reason that stays on record."""
    actor = actor_of_request(request)
    row = get_visible(actor, Objection, pk=pk)
    try:
        clear = unmask(actor, row, "contact", request.POST.get("reason", ""))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("publicity:objection", pk)
    return _objection(request, pk, DecideForm(), clear)


@require_POST
def file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """One attached file as a download."""
    actor = actor_of_request(request)
    found = get_visible(actor, ObjectionFile, pk=pk)
    content = store().open(found.sha256)
    attach.note_opened(actor, found)
    return sealed(content, found.kind, found.size_bytes, found.name)


def _objection(request: HttpRequest, pk: int, form: DecideForm, clear: str = "") -> HttpResponse:
    rows = visible(actor_of_request(request), Objection)
    row = rows.select_related("item__publicity", "decided_by").get(pk=pk)
    item, files = row.item, visible(actor_of_request(request), ObjectionFile)
    context = {
        "objection": row,
        "due": desks.lit([row])[0],
        "item": item,
        "publicity": item.publicity,
        "cells": queries.cells_of(item.publicity, item),
        "form": form,
        "files": files.filter(objection=row).order_by("position"),
        "contact": clear or mask_contact(row.contact),
        "clear": bool(clear),
    }
    return render(request, "publicity/objection.html", context)

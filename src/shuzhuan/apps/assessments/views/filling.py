"""The enterprise assesses itself: where it stands, one page per item, an overview."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.assessments.actions.save_answer import Conflict, save_answer
from shuzhuan.apps.assessments.actions.sets import MANUFACTURING, sectors
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.writing import SELF_WRITERS
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.models import Answer, Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import history
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.views import keeping
from shuzhuan.apps.enterprises.queries.archive import own_enterprise


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where the enterprise stands, by kind; start or go on."""
    actor = actor_of_request(request)
    enterprise = own_enterprise(actor)
    standing = history.standing(actor, enterprise)
    context = {
        "here": "level",
        "own": True,
        "enterprise": enterprise,
        "standing": standing,
        "sectors": sectors(enterprise.place),
        "sector": history.latest_sector(standing),
        "writes": actor.role in SELF_WRITERS,
    }
    return render(request, "assessments/self/home.html", context)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Start a self-assessment, or take up the open one, at its first open item."""
    actor = actor_of_request(request)
    try:
        sector = request.POST.get("sector", MANUFACTURING)
        found = start(actor, own_enterprise(actor), AssessmentKind.SELF, sector=sector)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("assessments:self_home")
    rows = reading.rows(found)
    sheet = listing.sheet(found, rows, {})
    target = sheet.open[0] if sheet.open and rows else sheet.entries[0]
    return redirect("assessments:self_item", found.pk, target.item)


@require_safe
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """All items, which are open, and the way to the commitment."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if closed(found):
        return redirect("assessments:result", pk)
    rows = reading.rows(found)
    context = {
        **_frame(actor, found),
        "sheet": listing.sheet(found, rows, listing.evidence(actor, rows)),
        "indicators": reading.indicator_set(found),
    }
    return render(request, "assessments/self/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """One item: shown, or saved and on to the next."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if closed(found):
        return redirect("assessments:result", pk)
    if request.method != "POST":
        return show(request, actor, found, item)
    try:
        save(request, actor, found, item)
    except Conflict as error:
        return _conflict(request, found, item, error)
    except ValidationError as error:
        return show(request, actor, found, item, error.messages[0])
    return redirect(_onward(request, found, item))


@require_safe
def every(request: HttpRequest, pk: int) -> HttpResponse:
    """Every item at once, for a page that goes on when the network does not."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if closed(found):
        return redirect("assessments:result", pk)
    rows = reading.rows(found)
    sheet = listing.sheet(found, rows, listing.evidence(actor, rows))
    context = {
        **_frame(actor, found),
        "items": [_neighbours(sheet, entry.item) for entry in sheet.entries],
    }
    return render(request, "assessments/self/every.html", context)


@require_POST
def keep(request: HttpRequest, pk: int) -> JsonResponse:
    """Save one item for a page that stays: one round trip, acknowledged in JSON."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    name = request.POST.get("item", "")
    if closed(found):
        return keeping.closed_at(reverse("assessments:result", args=[pk]))
    return keeping.kept(request, found, name, lambda: save(request, actor, found, name))


def closed(found: Assessment) -> bool:
    """Whether there is nothing to fill in: submitted, or not a self-assessment."""
    return found.kind != AssessmentKind.SELF or found.state != AssessmentState.DRAFT


def save(request: HttpRequest, actor: Actor, found: Assessment, item: str) -> Answer:
    """Save what the form of an item posts. Raises Conflict, ValidationError, Http404."""
    if actor.role not in SELF_WRITERS:
        raise PermissionDenied
    indicators = reading.indicator_set(found)
    if item not in indicators.question and item not in indicators.scenario:
        raise ValidationError("这套指标没有这一项。")
    return save_answer(
        actor,
        found.pk,
        item,
        read_value(indicators, item, request.POST),
        key=request.POST.get("key", ""),
        seen=keeping.seen(request),
        remark=request.POST.get("remark"),
    )


def show(
    request: HttpRequest, actor: Actor, found: Assessment, item: str, wrong: str = ""
) -> HttpResponse:
    """The page of an item; with ``wrong`` it keeps what was typed and says what to change."""
    rows = reading.rows(found)
    own = {item: rows[item]} if item in rows else {}
    sheet = listing.sheet(found, rows, listing.evidence(actor, own))
    entry = sheet.at(item)
    if entry is None:
        raise Http404
    context = {
        **_frame(actor, found),
        **_neighbours(sheet, item),
        "sheet": sheet,
        "wrong": wrong,
    }
    if wrong:
        context["entry"] = listing.as_typed(entry, request.POST)
    status = keeping.UNPROCESSABLE if wrong else 200
    return render(request, "assessments/self/item.html", context, status=status)


def _frame(actor: Actor, found: Assessment) -> dict[str, object]:
    return {
        "here": "level",
        "assessment": found,
        "writes": actor.role in SELF_WRITERS,
        "store_key": keeping.store_key(actor, found),
    }


def _neighbours(sheet: listing.Sheet, item: str) -> dict[str, object]:
    return {
        "entry": sheet.at(item),
        "before": sheet.beside(item, -1),
        "after": sheet.beside(item, 1),
        "key": secrets.token_urlsafe(12),
    }


def _onward(request: HttpRequest, found: Assessment, item: str) -> str:
    """Where the pressed button leads."""
    done = request.POST.get("do", "next")
    sheet = listing.sheet(found, {}, {})
    beside = sheet.beside(item, -1 if done == "previous" else 1)
    if done == "stay":
        beside = sheet.at(item)
    if done == "overview" or beside is None:
        return reverse("assessments:self_sheet", args=[found.pk])
    return reverse("assessments:self_item", args=[found.pk, beside.item])


def _conflict(request: HttpRequest, found: Assessment, item: str, error: Conflict) -> HttpResponse:
    """Both values side by side, without scripts: one choice, nothing overwritten before."""
    fields = [
        (name, value)
        for name in ("option", "percent", "part", "whole", "points", "remark")
        for value in request.POST.getlist(name)
    ]
    context = {
        "here": "level",
        "assessment": found,
        "item": item,
        "told": keeping.clash(request, found, item, error),
        "fields": fields,
        "key": secrets.token_urlsafe(12),
    }
    return render(request, "assessments/self/conflict.html", context, status=keeping.CONFLICT)

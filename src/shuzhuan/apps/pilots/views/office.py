"""The office's pilots and batches: set up, look at what will be frozen, open, close."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.pilots import cycle
from shuzhuan.apps.pilots.actions import pilot as acting
from shuzhuan.apps.pilots.forms import BatchForm, PilotForm
from shuzhuan.apps.pilots.models import Batch, BatchState, Pilot
from shuzhuan.apps.pilots.queries import sheet as sheets
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.policy.pack import Library

UNPROCESSABLE = 422
NUMERALS = "一二三四五六七八九十"
ELSEWHERE = "试点和批次由所在地的主管部门办理。"


def _acts(actor: Actor, place_id: int) -> bool:
    """Whether the actor sets up pilots of this place."""
    return actor.role in OFFICERS and actor.region_id == place_id


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Every pilot of the place with its batches."""
    actor = actor_of_request(request)
    pilots = visible(actor, Pilot).select_related("place").order_by("-starts_on", "-pk")
    batches: dict[int, list[Batch]] = {}
    for batch in visible(actor, Batch).order_by("-number"):
        batches.setdefault(batch.pilot_id, []).append(batch)
    rows = [
        (pilot, batches.get(pilot.pk, []), _acts(actor, pilot.place_id), cycle.remark(pilot))
        for pilot in pilots
    ]
    context = {"rows": rows, "sets_up": actor.role in OFFICERS}
    return render(request, "pilots/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pilot_new(request: HttpRequest) -> HttpResponse:
    """A pilot of one's own place."""
    actor = actor_of_request(request)
    place = Region.objects.get(pk=actor.region_id or 0)
    form = PilotForm(
        request.POST if request.method == "POST" else None, pack=place.pack,
        initial={"name": f"{place.name}中小企业数字化转型试点"},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            found = acting.create_pilot(
                actor, place, given["pack"], given["name"], given["starts_on"], given["ends_on"]
            )
        except ValidationError as error:
            form.complain(error)
        else:
            messages.success(request, "试点已建立，接着准备第一批。")
            return redirect("pilots:batch_new", found.pk)
    status = UNPROCESSABLE if form.errors else None
    return render(request, "pilots/pilot_new.html", {"form": form, "place": place}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def batch_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The next batch of a pilot."""
    actor = actor_of_request(request)
    pilot = get_visible(actor, Pilot, pk=pk)
    count = pilot.batches.count() + 1
    number = NUMERALS[count - 1] if count <= len(NUMERALS) else str(count)
    form = BatchForm(
        Library.load().get(pilot.pack), request.POST if request.method == "POST" else None,
        initial={"title": f"第{number}批试点企业申报"},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            batch = acting.create_batch(
                actor, pilot, title=given["title"], clause=given["clause"],
                opens_on=given["opens_on"], closes_on=given["closes_on"],
                contact=given["contact"], guide=given["guide"], office_days=form.office_days,
                hearing_days=given["hearing_days"],
            )  # fmt: skip
        except ValidationError as error:
            form.complain(error)
        except PermissionDenied:
            form.add_error(None, ELSEWHERE)
        else:
            messages.success(request, "批次已准备好。看过下面将要固定的内容，再开放申报。")
            return redirect("pilots:sheet", batch.pk)
    context = {"form": form, "pilot": pilot, "remark": cycle.remark(pilot)}
    status = UNPROCESSABLE if form.errors else None
    return render(request, "pilots/batch_new.html", context, status=status)


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch with everything that it froze, or would."""
    actor = actor_of_request(request)
    batch = _batch(actor, pk)
    context = {
        "batch": batch,
        "frozen": sheets.frozen(batch),
        "acts": _acts(actor, batch.place_id),
        "remark": cycle.remark(batch.pilot),
    }
    return render(request, "pilots/sheet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def batch_open(request: HttpRequest, pk: int) -> HttpResponse:
    """What cannot be changed afterwards is read once more; posting opens the batch."""
    actor = actor_of_request(request)
    batch = _batch(actor, pk)
    error = ""
    if request.method == "POST":
        try:
            acting.open_batch(actor, pk)
        except ValidationError as refused:
            error = "；".join(refused.messages)
        except PermissionDenied:
            error = ELSEWHERE
        else:
            messages.success(request, "已开放申报，企业可以在申报指南里看到。")
            return redirect("pilots:sheet", pk)
    if batch.state != BatchState.PREPARED and not error:
        return redirect("pilots:sheet", pk)
    context = {"batch": batch, "frozen": sheets.frozen(batch), "error": error}
    status = UNPROCESSABLE if error else None
    return render(request, "pilots/open.html", context, status=status)


@require_POST
def batch_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Receive no more filings."""
    actor = actor_of_request(request)
    get_visible(actor, Batch, pk=pk)
    try:
        acting.close_batch(actor, pk)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except PermissionDenied:
        messages.error(request, ELSEWHERE)
    else:
        messages.success(request, "已停止申报；已经提交的照常办理。")
    return redirect("pilots:sheet", pk)


def _batch(actor: Actor, pk: int) -> Batch:
    rows = visible(actor, Batch).select_related("pilot", "place", "opened_by").filter(pk=pk)
    found = rows.first()
    if found is None:
        raise Http404
    return found

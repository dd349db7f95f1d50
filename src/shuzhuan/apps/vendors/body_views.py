"""服务机构档案: kept by the body itself, read by the officers of the places where it works."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.vendors.actions.body import save_body
from shuzhuan.apps.vendors.body_facts import CONDITIONS
from shuzhuan.apps.vendors.body_forms import BodyForm
from shuzhuan.apps.vendors.body_queries import (
    checks,
    masked_controller,
    masked_name,
    own_record,
    record_or_404,
    records,
)

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The body's own record."""
    actor = actor_of_request(request)
    party, row = own_record(actor)
    form = BodyForm(
        request.POST if request.method == "POST" else None,
        initial=BodyForm.shown(row),
        kind=party.kind,
        mask=masked_controller(row),
    )
    if request.method == "POST" and form.is_valid():
        try:
            save_body(actor, form.text())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "档案已保存。")
            return redirect("vendors:body")
    context = {
        "party": party,
        "form": form,
        "checks": checks(row, party.place, timezone.localdate()),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "vendors/body.html", context, status=status)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Bodies registered in the place or working there."""
    actor = actor_of_request(request)
    page = records(actor, request.GET.get("page"))
    return render(request, "vendors/bodies.html", {"page": page, "rows": list(page)})


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One record, with what the documents of the officer's own place ask of such a body."""
    actor = actor_of_request(request)
    row = record_or_404(actor, pk)
    place = Region.objects.get(pk=actor.region_id or 0)
    context = {
        "row": row,
        "answers": [(label, getattr(row, name)) for name, (label, _) in CONDITIONS.items()],
        "controller": masked_controller(row),
        "controller_name": masked_name(row),
        "checks": checks(row, place, timezone.localdate()),
    }
    return render(request, "vendors/body_record.html", context)

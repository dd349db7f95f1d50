"""The tree of places."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.administration.actions.regions import add_region, change_region
from shuzhuan.apps.administration.forms import NewRegionForm, RegionForm, packs
from shuzhuan.apps.regions.models import Level, Region

UNPROCESSABLE = 422


@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """All places of the own region: 区域."""
    names = dict(packs())
    rows = list(visible(actor_of_request(request), Region).order_by("path"))
    root_depth = rows[0].path.count("/") if rows else 0
    listed = [
        (row, row.path.count("/") - root_depth, names.get(row.pack, row.pack) if row.pack else "")
        for row in rows
    ]
    return render(request, "administration/regions.html", {"rows": listed, "park": Level.PARK})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A place below this one: 增加下级."""
    actor = actor_of_request(request)
    parent = get_visible(actor, Region, pk=pk)
    form = NewRegionForm(request.POST if request.method == "POST" else None, parent=parent)
    if form.is_valid():
        try:
            made = add_region(actor, parent, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, f"已增加 {made.name}。")
            return redirect("administration:regions")
    context = {"form": form, "parent": parent}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "administration/region_add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and policy pack of a place: 修改."""
    actor = actor_of_request(request)
    region = get_visible(actor, Region, pk=pk)
    before = {"name": region.name, "pack": region.pack}
    form = RegionForm(request.POST if request.method == "POST" else None, initial=before)
    if form.is_valid():
        try:
            change_region(actor, region, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, "已保存。")
            return redirect("administration:regions")
    context = {"form": form, "region": region}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "administration/region.html", context, status=status)

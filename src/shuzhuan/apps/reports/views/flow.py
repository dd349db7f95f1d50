"""办理流程图: of a batch for everybody, of a pack for the office before a batch opens."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.reports.queries import flows
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import ProcessError

TYPES = {"svg": "image/svg+xml; charset=utf-8", "pdf": "application/pdf", "png": "image/png"}


@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture, and the same as a table."""
    drawn = flows.of_batch(actor_of_request(request), pk)

    def link(kind: str) -> str:
        return reverse("reports:flow_file", kwargs={"pk": pk, "kind": kind})

    return _page(request, drawn, {kind: link(kind) for kind in TYPES})


@require_safe
def batch_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The picture as SVG, PDF or PNG."""
    return _file(flows.of_batch(actor_of_request(request), pk), kind)


@require_safe
def packs(request: HttpRequest) -> HttpResponse:
    """The packs of the place, with what keeps one from being drawn."""
    library = Library.load()
    found = [library.get(name) for name in places_of(actor_of_request(request)).packs
             if name in library.ids]  # fmt: skip
    told = [(pack, flows.why_not(pack)) for pack in found]
    return render(request, "reports/flow_packs.html", {"packs": told})


@require_safe
def pack(request: HttpRequest, pack: str) -> HttpResponse:
    """A pack before a batch opens."""
    try:
        drawn = flows.of_pack(pack)
    except ProcessError as error:
        return render(request, "reports/flow_packs.html", {"problem": str(error)})

    def link(kind: str) -> str:
        return reverse("reports:pack_flow_file", kwargs={"pack": pack, "kind": kind})

    return _page(request, drawn, {kind: link(kind) for kind in TYPES})


@require_safe
def pack_file(request: HttpRequest, pack: str, kind: str) -> HttpResponse:
    """The picture of a pack as SVG, PDF or PNG."""
    try:
        return _file(flows.of_pack(pack), kind)
    except ProcessError:
        raise Http404 from None


def _page(request: HttpRequest, drawn: flows.Drawn, links: dict[str, str]) -> HttpResponse:
    context = {"drawn": drawn, "flow": drawn.flow, "links": links}
    return render(request, "reports/flow.html", context)


def _file(drawn: flows.Drawn, kind: str) -> HttpResponse:
    if kind not in TYPES:
        raise Http404
    svg = drawn.svg
    content = svg.encode() if kind == "svg" else flows.file_of(svg, kind)
    response = HttpResponse(content, content_type=TYPES[kind])
    if kind != "svg":
        name = quote(f"{drawn.name}办理流程.{kind}")
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response

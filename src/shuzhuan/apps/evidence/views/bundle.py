"""The whole archive of an organisation as one file, and the program that verifies it."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.evidence import verify_bundle
from shuzhuan.apps.evidence.actions.export import export_bundle
from shuzhuan.apps.evidence.queries.library import shelf_owner
from shuzhuan.apps.evidence.views.files import sealed_headers


@require_POST
def bundle(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stream the bundle; who asked for it and why is on record before the first byte."""
    actor = actor_of_request(request)
    owner = shelf_owner(actor, pk)
    try:
        made = export_bundle(actor, owner, request.POST.get("reason", ""))
    except ValidationError as error:
        messages.error(request, f"没有导出：{error.messages[0]}")
        if owner.pk == actor.party_id:
            return redirect("evidence:library")
        return redirect("evidence:shelf", pk=pk)
    response = StreamingHttpResponse(made.pieces, content_type="application/zip")
    sealed_headers(response, made.name)
    return response


@require_safe
def verifier_file(request: HttpRequest) -> HttpResponse:
    """The verifier as it runs here: one file, standard library only."""
    source = Path(verify_bundle.__file__).read_bytes()
    response = HttpResponse(source, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_bundle.py"'
    return response

"""Opening a file, and the shelf of an organisation as officers and vendors see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.evidence.actions.look import note_view
from shuzhuan.apps.evidence.models import DocumentVersion
from shuzhuan.apps.evidence.queries.library import of_party, shelf_owner
from shuzhuan.apps.evidence.slots import KINDS
from shuzhuan.apps.evidence.store import store

CHUNK_BYTES = 256 * 1024
ROWS_ON_A_PAGE = 50


def sealed_headers(response: HttpResponse | StreamingHttpResponse, name: str) -> None:
    """What keeps a file from ever running as part of the site, whatever is in it."""
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["Accept-Ranges"] = "none"


@require_POST
def file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """One version as a download. A POST, because opening a document is put on record."""
    actor = actor_of_request(request)
    version = get_visible(actor, DocumentVersion, pk=pk)
    content = store().open(version.blob.sha256)
    note_view(actor, version)
    return sealed(content, version.blob.kind, version.blob.size_bytes, version.name)


def sealed(content: IO[bytes], kind: str, size_bytes: int, name: str) -> StreamingHttpResponse:
    """A file of the store as a download that cannot run as part of the site."""
    response = StreamingHttpResponse(_pieces(content), content_type=KINDS[kind].mime)
    response["Content-Length"] = str(size_bytes)
    sealed_headers(response, name)
    return response


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while piece := content.read(CHUNK_BYTES):
            yield piece


@require_safe
def shelf(request: HttpRequest, pk: int) -> HttpResponse:
    """The documents of an enterprise, for the officers of its place and vendors with consent."""
    actor = actor_of_request(request)
    owner = shelf_owner(actor, pk)
    if owner.pk == actor.party_id:
        raise Http404  # one's own documents have their own page
    context = {
        "owner": owner,
        "page": Paginator(of_party(actor, pk), ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "may_export": actor.role in OFFICERS,
        "party_id": owner.pk,
    }
    return render(request, "evidence/shelf.html", context)

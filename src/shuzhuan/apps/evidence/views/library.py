"""资料库: what an organisation has uploaded, where it is used and who saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.evidence.actions.refuse import note_refusal
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document, upload_version
from shuzhuan.apps.evidence.actions.withdraw import withdraw_document
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.evidence.handlers import REQUEST_BYTES_MAX
from shuzhuan.apps.evidence.models import Document, Link, View
from shuzhuan.apps.evidence.queries.library import own, shelf_owner
from shuzhuan.apps.evidence.slots import FILES_AT_ONCE_MAX, MIB, SLOTS

Upload: TypeAlias = "UploadedFile[bytes]"
ROWS_ON_A_PAGE = 30
LOOKS_SHOWN = 50
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Mistake:
    """One file that was not accepted, and why."""

    name: str
    reason: str


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """All documents of one's own organisation."""
    return _library(request)


def _library(
    request: HttpRequest, mistakes: Sequence[Mistake] = (), slot: str = "", title: str = ""
) -> HttpResponse:
    actor = actor_of_request(request)
    asked = request.GET.get("slot", "")
    withdrawn = request.GET.get("withdrawn") == "1"
    rows = own(actor, asked, withdrawn=withdrawn)
    context = {
        "page": Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "slots": SLOTS.values(),
        "slot": slot,
        "title": title,
        "asked": asked,
        "withdrawn": withdrawn,
        "mistakes": mistakes,
        "files_max": FILES_AT_ONCE_MAX,
        "party_id": actor.party_id,
        "may_export": actor.role is not None and actor.role.startswith("enterprise"),
    }
    return render(
        request, "evidence/library.html", context, status=UNPROCESSABLE if mistakes else 200
    )


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take in one or several files; each that is refused is named with its reason."""
    actor = actor_of_request(request)
    slot, title = request.POST.get("slot", ""), request.POST.get("title", "")
    files = _files(request)
    mistakes = _request_mistakes(request, files)
    if not mistakes and slot not in SLOTS:
        mistakes = [Mistake("", "请先选择资料的类别")]
    if mistakes:
        return _library(request, mistakes, slot, title)
    owner = shelf_owner(actor, actor.party_id or 0)
    stored = 0
    for file in files:
        try:
            name = title if len(files) == 1 else ""
            upload_document(actor, owner, slot, _incoming(file), name)
            stored += 1
        except UploadRefused as error:
            mistakes.append(_refused(actor, file, error))
    if stored:
        messages.success(request, f"已存入 {stored} 份资料。")
    return _library(request, mistakes, slot, title) if mistakes else redirect("evidence:library")


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One document: its versions, where it is used, who saw it."""
    return _document(request, pk)


def _own_document(actor: Actor, pk: int) -> Document:
    found = get_visible(actor, Document, pk=pk)
    if found.owner_id != actor.party_id:
        raise Http404
    return found


def _document(
    request: HttpRequest, pk: int, mistakes: Sequence[Mistake] = (), wrong_reason: str = ""
) -> HttpResponse:
    actor = actor_of_request(request)
    found = _own_document(actor, pk)
    versions = found.versions.select_related("blob", "uploaded_by").order_by("-number")
    looks = visible(actor, View).filter(document=found).select_related("user", "party", "version")
    context = {
        "document": found,
        "versions": versions,
        "links": visible(actor, Link).filter(document=found).select_related("version"),
        "looks": looks.order_by("-at")[:LOOKS_SHOWN],
        "mistakes": mistakes,
        "wrong_reason": wrong_reason,
    }
    status = UNPROCESSABLE if mistakes or wrong_reason else 200
    return render(request, "evidence/document.html", context, status=status)


@require_POST
def add_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in the next version; the ones before it stay."""
    actor = actor_of_request(request)
    found = _own_document(actor, pk)
    files = _files(request)
    if mistakes := _request_mistakes(request, files[:1]):
        return _document(request, pk, mistakes)
    try:
        version = upload_version(actor, found, _incoming(files[0]))
    except UploadRefused as error:
        return _document(request, pk, [_refused(actor, files[0], error)])
    messages.success(request, f"已存入第 {version.number} 版。")
    return redirect("evidence:document", pk=pk)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then take the document out of the library."""
    actor = actor_of_request(request)
    found = _own_document(actor, pk)
    wrong = ""
    if request.method == "POST":
        try:
            withdraw_document(actor, found, request.POST.get("reason", ""))
        except ValidationError as error:
            wrong = error.messages[0]
        else:
            messages.success(request, f"“{found.title}”已撤下。")
            return redirect("evidence:library")
    uses = visible(actor, Link).filter(document=found, ended_at__isnull=True)
    context = {"document": found, "uses": uses, "wrong": wrong}
    status = UNPROCESSABLE if wrong else 200
    return render(request, "evidence/withdraw.html", context, status=status)


def _files(request: HttpRequest) -> list[Upload]:
    return [file for file in request.FILES.getlist("files") if file.name]


def _incoming(file: Upload) -> Incoming:
    assert file.file is not None
    return Incoming(file.name or "", file.file)


def _request_mistakes(request: HttpRequest, files: list[Upload]) -> list[Mistake]:
    if getattr(request, "upload_too_large", False):
        return [Mistake("", f"一次最多上传 {REQUEST_BYTES_MAX // MIB} MB，请分几次上传")]
    if not files:
        return [Mistake("", "请选择要上传的文件")]
    if len(files) > FILES_AT_ONCE_MAX:
        return [Mistake("", f"一次最多上传 {FILES_AT_ONCE_MAX} 个文件，请分几次上传")]
    return []


def _refused(actor: Actor, file: Upload, error: UploadRefused) -> Mistake:
    note_refusal(actor, error.code, file.size or 0)
    name = "".join(sign for sign in file.name or "" if sign.isprintable())
    return Mistake(name[:80], error.reason)

"""Evidence for one item of a self-assessment: by camera, from a file, or from the library."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.assessments.actions.attach import attach, detach
from shuzhuan.apps.assessments.actions.writing import SELF_WRITERS
from shuzhuan.apps.assessments.models import Assessment
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.views.filling import closed
from shuzhuan.apps.evidence.actions.refuse import note_refusal
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.evidence.handlers import REQUEST_BYTES_MAX
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.evidence.slots import MIB

CHOICES_MAX = 100
UNPROCESSABLE = 422
_PICTURES = ("image/jpeg", "image/png")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """What is attached to an item; add one, take one away."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if closed(found):
        return redirect("assessments:result", pk)
    if request.method != "POST":
        return _show(request, actor, found, item)
    try:
        said = _change(request, actor, found, item)
    except ValidationError as error:
        return _show(request, actor, found, item, error.messages[0])
    messages.success(request, said)
    back = "assessments:self_item" if "upload" in request.POST else "assessments:self_evidence"
    return redirect(back, pk, item)


def _change(request: HttpRequest, actor: Actor, found: Assessment, item: str) -> str:
    indicators = reading.indicator_set(found)
    if item not in indicators.question and item not in indicators.scenario:
        raise ValidationError("这套指标没有这一项。")
    if getattr(request, "upload_too_large", False):
        raise ValidationError(f"一次最多上传 {REQUEST_BYTES_MAX // MIB} MB。")
    if "remove" in request.POST:
        detach(actor, found.pk, item, _number(request.POST.get("remove", "")))
        return "已取消引用，资料仍在资料库里。"
    if "document" in request.POST:
        document = get_visible(
            actor, Document, pk=_number(request.POST.get("document", "")), owner_id=actor.party_id
        )
        attach(actor, found.pk, item, document)
        return f"已用“{document.title}”作为佐证。"
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise ValidationError("请拍照或选择一个文件。")
    document = _stored(actor, found, item, file)
    attach(actor, found.pk, item, document)
    return f"“{document.title}”已存入资料库，并用在这里。"


def _stored(actor: Actor, found: Assessment, item: str, file: UploadedFile[bytes]) -> Document:
    """The file as a document of the own library. Raises ValidationError with the reason."""
    slot = "photo" if file.content_type in _PICTURES else "other"
    label = reading.label_of(reading.indicator_set(found), item)
    assert file.file is not None
    try:
        return upload_document(
            actor, found.party, slot, Incoming(file.name or "", file.file), f"{label}佐证"
        )
    except UploadRefused as error:
        note_refusal(actor, error.code, file.size or 0)
        raise ValidationError(f"没有接受这个文件：{error.reason}。") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - 64 bits
        raise Http404
    return int(text)


def _library(actor: Actor) -> QuerySet[Document]:
    rows = visible(actor, Document).filter(owner_id=actor.party_id, withdrawn_at__isnull=True)
    return rows.order_by("-updated_at", "-pk")[:CHOICES_MAX]


def _show(
    request: HttpRequest, actor: Actor, found: Assessment, item: str, wrong: str = ""
) -> HttpResponse:
    rows = {name: row for name, row in reading.rows(found).items() if name == item}
    entry = listing.sheet(found, rows, listing.evidence(actor, rows)).at(item)
    if entry is None:
        raise Http404
    used = {link.document_id for link in entry.links}
    context = {
        "here": "level",
        "assessment": found,
        "entry": entry,
        "writes": actor.role in SELF_WRITERS,
        "documents": [row for row in _library(actor) if row.pk not in used],
        "wrong": wrong,
    }
    status = UNPROCESSABLE if wrong else 200
    return render(request, "assessments/self/evidence.html", context, status=status)

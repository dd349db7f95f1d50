"""One item on site: judged, with finding, remark and photographs, in one request."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.assessments.actions.attach import attach, detach
from shuzhuan.apps.assessments.actions.save_answer import Conflict, save_answer
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.forms.typed import typed
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.beside import beside
from shuzhuan.apps.assessments.queries.visits import Visit, visit_or_404
from shuzhuan.apps.assessments.views.visits import draft_or_none
from shuzhuan.apps.evidence.actions.refuse import note_refusal
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.evidence.handlers import REQUEST_BYTES_MAX
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.evidence.slots import FILES_AT_ONCE_MAX, MIB

UNPROCESSABLE, CONFLICT = 422, 409
DOCUMENTS_OFFERED = 100
_PICTURES = ("image/jpeg", "image/png")
_SEEN_DIGITS_MAX = 9


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Show one item, or save it with everything that was noted, and go on."""
    actor = actor_of_request(request)
    found = visit_or_404(actor, pk)
    sheet = draft_or_none(actor, found)
    if sheet is None:
        return redirect("assessments:visit", pk)
    indicators = reading.indicator_set(sheet)
    if item not in indicators.question and item not in indicators.scenario:
        raise Http404
    if request.method != "POST":
        return _show(request, actor, found, sheet, item)
    try:
        _save(request, actor, sheet, item)
    except Conflict as error:
        return _show(request, actor, found, sheet, item, _clash(sheet, item, error), error.stored)
    except ValidationError as error:
        return _show(request, actor, found, sheet, item, error.messages[0])
    try:
        _photographs(request, actor, sheet, item)
    except ValidationError as error:
        messages.error(request, f"答案已保存。{error.messages[0]}")
        return redirect("assessments:visit_item", pk, item)
    return redirect(_onward(request, found, sheet, item))


def _save(request: HttpRequest, actor: Actor, sheet: Assessment, item: str) -> None:
    if getattr(request, "upload_too_large", False):
        raise ValidationError(f"一次最多上传 {REQUEST_BYTES_MAX // MIB} MB，这一页没有保存。")
    seen = request.POST.get("seen", "")
    known = seen.isascii() and seen.isdigit() and len(seen) <= _SEEN_DIGITS_MAX
    save_answer(
        actor,
        sheet.pk,
        item,
        read_value(reading.indicator_set(sheet), item, request.POST),
        key=request.POST.get("key", ""),
        seen=int(seen) if known else 0,
        finding=request.POST.get("finding", ""),
        remark=request.POST.get("remark", ""),
    )


def _photographs(request: HttpRequest, actor: Actor, sheet: Assessment, item: str) -> None:
    """Photographs go into the archive of the enterprise and serve this item."""
    if remove := request.POST.get("remove", ""):
        detach(actor, sheet.pk, item, _number(remove))
    if chosen := request.POST.get("document", ""):
        attach(actor, sheet.pk, item, get_visible(actor, Document, pk=_number(chosen)))
    label = reading.label_of(reading.indicator_set(sheet), item)
    for file in request.FILES.getlist("photo")[:FILES_AT_ONCE_MAX]:
        if isinstance(file, UploadedFile) and file.name and file.file is not None:
            slot = "photo" if file.content_type in _PICTURES else "other"
            owner = sheet.enterprise.party
            title = f"{sheet.get_kind_display()}现场 {label}"
            try:
                document = upload_document(
                    actor, owner, slot, Incoming(file.name, file.file), title
                )
            except UploadRefused as error:
                note_refusal(actor, error.code, file.size or 0)
                raise ValidationError(f"没有接受这个文件：{error.reason}。") from None
            attach(actor, sheet.pk, item, document)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - 64 bits
        raise Http404
    return int(text)


def _clash(sheet: Assessment, item: str, error: Conflict) -> str:
    stored = error.stored
    words = listing.told(reading.indicator_set(sheet), item, stored.value)
    at = timezone.localtime(stored.saved_at).strftime("%H:%M")
    return f"{stored.saved_by}在{at}保存了不同的内容：{words}。您填的还在下面，再保存一次就以您的为准。"


def _show(
    request: HttpRequest,
    actor: Actor,
    found: Visit,
    sheet: Assessment,
    item: str,
    wrong: str = "",
    stored: Answer | None = None,
) -> HttpResponse:
    rows = reading.rows(sheet)
    own = {item: rows[item]} if item in rows else {}
    whole = listing.sheet(sheet, rows, listing.evidence(actor, own))
    entry = whole.at(item)
    assert entry is not None
    finding = "" if entry.row is None else entry.row.finding
    remark = entry.remark
    if wrong:
        entry = typed(entry, request.POST)
        finding, remark = request.POST.get("finding", ""), request.POST.get("remark", "")
    context = {
        "visit": found,
        "assessment": sheet,
        "sheet": whole,
        "entry": entry,
        "finding": finding,
        "remark": remark,
        "before": whole.beside(item, -1),
        "after": whole.beside(item, 1),
        "beside": [(one, one.of(item)) for one in beside(actor, sheet)],
        "documents": _documents(actor, sheet, entry),
        "key": secrets.token_urlsafe(12),
        "seen": entry.saves if stored is None else stored.saves,
        "wrong": wrong,
    }
    status = (CONFLICT if stored is not None else UNPROCESSABLE) if wrong else 200
    return render(request, "assessments/visit/item.html", context, status=status)


def _documents(actor: Actor, sheet: Assessment, entry: listing.Entry) -> list[Document]:
    """What the archive of the enterprise already holds and this item does not use yet."""
    used = {link.document_id for link in entry.links}
    rows = visible(actor, Document).filter(
        owner_id=sheet.enterprise.party_id, withdrawn_at__isnull=True
    )
    newest = rows.order_by("-updated_at", "-pk")[:DOCUMENTS_OFFERED]
    return [row for row in newest if row.pk not in used]


def _onward(request: HttpRequest, found: Visit, sheet: Assessment, item: str) -> str:
    """Where the pressed button leads."""
    done = request.POST.get("do", "next")
    whole = listing.sheet(sheet, {}, {})
    target = whole.beside(item, -1 if done == "previous" else 1)
    if done == "stay":
        target = whole.at(item)
    if done == "overview" or target is None:
        return reverse("assessments:visit", args=[found.engagement.pk])
    return reverse("assessments:visit_item", args=[found.engagement.pk, target.item])

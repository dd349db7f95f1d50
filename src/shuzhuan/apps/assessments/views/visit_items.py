"""One item on site: judged, with finding, remark and photographs; the network may come and go."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.assessments.actions.attach import attach, detach
from shuzhuan.apps.assessments.actions.save_answer import Conflict, save_answer
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.beside import beside
from shuzhuan.apps.assessments.views import keeping
from shuzhuan.apps.assessments.views.visits import Writing, writing_or_none
from shuzhuan.apps.evidence.actions.refuse import note_refusal
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.evidence.handlers import REQUEST_BYTES_MAX
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.evidence.slots import FILES_AT_ONCE_MAX, MIB

DOCUMENTS_OFFERED = 40
_PICTURES = ("image/jpeg", "image/png")


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Show one item, or save it with everything that was noted, and go on."""
    at = writing_or_none(request, pk)
    if at is None:
        return redirect("assessments:visit", pk)
    if not _asked(at.sheet, item):
        raise Http404
    if request.method != "POST":
        return _show(request, at, item)
    try:
        _save(request, at, item)
    except Conflict as error:
        return _show(request, at, item, _clash(at.sheet, item, error), error.stored)
    except ValidationError as error:
        return _show(request, at, item, error.messages[0])
    try:
        _photographs(request, at, item)
    except ValidationError as error:
        messages.error(request, f"答案已保存。{error.messages[0]}")
        return redirect("assessments:visit_item", pk, item)
    return redirect(_onward(request, at, item))


@require_safe
def every(request: HttpRequest, pk: int) -> HttpResponse:
    """Every item at once, for a page that goes on when the network does not."""
    at = writing_or_none(request, pk)
    if at is None:
        return redirect("assessments:visit", pk)
    rows = reading.rows(at.sheet)
    whole = listing.sheet(at.sheet, rows, listing.evidence(at.actor, rows))
    shared = _frame(at)
    items = [_part(shared, whole, entry) for entry in whole.entries]
    return render(request, "assessments/visit/every.html", {**shared, "items": items})


@require_POST
def keep(request: HttpRequest, pk: int) -> JsonResponse:
    """Save what was judged and noted on one item; photographs go with the page itself."""
    at = writing_or_none(request, pk)
    if at is None:
        return keeping.closed_at(reverse("assessments:visit", args=[pk]))
    name = request.POST.get("item", "")
    return keeping.kept(request, at.sheet, name, lambda: _save(request, at, name))


def _asked(sheet: Assessment, item: str) -> bool:
    """Whether the indicator set of the sheet has the item."""
    indicators = reading.indicator_set(sheet)
    return item in indicators.question or item in indicators.scenario


def _save(request: HttpRequest, at: Writing, item: str) -> Answer:
    if getattr(request, "upload_too_large", False):
        raise ValidationError(f"一次最多上传 {REQUEST_BYTES_MAX // MIB} MB，这一页没有保存。")
    if not _asked(at.sheet, item):
        raise ValidationError("这套指标没有这一项。")
    return save_answer(
        at.actor,
        at.sheet.pk,
        item,
        read_value(reading.indicator_set(at.sheet), item, request.POST),
        key=request.POST.get("key", ""),
        seen=keeping.seen(request),
        finding=request.POST.get("finding", ""),
        remark=request.POST.get("remark", ""),
    )


def _photographs(request: HttpRequest, at: Writing, item: str) -> None:
    """Photographs go into the archive of the enterprise and serve this item."""
    actor, sheet = at.actor, at.sheet
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
    at: Writing,
    item: str,
    wrong: str = "",
    stored: Answer | None = None,
) -> HttpResponse:
    rows = reading.rows(at.sheet)
    own = {item: rows[item]} if item in rows else {}
    whole = listing.sheet(at.sheet, rows, listing.evidence(at.actor, own))
    entry = whole.at(item)
    assert entry is not None
    shared = _frame(at)
    part = _part(shared, whole, entry)
    if wrong:
        part["entry"] = listing.as_typed(entry, request.POST)
        part["finding"] = request.POST.get("finding", "")
        part["wrong"] = wrong
    if stored is not None:
        part["seen"] = stored.saves
    status = 200
    if wrong:
        status = keeping.UNPROCESSABLE if stored is None else keeping.CONFLICT
    context = {**shared, **part, "sheet": whole}
    return render(request, "assessments/visit/item.html", context, status=status)


def _frame(at: Writing) -> dict[str, Any]:
    """What all items of a visit share."""
    return {
        "visit": at.visit,
        "assessment": at.sheet,
        "store_key": keeping.store_key(at.actor, at.sheet),
        "sides": beside(at.actor, at.sheet),
        "offered": _documents(at),
    }


def _part(shared: dict[str, Any], whole: listing.Sheet, entry: listing.Entry) -> dict[str, Any]:
    """What the page of one item shows besides."""
    used = {link.document_id for link in entry.links}
    return {
        "entry": entry,
        "finding": "" if entry.row is None else entry.row.finding,
        "before": whole.beside(entry.item, -1),
        "after": whole.beside(entry.item, 1),
        "beside": [(one, one.of(entry.item)) for one in shared["sides"]],
        "documents": [row for row in shared["offered"] if row.pk not in used],
        "key": secrets.token_urlsafe(12),
        "seen": entry.saves,
    }


def _documents(at: Writing) -> list[Document]:
    """The newest that the archive of the enterprise already holds."""
    rows = visible(at.actor, Document).filter(
        owner_id=at.sheet.enterprise.party_id, withdrawn_at__isnull=True
    )
    return list(rows.order_by("-updated_at", "-pk")[:DOCUMENTS_OFFERED])


def _onward(request: HttpRequest, at: Writing, item: str) -> str:
    """Where the pressed button leads."""
    done = request.POST.get("do", "next")
    whole = listing.sheet(at.sheet, {}, {})
    target = whole.beside(item, -1 if done == "previous" else 1)
    if done == "stay":
        target = whole.at(item)
    if done == "overview" or target is None:
        return reverse("assessments:visit", args=[at.visit.engagement.pk])
    return reverse("assessments:visit_item", args=[at.visit.engagement.pk, target.item])

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

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.assessments.actions.attach import attach, detach
from shuzhuan.apps.assessments.actions.save_answer import Conflict, save_answer
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.beside import beside
from shuzhuan.apps.assessments.queries.visits import Visit, visit_or_404
from shuzhuan.apps.assessments.views import keeping
from shuzhuan.apps.assessments.views.visits import draft_or_none
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


@require_safe
def every(request: HttpRequest, pk: int) -> HttpResponse:
    """Every item at once, for a page that goes on when the network does not."""
    actor = actor_of_request(request)
    found = visit_or_404(actor, pk)
    sheet = draft_or_none(actor, found)
    if sheet is None:
        return redirect("assessments:visit", pk)
    rows = reading.rows(sheet)
    whole = listing.sheet(sheet, rows, listing.evidence(actor, rows))
    shared = _frame(actor, found, sheet)
    items = [_part(shared, whole, entry) for entry in whole.entries]
    return render(request, "assessments/visit/every.html", {**shared, "items": items})


@require_POST
def keep(request: HttpRequest, pk: int) -> JsonResponse:
    """Save what was judged and noted on one item; photographs go with the page itself."""
    actor = actor_of_request(request)
    found = visit_or_404(actor, pk)
    sheet = draft_or_none(actor, found)
    if sheet is None:
        return keeping.closed_at(reverse("assessments:visit", args=[pk]))
    name = request.POST.get("item", "")
    return keeping.kept(request, sheet, name, lambda: _save(request, actor, sheet, name))


def _save(request: HttpRequest, actor: Actor, sheet: Assessment, item: str) -> Answer:
    if getattr(request, "upload_too_large", False):
        raise ValidationError(f"一次最多上传 {REQUEST_BYTES_MAX // MIB} MB，这一页没有保存。")
    indicators = reading.indicator_set(sheet)
    if item not in indicators.question and item not in indicators.scenario:
        raise ValidationError("这套指标没有这一项。")
    return save_answer(
        actor,
        sheet.pk,
        item,
        read_value(indicators, item, request.POST),
        key=request.POST.get("key", ""),
        seen=keeping.seen(request),
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
    shared = _frame(actor, found, sheet)
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


def _frame(actor: Actor, found: Visit, sheet: Assessment) -> dict[str, Any]:
    """What all items of a visit share."""
    return {
        "visit": found,
        "assessment": sheet,
        "store_key": keeping.store_key(actor, sheet),
        "sides": beside(actor, sheet),
        "offered": _documents(actor, sheet),
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


def _documents(actor: Actor, sheet: Assessment) -> list[Document]:
    """The newest that the archive of the enterprise already holds."""
    rows = visible(actor, Document).filter(
        owner_id=sheet.enterprise.party_id, withdrawn_at__isnull=True
    )
    return list(rows.order_by("-updated_at", "-pk")[:DOCUMENTS_OFFERED])


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

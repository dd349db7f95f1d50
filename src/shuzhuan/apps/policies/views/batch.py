"""批量测算: upload a list, watch it being computed, fetch the result. No account needed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.policies import bulk
from shuzhuan.apps.policies.actions.clear_expired import clear_expired, remove_job
from shuzhuan.apps.policies.actions.start_batch import start_batch
from shuzhuan.apps.policies.models import KEPT, BatchJob, JobStatus, token_hash
from shuzhuan.apps.policies.queries import library
from shuzhuan.apps.policies.uploads import MIB, UPLOAD_BYTES_MAX, UploadRefused, check_upload

UNPROCESSABLE = 422
WAITING_TOO_LONG_SECONDS = 60
FILES = {"result.xlsx": ("output", "测算结果"), "marked.xlsx": ("marked", "标出错处")}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Quota(FileUploadHandler):
    """Stops reading an upload as soon as it is too large, before it fills the disk."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._read = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._read += len(raw_data)
        if self._read > UPLOAD_BYTES_MAX + MIB:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


@csrf_exempt  # only until the quota stands before the form is read; see _start
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """批量测算: three steps, one form."""
    if request.method == "POST":
        request.upload_handlers.insert(0, _Quota(request))
    return _start(request)


@csrf_protect
def _start(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _accept(request)
    return _form(request, {"place": request.GET.get("place", "")}, {})


def _accept(request: HttpRequest) -> HttpResponse:
    """Check everything at once, then queue the job and lead to its own address."""
    errors: dict[str, str] = {}
    place = request.POST.get("place", "")
    if place not in {card.place for card in library.cards()}:
        errors["place"] = "请选择地区"
    day = _day(request.POST.get("as_of", ""), errors)
    upload, extension = request.FILES.get("file"), ""
    if upload is None:
        errors["file"] = f"请选择填好的表（不超过 {UPLOAD_BYTES_MAX // MIB} MB）"
    else:
        try:
            extension = check_upload(upload.name or "", upload.size or 0, upload)
        except UploadRefused as error:
            errors["file"] = str(error)
    if errors or upload is None:
        return _form(request, request.POST.dict(), errors)
    clear_expired()
    _, token = start_batch(
        place, upload, extension, as_of=day, skip_bad=request.POST.get("skip_bad") == "on"
    )
    return HttpResponseRedirect(reverse("policies:batch_job", args=[token]))


def _day(text: str, errors: dict[str, str]) -> Any:
    try:
        day = parse_date(text) if text else timezone.localdate()
    except ValueError:
        day = None
    if day is None:
        errors["as_of"] = "日期请写成 2026-01-31"
    return day


def _form(request: HttpRequest, given: dict[str, Any], errors: dict[str, str]) -> HttpResponse:
    context = {
        "cards": library.cards(),
        "given": given,
        "errors": errors,
        "limit_mb": UPLOAD_BYTES_MAX // MIB,
        "kept_hours": int(KEPT.total_seconds() // 3600),
        "today": timezone.localdate(),
    }
    return render(request, "policies/batch.html", context, status=UNPROCESSABLE if errors else None)


@require_safe
def template(request: HttpRequest, place: str) -> HttpResponse:
    """The Excel template of a place."""
    pack = library.pack_or_404(place)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        bulk.write_template(pack, path)
        content = path.read_bytes()
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{place}-template.xlsx"'
    return response


def _job(token: str) -> BatchJob:
    """The job behind a token; an expired one is as missing as one that never was."""
    found = BatchJob.objects.filter(token_hash=token_hash(token)).first()
    if found is None or found.expired:
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def job(request: HttpRequest, token: str) -> HttpResponse:
    """How far the job is; posting removes it at once."""
    found = _job(token)
    if request.method == "POST":
        remove_job(found)
        return HttpResponseRedirect(reverse("policies:batch"))
    waiting = (timezone.now() - found.created_at).total_seconds()
    context = {
        "job": found,
        "token": token,
        "card": library.card(library.pack_or_404(found.place), timezone.localdate()),
        "percent": found.rows_done * 100 // found.rows_total if found.rows_total else 0,
        "stuck": found.status == JobStatus.WAITING and waiting > WAITING_TOO_LONG_SECONDS,
        "has_result": found.output.is_file(),
        "has_marked": found.marked.is_file(),
    }
    page = "policies/batch_job.html"
    if request.headers.get("HX-Request"):
        page += "#progress"
    response = render(request, page, context)
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def download(request: HttpRequest, token: str, which: str) -> HttpResponse | FileResponse:
    """The result, or the marked copy."""
    found = _job(token)
    if which not in FILES:
        raise Http404
    attribute, label = FILES[which]
    path: Path = getattr(found, attribute)
    if not path.is_file():
        raise Http404
    name = f"{library.pack_or_404(found.place).name}{label}.xlsx"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=XLSX)

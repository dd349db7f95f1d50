"""摸底 lists in: template, upload, preview, commit."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.policies.uploads import MIB, UploadRefused, check_upload
from shuzhuan.apps.workbench.actions.commit_import import Committed, commit_import, drop_import
from shuzhuan.apps.workbench.actions.upload_import import AlreadyImported, upload_import
from shuzhuan.apps.workbench.importing.books import write_template
from shuzhuan.apps.workbench.importing.fields import ROWS_MAX
from shuzhuan.apps.workbench.importing.preview import SHOWN_MAX, load
from shuzhuan.apps.workbench.models import ImportItem, ImportRun, ImportStatus
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.views.listing import XLSX
from shuzhuan.engine.batch.errors import BatchError

UNPROCESSABLE = 422
BYTES_MAX = 20 * MIB
RUNS_SHOWN = 20
ITEMS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Template, upload, and what was imported before."""
    actor = actor_of_request(request)
    error = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise UploadRefused("请选择填好的表")
            if (upload.size or 0) > BYTES_MAX:
                raise UploadRefused(f"文件超过 {BYTES_MAX // MIB} MB，请分成几个文件上传")
            extension = check_upload(upload.name or "", upload.size or 0, upload)
            run = upload_import(actor, places_of(actor), upload, extension)
            return redirect("workbench:import_run", run.pk)
        except AlreadyImported as before:
            messages.warning(request, "这个文件已经导入过，没有重复导入。下面是那一次的结果。")
            return redirect("workbench:import_run", before.run.pk)
        except (UploadRefused, BatchError) as refused:
            error = str(refused).rstrip("。") + "。"
    context = {
        "error": error, "rows_max": ROWS_MAX, "limit_mb": BYTES_MAX // MIB,
        "runs": visible(actor, ImportRun).select_related("user").order_by("-created_at")[:RUNS_SHOWN],
    }  # fmt: skip
    status = UNPROCESSABLE if error else None
    return render(request, "workbench/import.html", context, status=status)


@require_safe
def template(request: HttpRequest) -> FileResponse:
    """The empty list of the place."""
    places = places_of(actor_of_request(request))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, places)
        handle = path.open("rb")  # stays readable after the folder has gone
    name = f"{places.region.name}摸底模板.xlsx"
    return FileResponse(handle, as_attachment=True, filename=name, content_type=XLSX)


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import would do, or has done."""
    actor = actor_of_request(request)
    found = get_visible(actor, ImportRun, pk=pk)
    context: dict[str, Any] = {"run": found, "shown_max": SHOWN_MAX}
    if found.status in (ImportStatus.WRONG, ImportStatus.READY):
        context["preview"] = load(found.folder)
        context["has_marked"] = found.marked.is_file()
    elif found.status == ImportStatus.DONE:
        items = visible(actor, ImportItem).filter(run=found).select_related("enterprise")
        context["items"] = items.order_by("-is_new", "pk")[:ITEMS_SHOWN]
        context["items_count"] = found.new + found.changed
    return render(request, "workbench/import_run.html", context)


@require_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write all of it, or nothing."""
    actor = actor_of_request(request)
    found = get_visible(actor, ImportRun, pk=pk)
    try:
        outcome = commit_import(actor, places_of(actor), found)
    except (ValidationError, BatchError) as error:
        said = error.messages[0] if isinstance(error, ValidationError) else str(error)
        messages.error(request, said)
    else:
        if outcome is Committed.DONE:
            messages.success(request, "已全部导入。")
        elif outcome is Committed.CHANGED:
            messages.warning(request, "预览以后档案有变化，还没有写入。请看过新的预览再确认。")
    return redirect("workbench:import_run", pk)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a list that has not been imported."""
    actor = actor_of_request(request)
    if drop_import(actor, get_visible(actor, ImportRun, pk=pk)):
        messages.success(request, "已放弃，上传的表已删除，没有写入任何一行。")
    return redirect("workbench:import")


@require_safe
def marked(request: HttpRequest, pk: int) -> FileResponse:
    """The person's own file with the wrong cells marked."""
    found = get_visible(actor_of_request(request), ImportRun, pk=pk)
    if found.status != ImportStatus.WRONG or not found.marked.is_file():
        raise Http404
    stem = found.file_name.rsplit(".", 1)[0]
    return FileResponse(
        found.marked.open("rb"), as_attachment=True, filename=f"{stem}-标出错处.xlsx",
        content_type=XLSX,
    )  # fmt: skip

"""Take an uploaded 摸底 list: store it, check it, keep what the person will see."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePath
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.keyring import held
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.workbench.importing.books import write_marked
from shuzhuan.apps.workbench.importing.check import keep_sheet, read_sheet
from shuzhuan.apps.workbench.importing.plan import Plan, make_plan
from shuzhuan.apps.workbench.importing.preview import preview_of, store
from shuzhuan.apps.workbench.models import FILE_NAME_CHARS_MAX, ImportRun, ImportStatus
from shuzhuan.apps.workbench.places import Places

KEPT = timedelta(hours=24)  # an upload that nobody commits


class Upload(Protocol):
    """An uploaded file."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


class AlreadyImported(Exception):
    """The same file has been imported here before."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__(run.pk)
        self.run = run


def upload_import(actor: Actor, places: Places, upload: Upload, extension: str) -> ImportRun:
    """Check a list and remember it. Nothing of it is in the archive yet.

    Raises AlreadyImported, and BatchError when the file cannot be read at all.
    """
    clear_abandoned()
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    file_hash = digest.hexdigest()
    before = ImportRun.objects.filter(
        place_id=places.region.pk, file_hash=file_hash, status=ImportStatus.DONE
    ).first()
    if before is not None:
        raise AlreadyImported(before)
    with transaction.atomic():
        run = ImportRun.objects.create(
            place=places.region, user_id=user_of(actor), file_name=_shown_name(upload.name or ""),
            extension=extension, file_hash=file_hash, status=ImportStatus.WRONG,
        )  # fmt: skip
        try:
            _keep(run, upload)
            with held():
                plan = make_plan(actor, places, read_sheet(run.source))
            settle(run, plan, places)
        except BaseException:
            shutil.rmtree(run.folder, ignore_errors=True)
            raise
        detail = {"file": run.file_name, "hash": file_hash, "rows": run.rows, "wrong": run.wrong}
        record("check_import", actor, run, detail=detail)
    return run


def settle(run: ImportRun, plan: Plan, places: Places) -> None:
    """Store what a check found: counts, the preview, the marked copy."""
    problems = plan.sheet.problems
    run.status = ImportStatus.WRONG if problems else ImportStatus.READY
    run.rows, run.new = plan.sheet.table.height, len(plan.new)
    run.changed, run.unchanged, run.wrong = len(plan.changed), plan.unchanged, len(problems)
    run.plan_hash = plan.digest
    run.save()
    store(preview_of(plan, places), run.folder)
    if not problems and plan.sheet.table.columns:
        keep_sheet(plan.sheet, run.checked)
    if problems:
        write_marked(plan.sheet.table, problems, run.marked)


def _keep(run: ImportRun, upload: Upload) -> None:
    """Write the upload durably; only this program may read it."""
    # The number may have been that of a run whose transaction was undone by a power cut.
    shutil.rmtree(run.folder, ignore_errors=True)
    run.folder.mkdir(parents=True, exist_ok=False, mode=0o700)
    with run.source.open("xb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def clear_abandoned() -> None:
    """Drop uploads that nobody has committed within a day; their rows stay, their files go."""
    before = timezone.now() - KEPT
    waiting = ImportRun.objects.filter(
        status__in=[ImportStatus.WRONG, ImportStatus.READY], created_at__lt=before
    )
    for run in waiting:
        ImportRun.objects.filter(pk=run.pk, status=run.status).update(
            status=ImportStatus.DROPPED, settled_at=timezone.now()
        )
        shutil.rmtree(run.folder, ignore_errors=True)


def _shown_name(name: str) -> str:
    """The name for people's eyes: no folders, nothing invisible, not too long."""
    bare = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in bare if c.isprintable())[-FILE_NAME_CHARS_MAX:] or "未命名"

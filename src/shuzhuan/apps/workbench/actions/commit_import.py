"""Import a checked list: all of it or nothing, exactly what was shown, exactly once."""

from __future__ import annotations

import shutil
from enum import Enum

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.keyring import held
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.workbench.actions.upload_import import settle
from shuzhuan.apps.workbench.importing.check import kept_sheet, read_sheet
from shuzhuan.apps.workbench.importing.plan import make_plan
from shuzhuan.apps.workbench.importing.write import write
from shuzhuan.apps.workbench.models import ImportRun, ImportStatus
from shuzhuan.apps.workbench.places import Places


class Committed(Enum):
    """What came of a commit."""

    DONE = "done"
    BEFORE = "before"  # an earlier click, or another window, has done it
    CHANGED = "changed"  # the archive has changed since the preview: look again


def commit_import(actor: Actor, places: Places, run: ImportRun) -> Committed:
    """Write the plan that was shown. Raises ValidationError when somebody was quicker."""
    try:
        with held():
            outcome = _commit(actor, places, run)
    except IntegrityError:
        raise ValidationError(
            "刚才有人登记了表里的企业，或导入了同一个文件。没有写入任何一行，请再核对一次。"
        ) from None
    if outcome is Committed.DONE:
        shutil.rmtree(run.folder, ignore_errors=True)  # phones and accounts stay nowhere in clear
    return outcome


@transaction.atomic
def _commit(actor: Actor, places: Places, run: ImportRun) -> Committed:
    # The second of two commits waits here for the first, and then finds nothing to do.
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.status != ImportStatus.READY or not run.checked.is_file():
        return Committed.BEFORE
    plan = make_plan(actor, places, kept_sheet(run.source, run.checked))
    if plan.sheet.problems or plan.digest != run.plan_hash:
        plan = make_plan(actor, places, read_sheet(run.source))
        settle(run, plan, places)
        record("check_import", actor, run, detail={"wrong": run.wrong, "hash": run.file_hash})
        return Committed.CHANGED
    manifests = write(plan, run)
    run.status, run.settled_at = ImportStatus.DONE, timezone.now()
    run.save()
    for place_id, (count, mark) in manifests.items():
        detail = {
            "file": run.file_name, "hash": run.file_hash, "enterprises": count, "manifest": mark,
        }  # fmt: skip
        record("import_enterprises", actor, run, place_id=place_id, detail=detail)
    if not manifests:
        record("import_enterprises", actor, run, detail={"hash": run.file_hash, "enterprises": 0})
    return Committed.DONE


@transaction.atomic
def drop_import(actor: Actor, run: ImportRun) -> bool:
    """Give up a list that has not been imported."""
    changed = ImportRun.objects.filter(
        pk=run.pk, status__in=[ImportStatus.WRONG, ImportStatus.READY]
    ).update(status=ImportStatus.DROPPED, settled_at=timezone.now())
    if changed:
        record("drop_import", actor, run, detail={"hash": run.file_hash})
        folder = run.folder
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
    return bool(changed)

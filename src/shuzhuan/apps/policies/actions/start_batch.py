"""Accept an uploaded list: store it under our own name and queue its computation."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import PurePath
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.policies.models import KEPT, NAME_CHARS_MAX, BatchJob, new_token, token_hash


class Upload(Protocol):
    """An uploaded file."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


def start_batch(
    place: str, upload: Upload, extension: str, *, as_of: date, skip_bad: bool
) -> tuple[BatchJob, str]:
    """Create the job and return it with its token, which is shown once and never stored."""
    token = new_token()
    with transaction.atomic():
        job = BatchJob.objects.create(
            token_hash=token_hash(token),
            place=place,
            file_name=_shown_name(upload.name or ""),
            extension=extension,
            skip_bad=skip_bad,
            as_of=as_of,
            expires_at=timezone.now() + KEPT,
        )
        _store(job, upload)
        transaction.on_commit(lambda: _enqueue(job.pk))
    return job, token


def _store(job: BatchJob, upload: Upload) -> None:
    """Write the upload durably; only this program may read it."""
    job.folder.mkdir(parents=True, exist_ok=False, mode=0o700)
    with job.upload.open("xb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _enqueue(job_id: int) -> None:
    from shuzhuan.apps.policies.tasks import compute_batch  # noqa: PLC0415 - tasks import actions

    compute_batch.enqueue(job_id)


def _shown_name(name: str) -> str:
    """The name for the owner's eyes: no folders, nothing invisible, not too long."""
    bare = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in bare if c.isprintable())[-NAME_CHARS_MAX:] or "未命名"

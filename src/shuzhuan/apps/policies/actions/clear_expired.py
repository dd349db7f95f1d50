"""Remove batch jobs and their files when their day is over, or when their owner asks."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from django.utils import timezone

from shuzhuan.apps.policies.models import BatchJob, JobStatus

STALE = timedelta(minutes=10)


def remove_job(job: BatchJob) -> None:
    """Delete the files first: a row without files is harmless, files without a row are not."""
    shutil.rmtree(job.folder, ignore_errors=True)
    job.delete()


def clear_expired(now: datetime | None = None) -> int:
    """Remove everything that is past its time; returns how many."""
    expired = list(BatchJob.objects.filter(expires_at__lte=now or timezone.now()))
    for job in expired:
        remove_job(job)
    return len(expired)


def resume_stale(now: datetime | None = None) -> int:
    """Queue again what a stopped worker left behind; returns how many."""
    from shuzhuan.apps.policies.tasks import compute_batch  # noqa: PLC0415 - tasks import actions

    before = (now or timezone.now()) - STALE
    stale = BatchJob.objects.filter(status=JobStatus.RUNNING, touched_at__lte=before)
    found = list(stale.values_list("pk", flat=True))
    for pk in found:
        BatchJob.objects.filter(pk=pk).update(status=JobStatus.WAITING, stage="重新排队")
        compute_batch.enqueue(pk)
    return len(found)

"""Compute one uploaded list; whatever happens, the owner reads a sentence and never a traceback."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.utils import timezone

from shuzhuan.apps.policies import bulk
from shuzhuan.apps.policies.models import MESSAGE_CHARS_MAX, BatchJob, JobStatus
from shuzhuan.apps.policies.queries.library import library

logger = logging.getLogger("shuzhuan.policies")
REPORT_SECONDS = 0.5


class Progress:
    """Writes the progress to the job, at most twice a second."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._last = 0.0
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._last < REPORT_SECONDS and done < total:
            return
        self._last, self._stage = now, stage
        BatchJob.objects.filter(pk=self._job_id).update(
            stage=stage, rows_done=done, rows_total=total, touched_at=timezone.now()
        )


def run_batch(job_id: int) -> None:
    """Claim the job, compute it, store what came out."""
    claimed = BatchJob.objects.filter(pk=job_id, status=JobStatus.WAITING).update(
        status=JobStatus.RUNNING, stage="读取表格", touched_at=timezone.now()
    )
    job = BatchJob.objects.filter(pk=job_id).first()
    if not claimed or job is None:
        return  # removed by its owner, or another worker has it
    try:
        outcome = _compute(job)
    except bulk.InputRefused as error:
        _finish(job, status=JobStatus.REFUSED, message=str(error)[:MESSAGE_CHARS_MAX])
    except Exception:  # the boundary: the reason goes to the log, never to the page
        logger.exception("batch job %s failed", job_id)
        message = "平台没能完成这次测算，不是您的表格造成的。请稍后再传一次；再不行请联系管理员。"
        _finish(job, status=JobStatus.FAILED, message=message)
    else:
        _finish(job, **outcome)


def _compute(job: BatchJob) -> dict[str, Any]:
    pack = library().get(job.place)
    outcome = bulk.run(
        pack.bind(job.as_of),
        job.upload,
        job.output,
        job.marked,
        skip_bad=job.skip_bad,
        progress=Progress(job.pk),
    )
    return {
        "status": JobStatus.DONE if outcome.computed else JobStatus.REFUSED,
        "rows_done": outcome.rows,
        "rows_total": outcome.rows,
        "decided": outcome.decided,
        "applicable": outcome.applicable,
        "undetermined": outcome.undetermined,
        "problems": outcome.problems,
        "message": outcome.message[:MESSAGE_CHARS_MAX],
    }


def _finish(job: BatchJob, **fields: Any) -> None:
    now = timezone.now()
    BatchJob.objects.filter(pk=job.pk).update(finished_at=now, touched_at=now, stage="", **fields)
    job.upload.unlink(missing_ok=True)  # the list itself is no longer needed

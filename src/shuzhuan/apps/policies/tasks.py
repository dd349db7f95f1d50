"""Background work of the policy pages."""

from __future__ import annotations

from django_tasks import task

from shuzhuan.apps.policies.actions.run_batch import run_batch


@task()
def compute_batch(job_id: int) -> None:
    """Compute one uploaded list."""
    run_batch(job_id)

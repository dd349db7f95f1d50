"""Background work of the working place."""

from __future__ import annotations

from django_tasks import task

from shuzhuan.apps.workbench.actions.bulk import run_bulk


@task()
def work_through(run_id: int) -> None:
    """Work through one bulk action."""
    run_bulk(run_id)

"""Count provisional days again once the calendar of their year is there: 重算暂定的期限.

Nothing else of a project changes, so no step is written; the audit has the old day and the new.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.publicity.actions.recompute import SYSTEM, put_off, recompute_all
from shuzhuan.engine import workdays
from shuzhuan.engine.process import PUBLIC_PERIODS, Lane


@dataclass(frozen=True)
class Recounted:
    """How many days of each kind changed."""

    publicities: int
    objections: int
    projects: int


def recount_all() -> Recounted:
    """Publicities, objections and projects; doing it twice changes nothing more."""
    shown, heard = recompute_all()
    rows = Project.objects.filter(due_provisional=True).exclude(lane=str(Lane.NOBODY))
    # A publicity brings its projects along, see ``reactions``.
    waiting = rows.exclude(state__in=[str(state) for state in PUBLIC_PERIODS])
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    return Recounted(shown, heard, sum(map(recount, ids)))


@transaction.atomic
def recount(project_id: int, actor: Actor = SYSTEM) -> bool:
    """Count the due day of a project by today's calendar; a day that was told never comes earlier."""
    locked = Project.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "batch", "pilot"
    )
    project = locked.get(pk=project_id)
    due = project.batch.parameters.due(
        project.at, project.entered_on, workdays.china(), project.pilot.starts_on
    )
    if due is None or project.due_on is None or not project.due_provisional:
        return False
    changed = put_off(project, due.day, due.provisional)
    if not changed:
        return False
    record("recount_due_day", actor, project, detail={"state": project.state, **changed})
    return True

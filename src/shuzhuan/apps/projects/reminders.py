"""Who is reminded of a project before and after its last day: whoever must move next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.inbox.reminders import Due, reminds
from shuzhuan.apps.projects.actions.telling import OFFICES
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.process import PUBLIC_PERIODS, Lane


@reminds
def projects(today: date, until: date) -> Iterator[Due]:
    """Every project with somebody's move due by a day. Publicities remind of their own end."""
    waiting = [str(lane) for lane in Lane if lane != Lane.NOBODY]
    rows = Project.objects.filter(lane__in=waiting, due_on__lte=until)
    rows = rows.exclude(state__in=[str(state) for state in PUBLIC_PERIODS])
    for project in rows.select_related("enterprise", "grader", "auditor").iterator(500):
        assert project.due_on is not None
        for mark, who in _whose(project):
            yield Due(
                key=f"projects.due:{project.pk}:{project.state}{mark}",
                due_on=project.due_on,
                title=f"{project.enterprise.name}：{project.at.label}",
                body=f"{project.number} {project.title}".strip(),
                url=reverse("projects:page", args=[project.pk]),
                about=project,
                place_id=project.place_id,
                **who,
            )


def _whose(project: Project) -> Iterator[tuple[str, dict[str, Any]]]:
    """Addressees of one project, each with a mark for the key."""
    lane = Lane(project.lane)
    if lane == Lane.ENTERPRISE:
        yield "", {"party_id": project.enterprise.party_id, "party_roles": ENTERPRISE}
    elif lane == Lane.AGENCY:
        tasks = ((project.grader, project.graded), (project.auditor, project.audited))
        for party_id in sorted({task.party_id for task, done in tasks if task and not done}):
            yield f":{party_id}", {"party_id": party_id, "party_roles": (Role.AGENCY_STAFF,)}
    else:
        yield "", {"offices": (OFFICES[lane],), "office_region_id": project.place_id}

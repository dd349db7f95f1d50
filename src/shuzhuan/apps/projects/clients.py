"""What a vendor reads of its clients' projects in its list of clients."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import OuterRef, Q, Subquery
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.due import lit
from shuzhuan.apps.vendors.queries import Pressing, Work, at_clients, pressed_by
from shuzhuan.engine.process import Lane


@at_clients
def projects(actor: Actor, parties: list[int]) -> Mapping[int, Work]:
    """The newest project of each client that has opened its projects."""
    today = timezone.localdate()
    rows = visible(actor, Project).filter(enterprise__party__in=parties)
    rows = rows.select_related("enterprise").order_by("created_at", "pk")
    found = {}
    for project in rows:
        due = lit(project, today)
        turn = "" if project.lane == Lane.NOBODY else project.get_lane_display()
        url = reverse("projects:page", args=[project.pk])
        found[project.enterprise.party_id] = Work(
            project.at.label, turn, url, due.colour, due.words, project.lane == Lane.ENTERPRISE
        )
    return found


@pressed_by
def pressing(actor: Actor) -> Pressing:
    """By the newest project that the client has opened."""
    rows = visible(actor, Project).filter(enterprise__party=OuterRef("enterprise_id"))
    newest = rows.order_by("-created_at", "-pk")
    own = Exact(Subquery(newest.values("lane")[:1]), str(Lane.ENTERPRISE))
    return Pressing(Q(own), Subquery(newest.values("due_on")[:1]))

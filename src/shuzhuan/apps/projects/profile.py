"""What the archive of an enterprise shows of its projects: money received, and what happened."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.apps.enterprises.queries.profile import Block, in_profile
from shuzhuan.apps.enterprises.queries.timeline import EVENTS_MAX, Event, in_timeline
from shuzhuan.apps.projects.models import Step
from shuzhuan.apps.projects.queries.own_money import bookings
from shuzhuan.engine.process import BY_ACTION

_TOLD = (
    "file", "withdraw", "reject_filing", "fail_experts", "list_project", "start_work",
    "apply_acceptance", "order_rectification", "pay", "close", "disqualify", "order_claw_back",
    "record_partial_return", "confirm_returned", "withdraw_claw_back", "correct_claw_back",
)  # fmt: skip


@in_profile
def money(actor: Actor, archive: Archive) -> Block | None:
    """Every transfer to and from the enterprise; None where there is none to be seen."""
    found = bookings(actor, archive.enterprise.party)
    return (
        Block("money", "projects/parts/profile_money.html", {"bookings": found}) if found else None
    )


@in_timeline
def happened(actor: Actor, archive: Archive) -> Iterable[Event]:
    """The steps of its projects that people remember."""
    rows = visible(actor, Step).filter(enterprise=archive.enterprise, action__in=_TOLD)
    for step in rows.select_related("project").order_by("-at", "-pk")[:EVENTS_MAX]:
        yield Event(timezone.localdate(step.at), BY_ACTION[step.action].done, str(step.project))

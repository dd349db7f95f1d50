"""Who may see a project: its enterprise, the government of its place, the bodies that it engaged,
and vendors to whom the enterprise opened its projects."""

from __future__ import annotations

from django.db.models import Model, Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, Role
from shuzhuan.apps.assessments.models import Engagement
from shuzhuan.apps.assessments.scopes import live as engaged
from shuzhuan.apps.projects.models import (
    ActionRequest,
    Contract,
    Line,
    Opinion,
    Paper,
    Project,
    ReturnedSection,
    Step,
)
from shuzhuan.apps.vendors.models import Consent
from shuzhuan.apps.vendors.scopes import PROJECTS
from shuzhuan.apps.vendors.scopes import live as consented
from shuzhuan.engine.process import State


def _projects(actor: Actor, before: str) -> Q:
    """``before``: how the model reaches its project ('' for the project itself)."""
    if actor.role in GOVERNMENT:
        drafts = Q(**{f"{before}state": State.DRAFT})
        return Q(place_id__in=actor.place_ids) & ~drafts
    if actor.party_id is None:
        return NOTHING
    if actor.role in ENTERPRISE:
        return Q(enterprise__party_id=actor.party_id)
    if actor.role not in BODIES:
        return NOTHING
    rows = Engagement.objects.filter(engaged(), party_id=actor.party_id, project_id__isnull=False)
    found = Q(**{f"{before}pk__in": rows.values("project_id")})
    if actor.role == Role.VENDOR_STAFF:
        given = Consent.objects.filter(consented(PROJECTS), vendor_id=actor.party_id)
        found |= Q(enterprise__party_id__in=given.values("enterprise_id"))
    return found


@scoped(Project)
def projects(actor: Actor) -> Q:
    return _projects(actor, "")


def _rows(model: type[Model]) -> None:
    scoped(model)(lambda actor: _projects(actor, "project__"))


for _model in (Step, Paper, Contract, Line, ReturnedSection):
    _rows(_model)


@scoped(Opinion)
def opinions(actor: Actor) -> Q:
    """Opinions are for the office and the enterprise; a body reads its own."""
    if actor.role in BODIES:
        return _projects(actor, "project__") & Q(party_id=actor.party_id)
    return _projects(actor, "project__")


@scoped(ActionRequest)
def requests(actor: Actor) -> Q:
    """Only the person who asked."""
    if actor.user_id is None:
        return NOTHING
    return _projects(actor, "project__") & Q(user_id=actor.user_id)

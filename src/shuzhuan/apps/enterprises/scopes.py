"""Who may see an archive. Whoever is not named here sees nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

from django.db.models import Model, Q
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped, visible
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT
from shuzhuan.apps.enterprises.models import (
    CloudUse,
    Declaration,
    Draft,
    Enterprise,
    EnterpriseYear,
    PilotEntry,
    Qualification,
    SectionState,
    SectionVersion,
)

# Enterprises that the staff of a vendor or an agency may see, by part of the archive. The apps
# above this one fill it in; until they do, these see nothing.
Consented = Callable[[Actor, str], Q]
_consented: list[Consented] = []

BASICS, FINANCE = "basics", "finance"


def opened_by_consent(rule: Consented) -> Consented:
    """Register what opens archives: (actor, part) → Q on ``Enterprise``. Several rules add up."""
    _consented.append(rule)
    return rule


def consented(actor: Actor, part: str) -> Q:
    """Q on ``Enterprise`` for the archives whose ``part`` the actor's body may see."""
    if actor.role not in BODIES or actor.party_id is None:
        return NOTHING
    return reduce(or_, (rule(actor, part) for rule in _consented), NOTHING)


@scoped(Enterprise)
def enterprises(actor: Actor) -> Q:
    """Own enterprise; officers by place; vendors by consent."""
    if actor.role in ENTERPRISE and actor.party_id is not None:
        return Q(party_id=actor.party_id)
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    return consented(actor, BASICS)


def _rows(actor: Actor, part: str = "") -> Q:
    """Rows of an archive: as the enterprise itself, with the part that consent must name."""
    if actor.role in ENTERPRISE and actor.party_id is not None:
        return Q(enterprise__party_id=actor.party_id)
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    if not part:
        return NOTHING
    opened = Enterprise.objects.filter(consented(actor, part))
    return Q(enterprise_id__in=opened.values("pk"))


def _register(model: type[Model], part: str = "") -> None:
    scoped(model)(lambda actor: _rows(actor, part))


_register(Qualification, BASICS)
_register(CloudUse, BASICS)
_register(PilotEntry, BASICS)
_register(EnterpriseYear, FINANCE)
_register(Declaration)


def _own(actor: Actor) -> Q:
    if actor.role in ENTERPRISE and actor.party_id is not None:
        return Q(enterprise__party_id=actor.party_id)
    return NOTHING


@scoped(SectionState)
def section_states(actor: Actor) -> Q:
    """As the enterprise: officers see how complete an archive is."""
    return _rows(actor)


@scoped(SectionVersion)
def section_versions(actor: Actor) -> Q:
    """Only the enterprise itself: versions hold what was there before a correction."""
    return _own(actor)


@scoped(Draft)
def drafts(actor: Actor) -> Q:
    """Only the person who typed."""
    return _own(actor) & Q(user_id=actor.user_id) if actor.user_id is not None else NOTHING


def enterprise_or_404(actor: Actor, pk: int) -> Enterprise:
    """One visible archive with its place and park, or the same 404 as for a missing one."""
    rows = visible(actor, Enterprise).select_related("place", "park")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found

"""Which places, people and roles an administrator sees: those of the own region and below."""

from __future__ import annotations

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.regions.models import Region


@scoped(Region)
def regions(actor: Actor) -> Q:
    """The system administrator's own tree. Names of places are public, but not from here."""
    return Q(pk__in=actor.place_ids) if actor.role == Role.SYSTEM_ADMIN else NOTHING


@scoped(User)
def people(actor: Actor) -> Q:
    """Everybody who has, or had, a role in the security administrator's region."""
    if actor.role != Role.SECURITY_ADMIN:
        return NOTHING
    held = Membership.objects.filter(region_id__in=actor.place_ids)
    return Q(pk__in=held.values("user_id"))


@scoped(Membership)
def memberships(actor: Actor) -> Q:
    """The roles in the security administrator's region."""
    if actor.role != Role.SECURITY_ADMIN:
        return NOTHING
    return Q(region_id__in=actor.place_ids)

"""Whose sessions are seen by whom."""

from __future__ import annotations

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.signin.models import Session


@scoped(Session)
def sessions(actor: Actor) -> Q:
    """One's own; for the security administrator those of everybody in the region."""
    if actor.user_id is None:
        return NOTHING
    if actor.role == Role.SECURITY_ADMIN:
        people = Membership.objects.filter(region_id__in=actor.place_ids).values("user_id")
        return Q(user_id=actor.user_id) | Q(user_id__in=people)
    return Q(user_id=actor.user_id)

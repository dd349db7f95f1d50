"""Choosing the role to act in."""

from __future__ import annotations

from django.db import transaction

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.audit.actions import record


@transaction.atomic
def switch(membership: Membership) -> None:
    """Record the change of role; ``membership`` is one of the person's own."""
    record("signin.switch", actor_of(membership), membership, place_id=membership.region_id)

"""Who may see pilots and batches: the government of the place; what is open, whoever is signed in.

The public's guide reads what is open by itself, without an actor.
"""

from __future__ import annotations

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import GOVERNMENT
from shuzhuan.apps.pilots.models import Batch, BatchState, Pilot


@scoped(Pilot)
def pilots(actor: Actor) -> Q:
    """Those of the place; others once a batch of theirs is public."""
    public = Q(batches__state__in=[BatchState.OPEN, BatchState.CLOSED])
    if actor.is_public:
        return NOTHING
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    return Q(pk__in=Pilot.objects.filter(public).values("pk"))


@scoped(Batch)
def batches(actor: Actor) -> Q:
    """Those of the place in every state; what has been opened is public."""
    if actor.is_public:
        return NOTHING
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    return ~Q(state=BatchState.PREPARED)

"""Try again what was given up or waits for its next attempt."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.models import Outgoing, OutgoingState


@transaction.atomic
def retry(actor: Actor) -> int:
    """Make every failed or given-up mail due now, with all its attempts; return how many.

    Rows that a worker has at this moment are left to it.
    """
    rows = visible(actor, Outgoing).filter(
        state__in=[OutgoingState.FAILED, OutgoingState.GIVEN_UP], claim=""
    )
    count = rows.update(state=OutgoingState.WAITING, attempts=0, next_at=timezone.now())
    record("inbox.retry_mail", actor, place_id=actor.region_id, detail={"数量": count})
    return count

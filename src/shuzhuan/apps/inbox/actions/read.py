"""Reading messages: one by opening it, or all at once."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.models import Message


@transaction.atomic
def open_message(actor: Actor, pk: int) -> Message:
    """Mark a message as read and return it. Raises Http404 for another person's."""
    message = get_visible(actor, Message, pk=pk)
    if not message.is_read:
        message.is_read, message.read_at = True, timezone.now()
        message.save(update_fields=["is_read", "read_at"])
    record("inbox.open", actor, message, place_id=actor.region_id)
    return message


@transaction.atomic
def read_all(actor: Actor) -> int:
    """Mark everything as read; what is to be done stays to be done."""
    rows = visible(actor, Message).filter(is_read=False)
    count = rows.update(is_read=True, read_at=timezone.now())
    record("inbox.read_all", actor, place_id=actor.region_id, detail={"数量": count})
    return count

"""Count a running period again after the calendar has changed: 重新推算截止日期."""

from __future__ import annotations

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.actions import settle
from shuzhuan.apps.publicity import period
from shuzhuan.apps.publicity.models import Publicity, State

SYSTEM = Actor(name="系统")


@transaction.atomic
def recompute(publicity: Publicity, actor: Actor = SYSTEM) -> bool:
    """Count the period of a running publicity by today's calendar; tell whether it changed.

    A day that was announced is never taken back: the end moves later, not earlier.
    """
    row = Publicity.objects.select_for_update(no_key=True).get(pk=publicity.pk)
    if row.state != State.RUNNING:
        return False
    end = period.recounted(row)
    if (end.day, end.provisional) == (row.ends_on, row.provisional):
        return False
    detail = {
        "number": row.number, "was": row.ends_on.isoformat(), "is": end.day.isoformat(),
        "provisional": end.provisional,
    }  # fmt: skip
    row.ends_on, row.provisional = end.day, end.provisional
    row.save(update_fields=["ends_on", "provisional"])
    record("recompute_publicity", actor, row, detail=detail)
    settle(row)
    publicity.ends_on, publicity.provisional = row.ends_on, row.provisional
    return True

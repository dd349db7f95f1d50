"""Count again what was counted by a calendar that has changed: 重新推算截止日期."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.actions import settle
from shuzhuan.apps.publicity import checks, hooks, period
from shuzhuan.apps.publicity.models import Objection, ObjectionState, Publicity, State

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
    hooks.recounted(actor, row)
    publicity.ends_on, publicity.provisional = row.ends_on, row.provisional
    return True


@transaction.atomic
def recompute_hearing(objection: Objection, actor: Actor = SYSTEM) -> bool:
    """Count the provisional day by which an open objection is to be answered; never earlier."""
    row = Objection.objects.select_for_update(no_key=True).get(pk=objection.pk)
    if row.state != ObjectionState.OPEN or not row.due_provisional:
        return False
    days = objection.item.publicity.hearing_days
    due = period.hearing_due(timezone.localdate(row.made_at), days)
    changed = put_off(row, due.day, due.provisional)
    if not changed:
        return False
    record("recompute_objection", actor, row, detail={"number": row.number, **changed})
    return True


def put_off(row: Any, day: date, provisional: bool) -> dict[str, Any]:
    """Save the day that the calendar of today gives in ``due_on`` and ``due_provisional``.

    Returns what changed, empty for nothing. A day that was told never comes earlier.
    """
    was = row.due_on
    day = max(day, was)
    if (day, provisional) == (was, row.due_provisional):
        return {}
    row.due_on, row.due_provisional = day, provisional
    row.save(update_fields=["due_on", "due_provisional"])
    return {"was": was.isoformat(), "is": day.isoformat(), "provisional": provisional}


def recompute_all() -> tuple[int, int]:
    """Every running publicity and every open objection; how many of each changed."""
    shown = sum(recompute(found.publicity) for found in checks.differences())
    rows = Objection.objects.filter(state=ObjectionState.OPEN, due_provisional=True)
    heard = sum(map(recompute_hearing, rows.select_related("item__publicity")))
    return shown, heard

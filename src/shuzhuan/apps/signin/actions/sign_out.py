"""Signing out, and ending sessions elsewhere."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.signin.models import Session


@transaction.atomic
def sign_out(actor: Actor, user: User) -> None:
    """Record that a person leaves; the caller flushes the session."""
    record("signin.sign_out", actor, user)


@transaction.atomic
def end_sessions(actor: Actor, sessions: QuerySet[Session]) -> int:
    """End sessions at once; return how many there were. ``sessions`` are visible to the actor."""
    owners = sorted({row.user_id for row in sessions if row.user_id is not None})
    ended, _ = sessions.delete()
    record("signin.end_sessions", actor, detail={"ended": ended, "users": owners})
    return ended

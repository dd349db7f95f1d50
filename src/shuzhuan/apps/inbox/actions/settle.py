"""Mark what was to be done as done, for everybody who was asked."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Case, F, Model, Value, When
from django.utils import timezone

from shuzhuan.apps.inbox.models import Message, MessageLevel


def settle(about: Model, keys: Iterable[str] | None = None) -> int:
    """Close the open todos and warnings about a thing because somebody did it; return how many.

    ``keys``: only those of these events (full keys as given to ``tell``), without their reminders.
    What is closed also leaves the unread ones of the colleagues, and its mail is not sent any
    more. In the caller's transaction. Raises TransactionManagementError outside of one.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("办结必须与它所说的改动在同一个事务里")
    rows = Message.objects.exclude(level=MessageLevel.INFO).filter(
        done_at__isnull=True,
        about_kind=about._meta.label_lower,
        about_id=about.pk,
    )
    if keys is not None:
        rows = rows.filter(key__in=list(keys))
    now = timezone.now()
    read_at = Case(When(read_at__isnull=True, then=Value(now)), default=F("read_at"))
    return rows.update(done_at=now, is_read=True, read_at=read_at)

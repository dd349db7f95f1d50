"""Mark what was to be done as done, for everybody who was asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access import prepared

_SETTLE = (
    "UPDATE inbox_message SET done_at = %s, is_read = true, read_at = coalesce(read_at, %s) "
    "WHERE about_kind = %s AND about_id = %s AND level <> 'info' AND done_at IS NULL"
)


def settle(about: Model, keys: Iterable[str] | None = None) -> int:
    """Close the open todos and warnings about a thing because somebody did it; return how many.

    ``keys``: only those of these events (full keys as given to ``tell``), without their reminders.
    What is closed also leaves the unread ones of the colleagues, and its mail is not sent any
    more. In the caller's transaction; within ``prepared.together`` the count is not known yet.
    Raises TransactionManagementError outside of one.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("办结必须与它所说的改动在同一个事务里")
    now = prepared.moment(timezone.now())
    sql, values = _SETTLE, [now, now, about._meta.label_lower, about.pk]
    if keys is not None:
        named: list[Any] = list(keys)
        sql += f" AND {prepared.among('key', named)}"
        values += named
    return int(prepared.ask(sql, values).rowcount)

"""Sending what waits in the outbox: claimed row by row, never inside a transaction.

A row is claimed by an UPDATE that holds only while nobody else has it, so several workers never
send one mail twice. One that is killed after the server took the mail and before that is stored
leaves the row to the next: it is sent again, under the same Message-ID.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import F
from django.utils import timezone

from shuzhuan.apps.inbox.mails import letter, reason, way_out
from shuzhuan.apps.inbox.models import Message, Outgoing, OutgoingState

AT_ONCE = 10
LEASE = timedelta(minutes=15)
# Of a lease; what is not sent by then goes back, so that no other worker comes in between.
WORK_SECONDS = 300
# 1, 2, 4 … minutes, at most 6 hours: about a day in all.
ATTEMPTS_MAX = 12
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
OPEN = (OutgoingState.WAITING, OutgoingState.FAILED)


@dataclass(slots=True)
class Sent:
    """What became of the rows of one call."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.failed + self.given_up + self.dropped


def send_due() -> Sent:
    """Send everything that is due now; nothing while mail is off.

    Raises RuntimeError inside a transaction: a slow server must not hold the database.
    """
    if connection.in_atomic_block:
        raise RuntimeError("mail is sent outside of transactions")
    done = Sent()
    while settings.MAIL is not None and (rows := claim()):
        _send(rows, done)
    return done


def claim() -> list[Outgoing]:
    """Take some due rows for this worker; a row that others take at the same time is theirs."""
    now = timezone.now()
    due = Outgoing.objects.filter(state__in=OPEN, next_at__lte=now)
    keys = list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    if not keys:
        return []
    mine = secrets.token_hex(16)
    due.filter(pk__in=keys).update(claim=mine, next_at=now + LEASE, attempts=F("attempts") + 1)
    rows = Outgoing.objects.filter(claim=mine).select_related("user").order_by("pk")
    return list(rows)


def wait_after(attempts: int) -> timedelta:
    """How long a mail rests after so many failures."""
    doublings = 1 << max(attempts - 1, 0)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def _send(rows: list[Outgoing], done: Sent) -> None:
    users = [row.user_id for row in rows]
    found = Message.objects.filter(user_id__in=users, key__in=[row.key for row in rows])
    messages = {(message.user_id, message.key): message for message in found}
    backend = way_out()
    began = time.monotonic()
    try:
        for row in rows:
            if time.monotonic() - began > WORK_SECONDS:
                _store(row, state=row.state, attempts=row.attempts - 1, next_at=timezone.now())
                continue
            _one(row, messages.get((row.user_id, row.key)), backend, done)
    finally:
        _close(backend)


def _one(row: Outgoing, message: Message | None, backend: BaseEmailBackend, done: Sent) -> None:
    try:
        mail = letter(row, message)
        if mail is None:
            done.dropped += _store(row, state=OutgoingState.DROPPED)
            return
        backend.open()  # nothing when it is open already
        backend.send_messages([mail])
    except Exception as error:  # whatever it is, the row must say so and the others go on
        _close(backend)
        text, useless = reason(error)
        if useless or row.attempts >= ATTEMPTS_MAX:
            done.given_up += _store(row, state=OutgoingState.GIVEN_UP, last_error=text)
            return
        later = timezone.now() + wait_after(row.attempts)
        done.failed += _store(row, state=OutgoingState.FAILED, last_error=text, next_at=later)
        return
    done.sent += _store(row, state=OutgoingState.SENT, sent_at=timezone.now(), last_error="")


def _store(row: Outgoing, **values: object) -> int:
    """Write the outcome unless the lease ran out and somebody else has the row."""
    return Outgoing.objects.filter(pk=row.pk, claim=row.claim).update(claim="", **values)


def _close(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except OSError:
        return  # the server was gone already

"""Counting failures and locking. An attempt is counted before it is tried, so that a hundred
attempts at the same moment are a hundred attempts. Called inside the caller's transaction.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.signin.models import Counter, Guard

# One address gets few tries at one name; the wider counters stop guessing that is spread out.
LIMITS = {Counter.PAIR: 5, Counter.NAME: 20, Counter.ADDRESS: 100, Counter.FACTOR: 5}
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)


@dataclass(frozen=True)
class Watch:
    """One counter that an attempt moves."""

    counter: Counter
    words: tuple[str, ...]
    user: User | None = None

    @property
    def key(self) -> str:
        text = "\0".join(self.words)
        return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").hexdigest()


def at_the_door(login_name: str, address: str, user: User | None) -> list[Watch]:
    """The counters of an attempt to sign in."""
    return [
        Watch(Counter.PAIR, (login_name, address), user),
        Watch(Counter.NAME, (login_name,), user),
        Watch(Counter.ADDRESS, (address,)),
    ]


def for_person(user: User, purpose: str) -> list[Watch]:
    """The counter of codes and pass-words typed by somebody who is already known."""
    return [Watch(Counter.FACTOR, (purpose, str(user.pk)), user)]


def count(watches: list[Watch]) -> bool:
    """Count an attempt; return whether it may be tried."""
    # Every counter is moved, also when an earlier one is locked: equal work, equal time.
    return not any([_locked(watch) for watch in watches])


def _locked(watch: Watch) -> bool:
    now = timezone.now()
    Guard.objects.get_or_create(
        counter=watch.counter, key=watch.key, defaults={"since": now, "user": watch.user}
    )
    guard = Guard.objects.select_for_update(no_key=True).get(counter=watch.counter, key=watch.key)
    if guard.locked_until is not None and guard.locked_until > now:
        return True
    if guard.locked_until is not None or guard.since + WINDOW < now:
        guard.failures, guard.since, guard.locked_until = 0, now, None
    guard.failures += 1
    if guard.failures > LIMITS[Counter(guard.counter)]:
        guard.locked_until = now + LOCK
    guard.save(update_fields=["failures", "since", "locked_until"])
    return guard.locked_until is not None


def clear(watches: list[Watch]) -> None:
    """Forget the failures after a success; the address keeps its count, less this one."""
    for watch in watches:
        rows = Guard.objects.filter(counter=watch.counter, key=watch.key)
        if watch.counter == Counter.ADDRESS:
            for guard in rows.filter(failures__gt=0):
                guard.failures -= 1
                guard.save(update_fields=["failures"])
        else:
            rows.delete()

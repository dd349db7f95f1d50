"""A clock that stands still until it is moved: for rehearsals and tests, never while serving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from unittest import mock
from zoneinfo import ZoneInfo

from django.utils import timezone

from shuzhuan.engine.workdays import china

ZONE = ZoneInfo("Asia/Shanghai")
TICK = timedelta(seconds=1)


class Clock:
    """Says when it is. Every look moves it by a second, so that no two things happen at once."""

    def __init__(self, start: date) -> None:
        self.moment = datetime.combine(start, time(9), ZONE)

    def now(self) -> datetime:
        self.moment += TICK
        return self.moment.astimezone(UTC)

    @property
    def today(self) -> date:
        return self.moment.date()

    def to(self, day: date) -> None:
        """Move to nine o'clock of a later day; an earlier one is a mistake of the caller."""
        if day < self.today:
            raise ValueError(f"the clock stands at {self.today} and does not go back to {day}")
        if day > self.today:
            self.moment = datetime.combine(day, time(9), ZONE)

    def days(self, count: int) -> None:
        """Move on by days of the calendar."""
        self.to(self.today + timedelta(days=count))

    def workdays(self, count: int) -> None:
        """Move on by working days."""
        self.to(china().add(self.today, count).day)


@contextmanager
def standing(clock: Clock) -> Iterator[Clock]:
    """Let everything in this process read the clock.

    The class that ``timezone.now`` asks is replaced, not the function: columns hold the function
    itself as their default.
    """

    class Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            # Templates ask whether a value is a moment, to show it in local time.
            return isinstance(value, datetime)

    class Standing(datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.now().astimezone(tz)

    with mock.patch.object(timezone, "datetime", Standing):
        yield clock

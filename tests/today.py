"""The day of the tests. What they hold must not hang on midnight, holidays or the turn of a year.

Every run begins at the same moment of a Monday, and its clock goes on from there. To see the suite
on another day: ``SHUZHUAN_TEST_DAY=2027-01-01T23:58 python3 dev.py test --only-pytest``.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from shuzhuan.site.rehearsal.clock import ZONE, Clock

MONDAY = "2026-11-23T10:00"


class Running(Clock):
    """A clock that goes on by itself from a moment in China."""

    def __init__(self, start: datetime) -> None:
        self.moment, self._begun = start.replace(tzinfo=ZONE), time.monotonic()

    def now(self) -> datetime:
        gone = timedelta(seconds=time.monotonic() - self._begun)
        return (self.moment + gone).astimezone(UTC)


def clock() -> Running:
    """The clock of this run."""
    return Running(datetime.fromisoformat(os.environ.get("SHUZHUAN_TEST_DAY", MONDAY)))

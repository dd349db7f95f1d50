"""Working days (工作日) of the Chinese calendar with its exchanged days (调休).

The table is data that an officer can edit (``packs/calendars/china.yaml``, later a
table in the database): per year, the weekdays off and the weekend days worked. For a
year without a table a date is worked out from Monday to Friday without the holidays
that fall on the same day every year, and marked provisional, because the exchange of
days is only known when the State Council publishes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[1] / "packs" / "calendars" / "china.yaml"
MAX_DAYS = 3_000  # working days that one question may span: ten years
_FRIDAY = 4
# 元旦, 劳动节 and 国庆节 by 全国年节及纪念日放假办法; the other holidays follow the moon.
_EVERY_YEAR = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """The table of a year is wrong; Chinese message."""


@dataclass(frozen=True, slots=True)
class WorkDate:
    """A date found by counting; ``provisional`` when a year without a table was crossed."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    """``off``: weekdays without work. ``work``: weekend days with work. Both by year."""

    off: Mapping[int, frozenset[date]]
    work: Mapping[int, frozenset[date]]

    @property
    def years(self) -> tuple[int, ...]:
        """Years whose table is published."""
        return tuple(sorted(self.off))

    def known(self, day: date) -> bool:
        """Whether the table of that year is published."""
        return day.year in self.off

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day, as far as is known."""
        if day.weekday() > _FRIDAY:
            return day in self.work.get(day.year, frozenset())
        if not self.known(day):
            return (day.month, day.day) not in _EVERY_YEAR
        return day not in self.off[day.year]

    def add(self, start: date, count: int) -> WorkDate:
        """The ``count``-th working day after ``start``, which itself does not count.

        A period of five working days that begins after Thursday ends with the next Thursday.
        ``count`` 0 gives ``start`` if it is a working day, else the next one.
        Raises ValueError for a negative count or more than MAX_DAYS.
        """
        if not 0 <= count <= MAX_DAYS:
            raise ValueError(f"工作日数应在 0 到 {MAX_DAYS} 之间")
        day, left = start, count
        provisional = not self.known(day)
        while left > 0 or not self.is_workday(day):
            day += _DAY
            provisional = provisional or not self.known(day)
            if self.is_workday(day) and left > 0:
                left -= 1
        return WorkDate(day, provisional)

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
        count, day = 0, start
        while day < end:
            day += _DAY
            count += self.is_workday(day)
        return count


def calendar(rows: Iterable[Mapping[str, object]]) -> Calendar:
    """A calendar from rows of ``year``, ``closed`` and ``worked`` (``MM-DD`` texts). Raises CalendarError."""
    off: dict[int, frozenset[date]] = {}
    work: dict[int, frozenset[date]] = {}
    for row in rows:
        year = int(str(row["year"]))
        if year in off:
            raise CalendarError(f"{year} 年写了两次")
        off[year] = _days(year, row.get("closed"))
        work[year] = _days(year, row.get("worked"))
        for day in off[year]:
            if day.weekday() > _FRIDAY:
                raise CalendarError(f"{day} 是周末，不用写进 closed")
        for day in work[year]:
            if day.weekday() <= _FRIDAY:
                raise CalendarError(f"{day} 不是周末，不用写进 worked")
    return Calendar(off, work)


def _days(year: int, listed: object) -> frozenset[date]:
    if not isinstance(listed, list):
        raise CalendarError(f"{year} 年的日期应当是列表，没有写 []")
    try:
        return frozenset(date.fromisoformat(f"{year}-{text}") for text in listed)
    except ValueError:
        raise CalendarError(f"{year} 年有写错的日期，应当写成 05-01") from None


@lru_cache(maxsize=1)
def china() -> Calendar:
    """The calendar that ships with the product."""
    return calendar(yaml.safe_load(FILE.read_text("utf-8"))["years"])

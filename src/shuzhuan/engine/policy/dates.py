"""Dates as whole days since 1970-01-01, in integer arithmetic that every reading can share.

No clock is read here. The month arithmetic is written with integers only so that a
compiler for numbers can take it as it is (proleptic Gregorian calendar, after the
usual days-from-civil method).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

EPOCH = date(1970, 1, 1)
_EPOCH_TIME = datetime(1970, 1, 1)


def days(value: date) -> int:
    """Days since 1970-01-01."""
    return (value - EPOCH).days


def from_days(value: int) -> date:
    """The date that so many days after 1970-01-01 is."""
    return EPOCH + timedelta(days=value)


def seconds(value: datetime) -> int:
    """Seconds since 1970-01-01T00:00 by the same (Beijing) clock."""
    return int((value - _EPOCH_TIME).total_seconds())


def from_seconds(value: int) -> datetime:
    """The time that so many seconds after 1970-01-01T00:00 is, by the same (Beijing) clock."""
    return _EPOCH_TIME + timedelta(seconds=value)


def year_of(day: int) -> int:
    """Calendar year of a day number."""
    shifted = day + 719468
    era = shifted // 146097
    day_of_era = shifted - era * 146097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return year_of_era + era * 400 + (1 if day_of_year >= 306 else 0)


def add_months(day: int, months: int) -> int:
    """The same day of the month ``months`` later, or that month's last day (31 Jan + 1 = 28 Feb)."""
    shifted = day + 719468
    era = shifted // 146097
    day_of_era = shifted - era * 146097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day_of_month = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    total = year * 12 + (month - 1) + months
    year, month = total // 12, total % 12 + 1
    if month == 2:
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        last = 29 if leap else 28
    else:
        last = 30 if month in (4, 6, 9, 11) else 31
    day_of_month = day_of_month if day_of_month < last else last
    shifted_year = year - 1 if month <= 2 else year
    era = shifted_year // 400
    year_of_era = shifted_year - era * 400
    march_month = month - 3 if month > 2 else month + 9
    day_of_year = (153 * march_month + 2) // 5 + day_of_month - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468

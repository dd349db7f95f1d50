"""When a period ends: the first day never counts, and nothing ends on a day off."""

from __future__ import annotations

from datetime import date, timedelta

from shuzhuan.apps.publicity.models import Publicity, Unit
from shuzhuan.engine import workdays


def end_of(starts_on: date, days: int, unit: str) -> workdays.WorkDate:
    """The last day of a period that begins on ``starts_on``, and whether that is provisional.

    Working days are counted whole. Calendar days that would end on a day off end with the next
    working day (民法典 201, 203).
    """
    if unit == Unit.WORKDAY:
        return workdays.china().add(starts_on, days)
    first = workdays.WorkDate(starts_on + timedelta(days), provisional=False)
    return workdays.china().add(first.day, 0)


def recounted(publicity: Publicity) -> workdays.WorkDate:
    """The end of a period by today's calendar; a day that was announced is never taken back."""
    end = end_of(publicity.starts_on, publicity.days, publicity.unit)
    return workdays.WorkDate(max(end.day, publicity.ends_on), end.provisional)


def left_on(day: date, ends_on: date) -> int:
    """Working days that remain after ``day``, the last day included; 0 when it is over."""
    return workdays.china().between(day, ends_on)


def hearing_due(made_on: date, working_days: int) -> workdays.WorkDate:
    """The day by which an objection made on that day is to be answered."""
    return workdays.china().add(made_on, working_days)

"""Working days: exchanged days, years without a table, and the way periods are counted."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhuan.engine.workdays import CalendarError, calendar, china

DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@given(DAYS)
def test_every_published_day_agrees_with_an_independent_table(day: date) -> None:
    assert china().is_workday(day) == chinese_calendar.is_workday(day)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2025, 9, 26), 5, date(2025, 10, 10)),  # 国庆中秋八天假，周日 9-28 上班
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),  # 春节 15–23 日放假，14 日、28 日上班
        (date(2026, 3, 2), 5, date(2026, 3, 9)),
        (date(2026, 3, 7), 0, date(2026, 3, 9)),  # 周六不上班，顺延
        (date(2026, 3, 6), 0, date(2026, 3, 6)),
    ],
)
def test_periods_of_working_days(start: date, count: int, end: date) -> None:
    found = china().add(start, count)
    assert found.day == end
    assert not found.provisional
    assert china().between(start, end) == count or count == 0


@given(DAYS.filter(lambda d: d < date(2026, 11, 1)), st.integers(1, 20))
def test_counting_there_and_back(start: date, count: int) -> None:
    end = china().add(start, count).day
    assert china().between(start, end) == count
    assert china().between(start, end - timedelta(days=1)) == count - 1
    assert china().is_workday(end)


def test_beyond_the_published_years_a_date_is_provisional() -> None:
    found = china().add(date(2026, 12, 30), 5)
    assert found.provisional
    assert found.day == date(2027, 1, 7)  # 1 January is a holiday of every year
    assert not china().known(date(2027, 1, 1))
    national_day = china().add(date(2027, 9, 29), 5)
    assert (national_day.day, national_day.provisional) == (date(2027, 10, 7), True)


@pytest.mark.parametrize(
    "row",
    [
        {"year": 2027, "closed": ["01-02"], "worked": []},  # a Saturday
        {"year": 2027, "closed": [], "worked": ["01-04"]},  # a Monday
        {"year": 2027, "closed": ["13-01"], "worked": []},
        {"year": 2027, "closed": None, "worked": []},
    ],
)
def test_a_wrong_table_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(CalendarError):
        calendar([row])


@pytest.mark.parametrize("count", [-1, 3001])
def test_a_senseless_count_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="工作日数"):
        china().add(date(2026, 1, 1), count)

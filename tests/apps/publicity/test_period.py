"""Working days around National Day 2026, and over a year whose calendar is not published."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.inbox import reminders
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.publicity import checks, period
from shuzhuan.apps.publicity.actions.finish import close
from shuzhuan.apps.publicity.actions.recompute import recompute, recompute_all
from shuzhuan.apps.publicity.models import Publicity, Unit
from shuzhuan.engine import workdays
from tests.apps.publicity.kit import LAST, Clock, first, objected, officer, published
from tests.cast import Cast

LATER = {2026: frozenset({*(date(2026, 10, day) for day in (1, 2, 5, 6, 7, 8, 9))})}


@pytest.mark.parametrize(
    ("starts_on", "days", "ends_on"),
    [
        (date(2026, 9, 28), 5, date(2026, 10, 10)),  # 29, 30, then 8, 9 and the worked Saturday
        (date(2026, 9, 30), 5, date(2026, 10, 13)),
        (date(2026, 10, 1), 1, date(2026, 10, 8)),  # published on a day off
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a worked Sunday
        (date(2026, 9, 24), 1, date(2026, 9, 28)),  # Mid-Autumn Friday off
        (date(2026, 10, 9), 1, date(2026, 10, 10)),
        (date(2026, 10, 10), 5, date(2026, 10, 16)),
    ],
)
def test_working_days_around_national_day(starts_on: date, days: int, ends_on: date) -> None:
    found = period.end_of(starts_on, days, Unit.WORKDAY)
    assert (found.day, found.provisional) == (ends_on, False)


@pytest.mark.parametrize(
    ("starts_on", "days", "ends_on"),
    [
        (date(2026, 9, 14), 7, date(2026, 9, 21)),
        (
            date(2026, 9, 28),
            5,
            date(2026, 10, 8),
        ),  # 3 October is off: ends with the next working day
        (date(2026, 9, 13), 7, date(2026, 9, 20)),  # a worked Sunday is a working day
    ],
)
def test_calendar_days_do_not_end_on_a_day_off(starts_on: date, days: int, ends_on: date) -> None:
    assert period.end_of(starts_on, days, Unit.DAY).day == ends_on


@pytest.mark.parametrize("unit", [Unit.WORKDAY, Unit.DAY])
def test_a_year_that_is_not_published_makes_the_end_provisional(unit: str) -> None:
    assert period.end_of(date(2026, 12, 28), 7, unit).provisional
    assert not period.end_of(date(2026, 12, 21), 7, unit).provisional
    assert period.end_of(date(2027, 3, 1), 5, unit).provisional


@pytest.mark.parametrize(
    ("today", "left"),
    [(date(2026, 9, 28), 5), (date(2026, 9, 30), 3), (date(2026, 10, 3), 3), (LAST, 0)],
)
def test_what_is_left_counts_the_last_day(today: date, left: int) -> None:
    assert period.left_on(today, LAST) == left


@pytest.fixture
def another_calendar(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Exchange the calendar by one in which the holiday of October 2026 is two days longer."""

    def exchange(years: dict[int, frozenset[date]]) -> None:
        changed = workdays.Calendar(off=years, work={year: frozenset() for year in years})
        monkeypatch.setattr(workdays, "china", lambda: changed)

    return exchange


@pytest.mark.django_db
class TestStored:
    """The end is stored; a changed calendar is reported, and moves it later only."""

    def test_stored_and_marked(self, cast: Cast, clock: Clock) -> None:
        assert (published(cast).ends_on, published(cast).provisional) == (LAST, False)
        clock.at(date(2026, 12, 28))
        publicity = published(cast)
        assert (publicity.ends_on, publicity.provisional) == (date(2027, 1, 5), True)

    def test_nothing_differs_while_the_calendar_stays(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        assert checks.differences() == []
        assert not recompute(publicity)

    def test_a_longer_holiday_is_reported_and_moves_the_end(
        self, cast: Cast, clock: Clock, another_calendar: Any
    ) -> None:
        publicity = published(cast)
        another_calendar(LATER)
        (difference,) = checks.differences()
        assert str(difference) == "彭阳-公示-2026-001：存的是 2026-10-10，按现在的日历是 2026-10-14"
        clock.at(date(2026, 10, 12))
        with pytest.raises(ValidationError, match="应到 2026-10-14"):
            close(officer(cast), publicity)
        assert recompute(publicity, officer(cast))
        assert Publicity.objects.get().ends_on == date(2026, 10, 14)
        assert objected(first(publicity)).pk
        assert checks.differences() == []

    def test_an_announced_day_is_never_taken_back(
        self, cast: Cast, clock: Clock, another_calendar: Any
    ) -> None:
        publicity = published(cast)
        another_calendar({2026: frozenset()})
        assert checks.differences() == []
        assert not recompute(publicity)
        assert Publicity.objects.get().ends_on == LAST

    def test_a_published_year_ends_what_was_provisional(
        self, cast: Cast, clock: Clock, another_calendar: Any
    ) -> None:
        clock.at(date(2026, 12, 28))
        publicity = published(cast)
        another_calendar({2026: frozenset(), 2027: frozenset({date(2027, 1, 1)})})
        assert recompute(publicity)
        stored = Publicity.objects.get()
        assert (stored.ends_on, stored.provisional) == (date(2027, 1, 5), False)

    def test_a_provisional_hearing_is_counted_again_and_on_record(
        self, cast: Cast, clock: Clock, another_calendar: Any
    ) -> None:
        clock.at(date(2026, 12, 28))
        objection = objected(first(published(cast)))
        assert (objection.due_on, objection.due_provisional) == (date(2027, 1, 12), True)
        assert recompute_all() == (0, 0)
        bridge = frozenset({date(2027, 1, 1), date(2027, 1, 4)})
        another_calendar({2026: frozenset(), 2027: bridge})
        assert recompute_all() == (1, 1)
        objection.refresh_from_db()
        assert (objection.due_on, objection.due_provisional) == (date(2027, 1, 13), False)
        entry = Entry.objects.get(action="recompute_objection")
        assert json.loads(entry.detail)["was"] == "2027-01-12" and entry.user_id is None
        assert recompute_all() == (0, 0)

    def test_counts_are_checked(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        objected(first(publicity))
        assert checks.miscounted() == []
        Publicity.objects.update(objections_open=0)
        assert checks.miscounted() == [publicity]


@pytest.mark.django_db
class TestReminders:
    """The own office is told, not the one above."""

    def told(self) -> set[tuple[str, str]]:
        rows = Message.objects.values_list("user__login_name", "title")
        return {(name, title) for name, title in rows if "异议" in title or "公示" in title}

    def test_a_new_objection_and_its_due_day(self, cast: Cast, clock: Clock) -> None:
        objection = objected(first(published(cast)))
        assert self.told() == {("county_officer.pengyang", "收到异议，10-16 前核查答复")}
        (told,) = Message.objects.filter(about_id=objection.pk).values_list("body", flat=True)
        assert told.endswith(f"\n由贵单位核查答复，期限 {objection.due_on}。")
        clock.at(objection.due_on - timedelta(1))
        reminders.remind()
        reminders.remind()
        assert {name for name, _ in self.told()} == {"county_officer.pengyang"}
        assert any("核查答复异议" in title for _, title in self.told())

    def test_a_period_that_is_over(self, cast: Cast, clock: Clock) -> None:
        published(cast)
        clock.at(LAST)
        reminders.remind()
        assert self.told() == set()
        clock.at(LAST + timedelta(2))
        reminders.remind()
        assert self.told() == {("county_officer.pengyang", "今天到期：公示期满，可以结束")}

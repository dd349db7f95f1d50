"""Deadlines: three and one working days before, on the day, and while they are late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox import reminders
from shuzhuan.apps.inbox.actions import settle
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.inbox.reminders import Due, remind, reminds, stage
from tests.cast import Cast

FRIDAY = date(2026, 3, 13)


@pytest.fixture(autouse=True)
def no_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the rules of the test, whatever the other apps have registered."""
    monkeypatch.setattr(reminders, "_RULES", {})
    yield


def _at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=timezone.get_current_timezone())
    monkeypatch.setattr(timezone, "now", lambda: moment)


def _rule(cast: Cast, **more: Any) -> list[date]:
    asked: list[date] = []
    mill = cast.parties["pengyang_mill"]

    @reminds
    def corrections(today: date, until: date) -> Iterable[Due]:
        asked.append(until)
        if until >= FRIDAY:
            yield Due(
                key="fake:1", due_on=FRIDAY, title="补正申报材料", url="/my/", about=mill,
                party_id=mill.pk, party_roles=[Role.ENTERPRISE_FILLER], **more,
            )  # fmt: skip

    return asked


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ((2026, 3, 9), None),  # Monday: four working days
        ((2026, 3, 10), ("in3", "还剩 3 个工作日")),
        ((2026, 3, 11), ("in3", "还剩 2 个工作日")),
        ((2026, 3, 12), ("in1", "还剩 1 个工作日")),
        ((2026, 3, 13), ("in1", "今天到期")),
        ((2026, 3, 14), ("late0", "已逾期")),
        ((2026, 3, 20), ("late0", "已逾期")),
        ((2026, 3, 21), ("late1", "已逾期")),
        ((2026, 5, 20), None),
    ],
)
def test_which_notice_is_due(day: tuple[int, int, int], wanted: tuple[str, str] | None) -> None:
    assert stage(FRIDAY, date(*day)) == wanted


def test_a_holiday_is_no_working_day() -> None:
    # 2026-10-08 is the first working day after the national holiday.
    assert stage(date(2026, 10, 8), date(2026, 9, 30)) == ("in1", "还剩 1 个工作日")
    assert stage(date(2026, 10, 3), date(2026, 9, 30)) == ("in1", "放假期间到期")


def test_each_notice_once_whatever_the_days_the_worker_ran(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _rule(cast)
    told = []
    for number in range(14):
        _at(monkeypatch, FRIDAY - timedelta(days=5) + timedelta(days=number))
        told.append(remind().told)
        assert remind().told == 0
    assert told == [0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert asked[0] == date(2026, 3, 11)  # Sunday 8th: three working days ahead
    titles = list(Message.objects.order_by("pk").values_list("title", "level"))
    assert titles[0] == ("还剩 3 个工作日：补正申报材料", "warn")
    assert titles[-1] == ("已逾期：补正申报材料", "warn")
    assert "期限 2026-03-13，由贵单位办理。" in Message.objects.earliest("pk").body


def test_what_was_done_is_not_left_as_a_warning(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rule(cast)
    _at(monkeypatch, FRIDAY)
    assert remind().told == 1
    assert settle(cast.parties["pengyang_mill"]) == 1
    assert Message.objects.get().is_read


def test_a_broken_rule_does_not_silence_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    @reminds
    def a_broken(today: date, until: date) -> Iterable[Due]:
        raise RuntimeError

    _rule(cast)
    _at(monkeypatch, FRIDAY)
    done = remind()
    assert done.told == 1
    assert len(done.failed) == 1
    assert done.failed[0].endswith("a_broken")


def test_the_worker_reminds_once_a_day_and_not_at_night(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuzhuan.site.worker import daily

    asked = _rule(cast)
    zone = timezone.get_current_timezone()
    for hour in (0, 7):
        moment = datetime(2026, 3, 13, hour, tzinfo=zone)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert daily(None) is None
    assert not asked
    _at(monkeypatch, FRIDAY)
    assert daily(None) == FRIDAY
    assert daily(FRIDAY) == FRIDAY
    assert len(asked) == 1

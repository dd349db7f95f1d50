"""Pilots and batches: set up, frozen when opened, and kept so by the database itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.pilots.models import Batch, BatchState, Pilot
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import OFFICE_DAYS, State, parameters_of
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
DESK = "/work/batches/"


def officer(cast: Cast, role: Role = Role.COUNTY_OFFICER, where: str = "pengyang") -> Client:
    return client_of(cast.person(role, where))


def pilot_of(cast: Cast) -> Pilot:
    today = timezone.localdate()
    given = {
        "pack": "pengyang", "name": "彭阳试点", "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=365)).isoformat(),
    }  # fmt: skip
    answer = officer(cast).post(f"{DESK}pilots/new/", given)
    assert answer.status_code == 302
    return Pilot.objects.get()


def days() -> dict[str, str]:
    """The office days as the form draws them."""
    return {f"days_{state}": str(count) for state, count in OFFICE_DAYS.items()}


def prepare(cast: Cast, pilot: Pilot, **changed: Any) -> HttpResponse:
    today = timezone.localdate()
    given = {
        "title": "第一批", "clause": "7-1", "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=30)).isoformat(), "contact": "0954-7010000",
        "guide": "", "hearing_days": "10", **days(), **changed,
    }  # fmt: skip
    return officer(cast).post(f"{DESK}pilots/{pilot.pk}/new/", given)


def test_a_batch_is_prepared_read_and_opened(cast: Cast) -> None:
    client, pilot = officer(cast), pilot_of(cast)
    form = client.get(f"{DESK}pilots/{pilot.pk}/new/").content.decode()
    assert "第七条（一）" in form and 'name="days_form_check"' in form
    assert "第三条" not in form  # clauses that pay nothing are not offered
    answer = prepare(cast, pilot, days_form_check="7")
    batch = Batch.objects.get()
    assert answer.status_code == 302 and batch.state == BatchState.PREPARED
    assert batch.office_days == {"form_check": 7}  # only what differs

    page = client.get(f"{DESK}{batch.pk}/open/").content.decode()
    for words in ("7个工作日", "本批次设定", "单位名称、项目内容、拟补助奖励金额", "第十一条",
                  "第十二条（二）3", "营业执照等主体证明", "30日"):  # fmt: skip
        assert words in page, words
    assert Batch.objects.get().process == ""  # reading freezes nothing
    assert client.post(f"{DESK}{batch.pk}/open/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == BatchState.OPEN
    assert batch.parameters.office_days["form_check"] == 7
    assert batch.parameters.office_days["expert_review"] == OFFICE_DAYS[State.EXPERT_REVIEW]
    client.post(f"{DESK}{batch.pk}/open/")  # opening twice is opening once
    assert Entry.objects.filter(action="open_batch").count() == 1
    assert client.post(f"{DESK}{batch.pk}/close/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == BatchState.CLOSED
    page = client.get(f"{DESK}{batch.pk}/").content.decode()
    assert "停止申报" in page and 'action="' not in page.split("<main")[1].split("</main")[0]
    answer = client.get(f"{DESK}{batch.pk}/open/")
    assert answer.status_code == 302  # cannot be opened again


@pytest.mark.parametrize("changed, words", [
    ({"clause": "nothing"}, "clause"),
    ({"clause": "7-3"}, "clause"),  # 配套服务支出: no enterprise is paid by it
    ({"opens_on": "昨天"}, "不是日期"),
    ({"closes_on": "2001-01-01"}, "受理"),
    ({"title": ""}, "title"),
    ({"days_form_check": "0"}, "天数应在1到400之间"),
    ({"days_form_check": "很多"}, "不是整数"),
    ({"hearing_days": "401"}, "太大"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    cast: Cast, changed: dict[str, str], words: str
) -> None:
    pilot = pilot_of(cast)
    answer = prepare(cast, pilot, **changed)
    page = answer.content.decode()
    assert answer.status_code == 422 and "error-summary" in page and words in page
    assert not Batch.objects.exists()


def test_a_batch_whose_window_has_passed_is_not_opened(cast: Cast) -> None:
    prepare(cast, pilot_of(cast))
    batch = Batch.objects.get()
    Batch.objects.update(opens_on="2020-01-01", closes_on="2020-02-01")
    page = officer(cast).post(f"{DESK}{batch.pk}/open/").content.decode()
    assert "受理截止日期2020-02-01已经过去" in page
    batch.refresh_from_db()
    assert batch.state == BatchState.PREPARED


def test_a_pilot_is_set_up_once_and_ends_after_it_starts(cast: Cast) -> None:
    pilot = pilot_of(cast)
    given = {
        "pack": "pengyang", "name": "又一个", "starts_on": pilot.starts_on.isoformat(),
        "ends_on": pilot.ends_on.isoformat(),
    }  # fmt: skip
    answer = officer(cast).post(f"{DESK}pilots/new/", given)
    assert "这个试点已经建立过" in answer.content.decode()
    given |= {"starts_on": pilot.ends_on.isoformat(), "ends_on": pilot.starts_on.isoformat()}
    answer = officer(cast).post(f"{DESK}pilots/new/", given)
    assert "截止日期应当晚于起始日期" in answer.content.decode()
    assert Pilot.objects.count() == 1


def test_others_read_or_see_nothing(cast: Cast) -> None:
    pilot = pilot_of(cast)
    prepare(cast, pilot)
    batch = Batch.objects.get()
    city = officer(cast, Role.CITY_OFFICER, "guyuan")
    page = city.get(f"{DESK}{batch.pk}/").content.decode()
    assert "第一批" in page and f"{batch.pk}/open/" not in page
    assert city.post(f"{DESK}{batch.pk}/open/").status_code == 422
    assert prepare_as(city, pilot).status_code == 422
    city.post(f"{DESK}{batch.pk}/close/")
    assert officer(cast, Role.LEADER).get(DESK).status_code == 200
    assert officer(cast, Role.LEADER).post(f"{DESK}{batch.pk}/open/").status_code == 403
    foreign = officer(cast, where="xiji")
    for path in (f"{batch.pk}/", f"{batch.pk}/open/", f"pilots/{pilot.pk}/new/"):
        assert foreign.get(f"{DESK}{path}").status_code == 404
    batch.refresh_from_db()
    assert batch.state == BatchState.PREPARED and Batch.objects.count() == 1


def prepare_as(client: Client, pilot: Pilot) -> HttpResponse:
    today = timezone.localdate()
    given = {
        "title": "别处的", "clause": "7-1", "opens_on": today.isoformat(),
        "closes_on": today.isoformat(), "contact": "x", "hearing_days": "10", **days(),
    }  # fmt: skip
    return client.post(f"{DESK}pilots/{pilot.pk}/new/", given)


def test_the_database_keeps_what_was_frozen(cast: Cast) -> None:
    pilot = pilot_of(cast)
    prepare(cast, pilot)
    batch = Batch.objects.get()
    Batch.objects.filter(pk=batch.pk).update(title="还在准备", clause="7-1")  # free until then
    officer(cast).post(f"{DESK}{batch.pk}/open/")
    before = Batch.objects.get()
    table = Batch._meta.db_table
    for column, value in (
        ("process", before.process.replace('"form_check": 10', '"form_check": 99')),
        ("process", ""), ("clause", "7-2"), ("pack_version", "9"), ("pack_digest", "0"),
        ("number", 5),
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = %s", [value])  # noqa: S608 - own names
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET closes_on = closes_on")  # noqa: S608 - own names
    after = Batch.objects.get()
    assert (after.process, after.clause, after.number) == (before.process, before.clause, 1)


def test_a_pilot_is_not_longer_than_the_cycle_of_the_document(cast: Cast) -> None:
    today = timezone.localdate()
    last = parameters_of(Library.load().get("pengyang")).cycle_ends(today)
    given = {"pack": "pengyang", "name": "彭阳试点", "starts_on": today.isoformat()}
    given["ends_on"] = (last + timedelta(1)).isoformat()
    answer = officer(cast).post(f"{DESK}pilots/new/", given)
    text = answer.content.decode()
    assert answer.status_code == 422 and not Pilot.objects.exists()
    assert f"试点周期是12个月（方案三、第十八条），从{today}起到{last}为止" in text
    assert 'href="#id_ends_on"' in text
    given["ends_on"] = last.isoformat()
    assert officer(cast).post(f"{DESK}pilots/new/", given).status_code == 302
    assert "试点周期的最后一天" not in officer(cast).get(DESK).content.decode()


def test_a_longer_pilot_of_before_is_readable_and_its_batches_stay_within_the_cycle(
    cast: Cast,
) -> None:
    pilot = pilot_of(cast)
    last = parameters_of(Library.load().get("pengyang")).cycle_ends(pilot.starts_on)
    Pilot.objects.update(ends_on=last + timedelta(90))
    late = (last + timedelta(1)).isoformat()
    said = f"{last}以后不再受理申报和验收申请"
    client = officer(cast)
    for address in (DESK, f"{DESK}pilots/{pilot.pk}/new/"):
        text = client.get(address).content.decode()
        assert said in text and "第十八条" in text
    answer = prepare(cast, pilot, closes_on=late)
    assert answer.status_code == 422 and "受理截止日期不能更晚" in answer.content.decode()
    assert prepare(cast, pilot).status_code == 302
    batch = Batch.objects.get()
    assert said in client.get(f"{DESK}{batch.pk}/").content.decode()
    Batch.objects.update(closes_on=late)  # prepared before the days were compared
    answer = client.post(f"{DESK}{batch.pk}/open/")
    assert answer.status_code == 422 and "受理截止日期不能更晚" in answer.content.decode()
    Batch.objects.update(closes_on=last)
    assert client.post(f"{DESK}{batch.pk}/open/").status_code == 302


def test_a_shorter_pilot_says_what_ends_when(cast: Cast) -> None:
    pilot = pilot_of(cast)
    Pilot.objects.update(ends_on=pilot.starts_on + timedelta(200))
    text = officer(cast).get(DESK).content.decode()
    assert f"申报受理到{pilot.starts_on + timedelta(200)}为止" in text

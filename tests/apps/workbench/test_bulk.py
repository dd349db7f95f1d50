"""Bulk actions: all results, each audited, each with its own outcome."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise, PilotEntry
from shuzhuan.apps.workbench.actions.bulk import run_bulk, start_bulk
from shuzhuan.apps.workbench.filters import read
from shuzhuan.apps.workbench.models import BulkAction, BulkItem, BulkRun
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.views import pilots
from tests.apps.workbench.kit import fill
from tests.cast import client_of

pytestmark = pytest.mark.django_db
ENTER = {"on": "2026-03-01", "reason": "会议纪要3号", "pack": "pengyang", "batch": "1"}


def started(person: Any, query: str, action: BulkAction, **parameters: Any) -> BulkRun:
    actor = actor_of(person)
    form = read(QueryDict(query), places_of(actor))
    return start_bulk(actor, form, action, parameters, "key", query)


def test_three_thousand_enter_and_each_is_told(cast: Any) -> None:
    fill(cast.places["pengyang"], 3_000)
    fill(cast.places["xiji"], 10, first=900_000)
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    already = Enterprise.objects.filter(place=cast.places["pengyang"]).order_by("pk")[7]
    run = started(person, "", BulkAction.ENTER, on="2026-03-01", reason="纪要", pack="", batch=None)
    Enterprise.objects.filter(pk=already.pk).update(pilot_state="in")
    run_bulk(run.pk)
    run.refresh_from_db()
    assert (run.total, run.done, run.refused) == (3_000, 3_000, 1)
    assert run.finished_at is not None
    assert PilotEntry.objects.count() == 2_999
    assert Entry.objects.filter(action="enter_pilot").count() == 2_999
    assert not PilotEntry.objects.filter(place=cast.places["xiji"]).exists()
    item = BulkItem.objects.get(enterprise=already)
    assert (item.outcome, "已经在试点名单" in item.message) == ("refused", True)
    text = client_of(person).get(f"/work/runs/{run.pk}/?only=refused").content.decode()
    assert already.name in text and "已经在试点名单" in text
    assert client_of(cast.person(Role.COUNTY_OFFICER, "xiji")).get(
        f"/work/runs/{run.pk}/"
    ).status_code == 404  # fmt: skip
    run_bulk(run.pk)  # a second worker finds nothing to do
    assert Entry.objects.filter(action="enter_pilot").count() == 2_999


def test_a_role_that_was_withdrawn_stops_the_run(cast: Any) -> None:
    fill(cast.places["pengyang"], 60)
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    run = started(person, "", BulkAction.LEAVE, on="2026-03-01", reason="纪要")
    Membership.objects.filter(pk=person.pk).update(is_active=False)
    run_bulk(run.pk)
    run.refresh_from_db()
    assert (run.done, run.refused) == (60, 60)
    assert not Entry.objects.filter(action="leave_pilot").exists()


def test_the_form_is_checked_confirmed_and_sent_once(
    cast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    fill(cast.places["pengyang"], 30)
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    page = client.get("/work/bulk/enter/?will=3").content.decode()
    count = Enterprise.objects.filter(willingness=3).count()
    assert f"{count} 家" in page
    wrong = client.post("/work/bulk/enter/", {**ENTER, "reason": "", "query": "will=3", "key": "a"})
    assert wrong.status_code == 200 and "请写明原因" in wrong.content.decode()
    assert client.post("/work/bulk/enter/", {**ENTER, "query": "will=9"}).status_code == 200
    assert not BulkRun.objects.exists()
    for _ in range(2):
        answer = client.post("/work/bulk/enter/", {**ENTER, "query": "will=3", "key": "a"})
        assert answer.status_code == 302
    run = BulkRun.objects.get()
    assert run.total == count
    assert client.get("/work/bulk/erase/").status_code == 404
    # Another county's enterprises cannot be reached by naming their place.
    far = {**ENTER, "query": f"place={cast.places['xiji'].pk}", "key": "b"}
    assert client.post("/work/bulk/enter/", far).status_code == 200
    assert BulkRun.objects.count() == 1


def test_survey_keeps_what_was_left_open(cast: Any) -> None:
    fill(cast.places["pengyang"], 10)
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    before = dict(Enterprise.objects.values_list("pk", "readiness"))
    run = started(person, "", BulkAction.SURVEY, willingness=2, readiness=None, note="")
    run_bulk(run.pk)
    for row in Enterprise.objects.all():
        assert (row.willingness, row.readiness) == (2, before[row.pk])
    assert json.loads(Entry.objects.filter(action="start_bulk").get().detail)["enterprises"] == 10


def test_the_pilot_list_of_any_day(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(cast.places["pengyang"], 3)
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    run = started(person, "", BulkAction.ENTER, on="2026-03-01", reason="首批", pack="", batch=1)
    run_bulk(run.pk)
    first = Enterprise.objects.order_by("pk").first()
    actor = actor_of(person)
    gone = start_bulk(
        actor, read(QueryDict(f"q={first.uscc}"), places_of(actor)), BulkAction.LEAVE,
        {"on": "2026-05-01", "reason": "停产"}, "other", "",
    )  # fmt: skip
    run_bulk(gone.pk)
    client = client_of(person)
    april = client.get("/work/pilots/?on=2026-04-30").content.decode()
    today = client.get("/work/pilots/").content.decode()
    assert "3 家" in april and "2 家" in today and "停产" in today and "停产" not in april
    assert "不是日期" in client.get("/work/pilots/?on=去年").content.decode()
    monkeypatch.setattr(pilots, "PAGE_ROWS", 2)
    second = client.get("/work/pilots/?on=2026-04-30&page=2").content.decode()
    assert "要整张名单" in second and "要整张名单" not in april
    assert "3 家" in second and '<td class="num seq">3</td>' in second
    assert '<td class="num seq">2</td>' not in second
    assert 'rel="prev" href="?on=2026-04-30&amp;page=1"' in second
    assert client_of(cast.person(Role.LEADER, "pengyang")).get("/work/pilots/").status_code == 200

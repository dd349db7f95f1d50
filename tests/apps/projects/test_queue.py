"""The office's queue: filters, order, scope, export, and one budget for 10 or 10,000 projects."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries import queue
from shuzhuan.apps.workbench.models import SavedView
from shuzhuan.engine.process import Lane
from tests.apps.projects.many import projects
from tests.apps.workbench.kit import cells
from tests.cast import Cast, canary, client_of

pytestmark = pytest.mark.django_db
URL = "/work/projects/"
BUDGET = 9  # statements, whatever the number of projects


@pytest.fixture
def county(cast: Cast) -> Cast:
    projects(cast, "pengyang", 52)
    return cast


def seen(client: Client, query: str = "") -> tuple[int, str]:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, query
    found = answer.context["page"].paginator.count
    return int(found), str(answer.content.decode())


def officer(cast: Cast, role: Role = Role.COUNTY_OFFICER, where: str = "pengyang") -> Client:
    return client_of(cast.person(role, where))


def test_filters_say_the_same_as_the_rows(county: Cast) -> None:
    client, rows = officer(county), list(Project.objects.select_related("enterprise"))
    today = timezone.localdate()
    nobody = str(Lane.NOBODY)

    def expect(query: str, test: Any) -> None:
        wanted = sum(1 for row in rows if test(row))
        assert wanted, query
        assert seen(client, query)[0] == wanted, query

    expect("", lambda p: True)
    expect("lane=mine", lambda p: p.lane == "county")
    expect("lane=city", lambda p: p.lane == "city")
    expect("state=county_review", lambda p: p.state == "county_review")
    expect("q=00007", lambda p: p.number.endswith("00007"))
    expect("q=企业70000", lambda p: "企业70000" in p.enterprise.name)
    expect("industry=葡萄", lambda p: p.enterprise.industry == "葡萄酒")
    expect(f"batch={rows[0].batch_id}", lambda p: True)
    until = queue.soon_until(today)
    expect("due=soon", lambda p: p.lane != nobody and today <= p.due_on <= until)
    public = {"selection_publicity", "payment_publicity"}
    expect("due=late&state=form_check", lambda p: p.state == "form_check" and p.due_on < today)
    late, _ = seen(client, "due=late")
    assert late == sum(
        1 for p in rows
        if p.lane != nobody and p.due_on < today
        and (p.state not in public or p.due_on < queue.public_late_before(today))
    )  # fmt: skip
    assert seen(client, "q=没有这家")[0] == 0


def test_late_has_a_shape_and_words(county: Cast) -> None:
    _, page = seen(officer(county), "due=late&sort=due")
    assert "light-red" in page and "逾期" in page
    _, page = seen(officer(county), "due=soon")
    assert "light-yellow" in page and ("还剩" in page or "今天到期" in page)


@pytest.mark.parametrize("role, where, lane", [
    (Role.COUNTY_OFFICER, "pengyang", "county"), (Role.CITY_OFFICER, "guyuan", "city"),
    (Role.FINANCE_OFFICER, "pengyang", "finance"),
])  # fmt: skip
def test_mine_is_what_waits_for_the_role(county: Cast, role: Role, where: str, lane: str) -> None:
    projects(county, "xiji", 24)
    client = officer(county, role, where)
    wanted = Project.objects.filter(lane=lane)
    if role != Role.CITY_OFFICER:
        wanted = wanted.filter(place=county.places["pengyang"])
    assert seen(client, "lane=mine")[0] == wanted.count() > 0
    assert queue.figures(actor_of(county.person(role, where))).mine == wanted.count()


def test_a_leader_reads_and_has_nothing_to_do(county: Cast) -> None:
    count, page = seen(officer(county, Role.LEADER))
    assert count == 52
    assert "一起办理" not in page and "待我办" not in page and "存为视图" not in page


def test_each_tab_counts_what_it_lists_within_the_other_filters(county: Cast) -> None:
    projects(county, "xiji", 24)
    client = officer(county, Role.CITY_OFFICER, "guyuan")
    one = f"place={county.places['xiji'].pk}"
    for filters, wanted in (("", 76), (one, 24), (f"{one}&state=form_check", 1)):
        answer = client.get(f"{URL}?{filters}")
        tabs = answer.context["tabs"]
        assert [tab.label for tab in tabs if tab.current] == ["全部"]
        assert tabs[-1].count == wanted
        for tab in tabs:
            again = client.get(tab.url)
            assert again.context["page"].paginator.count == tab.count, (filters, tab.label)
            assert [each.label for each in again.context["tabs"] if each.current] == [tab.label]
            assert [each.count for each in again.context["tabs"]] == [each.count for each in tabs]
    assert not [tab for tab in client.get(f"{URL}?lane=county").context["tabs"] if tab.current]


def test_what_is_late_comes_first(county: Cast) -> None:
    days = [row.due_on for row, _, _ in officer(county).get(URL).context["rows"]]
    assert days == sorted(days) and days[0] < timezone.localdate()


def test_a_city_tells_its_counties_apart(county: Cast) -> None:
    projects(county, "xiji", 24)
    client = officer(county, Role.CITY_OFFICER, "guyuan")
    _, page = seen(client, "sort=place")
    assert "aria-sort" in page
    assert 'id="f-place"' in page and 'data-label="县区">彭阳县<' in page
    for where, wanted in (("xiji", 24), ("pengyang", 52)):
        assert seen(client, f"place={county.places[where].pk}")[0] == wanted
    assert "不在可选的范围里" in seen(client, f"place={county.places['hongsibu'].pk}")[1]
    _, page = seen(officer(county))
    assert 'id="f-place"' not in page and 'data-label="县区"' not in page


def test_a_queue_is_kept_under_a_name(county: Cast) -> None:
    client, colleague = officer(county), county.person(Role.COUNTY_OFFICER, "pengyang")
    given = {"listing": "projects", "query": "lane=mine&sort=-planned&page=2", "name": "我的大项目"}
    answer = client.post("/work/views/", given)
    assert answer.url == f"{URL}?lane=mine&sort=-planned"
    _, page = seen(client, "lane=mine&sort=-planned")
    assert f'href="{URL}?lane=mine&amp;sort=-planned" aria-current="true">我的大项目<' in page
    assert "我的大项目" not in client.get("/work/enterprises/").content.decode()
    assert f'href="{URL}?lane=mine&amp;sort=-planned"' in client.get("/work/").content.decode()
    # The same name is free in the other list, and another place sees neither.
    client.post("/work/views/", {"query": "q=1", "name": "我的大项目"})
    assert SavedView.objects.filter(user=colleague.user, name="我的大项目").count() == 2
    assert "我的大项目" not in seen(officer(county, Role.CITY_OFFICER, "wuzhong"))[1]
    kept = SavedView.objects.get(listing="projects")
    assert client.post(f"/work/views/{kept.pk}/delete/").url == URL
    assert not client.get(URL).context["shelf"].views


def test_sorting_and_paging_keep_the_filters(county: Cast) -> None:
    client = officer(county)
    for key in queue.SORTS.keys() - {"place"}:  # one county only
        for sign in ("", "-"):
            _, page = seen(client, f"lane=&state=&sort={sign}{key}")
            assert "aria-sort" in page
    _, page = seen(client, "batch=&sort=-planned&page=2")
    assert "sort=-planned&amp;page=1" in page or "sort=-planned&page=1" in page
    first, _, _ = client.get(f"{URL}?sort=-planned").context["rows"][0]
    assert first.planned_fen == 51 * 100
    assert "不能按这一项排序" in seen(client, "sort=password")[1]
    assert "不在可选的范围里" in seen(client, "state=nonsense")[1]


def test_ten_thousand_projects_cost_no_more_statements(cast: Cast) -> None:
    projects(cast, "xiji", 10_000)
    projects(cast, "pengyang", 52)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for role, where in ((Role.COUNTY_OFFICER, "xiji"), (Role.CITY_OFFICER, "guyuan")):
        client = officer(cast, role, where)
        for query in ("", "lane=mine", "due=late", "state=form_check&sort=-planned", "page=200",
                      "q=企业7001", "industry=葡萄酒", "sort=name",
                      "lane=enterprise&due=late"):  # fmt: skip
            with CaptureQueriesContext(connection) as context:
                answer = client.get(f"{URL}?{query}")
            asked = [q["sql"] for q in context.captured_queries if "set_config" not in q["sql"]]
            assert answer.status_code == 200
            assert len(asked) <= BUDGET, (query, asked)
            assert len(answer.context["rows"]) <= queue.PAGE_ROWS


def test_the_export_holds_what_is_filtered(county: Cast) -> None:
    client = officer(county)
    answer = client.post(f"{URL}export/", {"query": "lane=mine&sort=number"})
    table = cells(b"".join(answer.streaming_content))
    wanted = Project.objects.filter(lane="county").order_by("number")
    assert [row[0] for row in table[1:]] == [p.number for p in wanted]
    assert table[0][8] == "计划投入（元）"
    assert [row[8] for row in table[1:]] == [p.planned_fen / 100 for p in wanted]
    entry = Entry.objects.get(action="export_projects")
    assert json.loads(entry.detail)["rows"] == wanted.count()
    answer = client.post(f"{URL}export/", {"query": "q=没有这家"})
    assert answer.status_code == 302  # nothing to take out, and it says so
    assert Entry.objects.filter(action="export_projects").count() == 1


def test_foreign_projects_are_not_listed(county: Cast) -> None:
    projects(county, "hongsibu", 24)
    _, page = seen(officer(county, Role.CITY_OFFICER, "wuzhong"))
    assert "红寺堡区" in page and "彭阳县" not in page
    assert canary(county.parties["pengyang_mill"]) not in page
    for role, where in ((Role.ENTERPRISE_FILLER, "pengyang_mill"), (Role.EXPERT, "ningxia")):
        assert officer(county, role, where).get(URL).status_code == 403


def test_the_first_page_counts_what_waits(county: Cast) -> None:
    page = officer(county).get("/work/").content.decode()
    figures = queue.figures(actor_of(county.person(Role.COUNTY_OFFICER, "pengyang")))
    assert "待办项目" in page and f'class="waits-count">{figures.mine}<' in page
    assert f'class="waits-count">{figures.late}<' in page
    page = officer(county, Role.FINANCE_OFFICER).get("/work/").content.decode()
    assert "待办项目" in page


def test_a_publicity_is_late_only_after_the_working_day_that_ends_it() -> None:
    friday, monday, tuesday = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)
    assert queue.public_late_before(monday) == friday  # ended on Friday: to be closed today
    assert queue.public_late_before(tuesday) == monday

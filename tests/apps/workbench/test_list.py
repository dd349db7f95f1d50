"""The officer's list: its budget, its indexes, its filters, its scope."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.workbench.columns import COLUMNS
from shuzhuan.apps.workbench.filters import narrowed, ordered, read
from shuzhuan.apps.workbench.models import SavedView, SearchEntry
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.search import initials
from tests.apps.workbench.kit import cells, fill
from tests.cast import canary, client_of

pytestmark = pytest.mark.django_db
# Statements of a page, the bell's among them; what sets the wall of a PostgreSQL connection is not.
BUDGET = 9
URL = "/work/enterprises/"


@pytest.fixture
def county(cast: Any) -> Any:
    fill(cast.places["xiji"], 10_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def statements(context: CaptureQueriesContext) -> list[str]:
    found = [q["sql"] for q in context.captured_queries]
    return [sql for sql in found if "set_config" not in sql and "SAVEPOINT" not in sql]


QUERIES = (
    "", "sort=name", "sort=-revenue", "sort=people", "sort=complete", "q=企业7001", "q=xjxqy",
    "industry=葡萄酒&pilot=none&will=3&will=2", "size=small&above=yes", "level=none&ready=none",
    "complete_from=10&complete_to=60", "survey=missing", "expiring=60", "qual=high_tech",
    "updated_since=2020-01-01&created_since=2020-01-01&origin=self&invited=yes", "page=20",
)  # fmt: skip


def test_every_page_stays_within_the_budget(county: Any) -> None:
    for role, where in ((Role.COUNTY_OFFICER, "xiji"), (Role.CITY_OFFICER, "guyuan")):
        client = client_of(county.person(role, where))
        for query in QUERIES:
            with CaptureQueriesContext(connection) as context:
                answer = client.get(f"{URL}?{query}")
            assert answer.status_code == 200, query
            assert len(statements(context)) <= BUDGET, (query, statements(context))
    for column in COLUMNS:
        for sign in ("", "-"):
            assert client.get(f"{URL}?sort={sign}{column.key}").status_code == 200, column.key


PLANS = {
    "": "enterprise_by_update",
    "sort=name": "enterprise_by_name",
    "sort=uscc": "enterprises_enterprise_2"
    if connection.vendor == "sqlite"
    else "enterprise_once_in_place",
    "sort=-complete": "enterprise_by_completeness",
    "pilot=left": "enterprise_by_pilot",
    "level=3": "enterprise_by_level",
    "will=3&ready=0": "enterprise_by_",  # by survey or by update: both bounded
    "complete_to=2&sort=complete": "enterprise_by_completeness",
    # The narrow table, whichever of its indexes by place is taken.
    "q=企业7001": "search_by_text" if connection.vendor == "sqlite" else "workbench_searchentry",
    "expiring=60": "qualification_by_expiry"
    if connection.vendor == "sqlite"
    else "enterprises_qualification",
}


def explain(actor: Any, query: str) -> str:
    form = read(QueryDict(query), places_of(actor))
    rows = ordered(narrowed(actor, form), form.cleaned_data["sort"])
    sql, parameters = rows.values_list("pk", flat=True)[:1001].query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # On so few rows a look at all of them may be cheaper; what counts is that it need not.
            for way in ("seqscan", "bitmapscan", "sort", "hashagg", "hashjoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {sql}", parameters)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_the_indexes_answer(county: Any) -> None:
    actor = actor_of(county.person(Role.COUNTY_OFFICER, "xiji"))
    for query, index in PLANS.items():
        plan = explain(actor, query)
        assert index in plan, (query, plan)
        assert "SCAN enterprises_enterprise\n" not in plan + "\n", (query, plan)
    # Of many places a covering index is read and sorted, never the rows themselves.
    city = explain(actor_of(county.person(Role.CITY_OFFICER, "guyuan")), "")
    assert "COVERING INDEX" in city or connection.vendor == "postgresql", city
    # Control: a column without an index is sorted, and the plan says so.
    plan = explain(actor, "sort=assets")
    assert "TEMP B-TREE" in plan or "Sort" in plan, plan
    assert not any(index in plan for index in ("enterprise_by_revenue", "enterprise_by_name"))


@pytest.mark.parametrize(
    "query",
    [
        "place=999999", "place=abc", "park=1", "size=huge", "pilot=x", "level=9", "will=9", "ready=a",
        "qual=none", "above=perhaps", "complete_from=abc", "complete_to=1e3", "updated_since=昨天",
        "created_since=2026-02-30", "expiring=-1", "sort=password", "sort=party__user", "page=-1",
        "page=99999999999", "q=%00", "survey=%27", "invited=2", "origin=9", "complete_from=１２",
    ],
)  # fmt: skip
def test_what_cannot_be_read_gives_a_word_and_no_rows(cast: Any, query: str) -> None:
    open_archive(cast.parties["pengyang_mill"])
    answer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang")).get(f"{URL}?{query}")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "看不懂" in text
    assert cast.parties["pengyang_mill"].name not in text


def test_filters_find_what_they_say(county: Any) -> None:
    actor = actor_of(county.person(Role.COUNTY_OFFICER, "xiji"))

    def count(query: str) -> int:
        return narrowed(actor, read(QueryDict(query), places_of(actor))).count()

    rows = Enterprise.objects.all()
    assert count("") == 10_000
    assert count("size=none&size=small") == rows.filter(size_class__in=["", "small"]).count()
    assert count("will=none") == rows.filter(willingness=None).count()
    assert count("will=3&ready=0") == rows.filter(willingness=3, readiness=0).count() > 0
    assert count("industry=葡萄") == rows.filter(industry="葡萄酒").count() > 0
    assert count("above=no") == rows.filter(above_scale=False).count() > 0
    assert count("survey=done") + count("survey=missing") == 10_000
    assert count("q=企业700123") == 1
    assert count("q=XJXQY700123") == 1
    assert count("q=%") == 0


def test_a_county_sees_itself_and_a_city_its_counties(cast: Any) -> None:
    for party in ("pengyang_mill", "park_foundry", "xiji_starch", "hongsibu_wine", "huian_stone"):
        open_archive(cast.parties[party])
    seen = {
        (Role.COUNTY_OFFICER, "pengyang"): {"pengyang_mill", "park_foundry"},
        (Role.COUNTY_OFFICER, "xiji"): {"xiji_starch"},
        (Role.CITY_OFFICER, "guyuan"): {"pengyang_mill", "park_foundry", "xiji_starch"},
        (Role.PROVINCE_OFFICER, "fujian"): {"huian_stone"},
    }
    for (role, where), expected in seen.items():
        client = client_of(cast.person(role, where))
        for query in ("", "?q=公", "?q=canary", "?sort=name"):
            text = client.get(URL + query).content.decode()
            found = {key for key, party in cast.parties.items() if canary(party) in text}
            assert found <= expected, (role, query)
            assert found == expected or query == "?q=公", (role, query)


@pytest.mark.parametrize("role", [Role.LEADER, Role.FINANCE_OFFICER])
def test_leaders_and_finance_have_a_page_but_no_list(cast: Any, role: Role) -> None:
    client = client_of(cast.person(role, "pengyang"))
    assert client.get("/work/").status_code == 200
    assert client.get(URL).status_code == 403
    text = client.get("/work/").content.decode()
    assert "/work/enterprises/" not in text and "/work/import/" not in text


def test_views_are_kept_shared_and_given_up(cast: Any) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    kept = {"name": "春季培训对象", "query": "will=3&page=4&sort=name", "shared": "on"}
    assert client.post("/work/views/", kept).status_code == 302
    view = SavedView.objects.get()
    assert (view.query, view.shared) == ("will=3&sort=name", True)
    assert "春季培训对象" in client.get(URL).content.decode()
    other = client_of(cast.person(Role.COUNTY_OFFICER, "xiji"))
    assert "春季培训对象" not in other.get(URL).content.decode()
    assert other.post(f"/work/views/{view.pk}/delete/").status_code == 404
    assert client.post(f"/work/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_export_holds_text_masks_and_leaves_a_word(cast: Any) -> None:
    enterprise = open_archive(cast.parties["pengyang_mill"])
    enterprise.name, enterprise.contact_phone = "=HYPERLINK(1)", "13812345678"
    enterprise.bank_account = "6217001234567890123"
    enterprise.save()
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))

    def export(**more: str) -> Any:
        return client.post("/work/enterprises/export/", {"query": "cols=uscc&cols=people", **more})

    plain = cells(b"".join(export().streaming_content))
    assert plain[0] == ["企业名称", "统一社会信用代码", "从业人员（人）"]
    assert plain[1][:2] == ["'=HYPERLINK(1)", enterprise.uscc]
    masked = cells(b"".join(export(contacts="masked").streaming_content))
    assert masked[1][4] == "138****5678" and masked[1][6] == "****0123"
    assert export(contacts="clear", reason="").status_code == 302  # no reason, no file
    clear = cells(b"".join(export(contacts="clear", reason="电话通知培训").streaming_content))
    assert clear[1][4] == "13812345678" and clear[1][6] == "6217001234567890123"
    log = Entry.objects.filter(action="export_enterprises").order_by("pk")
    assert log.count() == 3
    assert "电话通知培训" in log.last().detail and "13812345678" not in log.last().detail
    assert export(query="size=huge").status_code == 302


def test_the_search_follows_the_name(cast: Any) -> None:
    enterprise = open_archive(cast.parties["xiji_starch"])
    enterprise.name = "重庆长江银行"
    enterprise.save()
    entry = SearchEntry.objects.get(pk=enterprise.pk)
    assert entry.text.endswith("cqcjyh")
    assert initials("红寺堡ABC(集团)公司12") == "hsbabcjtgs12"

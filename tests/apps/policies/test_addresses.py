"""Whatever an address holds, the answer is a page in Chinese: never an error of ours."""

import re
from datetime import date
from urllib.parse import parse_qs, urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuzhuan.apps.policies.case import Case, read_case
from shuzhuan.engine.policy.pack import Library

TODAY = date(2026, 1, 1)
QUANZHOU = Library.load().get("quanzhou")
PAGES = ("/calc/quanzhou/", "/calc/quanzhou/result/")
FILES = ("/calc/quanzhou/result.json", "/calc/quanzhou/result.pdf")

pytestmark = pytest.mark.django_db


def case(query: str, place: str = "quanzhou") -> Case:
    return read_case(Library.load().get(place), dict(QueryDict(query).lists()), {}, TODAY)


WRONG = [
    ("project.nothing=1", "没有这个事实"),
    ("project.eligible_spent=1", "是否想写 project.eligible_spend"),
    ("r.nothing=a", "没有“nothing”这个口径"),
    ("r.park_demo=maybe", "没有“maybe”这个选项"),
    ("project.eligible_spend=1e3", "不能用"),
    ("project.eligible_spend=%EF%BC%98%EF%BC%90", "不能用"),
    ("project.eligible_spend=-0", "不能用"),
    ("project.eligible_spend=0.001", "不能用"),
    ("project.eligible_spend=" + "9" * 10_000, "内容太长"),
    ("project.eligible_spend=1&project.eligible_spend=2", "写了不止一次"),
    ("project.level_after=5", "不在允许的范围"),
    ("project.level_after=%D9%A3", "应当是整数"),
    ("enterprise.is_pilot=1", "应当是 true"),
    ("enterprise.high_tech=%00", "应当是其中之一"),
    ("as_of=2026-02-30", "不是日期"),
    ("as_of=1066-01-01", "太早或太晚"),
    ("x" * 9_000 + ".y=1", "没有这个事实"),
]


@pytest.mark.parametrize(("query", "words"), WRONG)
@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_address_is_a_400_that_says_what_is_wrong(
    client: Client, page: str, query: str, words: str
) -> None:
    response = client.get(f"{page}?enterprise.in_park=true&{query}")
    text = response.content.decode()
    assert response.status_code == 400
    assert words in text
    assert "不能用</h2>" in text
    assert text.count("<h1") == 1


@pytest.mark.parametrize("path", FILES)
def test_no_file_is_made_from_an_address_that_was_only_partly_understood(
    client: Client, path: str
) -> None:
    response = client.get(path + "?project.eligible_spend=1e3")
    assert response.status_code == 400
    assert "Content-Disposition" not in response
    assert "1e3" in response.content.decode()


def test_what_is_right_is_used_beside_what_is_wrong() -> None:
    found = case("enterprise.is_pilot=true&project.level_after=9")
    assert dict(found.raw) == {"enterprise.is_pilot": True}
    assert [m.key for m in found.mistakes] == ["project.level_after"]


def test_what_chat_programs_append_is_no_mistake() -> None:
    found = case("enterprise.is_pilot=true&from=singlemessage&isappinstalled=0&utm_source=x")
    assert found.mistakes == ()


def test_an_address_comes_back_as_it_was() -> None:
    query = (
        "enterprise.is_pilot=true&project.eligible_spend=800000&project.level_after=3"
        "&r.park_demo=required&as_of=2025-12-01&skip=enterprise.in_park"
    )
    found = case(query)
    assert found.mistakes == ()
    assert found.query() == query
    assert case(found.query()).values == found.values


def test_the_default_reading_and_today_are_not_written_out() -> None:
    assert case("r.park_demo=not_required").query() == ""
    assert case("").query(pinned=True) == "as_of=2026-01-01"


def test_a_skipped_question_has_no_answer() -> None:
    found = case("enterprise.is_pilot=true&skip=enterprise.is_pilot")
    assert found.raw == {}
    assert found.skipped == ("enterprise.is_pilot",)


@pytest.mark.parametrize("typed", ["abc", "1e3", "", "-1", "9" * 300])
def test_a_wrong_answer_stays_in_its_field(client: Client, typed: str) -> None:
    query = urlencode(
        {"enterprise.is_pilot": "true", "ask": "project.eligible_spend", "answer": typed}
    )
    response = client.get(f"/calc/quanzhou/?{query}")
    text = response.content.decode()
    assert response.status_code == 200
    assert 'aria-invalid="true"' in text
    assert f'value="{typed}"' in text
    assert 'name="enterprise.is_pilot" value="true"' in text


def test_a_right_answer_moves_into_the_address(client: Client) -> None:
    query = urlencode({"ask": "project.eligible_spend", "answer": "80", "unit": "wan"})
    response = client.get(f"/calc/quanzhou/?{query}")
    assert response.status_code == 302
    assert parse_qs(response["Location"].split("?")[1]) == {"project.eligible_spend": ["800000"]}


def test_an_unknown_place_is_missing(client: Client) -> None:
    for path in (
        "/calc/atlantis/",
        "/calc/atlantis/result/",
        "/policies/atlantis/",
        "/policies/quanzhou/99/",
    ):
        assert client.get(path).status_code == 404, path


def test_nothing_is_written_and_no_cookie_is_set(client: Client) -> None:
    response = client.get("/calc/quanzhou/result/?enterprise.is_pilot=true")
    assert not response.cookies


KEYS = st.one_of(
    st.sampled_from(
        [*QUANZHOU.facts, "as_of", "skip", "ask", "answer", "unit", "to", "r.park_demo"]
    ),
    st.text(max_size=12),
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "true",
            "false",
            "1",
            "-1",
            "1e3",
            "800000",
            "8" * 40,
            "2025-01-01",
            "first",
            "%",
            "[]",
            "{}",
            "[{}]",
        ]
    ),
    st.text(max_size=20),
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(pairs=st.lists(st.tuples(KEYS, VALUES), max_size=8))
def test_any_address_is_answered(client: Client, pairs: list[tuple[str, str]]) -> None:
    query = urlencode(pairs, errors="replace")
    for path in (*PAGES, "/calc/quanzhou/result.json", "/policies/", "/calc/quanzhou/echo/"):
        response = client.get(f"{path}?{query}")
        assert response.status_code in (200, 302, 400), (path, query)
        if response.status_code == 302:
            assert re.match(r"/calc/quanzhou/", response["Location"])

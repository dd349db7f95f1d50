"""政策库: complete, searchable, within its budget of queries, and safe."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from shuzhuan.apps.policies.actions.attach_text import AttachError, attach_text
from shuzhuan.apps.policies.queries.search import marked, search
from shuzhuan.apps.policies.wording import Wording
from shuzhuan.engine.policy.pack import Library
from tests.site.test_pages import faults

LIBRARY = Library.load()
CLAUSES = [(place, c.id) for place, pack in LIBRARY.places.items() for c in pack.source.clauses]
Budget = Callable[..., AbstractContextManager[Any]]

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_every_clause_has_its_page(client: Client) -> None:
    for place, clause in CLAUSES:
        text = text_of(client, f"/policies/{place}/{clause}/")
        assert faults(text) == [], (place, clause)
        assert text.count("<h1") == 1


@pytest.mark.parametrize("place", LIBRARY.ids)
def test_a_document_shows_every_clause_and_note(client: Client, place: str) -> None:
    text = text_of(client, f"/policies/{place}/")
    assert faults(text) == []
    source = LIBRARY.get(place).source
    for clause in source.clauses:
        assert f"/policies/{place}/{clause.id}/" in text
    for reading in source.pack.readings:
        assert reading.question in text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for anchor in re.findall(r'href="#([^"]+)"', text):
        assert anchor in ids, anchor


def test_lists_stay_within_their_budget(
    client: Client, django_assert_max_num_queries: Budget
) -> None:
    for path in ("/policies/", "/policies/?q=上云", "/policies/?kind=bonus", "/calc/", "/batch/"):
        with django_assert_max_num_queries(0):
            text_of(client, path)
    for path in ("/policies/yinchuan/", "/policies/quanzhou/1/"):
        with django_assert_max_num_queries(1):  # whether an original text is attached
            text_of(client, path)
    with django_assert_max_num_queries(0):
        text_of(client, "/calc/quanzhou/result/?enterprise.is_pilot=true")


def test_figures_of_the_tables(client: Client) -> None:
    budget = text_of(client, "/policies/zhongning/")
    assert "2,050" in budget and "2,500" in budget and "核对了各行、小计和总计，都相符" in budget
    targets = text_of(client, "/policies/yinchuan/")
    assert "宁东能源化工基地" in targets and "8,388" in targets


def test_expired_and_draft_are_marked(client: Client) -> None:
    text = text_of(client, "/policies/")
    assert "征求意见" in text
    assert text.count("docrow-place") == 5


@pytest.mark.parametrize("query", ["上云", "50万元", "智能工厂", "（二）"])
def test_search_finds_and_marks(client: Client, query: str) -> None:
    assert "<mark>" in text_of(client, f"/policies/?q={query}") or query == "（二）"


def test_search_ranks_titles_first_and_understands_questions() -> None:
    hits = search(LIBRARY, "上云")
    assert "上云" in hits[0].clause.title
    asked = search(LIBRARY, "上云能补多少")
    assert any("上云" in hit.clause.title for hit in asked)
    assert search(LIBRARY, "量子传送") == []


def test_marks_never_let_markup_through() -> None:
    assert marked("<b>上云</b>", ["上云"]) == "&lt;b&gt;<mark>上云</mark>&lt;/b&gt;"


@pytest.mark.parametrize("query", ["<script>", "%", "'", "\x00", "a" * 5_000, ".*(", "　"])
def test_search_survives_anything(client: Client, query: str) -> None:
    response = client.get("/policies/", {"q": query})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_filters(client: Client) -> None:
    only = text_of(client, "/policies/?place=quanzhou")
    assert only.count("docrow-place") == 1
    drafts = text_of(client, "/policies/?status=征求意见")
    assert drafts.count("docrow-place") == 2
    loans = text_of(client, "/policies/?kind=loan")
    assert "创新金融支撑" in loans
    assert "没有符合的文件" in text_of(client, "/policies/?status=失效")


def test_original_text_stands_beside_its_clause(client: Client) -> None:
    wording = "引言\n一、支持\n（一）甲的原文。\n第二段。\n（二）乙的原文。\n二、其他\n（五）丙。"
    assert "还没有附上" in text_of(client, "/policies/quanzhou/1/")
    attach_text("quanzhou", wording, source="公报")
    text = text_of(client, "/policies/quanzhou/1/")
    assert "甲的原文" in text and "第二段" in text and "乙的原文" not in text and "公报" in text
    assert "乙的原文" in text_of(client, "/policies/quanzhou/text/")
    attach_text("quanzhou", "只给这一条", clause_id="1")
    assert "只给这一条" in text_of(client, "/policies/quanzhou/1/")
    with pytest.raises(AttachError):
        attach_text("quanzhou", "  \n ")


def test_rules_are_said_in_chinese_without_keys() -> None:
    for place, pack in LIBRARY.places.items():
        for clause in pack.source.clauses:
            words = Wording(pack, clause)
            said = [t for c in (*clause.when, *clause.checks) for t in words.tests(c.test)]
            said += [words.text(clause.amount)] if clause.amount else []
            for text in said:
                assert not re.search(r"[a-z_]+\.[a-z_]+", text), (place, clause.id, text)

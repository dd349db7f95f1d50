"""The result page, the PDF and the decision document say the same as the engine."""

import json
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from shuzhuan.apps.policies.queries.questions import next_question
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.policy.replay import replay
from tests.apps.policies.test_addresses import case

FIRST = "enterprise.is_pilot=true&project.eligible_spend=800000&project.level_after=3"
ALL = (
    FIRST + "&enterprise.annual_cloud_fee=60000&enterprise.high_tech=first"
    "&enterprise.revenue_last_year=25000000&enterprise.in_park=false&as_of=2026-01-01"
)

pytestmark = pytest.mark.django_db


def page(client: Client, query: str, place: str = "quanzhou") -> str:
    response = client.get(f"/calc/{place}/result/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_total_steps_shares_and_exclusion(client: Client) -> None:
    text = page(client, ALL)
    for words in (
        "700,000.00", "即 70万元", "80万元×50%=40万元，超过三级上限30万元，取30万元",
        "180,000.00", "60,000.00", "不再计（二）（1.8万元）", "因叠加规则不计入合计",
        "不属于园区企业", "是征求意见稿", "2026年1月1日",
    ):  # fmt: skip
        assert words in text, words


def test_a_ceiling_is_never_worded_as_a_promise(client: Client) -> None:
    text = page(client, FIRST)
    assert '最高</span><span class="total-figure">300,000.00' in text
    assert "这是上限，实际数额由主管部门核定，不是承诺" in text
    exact = page(client, "enterprise.high_tech=first&enterprise.revenue_last_year=25000000")
    assert '按标准给予</span><span class="total-figure">400,000.00' in exact


def test_missing_facts_lead_to_their_question(client: Client) -> None:
    text = page(client, FIRST)
    assert "ask=enterprise.annual_cloud_fee" in text
    assert "金额还算不出" in text


def test_expired_document_says_so(client: Client) -> None:
    text = page(client, "enterprise.is_pilot=true&as_of=2026-10-01", "zhongning")
    assert "已超过有效期" in text


def test_another_reading_changes_the_sum(client: Client) -> None:
    facts = (
        "enterprise.is_pilot=true&project.is_only_project=true&project.batch=1"
        "&project.level_before=1&project.level_after=2&project.invested=700000"
        "&project.hardware_spend=280000&as_of=2026-01-01"
    )
    trimmed = page(client, facts, "zhongning")
    assert "378,000.00" in trimmed
    assert "r.hardware=gate" in trimmed
    gated = page(client, facts + "&r.hardware=gate", "zhongning")
    assert "378,000.00" not in gated
    assert "超过实际投入70万元的30%" in gated


def test_the_document_replays_to_the_same_bytes(client: Client) -> None:
    response = client.get(f"/calc/quanzhou/result.json?{ALL}")
    document = json.loads(response.content)
    assert document["total_fen"] == 70_000_000
    assert document["as_of"] == "2026-01-01"
    assert replay(document, Library.load()) == []


def test_the_pdf_holds_total_steps_and_link(client: Client, tmp_path: Path) -> None:
    response = client.get(f"/calc/quanzhou/result.pdf?{ALL}")
    assert response["Content-Type"] == "application/pdf"
    path = tmp_path / "result.pdf"
    path.write_bytes(response.content)
    text = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout
    squeezed = "".join(text.split())
    for words in (
        "泉州市测算结果",
        "700,000.00",
        "180,000.00",
        "不再计",
        "result/?enterprise.is_pilot",
    ):
        assert words in squeezed, words


@pytest.mark.parametrize("place", Library.load().ids)
def test_every_place_answers_with_and_without_facts(client: Client, place: str) -> None:
    page(client, "", place)
    response = client.get(f"/calc/{place}/")
    assert response.status_code == 200
    assert client.get(f"/calc/{place}/result.pdf").status_code == 200


def test_answering_every_question_ends(client: Client) -> None:
    """Following the engine's order with the first choice always reaches the end."""
    for place in Library.load().ids:
        found = case("", place)
        for _ in range(80):
            question, _progress = next_question(found, "")
            if question is None:
                break
            fact = question.fact
            raw: object = {
                "bool": True,
                "int": fact.lo,
                "enum": fact.codes[:1] and fact.codes[0],
            }.get(
                fact.kind, {"money": "100000", "ratio": "10%", "date": "2025-05-01"}.get(fact.kind)
            )
            found = case(found.answered(fact.key, raw).query(), place)
            assert found.mistakes == ()
        assert question is None


def test_skipped_questions_come_last_and_are_listed() -> None:
    first, _ = next_question(case(""), "")
    assert first is not None
    found = case(f"skip={first.fact.key}")
    question, progress = next_question(found, "")
    assert question is not None and question.fact.key != first.fact.key
    assert [fact.key for fact in progress.skipped] == [first.fact.key]


def test_the_questions_of_a_clause_come_first() -> None:
    found = case("clause=1")
    asked = []
    for _ in range(3):
        question, _progress = next_question(found, "")
        assert question is not None
        asked.append(question.fact.key)
        found = case(found.query(("skip", question.fact.key)))
    assert set(asked) == {
        "enterprise.is_pilot", "project.level_after", "project.eligible_spend"
    }  # fmt: skip


def test_skipping_a_typed_question_moves_on(client: Client) -> None:
    key = "project.eligible_spend"
    response = client.get(f"/calc/quanzhou/?ask={key}&answer=&unit=yuan&skip={key}")
    assert response.status_code == 302
    assert response["Location"].endswith(f"?skip={key}")

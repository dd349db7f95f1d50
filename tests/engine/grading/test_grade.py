"""Grading: equal to the oracle on every edge, honest about what is not answered."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhuan.engine.grading import (
    Bounds,
    DifferentSetsError,
    grade,
    parse_answers,
    read_set,
    shipped_sets,
)

from . import oracle, small_sets
from .sheets import Sheet, edge_sheets, random_sheet

REAL = shipped_sets()["2024-manufacturing"]
OLD = shipped_sets()["2022-manufacturing"]


def check(raw: Sheet) -> None:
    result, wanted = grade(REAL, parse_answers(REAL, raw)), oracle.decide(raw)
    for question in result.questions:
        low, high = wanted.questions[question.id]
        assert question.points_milli == Bounds(int(low * 1000), int(high * 1000))
    assert (result.level.low, result.level.high) == wanted.level
    assert result.points_milli.low == wanted.total[0] * 1000
    assert result.points_milli.high == wanted.total[1] * 1000
    for count in result.counts:
        assert (count.count.low, count.count.high) == wanted.at[count.level]
        assert (count.binding.low, count.binding.high) == wanted.binding[count.level]


@pytest.mark.parametrize("raw", list(edge_sheets()))
def test_every_edge_equals_the_oracle(raw: Sheet) -> None:
    check(raw)


@given(st.integers(0, 10**9))
def test_random_sheets_equal_the_oracle(seed: int) -> None:
    check(random_sheet(random.Random(seed)))


@given(st.integers(0, 10**9))
def test_small_sets_equal_plain_arithmetic(seed: int) -> None:
    rng = random.Random(seed)
    document = small_sets.random_document(rng)
    raw = small_sets.random_sheet(rng, document)
    indicators = read_set("set.json", small_sets.as_bytes(document))
    result = grade(indicators, parse_answers(indicators, raw))
    points = Fraction(result.points_milli.low, 1000), Fraction(result.points_milli.high, 1000)
    levels = result.level.low, result.level.high
    assert (points, levels) == small_sets.grade_bounds(document, raw)


@given(st.integers(0, 10**9))
def test_every_completion_lies_between_the_bounds(seed: int) -> None:
    rng = random.Random(seed)
    whole = random_sheet(rng)
    partial = {item: answer for item, answer in whole.items() if rng.random() < 0.7}
    bounds = grade(REAL, parse_answers(REAL, partial))
    final = grade(REAL, parse_answers(REAL, whole))
    assert bounds.points_milli.low <= final.points_milli.low
    assert final.points_milli.high <= bounds.points_milli.high
    assert bounds.level.low <= final.level.low <= final.level.high <= bounds.level.high
    assert set(final.unanswered) <= set(bounds.unanswered)


@given(st.integers(0, 10**9))
def test_doing_more_never_lowers_anything(seed: int) -> None:
    rng = random.Random(seed)
    raw = random_sheet(rng)
    more = dict(raw)
    name = rng.choice(list(oracle.MULTI))
    kept = set(str(raw.get(name, ""))) & set(oracle.MULTI[name])
    more[name] = sorted({*kept, rng.choice(oracle.MULTI[name])})
    scenario = rng.choice(oracle.SCENARIOS)
    more[scenario] = min(4, int(str(raw.get(scenario, 0))) + 1)
    before, after = grade(REAL, parse_answers(REAL, raw)), grade(REAL, parse_answers(REAL, more))
    assert after.points_milli.low >= before.points_milli.low
    assert after.level.low >= before.level.low


def test_nothing_answered_is_open_not_zero() -> None:
    result = grade(REAL, parse_answers(REAL, {}))
    assert result.points_milli == Bounds(0, 100_000)
    assert result.level == Bounds(0, 4)
    assert len(result.unanswered) == 31
    assert not result.complete
    assert result.level_text == "无等级至四级（协同级）之间"


def test_the_2022_rule_is_the_total_alone() -> None:
    for milli in (*range(0, 100_001, 2_500), 19_999, 39_999, 59_999, 79_999):
        text = f"{milli // 1000}.{milli % 1000:03}"
        result = grade(OLD, parse_answers(OLD, {"q1": text}))
        assert result.level.low == oracle.decide_2022(Fraction(milli, 1000))
        assert result.level.settled
        assert any("待核对官方原文" in line for line in result.lines())


def test_a_sheet_of_another_set_is_refused() -> None:
    with pytest.raises(DifferentSetsError):
        grade(REAL, parse_answers(OLD, {"q1": "50"}))


def test_the_explanation_can_be_read_out() -> None:
    raw: Sheet = {"q1": ["B", "C"], "q2": "35.5", "q8": "F"}
    raw |= {name: 2 for name in oracle.SCENARIOS[:7]}
    lines = grade(REAL, parse_answers(REAL, raw)).lines()
    assert "　网络条件：选 B、C，得 4 分（满分 8 分）" in lines
    assert "　数字化设备占比：35.5%，属于 C 档，得 3 分（满分 6 分）" in lines
    assert any(line.startswith("二级（规范级）：总分至少 40 分，现有 14.5 至") for line in lines)
    assert "还有 21 项未答，以上按最低和最高两种可能计算" in lines
    assert "二级的条件：待核对官方原文" in lines
    assert any(line.startswith("仓储物流：待核对官方原文") for line in lines)
    assert any(line.startswith("认识与行动 F：待核对官方原文") for line in lines)
    assert not any("None" in line for line in lines)


def test_an_option_is_marked_only_where_it_was_ticked() -> None:
    marks = dict(grade(REAL, parse_answers(REAL, {"q8": "E"})).unverified)
    assert "认识与行动 F" not in marks


def test_the_stored_form_is_plain_and_stable() -> None:
    raw = random_sheet(random.Random(11))
    result = grade(REAL, parse_answers(REAL, raw))
    stored = json.loads(result.canonical())
    assert stored == result.to_json()
    assert stored["set"] == REAL.ref.to_json()
    again = grade(REAL, parse_answers(REAL, dict(reversed(raw.items()))))
    assert again.canonical() == result.canonical()

"""Answers: what is taken, what is refused and how, one item at a time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhuan.engine.grading import (
    AnswerError,
    DifferentSetsError,
    Picked,
    Rate,
    Reached,
    Scored,
    parse_answer,
    parse_answers,
    shipped_sets,
    with_answer,
)

from .sheets import random_sheet

REAL = shipped_sets()["2024-manufacturing"]
OLD = shipped_sets()["2022-manufacturing"]

GOOD: list[tuple[str, object, object]] = [
    ("q1", ["C", "B"], Picked(("B", "C"))),
    ("q1", "B", Picked(("B",))),
    ("q1", ["A"], Picked(("A",))),
    ("q5", "C", Picked(("C",))),
    ("q5", ["C"], Picked(("C",))),
    ("q2", "35.5", Rate(355, 1000)),
    ("q2", "35.50%", Rate(355, 1000)),
    ("q2", 35, Rate(35, 100)),
    ("q2", "0", Rate(0, 100)),
    ("q2", "100", Rate(100, 100)),
    ("q2", {"part": 12, "whole": 40}, Rate(1200, 4000, True)),
    ("q2", {"part": "1.25", "whole": "3.5"}, Rate(125, 350, True)),
    ("q2", "C", Picked(("C",))),
    ("q2", ["C"], Picked(("C",))),
    ("s1", 0, Reached(0)),
    ("s1", "4", Reached(4)),
    *[(item, None, None) for item in ("q1", "q2", "q5")],
    *[(item, "", None) for item in ("q1", "q2", "q5")],
    *[(item, [], None) for item in ("q1", "q2", "q5")],
    ("s1", None, None),
    ("s1", "", None),
]


@pytest.mark.parametrize(("item", "raw", "wanted"), GOOD)
def test_taken(item: str, raw: object, wanted: object) -> None:
    assert parse_answer(REAL, item, raw) == wanted


BAD: list[tuple[str, object, str]] = [
    ("q1", ["A", "B"], "就不能再选别的"),
    ("q1", ["Z"], "没有选项 Z"),
    ("q1", [1], "没有选项 1"),
    ("q1", {"B": True}, "没有选项"),
    ("q5", ["B", "C"], "只能选一项"),
    ("q2", "101", "超过 100%"),
    ("q2", "100.000001", "超过 100%"),
    ("q2", 35.5, "比率写成百分数文字"),
    ("q2", "３５", "比率写成百分数文字"),
    ("q2", "1e1", "比率写成百分数文字"),
    ("q2", "-1", "比率写成百分数文字"),
    ("q2", "1.1234567", "比率写成百分数文字"),
    ("q2", True, "比率写成百分数文字"),
    ("q2", ["B", "C"], "只能选一项"),
    ("q2", {"part": 1}, "两个数"),
    ("q2", {"part": 1, "whole": 2, "x": 3}, "两个数"),
    ("q2", {"part": 3, "whole": 2}, "分子大于分母"),
    ("q2", {"part": 0, "whole": 0}, "分母为 0"),
    ("q2", {"part": 1, "whole": "2台"}, "半角数字"),
    ("q2", {"part": 0.5, "whole": 2}, "半角数字"),
    ("q2", {"part": 1, "whole": 10**13}, "请核对单位"),
    ("s1", 5, "0 至 4"),
    ("s1", -1, "0 至 4"),
    ("s1", True, "0 至 4"),
    ("s1", "二", "0 至 4"),
    ("s1", "１", "0 至 4"),
    ("s1", 1.0, "0 至 4"),
    ("q99", "A", "没有这一项"),
]


@pytest.mark.parametrize(("item", "raw", "message"), BAD)
def test_refused(item: str, raw: object, message: str) -> None:
    with pytest.raises(AnswerError) as caught:
        parse_answer(REAL, item, raw)
    ((where, said),) = caught.value.problems
    assert where == item
    assert message in said


def test_points_of_the_old_set() -> None:
    assert parse_answer(OLD, "q1", "56.5") == Scored(56_500)
    assert parse_answer(OLD, "q1", 100) == Scored(100_000)
    for raw in ("100.001", "-1", 56.5, "五十", "1.2345", True):
        with pytest.raises(AnswerError):
            parse_answer(OLD, "q1", raw)


def test_a_sheet_names_every_problem_at_once() -> None:
    with pytest.raises(AnswerError) as caught:
        parse_answers(REAL, {"q1": ["Z"], "s1": 9, "q99": 1, "q5": "B"})
    assert [item for item, _ in caught.value.problems] == ["q1", "q99", "s1"]


def test_saved_one_at_a_time_in_any_order() -> None:
    raw = random_sheet(random.Random(7))
    whole = parse_answers(REAL, raw)
    sheet = parse_answers(REAL, {})
    for item in random.Random(8).sample(sorted(raw), len(raw)):
        sheet = with_answer(REAL, sheet, item, raw[item])
    assert sheet == whole
    assert sheet.canonical() == whole.canonical()
    for item in list(raw):
        sheet = with_answer(REAL, sheet, item, None)
    assert not sheet.values


def test_a_sheet_of_another_set_is_refused() -> None:
    with pytest.raises(DifferentSetsError, match="不能直接比较"):
        with_answer(OLD, parse_answers(REAL, {}), "q1", "50")


@given(st.integers(0, 10**9))
def test_json_reads_back(seed: int) -> None:
    sheet = parse_answers(REAL, random_sheet(random.Random(seed)))
    assert parse_answers(REAL, sheet.to_json()) == sheet


@given(st.integers(0, 10**8))
def test_decimals_read_back(millionths: int) -> None:
    text = f"{millionths // 10**6}.{millionths % 10**6:06}"
    answer = parse_answer(REAL, "q2", text)
    assert isinstance(answer, Rate)
    assert answer.part * 100 * 10**6 == millionths * answer.whole
    sheet = parse_answers(REAL, {"q2": text})
    assert parse_answers(REAL, sheet.to_json()) == sheet

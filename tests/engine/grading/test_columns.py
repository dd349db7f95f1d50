"""Columns: the same results as the one-sheet function, and no row that no sheet could be."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuzhuan.engine.grading import (
    AnswerError,
    encode,
    grade,
    grade_columns,
    parse_answers,
    read_set,
    sheet_schema,
    shipped_sets,
)
from tests.proofs.grading import flat

from . import small_sets
from .sheets import edge_sheets, random_sheet

REAL = shipped_sets()["2024-manufacturing"]
OLD = shipped_sets()["2022-manufacturing"]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_equal_to_one_sheet_at_a_time(seed: int) -> None:
    rng = random.Random(seed)
    sheets = [parse_answers(REAL, random_sheet(rng)) for _ in range(60)]
    rows = grade_columns(REAL, encode(REAL, sheets), detail=True).to_dicts()
    assert rows == [flat(grade(REAL, sheet)) for sheet in sheets]


def test_equal_on_every_edge() -> None:
    sheets = [parse_answers(REAL, raw) for raw in edge_sheets()]
    rows = grade_columns(REAL, encode(REAL, sheets), detail=True).to_dicts()
    assert rows == [flat(grade(REAL, sheet)) for sheet in sheets]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_equal_on_small_sets(seed: int) -> None:
    rng = random.Random(seed)
    document = small_sets.random_document(rng)
    indicators = read_set("set.json", small_sets.as_bytes(document))
    raws = [small_sets.random_sheet(rng, document) for _ in range(20)]
    sheets = [parse_answers(indicators, raw) for raw in raws]
    rows = grade_columns(indicators, encode(indicators, sheets), detail=True).to_dicts()
    assert rows == [flat(grade(indicators, sheet)) for sheet in sheets]


def test_blocks_join_without_a_seam() -> None:
    rng = random.Random(2)
    sheets = [parse_answers(REAL, random_sheet(rng)) for _ in range(64)]
    one = encode(REAL, sheets)
    many = pl.concat([one] * 1_025)  # 65,600 rows: more than two blocks
    wanted = pl.concat([grade_columns(REAL, one)] * 1_025)
    assert grade_columns(REAL, many).equals(wanted)


def test_the_total_alone() -> None:
    sheets = [parse_answers(OLD, {"q1": text} if text else {}) for text in ("19.999", "20", "")]
    rows = grade_columns(OLD, encode(OLD, sheets)).to_dicts()
    assert [(row["level_low"], row["level_high"]) for row in rows] == [(0, 0), (1, 1), (0, 4)]


def test_no_rows() -> None:
    assert grade_columns(REAL, encode(REAL, [])).height == 0


@pytest.mark.parametrize(
    ("item", "value"),
    [("q1", 0), ("q1", 3), ("q1", 32), ("q5", 5), ("q2", -1), ("q2", 1_000_001), ("s1", 5)],
)
def test_impossible_values_name_the_row(item: str, value: int) -> None:
    frame = encode(REAL, [parse_answers(REAL, {})] * 3)
    values = pl.Series(item, [None, value, None], dtype=sheet_schema(REAL)[item])
    with pytest.raises(AnswerError, match=f"{item}：第 2 行的值 {value} 不可用"):
        grade_columns(REAL, frame.with_columns(values))


def test_missing_columns_and_types_are_named() -> None:
    frame = encode(REAL, [parse_answers(REAL, {})])
    with pytest.raises(AnswerError, match="q1：列的类型应当是 UInt32"):
        grade_columns(REAL, frame.drop("q1"))
    with pytest.raises(AnswerError, match="s1：列的类型应当是 UInt8"):
        grade_columns(REAL, frame.with_columns(pl.col("s1").cast(pl.Float64)))

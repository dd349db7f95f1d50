"""Money: strict in, exact out, split without loss.

The controls at the end run the same checks on plausible but wrong code, so a check
that could not fail would be noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhuan.engine.money import (
    MAX_FEN,
    MoneyError,
    format_cn,
    format_plain,
    format_yuan,
    parse_literal,
    parse_yuan,
    split,
)

fens = st.integers(-MAX_FEN, MAX_FEN)
totals = st.integers(0, MAX_FEN)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("0.01", 1),
        ("0.1", 10),
        ("800000", 80_000_000),
        ("3000000.01", 300_000_001),
        ("-5.20", -520),
        ("10000000000000", MAX_FEN),
    ],
)
def test_yuan_is_read(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


REFUSED_YUAN = [
    ("1e3", "科学计数法"),
    ("１２", "全角"),
    ("12.345", "小数超过两位"),
    ("-0", "不带负号"),
    ("-0.00", "不带负号"),
    ("", "空的"),
    (" ", "空的"),
    (" 12", "空白"),
    ("12\n", "空白"),
    ("1,000", "千分位"),
    ("12.", "不是金额"),
    (".5", "不是金额"),
    ("+5", "不是金额"),
    ("007", "以零开头"),
    ("0x10", "不是金额"),
    ("NaN", "不是金额"),
    ("Infinity", "不是金额"),
    ("1_000", "不是金额"),
    ("١٢", "不是金额"),
    ("20万元", "不要写单位"),
    ("￥20", "不要写单位"),
    ("9223372036854775808", "超过上限"),
    ("10000000000000.01", "超过上限"),
    ("9" * 5000, "太长"),
    (800000, "写成元的文字"),
    (0.1, "写成元的文字"),
    (None, "写成元的文字"),
    (True, "写成元的文字"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED_YUAN)
def test_yuan_is_refused_with_a_reason(text: object, reason: str) -> None:
    with pytest.raises(MoneyError, match=reason):
        parse_yuan(text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("20万元", 20_000_000),
        ("3000元", 300_000),
        ("0.01元", 1),
        ("1.5亿元", 15_000_000_000),
        ("0.000001万元", 1),
        ("-2万元", -2_000_000),
        ("0元", 0),
        ("100000亿元", MAX_FEN),
    ],
)
def test_literal_is_read(text: str, fen: int) -> None:
    assert parse_literal(text) == fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20", "没有单位"),
        ("0.001元", "不是整分"),
        ("0.0000001万元", "不是整分"),
        ("20 万元", "空白"),
        ("２０万元", "全角"),
        ("二十万元", "不是金额"),
        ("20万", "不是金额"),
        ("-0元", "不带负号"),
        ("020万元", "以零开头"),
        ("1e3元", "科学计数法"),
        ("1,000元", "千分位"),
        ("", "空的"),
        ("100001亿元", "超过上限"),
        ("9" * 40 + "元", "太长"),
        (20, "连单位"),
    ],
)
def test_literal_is_refused_with_a_reason(text: object, reason: str) -> None:
    with pytest.raises(MoneyError, match=reason):
        parse_literal(text)


@given(fens)
def test_formats_read_back(fen: int) -> None:
    assert parse_yuan(format_plain(fen)) == fen
    assert parse_yuan(format_yuan(fen).replace(",", "")) == fen
    assert parse_literal(format_cn(fen).replace(",", "")) == fen


@given(st.text(max_size=40))
def test_any_text_is_either_exact_or_refused(text: str) -> None:
    for parse in (parse_yuan, parse_literal):
        try:
            fen = parse(text)
        except MoneyError as error:
            assert str(error)
        else:
            assert abs(fen) <= MAX_FEN


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0元"),
        (1, "0.01元"),
        (50, "0.5元"),
        (999_999, "9,999.99元"),
        (1_000_000, "1万元"),
        (1_800_000, "1.8万元"),
        (1_234_500, "1.2345万元"),
        (1_234_501, "12,345.01元"),
        (37_800_000, "37.8万元"),
        (35_000_001, "350,000.01元"),
        (2_500_000_000, "2500万元"),
        (10_000_000_000, "1亿元"),
        (15_000_000_000, "1.5亿元"),
        (12_345_678_900, "12345.6789万元"),
        (-1_800_000, "-1.8万元"),
    ],
)
def test_chinese_amounts(fen: int, shown: str) -> None:
    assert format_cn(fen) == shown


def test_yuan_shows_groups_and_two_decimals() -> None:
    assert format_yuan(30_000_000) == "300,000.00"
    assert format_plain(30_000_000) == "300000.00"
    assert format_yuan(-1) == "-0.01"


Parts = Sequence[tuple[str, int]]
Splitter = Callable[[int, Parts, str, Mapping[str, int] | None], dict[str, int]]


@st.composite
def divisions(draw: st.DrawFn) -> tuple[int, Parts, str, dict[str, int]]:
    names = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5, unique=True))
    parts = [(name, draw(st.integers(1, 1000))) for name in names]
    floored = draw(st.lists(st.sampled_from(names), unique=True))
    small = draw(st.booleans())
    amounts = st.integers(0, 50) if small else totals
    floors = {name: draw(amounts) for name in floored}
    return draw(amounts), parts, draw(st.sampled_from(names)), floors


def check_division(
    splitter: Splitter, total: int, parts: Parts, remainder: str, floors: dict[str, int]
) -> None:
    """What every split must satisfy, stated without reference to how it is computed."""
    shares = splitter(total, parts, remainder, floors)
    assert list(shares) == [party for party, _ in parts]
    assert sum(shares.values()) == total
    assert all(share >= 0 for share in shares.values())
    if sum(floors.values()) <= total:
        assert all(shares[party] >= floor for party, floor in floors.items())
    else:
        given_floors = list(floors)
        for earlier, later in pairwise(given_floors):
            assert shares[later] == 0 or shares[earlier] == floors[earlier]
        assert all(shares[party] <= floor for party, floor in floors.items())
    if not floors:
        weights = sum(weight for _, weight in parts)
        for party, weight in parts:
            exact = Fraction(total * weight, weights)
            if party == remainder:
                assert exact <= shares[party] < exact + len(parts)
            else:
                assert exact - 1 < shares[party] <= exact


@given(divisions())
def test_split_adds_up_and_keeps_floors(case: tuple[int, Parts, str, dict[str, int]]) -> None:
    check_division(split, *case)


def test_split_three_one_one_gives_the_odd_fen_to_the_remainder_party() -> None:
    parts = [("central", 3), ("city", 1), ("county", 1)]
    assert split(30_000_000, parts, "central") == {
        "central": 18_000_000,
        "city": 6_000_000,
        "county": 6_000_000,
    }
    assert split(9, parts, "central") == {"central": 7, "city": 1, "county": 1}
    assert split(9, parts, "county") == {"central": 5, "city": 1, "county": 3}


def test_split_floor_of_the_county() -> None:
    parts = [("region", 4), ("county", 1)]
    floor = {"county": 5_000_000}
    assert split(50_000_000, parts, "region", floor) == {"region": 40_000_000, "county": 10_000_000}
    assert split(20_000_000, parts, "region", floor) == {"region": 15_000_000, "county": 5_000_000}
    assert split(3_000_000, parts, "region", floor) == {"region": 0, "county": 3_000_000}


@pytest.mark.parametrize(
    ("total", "parts", "remainder", "floors"),
    [
        (-1, [("a", 1)], "a", {}),
        (1, [], "a", {}),
        (1, [("a", 1), ("a", 1)], "a", {}),
        (1, [("a", 0)], "a", {}),
        (1, [("a", 1)], "b", {}),
        (1, [("a", 1)], "a", {"b": 1}),
        (1, [("a", 1)], "a", {"a": -1}),
    ],
)
def test_split_refuses(total: int, parts: Parts, remainder: str, floors: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"分担|最低"):
        split(total, parts, remainder, floors)


# Controls ------------------------------------------------------------------------------


def _rounded(
    total: int, parts: Parts, remainder: str, floors: Mapping[str, int] | None
) -> dict[str, int]:
    weights = sum(weight for _, weight in parts)
    return {party: round(total * weight / weights) for party, weight in parts}


def _floor_without_the_others_paying(
    total: int, parts: Parts, remainder: str, floors: Mapping[str, int] | None
) -> dict[str, int]:
    shares = split(total, parts, remainder)
    return shares | {p: max(shares[p], floor) for p, floor in (floors or {}).items()}


@pytest.mark.parametrize(
    ("wrong", "total", "floors"),
    [
        (_rounded, 8, {}),
        (_rounded, MAX_FEN - 1, {}),
        (_floor_without_the_others_paying, 20, {"c": 10}),
    ],
)
def test_control_a_wrong_split_is_caught(
    wrong: Splitter, total: int, floors: dict[str, int]
) -> None:
    with pytest.raises(AssertionError):
        check_division(wrong, total, [("a", 3), ("b", 1), ("c", 1)], "a", floors)


def test_control_python_would_accept_what_is_refused_here() -> None:
    accepted = 0
    for text, _ in REFUSED_YUAN:
        try:
            float(text)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue
        accepted += 1
    assert accepted >= 12

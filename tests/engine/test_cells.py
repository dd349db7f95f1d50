"""Raw cells: what is accepted, what is refused and why; whole columns exactly as single cells."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import polars as pl
import pytest

from shuzhuan.engine.policy.cells import parse_cell
from shuzhuan.engine.policy.columns import Column, convert
from shuzhuan.engine.policy.facts import FactDef, Value

LEVELS = {0: "无等级", 1: "一级", 2: "二级", 3: "三级", 4: "四级"}
FACTS = {
    "money": FactDef("m", "投入", "", "money", "", 0, 10**12),
    "loss": FactDef("m", "盈亏", "", "money", "", -(10**12), 10**12),
    "level": FactDef("l", "等级", "", "int", "级", 0, 4, names=LEVELS),
    "count": FactDef("c", "个数", "", "int", "个", -5, 10**6),
    "ratio": FactDef("r", "利率", "", "ratio", "", 0, 10_000, 10_000),
    "bool": FactDef("b", "试点", "", "bool", "", 0, 1),
    "enum": FactDef(
        "e", "类别", "", "enum", "", 0, 2,
        names={0: "无", 1: "首次认定", 2: "复核"}, codes=("none", "first", "again"),
    ),
    "date": FactDef("d", "日期", "", "date", "", 0, 40_000),
    "datetime": FactDef("t", "时间", "", "datetime", "", 0, 40_000 * 86_400),
}  # fmt: skip
DAY = 20_228  # 2025-05-20

ACCEPTED: list[tuple[str, object, int]] = [
    ("money", "800000", 80_000_000),
    ("money", "3000000.01", 300_000_001),
    ("money", 3000000.01, 300_000_001),
    ("money", 0.1 + 0.2, 30),  # what a formula leaves behind in binary is no third decimal
    ("money", 70_000, 7_000_000),
    ("money", 9999999999.99, 999_999_999_999),
    ("loss", "-5.20", -520),
    ("level", "三级", 3),
    ("level", "3", 3),
    ("level", 3.0, 3),
    ("count", "-5", -5),
    ("ratio", "3.3%", 330),
    ("ratio", 0.033, 330),
    ("ratio", "100%", 10_000),
    ("bool", "是", 1),
    ("bool", "否", 0),
    ("bool", True, 1),
    ("bool", "FALSE", 0),
    ("enum", "首次认定", 1),
    ("enum", "again", 2),
    ("date", "2025-05-20", DAY),
    ("date", "2025/5/20", DAY),
    ("date", date(2025, 5, 20), DAY),
    ("date", datetime(2025, 5, 20), DAY),  # noqa: DTZ001 - as a workbook gives it
    ("datetime", "2025-05-20T17:00:00", DAY * 86_400 + 61_200),
    ("datetime", "2025/5/20 17:00", DAY * 86_400 + 61_200),
    ("datetime", datetime(2025, 5, 20, 17), DAY * 86_400 + 61_200),  # noqa: DTZ001
]

REFUSED: list[tuple[str, object, str]] = [
    ("money", "1e3", "科学计数法"),
    ("money", "８００", "全角"),
    ("money", "1.234", "小数超过两位"),
    ("money", "-0", "零不带负号"),
    ("money", "1,000", "千分位"),
    ("money", " 1", "空白"),
    ("money", "   ", "空的"),
    ("money", "5万元", "不要写单位"),
    ("money", 0.125, "不是整分"),
    ("money", -5.0, "不在允许的范围"),
    ("money", True, "不是金额"),
    ("money", float("nan"), "不是整分"),
    ("money", "#DIV/0!", "公式出错"),
    ("level", "3级", "可以写 无等级、一级"),
    ("level", 5.0, "不在允许的范围"),
    ("level", 2.5, "不是整数"),
    ("level", "０", "不认识"),
    ("count", "1.0", "不是整数"),
    ("ratio", "3.333%", "最多 2 位小数"),
    ("ratio", "3.3", "请写成百分数"),
    ("ratio", "３%", "请写成百分数"),
    ("ratio", 3.3, "不在允许的范围"),
    ("bool", "Y", "请写 是 或 否"),
    ("bool", 1.0, "请写 是 或 否"),
    ("enum", "第一次", "首次认定、复核"),
    ("enum", 1.0, "应当是其中之一"),
    ("date", 45797.0, "设为日期格式"),
    ("date", "2025-5-20", "不是日期"),
    ("date", "2025-02-30", "没有 2025-02-30 这一天"),
    ("date", "20250520", "不是日期"),
    ("date", datetime(2025, 5, 20, 17), "带有时刻"),  # noqa: DTZ001
    ("datetime", "2025-05-20", "不是时间"),
    ("datetime", date(2025, 5, 20), "不是时间"),  # a deadline at midnight would be a guess
    ("datetime", "2025-05-20 24:00", "没有"),
]


@pytest.mark.parametrize(("kind", "cell", "value"), ACCEPTED)
def test_accepted(kind: str, cell: object, value: int) -> None:
    assert parse_cell(FACTS[kind], cell) == value
    frame, problems = convert([Column("列", FACTS[kind], "", [cell])])
    assert problems == []
    assert int(frame.to_series()[0]) == value


@pytest.mark.parametrize(("kind", "cell", "told"), REFUSED)
def test_refused(kind: str, cell: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_cell(FACTS[kind], cell)
    frame, problems = convert([Column("列", FACTS[kind], "", ["", cell])])
    assert frame.to_series().to_list() == [None, None]
    (problem,) = problems
    assert (problem.row, problem.header) == (1, "列")
    assert problem.cell is cell
    assert told in problem.message


@pytest.mark.parametrize(
    ("cell", "fen"), [("80", 80_000_000), ("80.5", 80_500_000), (37.8, 37_800_000), ("0.000001", 1)]
)
def test_amounts_in_ten_thousands_are_scaled_exactly(cell: object, fen: int) -> None:
    assert parse_cell(FACTS["money"], cell, "万元") == fen


@pytest.mark.parametrize("cell", ["0.0000001", 0.0000001, "1e2", "-1"])
def test_amounts_in_ten_thousands_are_whole_fen(cell: object) -> None:
    with pytest.raises(ValueError, match=r"金额|允许"):
        parse_cell(FACTS["money"], cell, "万元")


def test_line_items_may_be_written_as_json() -> None:
    fields = (FactDef("amount", "金额", "", "money", "", 0, 10**9), FACTS["bool"])
    fact = FactDef("x.lines", "发票", "", "list", "", 0, 3, fields=fields)
    text = '[{"amount": "1.5", "b": true}, {"amount": null}]'
    frame, problems = convert([Column("发票", fact, "", [text, "", "[]", "[1]", "{"])])
    assert frame.to_series().to_list()[:3] == [
        [{"amount": 150, "b": True}, {"amount": None, "b": None}],
        None,
        [],
    ]
    assert [(p.row, p.message) for p in problems] == [
        (3, "第 1 行应当是一组字段"),
        (4, "明细要写成 JSON，如 [{…}, {…}]"),
    ]


# -- whole columns -----------------------------------------------------------------------------

_ODD: tuple[object, ...] = (
    *(cell for _, cell, _ in ACCEPTED), *(cell for _, cell, _ in REFUSED),
    None, "", 2.9999999999999996, 1e17, -0.0, 1e-320, float("inf"), 21000.000000000004,
    1234567890.125, 2.0**53, 2.0**63, 10**17, 2**62, 2**63 - 1, 10**30, -1, False,
    time(5, 6), timedelta(hours=3), date(1, 1, 1), date(9999, 12, 31), "true", "True", "+1", ".5",
    "1.", "٣", "12\n", "3%\n", "2025-05-20\n", "2025-05-20 23:59:60", "99999999999999999999",
    datetime(2025, 5, 20, 17, 0, 0, 5),  # noqa: DTZ001
)  # fmt: skip


def _one_by_one(
    fact: FactDef, cells: Sequence[object], unit: str
) -> tuple[list[Value | None], dict[int, str]]:
    values: list[Value | None] = []
    wrong: dict[int, str] = {}
    for at, cell in enumerate(cells):
        values.append(None)
        if cell is not None and cell != "":
            try:
                values[at] = parse_cell(fact, cell, unit)
            except ValueError as error:
                wrong[at] = str(error)
    return values, wrong


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize("unit", ["", "万元"])
def test_columns_read_exactly_as_cells(kind: str, unit: str) -> None:
    if unit and FACTS[kind].kind != "money":
        return
    rng = random.Random(kind)
    numbers = [
        round(rng.uniform(0, 10 ** rng.randint(0, 11)), rng.randint(0, 4)) for _ in range(300)
    ]
    pool: list[object] = [*_ODD, *numbers, *map(repr, numbers), *map(int, numbers)]
    columns: list[list[object]] = [pool, [None, ""], []]
    for kept in (str, float, int, bool, date, datetime):
        columns.append([cell for cell in pool if type(cell) is kept])
        columns.append([cell if type(cell) is kept else "" for cell in pool])
    for cells in columns:
        fact = FACTS[kind]
        frame, problems = convert([Column("列", fact, unit, cells)])
        values, wrong = _one_by_one(fact, cells, unit)
        got = [None if value is None else int(value) for value in frame[fact.key].to_list()]
        assert got == values
        assert {p.row: p.message for p in problems} == wrong


def test_typed_columns_of_a_parquet_file_read_as_cells_too() -> None:
    columns = {
        "money": pl.Series([1, None, 10**17, -1]),
        "loss": pl.Series([1.5, None, 0.001, float("nan")]),
        "level": pl.Series(["三级", None, "", "五级"], dtype=pl.Categorical),
        "count": pl.Series([2**63], dtype=pl.UInt64),
        "bool": pl.Series([True, None, False]),
        "date": pl.Series([datetime(2025, 5, 20), datetime(2025, 5, 20, 1)]),  # noqa: DTZ001
        "datetime": pl.Series([date(2025, 5, 20)]),
        "enum": pl.Series([timedelta(1)]),
    }
    for kind, cells in columns.items():
        frame, problems = convert([Column("列", FACTS[kind], "", cells)])
        plain = cells.cast(pl.String) if cells.dtype == pl.Categorical else cells
        values, wrong = _one_by_one(FACTS[kind], plain.to_list(), "")
        got = [None if value is None else int(value) for value in frame.to_series().to_list()]
        assert got == values
        assert {p.row: p.message for p in problems} == wrong

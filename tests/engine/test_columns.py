"""Columns against one case at a time: every pack, every option, every back end, to the reason code."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from shuzhuan.engine.policy.columns import ColumnError, evaluate
from shuzhuan.engine.policy.errors import PackError
from shuzhuan.engine.policy.pack import Library, Pack, load_pack
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings.evaluate import Evaluation
from shuzhuan.engine.policy.readings.frames import prepare
from shuzhuan.engine.policy.readings.polars import Part, evaluate_polars, query
from shuzhuan.engine.policy.readings.polars_missing import BITS, waited_for
from shuzhuan.engine.policy.readings.single import OPEN
from shuzhuan.engine.policy.readings.sql import evaluate_duckdb, sql_text
from tests.engine.columns_kit import Reading, assert_same, frame_of, random_cases, random_clauses
from tests.engine.kit import amount_pack, one_clause, write_pack

AS_OF = date(2025, 12, 1)
HERE = Path(__file__).parent
READINGS = pytest.mark.parametrize("reading", [evaluate_polars, evaluate_duckdb])


def _programs() -> Iterator[tuple[str, Program]]:
    """Every pack that ships, and the invented ones, under every option of every reading."""
    packs: list[Pack] = list(Library.load().places.values())
    packs.append(load_pack(HERE / "packs" / "plain", HERE / "packs" / "common"))
    for pack in packs:
        choices: list[dict[str, str]] = [{}]
        choices += [{r: o} for r, options in pack.readings.items() for o in options]
        for chosen in choices:
            name = "-".join([pack.id, *chosen.values()])
            yield name, pack.bind(AS_OF, readings=chosen)


PROGRAMS = dict(_programs())


@pytest.mark.parametrize("name", PROGRAMS)
def test_columns_equal_one_case_at_a_time(name: str) -> None:
    program = PROGRAMS[name]
    for gaps in (0.0, 0.4):  # columns without gaps are computed without guards
        assert_same(program, random_cases(program, 80, gaps, seed=len(name)), evaluate_polars)


@pytest.mark.parametrize("name", PROGRAMS)
def test_sql_equals_one_case_at_a_time(name: str) -> None:
    program = PROGRAMS[name]
    cases = [case for gaps in (0.0, 0.3, 0.8) for case in random_cases(program, 40, gaps, seed=7)]
    assert_same(program, cases, evaluate_duckdb)


def fuzzed(root: Path, seed: int, clauses: int = 8) -> Program | None:
    """A pack of random formulas; None where the checker cannot prove its ranges."""
    text, pack = random_clauses(random.Random(seed), clauses)
    try:
        return load_pack(write_pack(root / "fuzz", text, pack)).bind(date(2025, 6, 1))
    except PackError as error:
        assert all("64 位整数" in problem.message for problem in error.problems)
        return None


@pytest.mark.parametrize("seed", range(24))
def test_random_formulas_equal_one_case_at_a_time(tmp_path: Path, seed: int) -> None:
    program = fuzzed(tmp_path, seed)
    if program is None:
        pytest.skip("ranges cannot be proven")
    for gaps in (0.0, 0.25, 0.7):
        cases = random_cases(program, 40, gaps, seed)
        assert_same(program, cases, evaluate_polars)


@pytest.mark.parametrize("seed", range(100, 106))
def test_random_formulas_in_sql_equal_one_case_at_a_time(tmp_path: Path, seed: int) -> None:
    program = fuzzed(tmp_path, seed, clauses=4)
    assert program is not None
    cases = [case for gaps in (0.0, 0.5) for case in random_cases(program, 40, gaps, seed)]
    assert_same(program, cases, evaluate_duckdb)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_missing_equals_one_case_at_a_time(tmp_path: Path, seed: int) -> None:
    program = fuzzed(tmp_path, seed)
    assert program is not None
    _assert_missing(program, seed)


@pytest.mark.parametrize("name", ["quanzhou", "zhongning", "pengyang", "hongsibu"])
def test_what_is_missing_in_the_packs(name: str) -> None:
    _assert_missing(PROGRAMS[name], 5)


def _assert_missing(program: Program, seed: int) -> None:
    cases = random_cases(program, 60, 0.5, seed)
    frame = prepare([program], frame_of(program.facts, cases))
    got = query([Part(program)], frame, missing=True).collect().to_dicts()
    for case, row in zip(cases, got, strict=True):
        seen = Evaluation({key: value for key, value in case.items() if value is not None})
        for clause in program.computed:
            wanted: set[str] = set()
            if row[f"{clause.id}.status"] == OPEN:
                nodes = [c.node for c in clause.tested]
                nodes += [clause.amount] if clause.amount is not None else []
                wanted = {key for node in nodes for key in seen.missing(node)}
            masks = [row[f"{clause.id}.missing.{at}"] for at in range(1)]
            told = {
                fact.key
                for at, fact in enumerate(waited_for(clause))
                if masks[at // BITS] >> at % BITS & 1
            }
            assert told == wanted


# -- frames ------------------------------------------------------------------------------

ZHONGNING = PROGRAMS["zhongning"]


def _amounts(pack: Pack, frame: pl.DataFrame) -> list[int | None]:
    program = pack.bind(AS_OF)
    got = evaluate(program, frame)["1.amount"].to_list()
    assert evaluate(program, frame, "duckdb")["1.amount"].to_list() == got
    return got


def test_a_misspelt_column_is_refused_with_the_nearest_fact() -> None:
    frame = pl.DataFrame({"project.invest": [1]})
    with pytest.raises(
        ColumnError, match=r"project\.invest：没有这个事实，是否想写 project\.invested"
    ):
        evaluate(ZHONGNING, frame)


def test_a_column_of_the_wrong_type_is_refused() -> None:
    for dtype, value in ((pl.Float64, 1.0), (pl.String, "1"), (pl.Boolean, True)):
        frame = pl.DataFrame({"project.invested": [value]}, schema={"project.invested": dtype})
        with pytest.raises(ColumnError, match="应当是整数"):
            evaluate(ZHONGNING, frame)
    with pytest.raises(ColumnError, match="应当是是否"):
        evaluate(ZHONGNING, pl.DataFrame({"enterprise.is_pilot": [1]}))


@pytest.mark.parametrize("rows", [3, 150_000])
def test_a_value_outside_its_range_is_named_by_row_and_fact(rows: int) -> None:
    levels = [2] * rows
    levels[rows - 2] = 5
    with pytest.raises(ColumnError) as caught:
        evaluate(ZHONGNING, pl.DataFrame({"project.level_after": levels}))
    assert caught.value.problems == [
        (rows - 2, "project.level_after", "改造后数字化水平 5级不在允许的范围 无等级 至 四级")
    ]
    assert f"第 {rows - 1} 行 project.level_after" in str(caught.value)


def test_a_negative_amount_is_found_also_in_a_column_with_gaps() -> None:
    for column in ([5, -1, 7], [5, -1, None], [-1]):
        with pytest.raises(ColumnError, match="不在允许的范围"):
            evaluate(ZHONGNING, pl.DataFrame({"project.invested": column}))


def test_narrow_integers_dates_and_times_are_taken_as_they_are(tmp_path: Path) -> None:
    formula = (
        "if(t.day <= 2025-05-31 and t.moment <= 2025-05-31T17:00 and t.level >= 2, t.spend, 0元)"
    )
    pack = amount_pack(tmp_path / "t", formula)
    beijing = [datetime(2025, 5, 31, 17), datetime(2025, 5, 31, 17, 0, 1)]  # noqa: DTZ001 - as in a file
    given = {"t.day": [date(2025, 5, 31)] * 2, "t.level": [4, 4], "t.spend": [100, 100]}
    kinds = {"t.level": pl.UInt8, "t.spend": pl.Int16, "t.day": pl.Date}
    naive = pl.DataFrame(given | {"t.moment": beijing}, schema_overrides=kinds)
    assert _amounts(pack, naive) == [100, 0]
    zoned = [datetime(2025, 5, 31, 9, tzinfo=UTC), datetime(2025, 5, 31, 9, 0, 1, tzinfo=UTC)]
    assert _amounts(pack, pl.DataFrame(given | {"t.moment": zoned}, schema_overrides=kinds)) == [
        100,
        0,
    ]


def test_a_narrow_column_does_not_overflow_in_a_product(tmp_path: Path) -> None:
    pack = amount_pack(tmp_path / "t", "t.count * 10万元")
    frame = pl.DataFrame({"t.count": [100, None]}, schema={"t.count": pl.Int8})
    assert _amounts(pack, frame) == [100 * 10_000_000, None]


def test_facts_without_a_column_are_unknown_and_rows_are_kept() -> None:
    frame = pl.DataFrame({"project.level_before": [None, None, None]})  # of type Null
    for engine in ("polars", "duckdb"):
        got = evaluate(ZHONGNING, frame, engine)
        assert got.height == 3
        assert got["1.status"].to_list() == [2, 2, 2]
        assert got["1.amount"].to_list() == [None, None, None]
        assert got["total"].to_list() == [0, 0, 0]


@READINGS
def test_no_rows_give_no_rows(reading: Reading) -> None:
    frame = pl.DataFrame(schema={"project.level_after": pl.Int64})
    got = reading(ZHONGNING, frame, reasons=True)
    assert got.height == 0
    assert "1.reason" in got.columns


def test_line_items_with_missing_fields_and_narrow_types(tmp_path: Path) -> None:
    pack = amount_pack(tmp_path / "t", "sum(t.lines, amount where kind == 'soft')")
    items = [[{"amount": 5}], [], None]
    frame = pl.DataFrame(
        {"t.lines": items}, schema={"t.lines": pl.List(pl.Struct({"amount": pl.Int16}))}
    )
    assert _amounts(pack, frame) == [None, 0, None]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([[{"amount": -1}]], "发票的金额"),
        ([[{"amount": 1}], [None]], "第 2 行.*有一行是空的"),
        ([[{"amount": 1}] * 501], "超过 500 行"),
    ],
)
def test_line_items_out_of_range_are_named(tmp_path: Path, items: object, message: str) -> None:
    program = amount_pack(tmp_path / "t", "sum(t.lines, amount)").bind(AS_OF)
    frame = pl.DataFrame(
        {"t.lines": items}, schema={"t.lines": pl.List(pl.Struct({"amount": pl.Int64}))}
    )
    with pytest.raises(ColumnError, match=message):
        evaluate(program, frame)


def test_a_field_that_the_fact_does_not_have_is_refused(tmp_path: Path) -> None:
    program = amount_pack(tmp_path / "t", "sum(t.lines, amount)").bind(AS_OF)
    with pytest.raises(ColumnError, match="应当是明细"):
        evaluate(program, pl.DataFrame({"t.lines": [[{"amont": 1}]]}))


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(ValueError, match="没有 pandas 这个引擎"):
        evaluate(ZHONGNING, pl.DataFrame({"project.invested": [1]}), "pandas")


def test_several_programs_share_one_query() -> None:
    places = {name: PROGRAMS[name] for name in ("zhongning", "hongsibu")}
    cases = prepare(places.values(), pl.DataFrame({"project.invested": [70_000_000, 80_000_000]}))
    got = query([Part(p, f"{name}:") for name, p in places.items()], cases).collect()
    alone = evaluate(
        places["hongsibu"], pl.DataFrame({"project.invested": [70_000_000, 80_000_000]})
    )
    assert got["hongsibu:2-2-4.amount"].equals(alone["2-2-4.amount"].alias("hongsibu:2-2-4.amount"))
    assert "zhongning:total" in got.columns


# -- mistakes that the generated program of one case once made --------------------------------


@pytest.mark.parametrize(
    ("body", "facts", "expected"),
    [
        # A choice that a condition and the amount share: its branch belongs to the reason.
        (
            'params: [{name: cap, label: 上限, value: "by(t.level, 2 -> 20万元, 3 -> 30万元, else -> 5万元)"}]\n'
            "when: [{id: a, test: t.spend >= cap}]\namount: min(t.spend * 50%, cap)",
            {"t.level": 3, "t.spend": 90_000_000},
            (1, 30_000_000),
        ),
        # An unknown condition must not decide by default.
        (
            "when: [{id: a, test: 'if(t.yes, t.no, t.level >= 1)'}]\namount: 5元",
            {"t.no": True},
            (2, 500),
        ),
        ("when: [{id: a, test: 't.yes in [true]'}]\namount: 5元", {"t.no": True}, (2, 500)),
        # Literals alone would be 32 bits wide in SQL.
        (
            "amount: \"by(t.level, 2 -> 200%, else -> 100%) * by(t.kind, 'a' -> 2000万元, else -> 3000万元)\"",
            {"t.level": 2, "t.kind": 1},
            (1, 4_000_000_000),
        ),
    ],
)
def test_awkward_clauses(
    tmp_path: Path, body: str, facts: dict[str, object], expected: tuple[int, int]
) -> None:
    program = one_clause(tmp_path / "t", body).bind(AS_OF)
    case = {fact.key: None for fact in program.facts} | {
        key: int(value) if isinstance(value, bool) else value
        for key, value in facts.items()
        if key in {f.key for f in program.facts}
    }
    for reading in (evaluate_polars, evaluate_duckdb):
        got = assert_same(program, [case], reading)  # type: ignore[list-item]
        assert (got["1.status"][0], got["1.amount"][0]) == expected


# -- SQL text ---------------------------------------------------------------------------------


def test_the_printed_sql_runs_as_it_is() -> None:
    program = PROGRAMS["quanzhou"]
    cases = random_cases(program, 20, 0.2, 1)
    frame = frame_of(program.facts, cases).with_columns(pl.arange(20).alias("序号"))
    text = sql_text(program, carry=["序号"])
    with duckdb.connect() as connection:
        connection.register("cases", _Capsule(frame))
        got = connection.execute(text).fetchnumpy()
    assert got["序号"].tolist() == list(range(20))
    wanted = evaluate(program, frame.drop("序号"))
    assert got["total"].tolist() == wanted["total"].to_list()


class _Capsule:
    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


def test_sql_says_what_it_computes() -> None:
    text = sql_text(PROGRAMS["quanzhou"])
    assert "-- （一） 支持试点企业数字化改造（依据：一（一））" in text
    assert "clause_1 AS (" in text
    assert "征求意见稿" in text
    assert '"1.share.central"' in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("--")) < 200


def test_spark_prints_its_own_spelling(tmp_path: Path) -> None:
    pack = amount_pack(
        tmp_path / "t",
        "if(add_months(t.day, 12) <= today and year(t.day) == 2025,"
        " min(sum(t.lines, amount where kind == 'soft') / 3, 5万元), 0元)",
    )
    text = sql_text(pack.bind(AS_OF), "spark", reasons=True)
    assert "spark.sql.ansi.enabled" in text
    assert " div 3" in text
    assert "//" not in text
    assert "`t.lines`" in text
    assert '"' not in text
    assert "aggregate(" in text
    assert "item1 -> " in text
    assert "add_months(date_from_unix_date(" in text
    assert "lambda" not in text


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(KeyError):
        sql_text(ZHONGNING, "oracle")

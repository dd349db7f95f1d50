"""Three traps that cost other engines money, each with a control that shows the trap is real."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from shuzhuan.engine.policy.columns import ColumnError, evaluate
from shuzhuan.engine.policy.errors import PackError
from shuzhuan.engine.policy.pack import load_pack
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings.sql import sql_text
from tests.engine.kit import FACTS, amount_pack, one_clause, write_pack

AS_OF = date(2025, 12, 1)
ENGINES = pytest.mark.parametrize("engine", ["polars", "duckdb"])
CAP = 30_000_000  # 30万元 in fen
INT64 = 2**63 - 1


def _capped(root: Path) -> Program:
    return amount_pack(root / "t", "min(t.spend * 50%, 30万元)").bind(AS_OF)


# -- the cap of an unknown ------------------------------------------------------------------


def test_control_the_back_ends_pay_the_cap_for_an_unknown() -> None:
    with duckdb.connect() as connection:
        assert connection.execute("SELECT least(NULL::BIGINT, 30000000)").fetchone() == (CAP,)
    frame = pl.DataFrame({"spend": [None]}, schema={"spend": pl.Int64})
    assert frame.select(pl.min_horizontal("spend", pl.lit(CAP))).item() == CAP
    branch = pl.when(pl.col("spend") < CAP).then("spend").otherwise(CAP)
    assert frame.select(branch).item() == CAP


@ENGINES
def test_an_unknown_never_gets_the_cap(tmp_path: Path, engine: str) -> None:
    program = _capped(tmp_path)
    frame = pl.DataFrame({"t.spend": [None, 10**10, 100, 10**10]})
    got = evaluate(program, frame, engine, reasons=True)
    assert got["1.amount"].to_list() == [None, CAP, 50, CAP]
    assert got["1.status"].to_list() == [2, 1, 1, 1]
    assert got["total"].to_list() == [0, CAP, 50, CAP]
    assert got["total_if"].to_list() == [0, CAP, 50, CAP]


@ENGINES
def test_a_column_of_unknowns_and_no_column_at_all_pay_nothing(tmp_path: Path, engine: str) -> None:
    program = _capped(tmp_path)
    nothing = pl.DataFrame({"t.spend": [None, None]}, schema={"t.spend": pl.Int64})
    absent = pl.DataFrame({"t.other": [1, 2]})
    for frame in (nothing, absent):
        got = evaluate(program, frame, engine)
        assert got["1.amount"].to_list() == [None, None]
        assert got["total"].to_list() == [0, 0]


@ENGINES
@pytest.mark.parametrize(
    "formula",
    [
        "max(t.spend, 5元)",
        "min(t.spend, t.other, 5元)",
        "if(t.spend > 5元, 5元, 1元)",
        "case(t.yes -> 5元, else -> 1元)",
        "by(t.level, 2 -> 5元, else -> 1元)",
        "if(not (t.yes and t.level >= 2), 5元, 1元)",
        "sum(t.lines, min(amount, 5元))",
        "min(sum(t.lines, amount where kind == 'soft'), 5元)",
        "if(t.day <= 2025-05-31, 5元, 1元)",
        "if(t.kind in ['a', 'b'], 5元, 1元)",
    ],
)
def test_no_form_of_the_language_decides_an_unknown(
    tmp_path: Path, formula: str, engine: str
) -> None:
    program = amount_pack(tmp_path / "t", formula).bind(AS_OF)
    facts = {"t.lines": [[{"amount": None, "kind": None}]]} if "t.lines" in formula else {}
    got = evaluate(program, pl.DataFrame(facts or {"t.people": [1]}), engine)
    assert got["1.amount"].to_list() == [None]
    assert got["1.status"].to_list() == [2]


@ENGINES
def test_an_unknown_limit_makes_the_total_unknown_not_the_limit(
    tmp_path: Path, engine: str
) -> None:
    rule = (
        "stacking: [{id: all, rule: ceiling, clauses: ['1'], cite: 一,"
        " limit: t.other * 50%, say: 封顶}]"
    )
    program = one_clause(tmp_path / "t", "amount: t.spend", pack=rule).bind(AS_OF)
    frame = pl.DataFrame({"t.spend": [1_000, 1_000, 1_000], "t.other": [None, 100, 10_000]})
    got = evaluate(program, frame, engine)
    assert got["total"].to_list() == [None, 50, 1_000]


def test_the_sql_text_guards_every_least(tmp_path: Path) -> None:
    for dialect in ("duckdb", "spark"):
        text = sql_text(_capped(tmp_path / dialect), dialect)
        before, _, _ = text.partition("LEAST(")
        assert before.rstrip().endswith("IS NULL THEN NULL ELSE")


# -- 64 bits -----------------------------------------------------------------------------------


def test_control_polars_wraps_in_silence() -> None:
    assert pl.select(pl.lit(INT64, dtype=pl.Int64) + 1).item() == -(2**63)


@ENGINES
@pytest.mark.parametrize("value", [INT64, 10**11 + 1, -1])
def test_a_value_beyond_its_fact_is_refused_before_anything_is_computed(
    tmp_path: Path, engine: str, value: int
) -> None:
    program = amount_pack(tmp_path / "t", "t.spend * 50% * 100 / 7").bind(AS_OF)
    frame = pl.DataFrame({"t.spend": [1, 2, value]})
    with pytest.raises(ColumnError, match=r"第 3 行 t\.spend：投入 .*不在允许的范围"):
        evaluate(program, frame, engine)


@ENGINES
def test_the_largest_permitted_values_are_exact(tmp_path: Path, engine: str) -> None:
    program = amount_pack(tmp_path / "t", "t.spend * 33.33% * t.count / 7").bind(AS_OF)
    most = 10**11
    got = evaluate(program, pl.DataFrame({"t.spend": [most], "t.count": [100]}), engine)
    assert got["1.amount"].item() == most * 3333 * 100 // (10_000 * 7)


@pytest.mark.parametrize(
    "formula",
    [
        "t.spend * 33.333333% * 33.333333% * 33.333333%",
        # The result is small; one operand alone would wrap and win.
        "min(t.spend * 33.333333% * 33.333333%, 0.01元 * 1.111111% * 1.111111% * 1.111111%)",
    ],
)
def test_a_formula_that_could_wrap_is_refused_at_load(tmp_path: Path, formula: str) -> None:
    with pytest.raises(PackError, match="64 位整数"):
        amount_pack(tmp_path / "t", formula)


# -- a key in the wrong place --------------------------------------------------------------------


def test_control_a_plain_yaml_reader_ignores_it() -> None:
    import yaml

    clause = yaml.safe_load("{id: '1', amount: 5元, when: [], certainity: at_most}")
    assert clause.get("certainty", "exact") == "exact"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("amount: 5元\ncertainity: at_most", "certainity"),
        ("amount: 5元\nparams: [{name: cap, label: 上限, value: 5元, max: 3元}]", "max"),
        ("amount: 5元\nwhen: [{id: a, test: t.yes, requires: [x]}]", "requires"),
    ],
)
def test_a_key_in_the_wrong_place_is_refused(tmp_path: Path, body: str, told: str) -> None:
    with pytest.raises(PackError, match=told) as caught:
        one_clause(tmp_path / "t", body)
    assert "clauses.yaml" in str(caught.value)


def test_a_file_or_a_fact_key_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    clause = "- {id: '1', number: 一, cite: 一, title: 试验, summary: 试验, kind: text}"
    root = write_pack(tmp_path / "t", clause)
    (root / "clause.yaml").write_text("clauses: []", "utf-8")
    with pytest.raises(PackError, match=r"clause\.yaml"):
        load_pack(root)
    other = write_pack(
        tmp_path / "u", clause, facts=FACTS.replace("unit: 级,", "unit: 级, digits: 2,")
    )
    with pytest.raises(PackError, match="digits"):
        load_pack(other)


# -- columns without gaps ------------------------------------------------------------------------


@ENGINES
def test_the_fast_path_and_the_guarded_path_agree(tmp_path: Path, engine: str) -> None:
    """A column without gaps gets no guards; one gap anywhere brings them back for all rows."""
    program = _capped(tmp_path)
    full = [0, 1, 3, 59_999_999, 60_000_000, 60_000_001, 10**11]
    fast = evaluate(program, pl.DataFrame({"t.spend": full}), engine, reasons=True)
    slow = evaluate(program, pl.DataFrame({"t.spend": [*full, None]}), engine, reasons=True)
    assert fast.equals(slow.head(len(full)))
    assert fast["1.amount"].to_list()[-3:] == [CAP, CAP, CAP]

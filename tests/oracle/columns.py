"""The columnar readings against the single-case reading, over the oracle's generated cases.

Every case is decided one by one; then all cases of a day and a choice of readings are put into
one frame, and Polars, DuckDB and the compiled kernel must give the same status, amount, reason
code, shares and totals in every row. Each frame goes through three times: as it comes, with a
row of gaps so that no column is known throughout, and reduced to the rows without a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings.kernel import evaluate_kernel
from shuzhuan.engine.policy.readings.polars import evaluate_polars
from shuzhuan.engine.policy.readings.sql import evaluate_duckdb
from tests.oracle.base import APPLIES, CHECK_BAD, CHECK_GOOD, REFUSED, UNDECIDED
from tests.oracle.generate import Case

Expected = dict[str, int | None]
Evaluate = Callable[..., pl.DataFrame]
Spoil = Callable[[str, int], int]

READINGS: Mapping[str, Evaluate] = {
    "polars": evaluate_polars,
    "duckdb": evaluate_duckdb,
    "kernel": evaluate_kernel,
}
CODES = {REFUSED: 0, CHECK_BAD: 0, APPLIES: 1, CHECK_GOOD: 1, UNDECIDED: 2}
KINDS: Mapping[str, Any] = {"bool": pl.Boolean, "date": pl.Date}


def cell(fact: FactDef, value: object) -> object:
    """A JSON value as a column holds it: fen, parts of a ratio, codes of an enumeration."""
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)
    if fact.kind == "money":
        return int(Fraction(text) * 100)
    if fact.kind == "ratio":
        return int(Fraction(text.removesuffix("%")) / 100 * fact.den)
    if fact.kind == "date":
        return date.fromisoformat(text)
    return fact.codes.index(text)


def frame_of(pack: Pack, keys: Iterable[str], rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    facts = [pack.facts[key] for key in keys]
    return pl.DataFrame(
        {fact.key: [cell(fact, row.get(fact.key)) for row in rows] for fact in facts},
        schema={fact.key: KINDS.get(fact.kind, pl.Int64) for fact in facts},
    )


def expected(decision: Mapping[str, Any], columns: set[str], spoil: Spoil) -> Expected:
    """What one decision says, under the names of the columns."""
    row: Expected = {"total": decision["total_fen"], "total_if": decision["total_if_fen"]}
    for clause in decision["clauses"]:
        name, amount = clause["id"], clause["amount_fen"]
        if clause["status"] not in CODES or f"{name}.status" not in columns:
            assert amount is None, f"{name} pays but has no column"
            continue
        row[f"{name}.status"] = CODES[clause["status"]]
        row[f"{name}.reason"] = clause["reason"]
        if clause["certainty"] is not None:  # a mere check pays nothing
            row[f"{name}.amount"] = None if amount is None else spoil(name, amount)
        for party, fen in (clause["shares"] or {}).items():
            row[f"{name}.share.{party}"] = fen
    return row


def row_differences(wanted: Expected, got: Mapping[str, object]) -> Iterator[str]:
    for name, value in wanted.items():
        if name not in got:
            yield f"{name}: no such column"
        elif got[name] != value:
            yield f"{name}: single {value!r}, columns {got[name]!r}"
    for name in got.keys() - wanted.keys():
        # Shares are told only with an amount, and checks have none: no money may be there.
        if (not name.endswith(".amount") and ".share." not in name) or got[name]:
            yield f"{name}: single says nothing, columns {got[name]!r}"


def variants(frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame, list[int]]]:
    """Name, frame, and for each of its rows the row of the original."""
    rows = list(range(frame.height))
    empty = [series.name for series in frame if series.null_count() == frame.height]
    yield "as it comes", frame.drop(empty) if len(empty) < frame.width else frame, rows
    gaps = pl.DataFrame({name: [None] for name in frame.columns}, schema=frame.schema)
    yield "with gaps", pl.concat([frame, gaps]), rows
    whole = frame.with_row_index("row").drop_nulls()
    if whole.height:
        yield "without gaps", whole.drop("row"), whole["row"].to_list()


def compare(
    program: Program, frame: pl.DataFrame, decisions: Sequence[Mapping[str, Any]], spoil: Spoil
) -> Iterator[tuple[int, str]]:
    """Row and difference, for each reading and variant."""
    wanted: list[Expected] = []
    for variant, part, rows in variants(frame):
        for reading, evaluate in READINGS.items():
            if reading == "kernel" and variant == "as it comes":
                continue  # each set of known columns would be compiled anew
            got = evaluate(program, part, reasons=True, shares=True)
            if got.height != part.height:
                yield 0, f"{reading} {variant}: {got.height} rows for {part.height}"
                continue
            if not wanted:
                columns = set(got.columns)
                wanted = [expected(decision, columns, spoil) for decision in decisions]
            for at, row in zip(rows, got.head(len(rows)).iter_rows(named=True), strict=True):
                for found in row_differences(wanted[at], row):
                    yield at, f"{reading} {variant} {found}"


def differences(
    pack: Pack, keys: Iterable[str], cases: Sequence[Case], spoil: Spoil
) -> Iterator[tuple[int, list[str]]]:
    """The numbers of the cases that differ, with how; cases of one program go together."""
    groups: dict[tuple[date, tuple[tuple[str, str], ...]], list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        groups[case.as_of, tuple(sorted(case.readings.items()))].append(number)
    for (as_of, readings), numbers in groups.items():
        program = pack.bind(as_of=as_of, readings=dict(readings))
        chosen = [cases[number].facts for number in numbers]
        decisions = [program.decide(facts).to_json() for facts in chosen]
        found: dict[int, list[str]] = defaultdict(list)
        for at, text in compare(program, frame_of(pack, keys, chosen), decisions, spoil):
            found[numbers[at]].append(text)
        yield from found.items()

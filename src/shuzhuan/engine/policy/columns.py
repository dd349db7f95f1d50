"""Whole populations: raw columns of a table → internal integers → decisions as columns.

``convert`` is as strict as one case at a time; ``evaluate`` picks the fastest reading that
can take the program. Rows count from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from .cells import FALSE_WORDS, TRUE_WORDS, UNITS, WAN_DECIMALS, parse_cell
from .facts import FactDef, Value
from .program import Program
from .readings.frames import ColumnError

if TYPE_CHECKING:
    Cells = Sequence[object] | pl.Series

__all__ = ["CellProblem", "Column", "ColumnError", "convert", "evaluate"]

ENGINES = ("auto", "polars", "duckdb", "kernel")
# Below this many rows a kernel saves less than it may cost to load or compile it.
_WORTH_KERNEL = 1_000_000
_EXACT = 10**15  # beyond, a 64-bit float may stand for two different counts
_EPSILON = 2.0**-52


def evaluate(
    program: Program,
    frame: pl.DataFrame,
    engine: str = "auto",
    *,
    reasons: bool = False,
    shares: bool = False,
) -> pl.DataFrame:
    """``{id}.status``, ``{id}.amount``, … and the totals for every row of ``frame``.

    ``frame`` has a column per known fact, named by its key, in internal integers
    (``readings.polars`` describes the result). Raises ColumnError for a column or value
    that does not fit, ValueError for an unknown engine, and what the engine itself
    raises when it was asked for by name and cannot do it.
    """
    if engine == "auto":
        if frame.height >= _WORTH_KERNEL:
            result = _by_kernel(program, frame, reasons, shares)
            if result is not None:
                return result
        engine = "polars"
    if engine == "polars":
        from .readings.polars import evaluate_polars  # noqa: PLC0415 - engines load when used

        return evaluate_polars(program, frame, reasons, shares)
    if engine == "duckdb":
        from .readings.sql import evaluate_duckdb  # noqa: PLC0415

        return evaluate_duckdb(program, frame, reasons, shares)
    if engine == "kernel":
        from .readings.kernel import evaluate_kernel  # noqa: PLC0415

        return evaluate_kernel(program, frame, reasons, shares)
    raise ValueError(f"没有 {engine} 这个引擎；可选的有 {'、'.join(ENGINES)}")


def _by_kernel(
    program: Program, frame: pl.DataFrame, reasons: bool, shares: bool
) -> pl.DataFrame | None:
    """None where the kernel is not installed or cannot take the program."""
    try:
        from .readings.kernel import Unsupported, evaluate_kernel  # noqa: PLC0415

        try:
            return evaluate_kernel(program, frame, reasons, shares)
        except Unsupported:
            return None
    except ImportError:
        return None


# -- raw columns ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A raw column: its header in the file, its fact, the unit of its amounts, its cells.

    Empty cells are None or "".
    """

    header: str
    fact: FactDef
    unit: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that cannot be used."""

    row: int
    header: str
    cell: object
    message: str


def convert(columns: Sequence[Column]) -> tuple[pl.DataFrame, list[CellProblem]]:
    """Internal integers by fact key, and every cell that cannot be read (null in the frame)."""
    plain = _plain_values([c for c in columns if c.fact.kind != "list"])
    series: list[pl.Series] = []
    problems: list[CellProblem] = []
    for column in columns:
        if column.fact.kind == "list":
            values, wrong = _lists(column)
        else:
            values, wrong = _settle(column, *plain[column.fact.key])
        series.append(values)
        problems += wrong
    problems.sort(key=lambda problem: problem.row)
    return pl.DataFrame(series), problems


def _plain_values(columns: Sequence[Column]) -> dict[str, tuple[pl.Series, list[int]]]:
    """By fact key: what is written in a plain form, and the other rows that are not empty.

    One query for all columns, so that every processor has work.
    """
    parts: dict[str, pl.Series] = {"#": pl.Series("#", [], dtype=pl.Null)}
    wanted: list[pl.Expr] = []
    for at, column in enumerate(columns):
        held = {f"{at}:{kind}": part for kind, part in _parts(column.cells).items()}
        parts["#"] = pl.Series("#", [None] * len(column.cells), dtype=pl.Null)
        parts |= held
        value = pl.coalesce(pl.lit(None, dtype=pl.Int64), *_readings(column, at, held))
        given = [
            pl.col(name) != "" if name.endswith(":text") else pl.col(name).is_not_null()
            for name in held
        ]
        rest = pl.any_horizontal(*given) & value.is_null() if given else pl.lit(False)
        wanted += [value.alias(f"{at}"), rest.fill_null(value=False).alias(f"{at}:rest")]
    result = pl.DataFrame(parts).lazy().with_columns(wanted).collect()
    return {
        column.fact.key: (result[f"{at}"], result[f"{at}:rest"].arg_true().to_list())
        for at, column in enumerate(columns)
    }


def _readings(column: Column, at: int, held: Iterable[str]) -> Iterator[pl.Expr]:
    """What each part of a column says, as far as it is within the fact's range."""
    for name in held:
        read = _PLAIN.get((column.fact.kind, name.partition(":")[2]))
        value = read(column.fact, pl.col(name), column.unit) if read is not None else None
        if value is not None:
            yield pl.when(value.is_between(column.fact.lo, column.fact.hi)).then(value)


def _settle(
    column: Column, found: pl.Series, rest: list[int]
) -> tuple[pl.Series, list[CellProblem]]:
    """Read the cells that are not in a plain form one by one."""
    fact, problems = column.fact, []
    rows: list[int] = []
    values: list[int] = []
    for row in rest:
        cell = column.cells[row]
        try:
            value = parse_cell(fact, cell, column.unit)
        except ValueError as error:
            problems.append(CellProblem(row, column.header, cell, str(error)))
        else:
            assert isinstance(value, int)
            rows.append(row)
            values.append(value)
    if rows:
        found = found.scatter(rows, values)
    if fact.kind == "bool":
        found = found == 1
    return found.alias(fact.key), problems


def _lists(column: Column) -> tuple[pl.Series, list[CellProblem]]:
    fact, problems = column.fact, []
    rows: list[Any] = []
    for row, cell in enumerate(column.cells):
        value: Value | None = None
        if cell is not None and cell != "":
            try:
                value = parse_cell(fact, cell, column.unit)
            except ValueError as error:
                problems.append(CellProblem(row, column.header, cell, str(error)))
        rows.append(None if value is None else _structs(fact, value))
    kinds = {f.key: pl.Boolean if f.kind == "bool" else pl.Int64 for f in fact.fields}
    return pl.Series(fact.key, rows, dtype=pl.List(pl.Struct(kinds))), problems


def _structs(fact: FactDef, value: Value) -> list[dict[str, object]]:
    assert isinstance(value, tuple)
    return [
        {
            field.key: bool(part) if field.kind == "bool" and part is not None else part
            for field, part in zip(fact.fields, item, strict=True)
        }
        for item in value
    ]


# -- cells by their type ------------------------------------------------------------------

_TYPES: dict[type, tuple[str, Any]] = {
    str: ("text", pl.String),
    float: ("number", pl.Float64),
    int: ("whole", pl.Int64),
    bool: ("flag", pl.Boolean),
    date: ("day", pl.Date),
    datetime: ("moment", pl.Datetime("us")),
}


def _parts(cells: Cells) -> dict[str, pl.Series]:
    """The cells by their type, null where a cell is of another type; ``other``: not readable so."""
    if isinstance(cells, pl.Series):
        return _typed_part(cells)
    types = set(map(type, cells)) - {type(None)}
    plain = types & _TYPES.keys()
    if str in plain and len(types) > 1 and not any(c for c in cells if type(c) is str):
        plain.remove(str)  # numbers with gaps
    if int in plain and not all(-(2**63) <= c < 2**63 for c in cells if type(c) is int):
        plain.remove(int)
    parts = {}
    for kind in plain:
        name, dtype = _TYPES[kind]
        values = cells if types == {kind} else [c if type(c) is kind else None for c in cells]
        parts[name] = pl.Series(values, dtype=dtype)
    if not types - {str} <= plain:
        other = [(type(c) not in plain and c is not None and c != "") or None for c in cells]
        parts["other"] = pl.Series(other, dtype=pl.Boolean)
    return parts


def _typed_part(cells: pl.Series) -> dict[str, pl.Series]:
    """A column of a Parquet file."""
    dtype = cells.dtype
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            cells = cells.dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
        return {"moment": cells.cast(pl.Datetime("us"))}
    if dtype.is_integer():
        # What 64 bits cannot hold is left to be read one by one, and refused.
        return {"whole": cells.cast(pl.Int64, strict=False), "other": cells}
    if dtype.is_numeric():
        return {"number": cells.cast(pl.Float64)}
    if dtype in (pl.Categorical, pl.Enum):
        return {"text": cells.cast(pl.String)}
    names: dict[Any, str] = {pl.String: "text", pl.Boolean: "flag", pl.Date: "day"}
    return {names.get(dtype, "other"): cells}


# -- plain forms: what most cells look like --------------------------------------------
# Each gives Int64, null for what it does not know; never a value that ``cells`` would refuse.

_Plain = Callable[[FactDef, pl.Expr, str], pl.Expr | None]


def _decimal(text: pl.Expr, decimals: int, tail: str = "") -> pl.Expr:
    """Texts of at most 15 digits, in 10^-``decimals``: a 64-bit float tells them all apart."""
    fraction = rf"(\.[0-9]{{1,{decimals}}})?" if decimals else ""
    fits = text.str.contains(rf"^(0|[1-9][0-9]{{0,{14 - decimals}}}){fraction}{tail}$")
    number = pl.when(fits).then(text.str.strip_suffix(tail) if tail else text).cast(pl.Float64)
    count: pl.Expr = (number * 10**decimals).round().cast(pl.Int64)
    return count


def _whole(number: pl.Expr, parts: int) -> pl.Expr:
    count = (number * parts).round()
    sure = (count / parts - number).abs() <= number.abs() * _EPSILON
    return pl.when(sure & (count.abs() <= _EXACT)).then(count).cast(pl.Int64)


def _money_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr:
    decimals = WAN_DECIMALS if unit == "万元" else 2
    return _decimal(text, decimals)


def _money_whole(fact: FactDef, number: pl.Expr, unit: str) -> pl.Expr:
    scale = UNITS[unit or "元"]
    return pl.when(number.abs() <= _EXACT // scale).then(number) * scale


def _int_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr:
    fits = text.str.contains(r"^(0|[1-9][0-9]{0,17})$")
    digits = pl.when(fits).then(text).cast(pl.Int64)
    named = _words(_unique(fact), text)
    return digits if named is None else pl.coalesce(named, digits)


def _int_number(fact: FactDef, number: pl.Expr, unit: str) -> pl.Expr:
    exact = (number == number.round()) & (number.abs() <= _EXACT)
    return pl.when(exact).then(number).cast(pl.Int64)


def _unique(fact: FactDef) -> dict[str, int]:
    """Names that mean one value only."""
    names = list(fact.names.values())
    return {name: value for value, name in fact.names.items() if names.count(name) == 1}


def _words(words: dict[str, int], text: pl.Expr) -> pl.Expr | None:
    if not words:
        return None
    return text.replace_strict(words, default=None, return_dtype=pl.Int64)


def _enum_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr | None:
    return _words(_unique(fact) | {code: at for at, code in enumerate(fact.codes)}, text)


def _bool_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr | None:
    return _words(dict.fromkeys(TRUE_WORDS, 1) | dict.fromkeys(FALSE_WORDS, 0), text)


def _ratio_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr:
    decimals = len(str(fact.den)) - 3
    return _decimal(text, decimals, "%")


def _date_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr:
    dashed = pl.when(text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(text)
    slashed = pl.when(text.str.contains(r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$")).then(text)
    days = pl.coalesce(
        dashed.str.to_date("%Y-%m-%d", strict=False), slashed.str.to_date("%Y/%m/%d", strict=False)
    )
    return days.to_physical().cast(pl.Int64)


def _date_moment(fact: FactDef, moment: pl.Expr, unit: str) -> pl.Expr:
    day = moment.dt.date()
    return pl.when(day.cast(pl.Datetime("us")) == moment).then(day.to_physical().cast(pl.Int64))


def _moment_text(fact: FactDef, text: pl.Expr, unit: str) -> pl.Expr:
    clock = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    fits = text.str.contains(rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{clock}$")
    plain = pl.when(fits).then(text).str.replace("T", " ", literal=True)
    moment: pl.Expr = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).dt.epoch("s")
    return moment


_PLAIN: dict[tuple[str, str], _Plain] = {
    ("money", "text"): _money_text,
    ("money", "number"): lambda fact, number, unit: _whole(number, UNITS[unit or "元"]),
    ("money", "whole"): _money_whole,
    ("int", "text"): _int_text,
    ("int", "number"): _int_number,
    ("int", "whole"): lambda fact, number, unit: number,
    ("ratio", "text"): _ratio_text,
    ("ratio", "number"): lambda fact, number, unit: _whole(number, fact.den),
    ("bool", "flag"): lambda fact, flag, unit: flag.cast(pl.Int64),
    ("bool", "text"): _bool_text,
    ("enum", "text"): _enum_text,
    ("date", "day"): lambda fact, day, unit: day.to_physical().cast(pl.Int64),
    ("date", "moment"): _date_moment,
    ("date", "text"): _date_text,
    ("datetime", "moment"): lambda fact, moment, unit: pl.when(moment.dt.microsecond() == 0).then(
        moment.dt.epoch("s")
    ),
    ("datetime", "text"): _moment_text,
}

"""A frame of cases made ready for a columnar reading: types, gaps and ranges, before anything is computed.

Whole columns are computed in 64-bit integers that wrap or fail beyond their range. The
pack proves every step for facts within their declared ranges; here one pass proves the
facts. Only then may a reading trust ``Node.lo`` and ``Node.hi``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from ..facts import FactDef
from ..program import Program

INTEGERS = (
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64,
)  # fmt: skip
NO_FACTS = "#rows"  # the only column of a frame in which no fact is given
_WORTH_THREADS = 100_000  # rows below which starting threads costs more than it gains
_WANTED = {
    "bool": "是否（Boolean）",
    "date": "日期（Date 或自 1970-01-01 的天数）",
    "datetime": "时间（Datetime 或自 1970-01-01 的秒数）",
    "list": "明细（List of Struct）",
}


class ColumnError(ValueError):
    """A frame that cannot be computed; ``problems`` are (row or None, fact key, Chinese message).

    Rows count from 0.
    """

    def __init__(self, problems: Sequence[tuple[int | None, str, str]]) -> None:
        super().__init__("；".join(_told(*problem) for problem in problems))
        self.problems = list(problems)


def _told(row: int | None, key: str, message: str) -> str:
    return f"{key}：{message}" if row is None else f"第 {row + 1} 行 {key}：{message}"


@dataclass(frozen=True)
class Cases:
    """A checked frame: one integer or Boolean column per fact that is given.

    ``known``: facts without a single gap. Facts that are not among the columns are
    unknown for everyone.
    """

    frame: pl.DataFrame
    known: frozenset[str]

    def __contains__(self, key: str) -> bool:
        return key in self.frame.columns


def prepare(programs: Iterable[Program], frame: pl.DataFrame) -> Cases:
    """Check the columns that ``programs`` read and bring them to integers.

    Raises ColumnError for a column that is no declared fact, of a wrong type, or with a
    value outside its fact's range; the first such row of each column is named.
    """
    programs = list(programs)
    declared = {key: fact for program in programs for key, fact in program.declared.items()}
    strangers = [
        (None, name, _stranger(name, declared)) for name in frame.columns if name not in declared
    ]
    if strangers:
        raise ColumnError(strangers)
    read = {fact.key: fact for program in programs for fact in program.facts}
    problems: list[tuple[int | None, str, str]] = []
    columns = {}
    for key, fact in read.items():
        if key in frame.columns and frame.schema[key] != pl.Null:
            expr = _integers(fact, frame.schema[key])
            if expr is None:
                problems.append(
                    (None, key, f"列的类型是 {frame.schema[key]}，应当是{_wanted(fact)}")
                )
            else:
                columns[key] = expr
    if problems:
        raise ColumnError(problems)
    # Facts that nobody reads are not carried, but the number of rows is.
    ready = frame.select(**columns) if columns else _rows_only(frame.height)
    _within(ready, [read[key] for key in columns])
    gaps = dict(zip(ready.columns, ready.null_count().row(0), strict=True))
    return Cases(ready, frozenset(key for key, count in gaps.items() if count == 0))


def _rows_only(height: int) -> pl.DataFrame:
    return pl.repeat(value=False, n=height, eager=True).alias(NO_FACTS).to_frame()


def _stranger(name: str, declared: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415 - only on the error path

    near = difflib.get_close_matches(name, list(declared), n=1)
    return "没有这个事实" + (f"，是否想写 {near[0]}？" if near else "")


def _wanted(fact: FactDef) -> str:
    return _WANTED.get(fact.kind, "整数")


def _integers(fact: FactDef, dtype: pl.DataType) -> pl.Expr | None:
    """The column in the engine's integers; None when its type does not fit the fact."""
    column = pl.col(fact.key)
    if fact.kind == "list":
        return _items(fact, dtype) if isinstance(dtype, pl.List) else None
    return _scalar(fact, dtype, column)


def _scalar(fact: FactDef, dtype: object, column: pl.Expr) -> pl.Expr | None:
    if fact.kind == "bool":
        return column if dtype == pl.Boolean else None
    if fact.kind == "date" and dtype == pl.Date:
        return column.to_physical()
    if fact.kind == "datetime" and isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            column = column.dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
        return column.dt.epoch("s")
    return column if dtype in INTEGERS else None


def _items(fact: FactDef, dtype: pl.List) -> pl.Expr | None:
    """Line items with every field as Int64 or Boolean; fields that are not given are null."""
    column, inner = pl.col(fact.key), dtype.inner
    wanted = {f.key: pl.Boolean() if f.kind == "bool" else pl.Int64() for f in fact.fields}
    if not isinstance(inner, pl.Struct):
        return None
    given = {field.name: field.dtype for field in inner.fields}
    for name, held in given.items():
        fits = INTEGERS if wanted.get(name) == pl.Int64 else (pl.Boolean,)
        if name not in wanted or held not in (*fits, pl.Null):
            return None
    if given == wanted:
        return column
    item = pl.element()
    fields = [
        (item.struct.field(name) if name in given else pl.lit(None)).cast(kind).alias(name)
        for name, kind in wanted.items()
    ]
    return column.list.eval(pl.when(item.is_not_null()).then(pl.struct(fields)))


def _within(frame: pl.DataFrame, facts: Sequence[FactDef]) -> None:
    """One pass over all columns; only when it finds something are the rows looked for."""
    bounded = [fact for fact in facts if fact.kind not in ("bool", "list")]
    problems: list[tuple[int | None, str, str]] = []
    if bounded and frame.height:
        for fact, inside in zip(bounded, _all_inside(frame, bounded), strict=True):
            if not inside:
                problems.append(_first_outside(frame[fact.key], fact))
    for fact in facts:
        if fact.kind == "list":
            problems.extend(_items_outside(frame[fact.key], fact))
    if problems:
        raise ColumnError(problems)


def _all_inside(frame: pl.DataFrame, facts: Sequence[FactDef]) -> list[bool]:
    """Per fact, whether every value is in its range. Reads each column once, on all threads."""
    if frame.height < _WORTH_THREADS:
        return [_inside(frame[fact.key], fact) for fact in facts]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(lambda fact: _inside(frame[fact.key], fact), facts))


def _inside(column: pl.Series, fact: FactDef) -> bool:
    given = column.drop_nulls() if column.null_count() else column
    return all(_block_inside(chunk.to_numpy(), fact) for chunk in given.get_chunks())


def _block_inside(values: np.ndarray, fact: FactDef) -> bool:
    """NumPy finds the ends of 64-bit columns three times as fast as Polars."""
    if len(values) == 0:
        return True
    if fact.lo == 0 and values.dtype == np.int64:  # read as unsigned, a negative number is huge
        return int(values.view(np.uint64).max()) <= fact.hi
    return fact.lo <= int(values.min()) and int(values.max()) <= fact.hi


def _first_outside(column: pl.Series, fact: FactDef) -> tuple[int, str, str]:
    row = ((column < fact.lo) | (column > fact.hi)).arg_true()[0]
    value = int(column[row])
    return row, fact.key, f"{fact.label} {outside(fact, value)}"


def outside(fact: FactDef, value: int) -> str:
    """Why a value is refused; enum codes without a meaning are shown as they are."""
    shown = str(value) if fact.kind == "enum" else fact.show(value)
    return f"{shown}不在允许的范围 {fact.show(fact.lo)} 至 {fact.show(fact.hi)}"


def _items_outside(column: pl.Series, fact: FactDef) -> list[tuple[int | None, str, str]]:
    """Too many items, items that are null, and fields outside their range."""
    lengths = column.list.len()
    long = (lengths > fact.hi).arg_true()
    if len(long):
        return [(long[0], fact.key, f"{fact.label}超过 {fact.hi} 行")]
    flat = column.to_frame("it").with_row_index("row").filter(lengths > 0).explode("it")
    empty = flat.filter(pl.col("it").is_null())
    if empty.height:
        return [(empty["row"][0], fact.key, f"{fact.label}里有一行是空的")]
    problems: list[tuple[int | None, str, str]] = []
    for field in fact.fields:
        if field.kind == "bool":
            continue
        values = flat["it"].struct.field(field.key)
        bad = ((values < field.lo) | (values > field.hi)).arg_true()
        if len(bad):
            value = int(values[bad[0]])
            message = f"{fact.label}的{field.label} {outside(field, value)}"
            problems.append((flat["row"][bad[0]], fact.key, message))
    return problems

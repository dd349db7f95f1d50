"""Grade a population in columns: the same results as ``grade``, a row per sheet.

The frame has one column per item, null where it is not answered (``sheet_schema``):
multi: bits of the ticked options (bit 0 is the first option of the set); single: position of
the option; rate: share in millionths, rounded *up*, which keeps every band exact because the
bounds of bands lie on that grid and are themselves included; points: thousandths of a point;
scenario: level. ``encode`` makes it from sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .answers import Answer, AnswerError, Answers, Picked, Rate, Reached, Scored, same_set
from .model import FULL_MILLI, IndicatorSet, Question

SHARE = 1_000_000
"""Parts in a whole for the rate columns."""

_PER_MILLI = SHARE // FULL_MILLI
_SLICE_BITS = 12
_BLOCK = 1 << 15  # rows at a time: the working arrays stay in the processor's cache
_SHOWN = 20

Ints = NDArray[np.integer]
Points = NDArray[np.int32]
Counts = NDArray[np.uint8]
_TYPES: dict[str, pl.DataType] = {
    "multi": pl.UInt32(),
    "single": pl.UInt8(),
    "rate": pl.Int32(),
    "points": pl.Int32(),
}


def sheet_schema(indicators: IndicatorSet) -> dict[str, pl.DataType]:
    """Column names and types of a frame of sheets."""
    schema = {q.id: _TYPES[q.kind] for q in indicators.questions}
    return schema | {s.id: pl.UInt8() for s in indicators.scenarios}


def encode(indicators: IndicatorSet, sheets: Iterable[Answers]) -> pl.DataFrame:
    """Sheets as a frame, in their order. Raises DifferentSetsError."""
    columns: dict[str, list[int | None]] = {name: [] for name in sheet_schema(indicators)}
    for sheet in sheets:
        same_set(indicators, sheet)
        for item, column in columns.items():
            answer = sheet.values.get(item)
            column.append(None if answer is None else _code(indicators, item, answer))
    return pl.DataFrame(columns, schema=sheet_schema(indicators))


def _code(indicators: IndicatorSet, item: str, answer: Answer) -> int:
    match answer:
        case Reached(level):
            return level
        case Scored(points):
            return points
        case Rate(part, whole):
            return -(-part * SHARE // whole)
        case Picked(keys):
            question = indicators.question[item]
            positions = [i for i, option in enumerate(question.options) if option.key in keys]
            if question.kind == "multi":
                return sum(1 << position for position in positions)
            if question.kind == "rate":
                return (question.options[positions[0]].up_to_milli or 0) * _PER_MILLI
            return positions[0]


def grade_columns(
    indicators: IndicatorSet, frame: pl.DataFrame, detail: bool = False
) -> pl.DataFrame:
    """A row of results for each row of sheets; points in thousandths, ``low`` and ``high`` bounds.

    Columns: ``points_low_milli``, ``points_high_milli``, the same for each dimension with its id
    in front, ``at_2_low`` (scenarios at 2 or above), ``binding_2_low``, …, ``level_low``,
    ``level_high``, ``unanswered``; with ``detail`` also those of each question. Raises AnswerError
    with the first rows that no sheet could hold.
    """
    _check_frame(indicators, frame)
    columns = [_Column.of(frame, name) for name in sheet_schema(indicators)]
    results: dict[str, NDArray[np.generic]] = {
        name: np.empty(frame.height, dtype=kind)
        for name, kind in _result_types(indicators, detail).items()
    }
    for start in range(0, frame.height, _BLOCK):
        block = slice(start, min(start + _BLOCK, frame.height))
        for name, values in _grade_block(indicators, columns, block):
            if name in results:
                results[name][block] = values
    return pl.DataFrame(results)


@dataclass(frozen=True, slots=True)
class _Column:
    """One item: its values (0 where null) and where it is null (None: nowhere)."""

    values: Ints
    null: NDArray[np.bool_] | None

    @staticmethod
    def of(frame: pl.DataFrame, name: str) -> _Column:
        series = frame[name]
        if not series.null_count():
            return _Column(series.to_numpy(), None)
        return _Column(series.fill_null(0).to_numpy(), series.is_null().to_numpy())

    def block(self, rows: slice) -> _Column:
        return _Column(self.values[rows], None if self.null is None else self.null[rows])


def _result_types(indicators: IndicatorSet, detail: bool) -> dict[str, type[np.generic]]:
    ends = ("low", "high")
    dimensions = [f"{d.id}_" for d in indicators.dimensions]
    questions = [f"{q.id}_" for q in indicators.questions] if detail else []
    points = [f"{prefix}points_{e}_milli" for prefix in ("", *dimensions, *questions) for e in ends]
    tops = range(1, indicators.scenario_top + 1)
    counts = [f"{kind}_{n}_{e}" for n in tops for kind in ("at", "binding") for e in ends]
    types: dict[str, type[np.generic]] = {name: np.int32 for name in points}
    types |= {name: np.uint8 for name in (*counts, "level_low", "level_high")}
    return types | {"unanswered": np.uint16}


def _grade_block(
    indicators: IndicatorSet, columns: Sequence[_Column], rows: slice
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """(result name, values) of one block of rows; question details included."""
    size = rows.stop - rows.start
    questions = len(indicators.questions)
    blocks = [column.block(rows) for column in columns]
    sums: dict[str, tuple[Points, Points]] = {
        d.id: (np.zeros(size, np.int32), np.zeros(size, np.int32)) for d in indicators.dimensions
    }
    for question, column in zip(indicators.questions, blocks[:questions], strict=True):
        low, high = _question_points(question, column)
        yield f"{question.id}_points_low_milli", low
        yield f"{question.id}_points_high_milli", high
        sums[question.dimension][0].__iadd__(low)
        sums[question.dimension][1].__iadd__(high)
    for dimension, (low, high) in sums.items():
        yield f"{dimension}_points_low_milli", low
        yield f"{dimension}_points_high_milli", high
    counts = _count_scenarios(indicators, blocks[questions:], size)
    for level, ends in counts.items():
        for end, (every, binding) in ends.items():
            yield f"at_{level}_{end}", every
            yield f"binding_{level}_{end}", binding
    for position, end in enumerate(("low", "high")):
        total: Points = np.zeros(size, np.int32)
        for pair in sums.values():
            total += pair[position]
        yield f"points_{end}_milli", total
        at = {level: ends[end] for level, ends in counts.items()}
        yield f"level_{end}", _levels(indicators, total, at)
    unanswered = np.zeros(size, np.uint16)
    for column in blocks:
        if column.null is not None:
            unanswered += column.null
    yield "unanswered", unanswered


def _question_points(question: Question, column: _Column) -> tuple[Points, Points]:
    points = _worth(question, column.values)
    if column.null is None:
        return points, points
    low = np.where(column.null, np.int32(question.least_milli), points)
    return low, np.where(column.null, np.int32(question.points_milli), points)


def _worth(question: Question, values: Ints) -> Points:
    """Thousandths for each answer code of one question."""
    worth = np.array(list(question.worth.values()), dtype=np.int32)
    if question.kind == "points":
        return values.astype(np.int32)
    if question.kind == "single":
        return worth[values]
    if question.kind == "rate":
        points = np.full(values.shape, worth[0], dtype=np.int32)
        for position, option in enumerate(question.options[:-1]):
            above = values > (option.up_to_milli or 0) * _PER_MILLI
            points += above * (worth[position + 1] - worth[position])
        return points
    points = np.zeros(values.shape, dtype=np.int32)
    for first in range(0, len(worth), _SLICE_BITS):
        table = _subset_sums(worth[first : first + _SLICE_BITS])
        points += table[(values >> first) & (len(table) - 1)]
    return points


def _subset_sums(worth: Points) -> Points:
    """Sum of the options for every combination of bits."""
    table = np.zeros(1, dtype=np.int32)
    for points in worth:
        table = np.concatenate([table, table + points])
    return table


def _count_scenarios(
    indicators: IndicatorSet, columns: Sequence[_Column], size: int
) -> dict[int, dict[str, tuple[Counts, Counts]]]:
    """Level → bound → (all, binding) numbers of scenarios at that level or above."""
    counts: dict[int, dict[str, tuple[Counts, Counts]]] = {}
    for level in range(1, indicators.scenario_top + 1):
        low = (np.zeros(size, np.uint8), np.zeros(size, np.uint8))
        high = (np.zeros(size, np.uint8), np.zeros(size, np.uint8))
        for scenario, column in zip(indicators.scenarios, columns, strict=True):
            reached = column.values >= level
            possible = reached if column.null is None else reached | column.null
            for total in (0, 1)[: 1 + scenario.binding]:
                low[total].__iadd__(reached)
                high[total].__iadd__(possible)
        counts[level] = {"low": low, "high": high}
    return counts


def _levels(
    indicators: IndicatorSet, total: Points, counts: dict[int, tuple[Counts, Counts]]
) -> Counts:
    """The highest level whose conditions hold."""
    level = np.zeros(total.shape, dtype=np.uint8)
    for rule in indicators.levels:
        holds = total >= rule.points_milli
        if rule.scenarios:
            every, binding = counts[rule.scenarios.at]
            holds &= every >= rule.scenarios.count
            holds &= binding >= rule.scenarios.binding
        level[holds] = rule.level
    return level


def _check_frame(indicators: IndicatorSet, frame: pl.DataFrame) -> None:
    """Raises AnswerError unless every value is one that ``encode`` could have written."""
    schema = sheet_schema(indicators)
    problems = [
        (name, f"列的类型应当是 {kind}，现在是{frame.schema.get(name) or '没有这一列'}")
        for name, kind in schema.items()
        if frame.schema.get(name) != kind
    ]
    if not problems:
        bad = [(name, _wrong(indicators, name)) for name in schema]
        flags = frame.select(expression.alias(name) for name, expression in bad)
        for name in schema:
            rows = flags[name].arg_true().head(_SHOWN).to_list() if flags[name].any() else []
            problems += [(name, f"第 {row + 1} 行的值 {frame[name][row]} 不可用") for row in rows]
    if problems:
        raise AnswerError(problems[:_SHOWN])


def _wrong(indicators: IndicatorSet, name: str) -> pl.Expr:
    column = pl.col(name)
    if name in indicators.scenario:
        return column > indicators.scenario_top
    question = indicators.question[name]
    options = len(question.options)
    if question.kind == "single":
        return column >= options
    if question.kind == "rate":
        return ~column.is_between(0, SHARE)
    if question.kind == "points":
        return ~column.is_between(0, question.points_milli)
    none = 1 << list(question.worth).index(question.none_key or "")
    mixed = (column & none != 0) & (column != none)
    return (column == 0) | mixed | (column > (1 << options) - 1)

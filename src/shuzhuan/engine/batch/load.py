"""File → cases: read, match headers, convert every cell, check codes; every problem with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shuzhuan.engine import uscc
from shuzhuan.engine.policy.cells import shown
from shuzhuan.engine.policy.columns import Column, convert
from shuzhuan.engine.policy.program import Program

from .fields import CODE, NAME, Match, match_headers
from .scan import Findings, scan
from .tables import Cells, Table, read_table

HEADER_ROW = -1
Step = Callable[[str, int, int], None]
_NOT_PERCENT = "{}没有设成百分比格式，不知道是多少：请把单元格设为百分比，或写成文字 3.3%"


@dataclass(frozen=True, slots=True)
class Problem:
    """``row`` counts the rows of data from 0; HEADER_ROW is the header. ``column`` from 0."""

    row: int
    column: int
    header: str
    value: str
    message: str


@dataclass
class Cases:
    """What a file says. ``frame``: internal integers by fact key, a row per row of data."""

    table: Table
    match: Match
    frame: pl.DataFrame
    names: list[str]
    codes: list[str]
    problems: list[Problem]


def load(program: Program, path: Path, *, repeats: bool, step: Step) -> Cases:
    """Read a file for a program. ``repeats``: one enterprise may have several rows.

    Raises BatchError when the file as a whole cannot be read.
    """
    step("读取", 0, 1)
    table = read_table(path)
    match = match_headers(table.headers, program.declared)
    problems = [
        Problem(HEADER_ROW, at, table.headers[at], table.headers[at], message)
        for at, message in match.problems
    ]
    if not match.fields and not problems:
        problems.append(Problem(HEADER_ROW, 0, "", "", "没有任何一列是测算要用的事实"))
    step("核对", 0, 1)
    problems += _hidden(table, match)
    marked = {(problem.row, problem.column) for problem in problems}
    columns = [Column(f.header, f.fact, f.unit, table.columns[f.column]) for f in match.fields]
    frame, wrong = convert(columns)
    places = {field.header: field.column for field in match.fields}
    for cell in wrong:
        place = (cell.row, places[cell.header])
        if place not in marked:
            problems.append(Problem(*place, cell.header, _quoted(cell.cell), cell.message))
    names = _texts(table, match, NAME)
    codes = _texts(table, match, CODE)
    problems += _codes(table, match, codes, repeats=repeats)
    problems.sort(key=lambda p: (p.row, p.column))
    step("核对", 1, 1)
    return Cases(table, match, frame, names, codes, problems)


def _quoted(cell: object) -> str:
    return shown(cell)[1:-1]


def _hidden(table: Table, match: Match) -> list[Problem]:
    """Faults that the values of the cells do not show."""
    found = {(fault.row, fault.column): fault.message for fault in table.faults}
    if table.path.suffix.lower() == ".xlsx":
        percents = [
            field.column
            for field in match.fields
            if field.fact.kind == "ratio" and _holds_numbers(table.columns[field.column])
        ]
        found |= _placed(scan(table.path, table.sheet, percents), table)
    headers = table.headers
    return [
        Problem(row, column, headers[column], _quoted(table.columns[column][row]), message)
        for (row, column), message in found.items()
    ]


def _holds_numbers(cells: Cells) -> bool:
    return isinstance(cells, Sequence) and float in set(map(type, cells))


def _placed(findings: Findings, table: Table) -> dict[tuple[int, int], str]:
    """Findings by row of data; formulas and errors outside the table do not matter."""
    if not findings.faults and not findings.plain_numbers:
        return {}
    rows = {number: at for at, number in enumerate(table.numbers)}
    found = {}
    for (number, column), message in findings.faults.items():
        if number in rows and column < len(table.headers):
            found[rows[number], column] = message
    for number, column in findings.plain_numbers:
        if number in rows:
            cell = table.columns[column][rows[number]]
            if isinstance(cell, float):
                found[rows[number], column] = _NOT_PERCENT.format(shown(cell))
    return found


def _texts(table: Table, match: Match, what: str) -> list[str]:
    """A column that is carried through, as text."""
    column = match.identity.get(what)
    if column is None:
        return [""] * table.height
    return [_text(cell) for cell in table.columns[column]]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else _quoted(cell)


def _codes(table: Table, match: Match, codes: Sequence[str], *, repeats: bool) -> list[Problem]:
    """Codes that are none, were turned into numbers, or stand there twice."""
    column = match.identity.get(CODE)
    if column is None:
        return []
    cells = table.columns[column]
    wrong = uscc.wrong(codes)
    for row in [at for at, cell in enumerate(cells) if isinstance(cell, int | float)]:
        wrong[row] = "统一社会信用代码是数字，末几位已经丢失，请把这一列设为文本后重新填写"
    if not repeats:
        seen: dict[str, int] = {}
        for row, code in enumerate(codes):
            first = seen.setdefault(code, row) if code else row
            if first != row and row not in wrong:
                wrong[row] = (
                    f"与第 {table.numbers[first]} 行是同一家企业；"
                    "确有多个项目的，允许同一企业多行后再测算"
                )
    return [
        Problem(row, column, table.headers[column], codes[row], message)
        for row, message in wrong.items()
    ]

"""The officer's own table again, with every bad cell red and explained, and a list of them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .load import HEADER_ROW, Cases, Problem
from .write import SHEET_ROWS, new_workbook

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_COMMENTS = 5_000  # with more, Excel opens the file very slowly; the list has them all
_RED = "#FFC7CE"
_FORMATS: dict[type, str] = {
    date: "yyyy-mm-dd",
    datetime: "yyyy-mm-dd hh:mm:ss",
    time: "hh:mm:ss",
    timedelta: "[h]:mm:ss",
}


def marked_path(target: Path) -> Path:
    """Where the marked copy of the input goes, beside the result."""
    return target.with_name(f"{target.stem}-错误标注.xlsx")


def write_marked(path: Path, cases: Cases) -> None:
    """Write the marked copy of the table of ``cases``."""
    book = new_workbook(path)
    _Copy(book, cases).write()
    _listed(book, cases)
    book.close()


class _Copy:
    """The same cells in the same places."""

    def __init__(self, book: Workbook, cases: Cases) -> None:
        self._book, self._table = book, cases.table
        self._bad: dict[int, dict[int, list[Problem]]] = {}
        for problem in cases.problems:
            self._bad.setdefault(problem.row, {}).setdefault(problem.column, []).append(problem)
        self._percents = {f.column for f in cases.match.fields if f.fact.kind == "ratio"}
        self._formats: dict[tuple[str, bool], Format] = {}
        self._comments = 0

    def write(self) -> None:
        table = self._table
        sheet = self._book.add_worksheet(_sheet_title(table.sheet))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(table.headers) - 1, 0), 18)
        self._row(sheet, 0, HEADER_ROW, table.headers)
        rows = zip(*(_cells(column) for column in table.columns), strict=True)
        for at, (number, row) in enumerate(zip(table.numbers, rows, strict=True)):
            if number > SHEET_ROWS:
                break
            self._row(sheet, number - 1, at, row)

    def _row(self, sheet: Worksheet, at: int, row: int, cells: Sequence[object]) -> None:
        bad = self._bad.get(row, {})
        for column, cell in enumerate(cells):
            problems = bad.get(column, [])
            self._cell(sheet, at, column, cell, bad=bool(problems))
            if problems and self._comments < MAX_COMMENTS:
                self._comments += 1
                message = "；".join(problem.message for problem in problems)
                sheet.write_comment(at, column, message, {"author": "数转灯塔", "x_scale": 2})

    def _cell(self, sheet: Worksheet, at: int, column: int, cell: object, *, bad: bool) -> None:
        if cell is None or cell == "":
            if bad:
                sheet.write_blank(at, column, None, self._format("", bad=True))
            return
        match cell:
            case bool():
                sheet.write_boolean(at, column, cell, self._format("", bad=bad))
            case int() | float():
                self._number(sheet, at, column, cell, bad=bad)
            case datetime() | date() | time() | timedelta():
                style = self._format(_FORMATS[type(cell)], bad=bad)
                sheet.write_datetime(at, column, cell, style)
            case _:
                sheet.write_string(at, column, str(cell)[:32_767], self._format("@", bad=bad))

    def _number(self, sheet: Worksheet, at: int, column: int, cell: float, *, bad: bool) -> None:
        if cell != cell or cell in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
            sheet.write_string(at, column, str(cell), self._format("@", bad=bad))
            return
        percent = column in self._percents and not bad
        sheet.write_number(at, column, cell, self._format("0.00##%" if percent else "", bad=bad))

    def _format(self, number: str, *, bad: bool) -> Format | None:
        if not number and not bad:
            return None
        key = (number, bad)
        if key not in self._formats:
            style: dict[str, Any] = {"num_format": number} if number else {}
            if bad:
                style |= {"bg_color": _RED, "font_color": "#9C0006"}
            self._formats[key] = self._book.add_format(style)
        return self._formats[key]


def _cells(column: Any) -> Sequence[object]:
    cells: Sequence[object] = column if isinstance(column, list) else column.to_list()
    return cells


def _sheet_title(name: str) -> str:
    """A name that a workbook takes and that is not the list's."""
    plain = "".join("_" if c in "[]:*?/\\" else c for c in name).strip("'")[:31]
    return plain if plain and plain != "错误" else "数据"


def _listed(book: Workbook, cases: Cases) -> None:
    head = book.add_format({"bold": True, "bottom": 1})
    for start in range(0, len(cases.problems), SHEET_ROWS - 1):
        part = cases.problems[start : start + SHEET_ROWS - 1]
        sheet = book.add_worksheet("错误" if start == 0 else f"错误{start // (SHEET_ROWS - 1) + 1}")
        for column, width in enumerate((8, 30, 30, 70)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, ("行", "列", "值", "原因"), head)
        for row, problem in enumerate(part, 1):
            sheet.write_number(row, 0, row_number(cases, problem))
            sheet.write_string(row, 1, problem.header)
            sheet.write_string(row, 2, problem.value)
            sheet.write_string(row, 3, problem.message)


def row_number(cases: Cases, problem: Problem) -> int:
    """The row in the file; the header is row 1."""
    return 1 if problem.row == HEADER_ROW else cases.table.numbers[problem.row]

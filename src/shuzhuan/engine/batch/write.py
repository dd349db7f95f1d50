"""Lines of decisions → a workbook, a CSV file or a Parquet file. Nothing is ever half written."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from shuzhuan.engine.money import format_plain

from .decide import ClauseSummary, Line, Total
from .errors import BatchError

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

LINE_HEADERS = (
    "行", "企业名称", "统一社会信用代码", "条款", "标题", "状态",
    "金额（元）", "若资料补齐（元）", "性质", "说明",
)  # fmt: skip
TOTAL_HEADERS = ("行", "企业名称", "统一社会信用代码", "适用条款合计（元）", "若资料补齐合计（元）")
SHEET_ROWS = 1_048_576  # that Excel can hold, the header included
_LINE_WIDTHS = (7, 28, 21, 10, 26, 10, 15, 15, 10, 90)
_TOTAL_WIDTHS = (7, 28, 21, 18, 20)
_RISKY = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula

Notes = Sequence[tuple[str, str]]


class Writer(Protocol):
    """Takes blocks in order, then the summaries; ``finish`` completes the files."""

    def add(self, lines: Sequence[Line], totals: Sequence[Total]) -> None: ...

    def finish(self, summaries: Sequence[ClauseSummary], notes: Notes) -> None: ...


@contextmanager
def all_or_nothing(*targets: Path) -> Iterator[list[Path]]:
    """Temporary paths beside ``targets``; only when all is well do they take their names.

    A crash at any moment leaves the old files or the new ones, never a part of one.
    """
    folder = targets[0].parent
    with tempfile.TemporaryDirectory(dir=folder, prefix=".shuzhuan-") as scratch:
        paths = [Path(scratch) / target.name for target in targets]
        yield paths
        for path in paths:
            if path.exists():
                with path.open("rb+") as written:
                    os.fsync(written.fileno())
        for path, target in zip(paths, targets, strict=True):
            if path.exists():
                path.replace(target)
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Make the new names durable, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def totals_path(target: Path) -> Path:
    """Where the totals go beside a CSV or Parquet file."""
    return target.with_name(f"{target.stem}-企业合计{target.suffix}")


def open_writer(path: Path, lines: int, enterprises: int) -> Writer:
    """The writer for a file name. ``lines`` and ``enterprises`` are how many will come."""
    match path.suffix.lower():
        case ".xlsx":
            return _WorkbookWriter(path, lines, enterprises)
        case ".csv":
            return _CsvWriter(path)
        case ".parquet":
            return _ParquetWriter(path)
    raise BatchError(f"不会写 {path.name} 的格式，可以用 .xlsx、.csv、.parquet")


# -- Excel -------------------------------------------------------------------------------


def new_workbook(path: Path) -> Workbook:
    """A workbook that keeps one row in memory and takes every text for a text."""
    import xlsxwriter  # noqa: PLC0415 - only when a workbook is written

    options: dict[str, Any] = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    return xlsxwriter.Workbook(str(path), options)


class _WorkbookWriter:
    """Sheets 结果 (several when one cannot hold them), 企业合计, 汇总, 说明."""

    def __init__(self, path: Path, lines: int, enterprises: int) -> None:
        self._book = new_workbook(path)
        self._head = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._money = self._book.add_format({"num_format": "#,##0.00"})
        self._lines = self._sheets("结果", LINE_HEADERS, _LINE_WIDTHS, lines)
        self._totals = self._sheets("企业合计", TOTAL_HEADERS, _TOTAL_WIDTHS, enterprises)
        self._summary = self._book.add_worksheet("汇总")
        self._notes = self._book.add_worksheet("说明")
        self._line_row = self._total_row = 0

    def _sheets(
        self, name: str, headers: Sequence[str], widths: Sequence[int], rows: int
    ) -> list[Worksheet]:
        count = max(1, -(-rows // (SHEET_ROWS - 1)))
        sheets = []
        for at in range(count):
            sheet = self._book.add_worksheet(name if at == 0 else f"{name}{at + 1}")
            for column, width in enumerate(widths):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 3)
            last = min(rows - at * (SHEET_ROWS - 1), SHEET_ROWS - 1)
            sheet.autofilter(0, 0, max(last, 1), len(headers) - 1)
            sheet.write_row(0, 0, headers, self._head)
            sheets.append(sheet)
        return sheets

    def add(self, lines: Sequence[Line], totals: Sequence[Total]) -> None:
        money = self._money
        for line in lines:
            at, row = divmod(self._line_row, SHEET_ROWS - 1)
            self._line_row += 1
            row += 1
            sheet = self._lines[at]
            number, name, code, clause, title, status, amount, if_amount, certainty, text = line
            sheet.write_number(row, 0, number)
            string = sheet.write_string
            string(row, 1, name)
            string(row, 2, code)
            string(row, 3, clause)
            string(row, 4, title)
            string(row, 5, status)
            if amount is not None:
                sheet.write_number(row, 6, amount / 100, money)
            if if_amount is not None:
                sheet.write_number(row, 7, if_amount / 100, money)
            string(row, 8, certainty)
            string(row, 9, text)
        for total in totals:
            at, row = divmod(self._total_row, SHEET_ROWS - 1)
            self._total_row += 1
            self._one_total(self._totals[at], row + 1, total)

    def _one_total(self, sheet: Worksheet, row: int, total: Total) -> None:
        sheet.write_number(row, 0, total[0])
        sheet.write_string(row, 1, total[1])
        sheet.write_string(row, 2, total[2])
        for column, fen in enumerate(total[3:], 3):
            if fen is None:
                sheet.write_string(row, column, "限额未知")
            else:
                sheet.write_number(row, column, fen / 100, self._money)

    def finish(self, summaries: Sequence[ClauseSummary], notes: Notes) -> None:
        headers = (
            "条款", "标题", "适用（符合）", "不适用（不符合）", "资料不足",
            "适用金额合计（元）", "若资料补齐金额合计（元）",
        )  # fmt: skip
        self._summary.write_row(0, 0, headers, self._head)
        for column, width in enumerate((10, 36, 13, 16, 10, 20, 24)):
            self._summary.set_column(column, column, width)
        for row, summary in enumerate(summaries, 1):
            no, yes, open_ = summary.counts.values()
            self._summary.write_string(row, 0, summary.clause.number)
            self._summary.write_string(row, 1, summary.clause.title)
            self._summary.write_row(row, 2, (yes, no, open_))
            if summary.clause.amount is not None:
                self._summary.write_number(row, 5, summary.amount / 100, self._money)
                self._summary.write_number(row, 6, summary.if_amount / 100, self._money)
        self._notes.set_column(0, 0, 18)
        self._notes.set_column(1, 1, 100, self._book.add_format({"text_wrap": True}))
        for row, (label, value) in enumerate(notes):
            self._notes.write_string(row, 0, label, self._head)
            self._notes.write_string(row, 1, value)
        self._book.close()


# -- CSV and Parquet -----------------------------------------------------------------------


def _yuan(fen: int | None) -> str:
    return "" if fen is None else format_plain(fen)


def _safe(text: str) -> str:
    """A text that no spreadsheet runs when it opens the CSV file."""
    return f"'{text}" if text.startswith(_RISKY) else text


class _CsvWriter:
    """UTF-8 with a mark, so that Excel shows the Chinese."""

    def __init__(self, path: Path) -> None:
        self._files = [
            each.open("w", encoding="utf-8-sig", newline="") for each in (path, totals_path(path))
        ]
        self._lines, self._totals = (csv.writer(file) for file in self._files)
        self._lines.writerow(LINE_HEADERS)
        self._totals.writerow(TOTAL_HEADERS)

    def add(self, lines: Sequence[Line], totals: Sequence[Total]) -> None:
        self._lines.writerows(
            (
                line[0],
                _safe(line[1]),
                _safe(line[2]),
                *line[3:6],
                _yuan(line[6]),
                _yuan(line[7]),
                *line[8:],
            )
            for line in lines
        )
        self._totals.writerows(
            (t[0], _safe(t[1]), _safe(t[2]), _yuan(t[3]), _yuan(t[4])) for t in totals
        )

    def finish(self, summaries: Sequence[ClauseSummary], notes: Notes) -> None:
        for file in self._files:
            file.close()


class _ParquetWriter:
    """Amounts as decimals of two places."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: dict[Path, list[Path]] = {path: [], totals_path(path): []}

    def add(self, lines: Sequence[Line], totals: Sequence[Total]) -> None:
        for target, headers, rows, money in (
            (self._path, LINE_HEADERS, lines, (6, 7)),
            (totals_path(self._path), TOTAL_HEADERS, totals, (3, 4)),
        ):
            kinds = {
                name: pl.Int64 if at == 0 or at in money else pl.String
                for at, name in enumerate(headers)
            }
            fen = [headers[at] for at in money]
            frame = pl.DataFrame(rows, schema=kinds, orient="row")
            yuan = pl.col(fen).cast(pl.Decimal(20, 2)) / pl.lit(100, pl.Decimal(20, 2))
            part = target.with_name(f"{len(self._parts[target])}.{target.name}")
            frame.with_columns(yuan.cast(pl.Decimal(20, 2))).write_parquet(part)
            self._parts[target].append(part)

    def finish(self, summaries: Sequence[ClauseSummary], notes: Notes) -> None:
        for target, parts in self._parts.items():
            pl.scan_parquet(parts).sink_parquet(target)

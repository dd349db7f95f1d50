"""Tables as officers have them: the first sheet of a workbook, a CSV file, a Parquet file.

Cells are left as they are. What a reader of workbooks would pass over in silence — a
formula without a result, an error value, merged cells — is found here and reported.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from .errors import BatchError
from .scan import believable, bounded

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Cells = Sequence[object] | pl.Series
SHEET = "企业数据"  # the sheet of our own template; otherwise the first visible one is read
KINDS = (".xlsx", ".csv", ".parquet")
MAX_COLUMNS = 1_000
_MERGED = "合并的单元格，请取消合并，每行分别填写"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a cell that its value does not show. ``row`` counts from 0."""

    row: int
    column: int
    message: str


@dataclass
class Table:
    """Raw cells by column. ``numbers``: where each row stands in the file (the header is 1)."""

    path: Path
    sheet: str
    headers: list[str]
    columns: list[Cells]
    numbers: Sequence[int]
    blank_rows: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def height(self) -> int:
        return len(self.numbers)


def read_table(path: Path) -> Table:
    """The table in ``path``. Raises BatchError."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        hint = "；旧的 .xls 请在 Excel 里另存为 .xlsx" if kind == ".xls" else ""
        raise BatchError(f"不认识 {path.name} 的格式，可以用 .xlsx、.csv、.parquet{hint}")
    if not path.is_file():
        raise BatchError(f"没有 {path} 这个文件")
    readers = {".xlsx": _read_workbook, ".csv": _read_csv, ".parquet": _read_parquet}
    table = readers[kind](path)
    if table.height == 0:
        raise BatchError(f"{path.name} 里没有数据：第一行是表头，从第二行起每行一家企业")
    return table


# -- workbooks ---------------------------------------------------------------------------


def _read_workbook(path: Path) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415

    believable(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            name = _sheet_name(book, path)
            bounded(path, name)
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
    except BatchError:
        raise
    except PasswordError:
        raise BatchError(f"{path.name} 有打开密码，请先去掉密码") from None
    except (CalamineError, OSError, ValueError) as error:
        raise BatchError(f"打不开 {path.name}，它可能不是完好的 Excel 文件（{error}）") from None
    table = _from_rows(path, name, rows)
    table.faults += _merged(sheet, table)
    return table


def _sheet_name(book: object, path: Path) -> str:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    assert isinstance(book, CalamineWorkbook)
    names = [
        s.name
        for s in book.sheets_metadata
        if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
    ]
    if not names:
        raise BatchError(f"{path.name} 里没有可见的工作表")
    return SHEET if SHEET in names else names[0]


def _merged(sheet: CalamineSheet, table: Table) -> list[Fault]:
    places = {number: at for at, number in enumerate(table.numbers)}
    faults = []
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or []:
        if left >= len(table.headers):
            continue
        if top == 0:
            raise BatchError(f"{table.path.name} 的表头有合并的单元格，请取消合并")
        rows = (places[n] for n in range(top + 1, bottom + 2) if n in places)
        faults += [Fault(row, left, _MERGED) for row in rows]
    return faults


def _from_rows(path: Path, sheet: str, rows: Sequence[Sequence[object]]) -> Table:
    if not rows:
        raise BatchError(f"{path.name} 的工作表“{sheet}”是空的")
    headers = [header(cell) for cell in rows[0]]
    numbers = [at for at, row in enumerate(rows[1:], 2) if _has_content(row)]
    last = numbers[-1] if numbers else 1
    if not any(headers):
        raise BatchError(f"{path.name} 的第一行应当是表头，现在是空的")
    kept = [rows[number - 1] for number in numbers]
    columns: list[Cells] = [list(column) for column in zip(*kept, strict=True)]
    columns = columns or [[] for _ in headers]
    table = Table(path, sheet, headers, columns, numbers, last - 1 - len(numbers))
    return _narrowed(table)


def header(cell: object) -> str:
    """A header without blanks and line breaks, brackets in their full width."""
    text = "" if cell is None else str(cell)
    return "".join(text.split()).replace("(", "（").replace(")", "）")


def _has_content(row: Sequence[object]) -> bool:
    return any(cell is not None and cell != "" for cell in row)


def _narrowed(table: Table) -> Table:
    """Without the columns that have neither header nor content."""
    keep = [
        at
        for at, name in enumerate(table.headers)
        if name or any(cell is not None and cell != "" for cell in table.columns[at])
    ]
    width = keep[-1] + 1 if keep else 0
    if width > MAX_COLUMNS:
        raise BatchError(f"{table.path.name} 有 {width} 列，最多 {MAX_COLUMNS} 列")
    table.headers, table.columns = table.headers[:width], table.columns[:width]
    return table


# -- CSV and Parquet -----------------------------------------------------------------------


def _read_csv(path: Path) -> Table:
    text = _decoded(path)
    try:
        rows: list[list[str]] = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BatchError(f"{path.name} 不是规整的 CSV（{error}），请检查引号") from None
    while rows and not _has_content(rows[-1]):
        rows.pop()
    if not rows:
        raise BatchError(f"{path.name} 是空的")
    width, faults = len(rows[0]), []
    ragged: list[tuple[int, str]] = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) == width or not _has_content(row):
            continue
        more = len(row) - width
        if more > 0:
            ragged.append((number, f"这一行比表头多 {more} 格，有逗号的内容要加引号"))
        else:
            ragged.append((number, f"这一行比表头少 {-more} 格"))
        rows[number - 1] = (row + [""] * -more)[:width]
    rows = [row if len(row) == width else [""] * width for row in rows]
    table = _from_rows(path, path.stem, rows)
    places = {number: at for at, number in enumerate(table.numbers)}
    faults = [Fault(places[number], 0, message) for number, message in ragged if number in places]
    table.faults += faults
    return table


def _decoded(path: Path) -> str:
    """UTF-8 with or without a mark, else GB18030: what Excel in Chinese saves."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BatchError(f"{path.name} 的编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8 的 CSV")


def _read_parquet(path: Path) -> Table:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BatchError(f"打不开 {path.name}，它可能不是完好的 Parquet 文件（{error}）") from None
    headers = [header(name) for name in frame.columns]
    numbers = range(2, frame.height + 2)
    return Table(path, path.stem, headers, list[Cells](frame.get_columns()), numbers)

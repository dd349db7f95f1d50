"""A file → checked rows: every cell converted, every clash inside the file named."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from shuzhuan.apps.accounts.models import PARTY_NAME_CHARS_MAX
from shuzhuan.apps.enterprises.fields import account_digest, phone_digest
from shuzhuan.apps.workbench.importing.fields import DATES, EPOCH, ROWS_MAX, TEXT, declared
from shuzhuan.apps.workbench.search import name_key
from shuzhuan.engine import uscc
from shuzhuan.engine.batch.errors import BatchError
from shuzhuan.engine.batch.fields import CODE, NAME, match_headers
from shuzhuan.engine.batch.load import HEADER_ROW, Problem
from shuzhuan.engine.batch.scan import scan
from shuzhuan.engine.batch.tables import Cells, Table, read_table
from shuzhuan.engine.policy.cells import shown
from shuzhuan.engine.policy.columns import Column, convert
from shuzhuan.engine.policy.dates import from_days

_DIGITS_SURE = 10**15  # a spreadsheet keeps fifteen digits
_GBT4754 = re.compile(r"[A-T]?[0-9]{2,4}")
_PHONE = re.compile(r"\+?[0-9][0-9\- ]{5,19}")
_ACCOUNT = re.compile(r"[0-9][0-9\- ]{5,39}")
_SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    "gbt4754": (_GBT4754, "代码是一个字母加二至四位数字，如 C1431"),
    "contact_phone": (_PHONE, "电话只写数字，如 13800000000、0954-7010000"),
    "bank_account": (_ACCOUNT, "账号只写数字，中间可以空格"),
}


@dataclass
class Sheet:
    """What a file says, row by row. Values are None where a cell is empty or cannot be used.

    ``problems`` stop the import; ``doubts`` are shown beside the row.
    """

    table: Table
    names: list[str]
    keys: list[str]
    codes: list[str]
    values: dict[str, list[Any]]
    phones: list[str]
    accounts: list[str]
    columns: dict[str, int]
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)

    def problem(self, row: int, key: str, message: str, *, doubt: bool = False) -> None:
        """Note something about the cell of a column (by key) in a row."""
        column = self.columns.get(key, self.columns.get(NAME, 0))
        header = self.table.headers[column] if self.table.headers else ""
        cells = self.table.columns[column] if self.table.columns else ()
        cell = cells[row] if cells and row >= 0 else ""
        value = "" if cell is None else shown(cell)[1:-1]
        found = Problem(row, column, header, value, message)
        (self.doubts if doubt else self.problems).append(found)

    def line(self, row: int) -> int:
        """Where the row stands in the person's file."""
        return self.table.numbers[row]


def keep_sheet(sheet: Sheet, path: Path) -> None:
    """Keep what was read of a faultless file, so that the commit need not read the workbook again."""
    dated = {
        name: [None if day is None else day.isoformat() for day in cells]
        for name, cells in sheet.values.items()
        if name in DATES
    }
    kept = {
        "headers": sheet.table.headers, "numbers": list(sheet.table.numbers),
        "names": sheet.names, "keys": sheet.keys, "codes": sheet.codes,
        "values": {**sheet.values, **dated}, "phones": sheet.phones, "accounts": sheet.accounts,
        "columns": sheet.columns,
    }  # fmt: skip
    path.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")


def kept_sheet(source: Path, path: Path) -> Sheet:
    """What ``keep_sheet`` kept of ``source``; its cells are empty."""
    kept = json.loads(path.read_text("utf-8"))
    table = Table(source, "", kept.pop("headers"), [], kept.pop("numbers"))
    for name in DATES:
        days = kept["values"].get(name, ())
        if days:
            kept["values"][name] = [d if d is None else date.fromisoformat(d) for d in days]
    return Sheet(table, **kept)


def read_sheet(path: Path) -> Sheet:
    """Read and check a file by itself. Raises BatchError when it cannot be read at all."""
    table = read_table(path)
    if table.height > ROWS_MAX:
        raise BatchError(f"表里有 {table.height:,} 行，一次最多 {ROWS_MAX:,} 行，请分成几个文件")
    facts = declared(timezone.localdate().year)
    match = match_headers(table.headers, facts)
    columns = {**match.identity, **{f.fact.key: f.column for f in match.fields}}
    sheet = Sheet(table, [], [], [], {}, [], [], columns)
    for at, message in match.problems:
        sheet.problems.append(
            Problem(HEADER_ROW, at, table.headers[at], table.headers[at], message)
        )
    for needed in (NAME, CODE):
        if needed not in match.identity:
            sheet.problems.append(Problem(HEADER_ROW, 0, needed, "", f"缺少“{needed}”这一列"))
    _hidden(sheet, path)
    typed = [f for f in match.fields if f.fact.kind != TEXT]
    frame, wrong = convert(
        [Column(f.header, f.fact, f.unit, table.columns[f.column]) for f in typed]
    )
    where = {f.header: f.fact.key for f in typed}
    known = {(p.row, p.column) for p in sheet.problems}
    for cell in wrong:
        key = where[cell.header]
        if (cell.row, columns[key]) not in known:
            sheet.problem(cell.row, key, cell.message)
    sheet.values = {name: frame[name].to_list() for name in frame.columns}
    for name in DATES:
        if name in sheet.values:
            sheet.values[name] = [
                None if days is None else from_days(days) for days in sheet.values[name]
            ]
    for f in match.fields:
        if f.fact.kind == TEXT:
            sheet.values[f.fact.key] = _texts(sheet, f.fact.key, f.fact.hi)
    _identity(sheet)
    _possible(sheet)
    _inside(sheet)
    return sheet


def _hidden(sheet: Sheet, path: Path) -> None:
    """Faults that the values of the cells do not show: merged cells, formulas without a result."""
    table = sheet.table
    for fault in table.faults:
        header = table.headers[fault.column]
        sheet.problems.append(Problem(fault.row, fault.column, header, "", fault.message))
    if path.suffix.lower() != ".xlsx":
        return
    rows = {number: at for at, number in enumerate(table.numbers)}
    for (number, column), message in scan(path, table.sheet).faults.items():
        if number in rows and column < len(table.headers):
            header = table.headers[column]
            sheet.problems.append(Problem(rows[number], column, header, "", message))


def _texts(sheet: Sheet, key: str, longest: int) -> list[str | None]:
    """A column of texts without blanks around them; numbers as far as no digit is lost."""
    cells = sheet.table.columns[sheet.columns[key]]
    found: list[str | None] = []
    shape, advice = _SHAPES.get(key, (None, ""))
    for row, cell in enumerate(cells):
        text = cell.strip() if type(cell) is str else _as_text(sheet, row, key, cell)
        if text and len(text) > longest:
            sheet.problem(row, key, f"太长，最多 {longest} 个字")
            text = ""
        elif text and shape is not None:
            text = unicodedata.normalize("NFKC", text)
            if shape.fullmatch(text) is None:
                sheet.problem(row, key, advice)
                text = ""
        found.append(text or None)
    return found


def _as_text(sheet: Sheet, row: int, key: str, cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if cell == int(cell) and abs(cell) < _DIGITS_SURE:
            return str(int(cell))
        sheet.problem(row, key, "数字太长，末几位已经丢失，请把这一列设为文本后重新填写")
        return ""
    return shown(cell)[1:-1]


def _identity(sheet: Sheet) -> None:
    """Names and codes: both there, codes right."""
    height = sheet.table.height
    names = _cells(sheet, NAME)
    sheet.names = [" ".join(n.split()) if type(n) is str else _plain(n) for n in names]
    sheet.keys = [name_key(name) for name in sheet.names]
    sheet.codes = [
        c if type(c) is str and c.isascii() and c.isalnum() else _code(c)
        for c in _cells(sheet, CODE)
    ]
    for row, name in enumerate(sheet.names):
        if not name and NAME in sheet.columns:
            sheet.problem(row, NAME, "没有企业名称")
        elif len(name) > PARTY_NAME_CHARS_MAX:
            sheet.problem(row, NAME, f"名称太长，最多 {PARTY_NAME_CHARS_MAX} 个字")
    wrong = uscc.wrong(sheet.codes)
    if CODE in sheet.columns:
        for row, cell in enumerate(_cells(sheet, CODE)):
            if type(cell) is not str and cell is not None and cell != "":
                wrong[row] = "统一社会信用代码是数字，末几位已经丢失，请把这一列设为文本后重新填写"
            elif not sheet.codes[row]:
                wrong[row] = "没有统一社会信用代码"
    for row, message in wrong.items():
        sheet.problem(row, CODE, message)
    none = [None] * height
    sheet.phones = [phone_digest(t) if t else "" for t in sheet.values.get("contact_phone", none)]
    sheet.accounts = [
        account_digest(t) if t else "" for t in sheet.values.get("bank_account", none)
    ]


def _cells(sheet: Sheet, what: str) -> Cells:
    column = sheet.columns.get(what)
    return [""] * sheet.table.height if column is None else sheet.table.columns[column]


def _plain(cell: object) -> str:
    return "" if cell is None else shown(cell)[1:-1]


def _code(cell: object) -> str:
    text = _plain(cell)
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()


def _possible(sheet: Sheet) -> None:
    """What cannot be together, though each cell can be read."""
    values, today = sheet.values, timezone.localdate()
    for row, day in enumerate(values.get("registered_on", ())):
        if day is not None and day > today:
            sheet.problem(row, "registered_on", "成立日期还没有到，请检查年份")
    none = [None] * sheet.table.height
    revenue, main = values.get("revenue", none), values.get("main_revenue", none)
    for row, (whole, part) in enumerate(zip(revenue, main, strict=True)):
        if whole is not None and part is not None and part > whole:
            sheet.problem(row, "main_revenue", "主营业务收入不会超过营业收入，请检查")


def _inside(sheet: Sheet) -> None:
    """The same enterprise twice in the file, by code, name and account; phones only in doubt."""
    clashes: tuple[tuple[Sequence[str], str, Callable[[int], str], bool], ...] = (
        (sheet.codes, CODE, lambda n: f"与第 {n} 行的统一社会信用代码相同，请只留一行", False),
        (sheet.keys, NAME, lambda n: f"与第 {n} 行的企业名称相同，请核对是否同一家", False),
        (sheet.accounts, "bank_account",
         lambda n: f"与第 {n} 行的银行账号相同，一个账号不能属于两家企业", False),
        (sheet.phones, "contact_phone", lambda n: f"与第 {n} 行的联系电话相同", True),
    )  # fmt: skip
    clashed: set[int] = set()
    for marks, key, said, doubt in clashes:
        if len(set(marks)) == len(marks):
            continue
        seen: dict[str, int] = {}
        for row, mark in enumerate(marks):
            first = seen.setdefault(mark, row) if mark else row
            if first != row and (row not in clashed or doubt):
                sheet.problem(row, key, said(sheet.line(first)), doubt=doubt)
                if not doubt:
                    clashed.add(row)  # one word is enough for the same row


__all__ = ["EPOCH", "BatchError", "Sheet", "read_sheet"]

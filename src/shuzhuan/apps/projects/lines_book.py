"""Investment lines as a table: the template, what a filled-in file says, and the export."""

from __future__ import annotations

import io
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils import timezone

from shuzhuan.apps.evidence.checks import inspect
from shuzhuan.apps.projects.models import Contract, Line, LineKind, Project
from shuzhuan.engine.batch.errors import BatchError
from shuzhuan.engine.batch.scan import scan
from shuzhuan.engine.batch.tables import SHEET, Table, header, read_table
from shuzhuan.engine.defuse import defused
from shuzhuan.engine.money import format_plain
from shuzhuan.engine.policy.cells import shown

# Key of the payload → header, and how wide the column is.
COLUMNS: dict[str, tuple[str, int]] = {
    "kind": ("类别", 20),
    "name": ("名称", 30),
    "supplier": ("供应单位", 30),
    "contract": ("合同编号", 18),
    "invoice_number": ("发票号码", 26),
    "invoice_on": ("开票日期", 14),
    "paid_on": ("付款日期", 14),
    "amount": ("金额（元）", 16),
}
_OPTIONAL = frozenset({"contract"})
_DAYS = frozenset({"invoice_on", "paid_on"})
_PASSED_OVER = frozenset({"序号", "备注", ""})
_KINDS = {
    **{str(kind.label): str(kind) for kind in LineKind},
    "采集设备": str(LineKind.DEVICE), "设备": str(LineKind.DEVICE), "其他": str(LineKind.OTHER),
}  # fmt: skip
_DIGITS_SURE = 10**15  # a spreadsheet keeps fifteen digits
_TEMPLATE_ROWS = 300
_BOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
Row = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Wrong:
    """``row`` as it is numbered in the file; 0 speaks of the whole file."""

    row: int
    column: str
    message: str


def template() -> bytes:
    """The empty table with lists to choose from."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _BOOK) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        text, day = (
            book.add_format({"num_format": "@"}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        money = book.add_format({"num_format": "0.00"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 0)
        for at, (key, (title, width)) in enumerate(COLUMNS.items()):
            shape = day if key in _DAYS else money if key == "amount" else text
            sheet.set_column(at, at, width, shape)
            sheet.write_string(0, at, title, head)
        kinds = [str(kind.label) for kind in LineKind]
        rule = {"validate": "list", "source": kinds, "error_message": "请从列表里选一项"}
        sheet.data_validation(1, 0, _TEMPLATE_ROWS, 0, rule)
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 90)
        for at, line in enumerate(
            (
                f"在“{SHEET}”里每行填一笔投入，一张发票一行；导入时有一行不对，全部都不导入。",
                f"类别填：{'、'.join(kinds)}。只有前三类计入补助（第十六条）。",
                "合同编号填已经登记的合同；不属于合同的空着。",
                "发票号码是长数字，要用文本格式填写，否则末几位会丢失。",
                "日期写成 2026-05-01；金额只写数字，单位是元，最多两位小数。",
                "发票和付款凭证的文件，导入以后再逐笔附上。",
            )
        ):
            about.write_string(at, 0, line)
    return stream.getvalue()


def export(project: Project, rows: Sequence[Line]) -> bytes:
    """What is entered, with what was audited."""
    stream = io.BytesIO()
    titles = [title for title, _ in COLUMNS.values()]
    titles += ["核定金额（元）", "核减理由", "发票文件", "付款凭证"]
    with xlsxwriter.Workbook(stream, _BOOK) as book:
        head, money = (
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"num_format": "#,##0.00"}),
        )
        sheet = book.add_worksheet("投入明细")
        sheet.freeze_panes(1, 0)
        for at, title in enumerate(titles):
            sheet.set_column(at, at, list(COLUMNS.values())[at][1] if at < len(COLUMNS) else 16)
            sheet.write_string(0, at, title, head)
        for number, line in enumerate(rows, start=1):
            for at, cell in enumerate(_cells(line)):
                if isinstance(cell, int):
                    sheet.write_number(number, at, float(Decimal(cell) / 100), money)
                else:
                    sheet.write_string(number, at, defused(cell))
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 60)
        now = timezone.localtime()
        for at, words in enumerate(
            (f"{project.enterprise.name} {project.number} {project.title}",
             f"{len(rows)} 笔，{now:%Y-%m-%d %H:%M} 导出")
        ):  # fmt: skip
            about.write_string(at, 0, defused(words))
    return stream.getvalue()


def _cells(line: Line) -> list[str | int]:
    """Texts, and amounts as fen."""
    found: list[str | int] = [
        line.get_kind_display(), line.name, line.supplier,
        line.contract.number if line.contract else "", line.invoice_number,
        line.invoice_on.isoformat(), line.paid_on.isoformat(), line.amount_fen,
        "" if line.audited_fen is None else line.audited_fen, line.audit_reason,
        "有" if line.invoice_id else "缺", "有" if line.proof_id else "缺",
    ]  # fmt: skip
    return found


# -- reading ------------------------------------------------------------------------------------


def read(
    name: str, content: IO[bytes], contracts: Iterable[Contract], rows_max: int
) -> tuple[list[Row], list[Wrong]]:
    """Rows as payloads of ``edit_line``, and what is wrong with which.

    Raises UploadRefused and BatchError when the file as a whole cannot be used.
    """
    accepted = inspect(name, content, "list")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"投入明细.{accepted.kind.extensions[0]}"
        path.write_bytes(accepted.content.read())
        table = read_table(path)
        if table.height > rows_max:
            raise BatchError(f"表里有 {table.height} 行，一次最多 {rows_max} 行")
        wrong = _faults(table, path)
    places = _places(table)
    if isinstance(places, list):
        return [], places
    numbers = {contract.number: str(contract.pk) for contract in contracts}
    rows, seen = [], dict[str, int]()
    known = {(fault.row, fault.column) for fault in wrong}
    for at, number in enumerate(table.numbers):
        payload, said = _row(table, places, at, numbers)
        wrong += [w for w in said if (w.row, w.column) not in known]
        invoice = payload["invoice_number"].upper()
        if invoice and (first := seen.setdefault(invoice, number)) != number:
            title = COLUMNS["invoice_number"][0]
            wrong.append(Wrong(number, title, f"与第 {first} 行的发票号码相同，一张发票只能用一次"))
        rows.append((number, payload))
    return rows, sorted(wrong, key=lambda each: each.row)


def _faults(table: Table, path: Path) -> list[Wrong]:
    """What the values of the cells do not show: merged cells, formulas without a result."""
    found = [Wrong(table.numbers[f.row], table.headers[f.column], f.message) for f in table.faults]
    if path.suffix == ".xlsx":
        rows = set(table.numbers)
        found += [
            Wrong(number, table.headers[column], message)
            for (number, column), message in scan(path, table.sheet).faults.items()
            if number in rows and column < len(table.headers)
        ]
    return found


def _places(table: Table) -> dict[str, int] | list[Wrong]:
    """Which column is what; or what is wrong with the headers."""
    wanted = {header(title): key for key, (title, _) in COLUMNS.items()}
    wanted["金额"] = "amount"
    places: dict[str, int] = {}
    wrong = []
    for at, name in enumerate(table.headers):
        key = wanted.get(name)
        if key is None and name not in _PASSED_OVER:
            wrong.append(Wrong(1, name, "不认识这一列，请用模板里的表头"))
        elif key is not None and key in places:
            wrong.append(Wrong(1, name, "这一列出现了两次，请只留一列"))
        elif key is not None:
            places[key] = at
    wrong += [
        Wrong(1, title, "缺少这一列")
        for key, (title, _) in COLUMNS.items()
        if key not in places and key not in _OPTIONAL
    ]
    return wrong or places


def _row(
    table: Table, places: dict[str, int], at: int, contracts: dict[str, str]
) -> tuple[dict[str, str], list[Wrong]]:
    payload, wrong = {}, []
    for key, column in places.items():
        try:
            text = _text(key, table.columns[column][at])
            if not text and key not in _OPTIONAL:
                raise ValueError("这一项不能空着")
            if key == "kind" and text not in _KINDS:
                raise ValueError(f"请填：{'、'.join(str(kind.label) for kind in LineKind)}")
            if key == "contract" and text and text not in contracts:
                raise ValueError("没有登记过这个编号的合同")
        except ValueError as error:
            wrong.append(Wrong(table.numbers[at], COLUMNS[key][0], str(error)))
            text = ""
        payload[key] = text
    payload["kind"] = _KINDS.get(payload["kind"], "")
    payload["contract"] = contracts.get(payload.get("contract", ""), "")
    return payload, wrong


def _text(key: str, cell: Any) -> str:
    """A cell as a person would have typed it. Raises ValueError."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        if key not in _DAYS:
            raise ValueError("这里是日期，请改成文字")
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, bool):
        raise ValueError("请填写文字")
    if isinstance(cell, int | float):
        return _number(key, cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip() if key != "name" else str(cell).strip()
    if key in _DAYS:
        return text.replace("/", "-").replace(".", "-")
    if key == "amount":
        return text.replace(",", "").removesuffix("元")
    if key == "kind":
        return text.replace("(", "（").replace(")", "）")
    return text


def _number(key: str, cell: float) -> str:
    if key == "amount":
        try:
            fen = Decimal(repr(cell)) * 100
        except InvalidOperation:
            raise ValueError("请填写金额") from None
        if fen != fen.to_integral_value():
            raise ValueError(f"{shown(cell)[1:-1]} 不是整分，最多两位小数")
        return format_plain(int(fen))
    if key in _DAYS:
        raise ValueError("请按 2026-05-01 的样子填写日期")
    if cell != int(cell) or abs(cell) >= _DIGITS_SURE:
        raise ValueError("数字太长，末几位已经丢失，请把这一列设为文本后重新填写")
    return str(int(cell))

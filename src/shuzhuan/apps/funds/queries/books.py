"""The book and the statement as workbooks; formulas defused, the same question the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone

from shuzhuan.apps.funds.models import Purpose, Transfer
from shuzhuan.apps.funds.queries.statement import Statement
from shuzhuan.engine.defuse import defused_row
from shuzhuan.engine.paper import INVENTED, on_paper

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEDGER_COLUMNS = (
    ("流水号", 8), ("业务日期", 12), ("事项", 10), ("收款单位", 28), ("预算方向", 34),
    ("来源", 18), ("金额（元）", 18), ("事由编号", 18), ("对应流水号", 10), ("经办人", 12),
    ("复核人", 12), ("政策版本", 18), ("说明", 40), ("记账时间", 20),
)  # fmt: skip
LINE_COLUMNS = (
    ("预算方向", 40), ("安排（元）", 18), ("锁定（元）", 18), ("兑付（元）", 18),
    ("追回（元）", 18), ("可用（元）", 18),
)  # fmt: skip
STATEMENT_COLUMNS = (
    ("流水号", 8), ("业务日期", 12), ("事项", 10), ("收款单位", 28), ("预算方向", 12),
    ("来源", 12), ("金额（元）", 18), ("事由编号", 18), ("对应流水号", 10), ("经办人编号", 10),
    ("复核人编号", 10), ("政策版本", 18), ("说明", 40), ("记账时间（UTC）", 28),
)  # fmt: skip


def yuan(fen: int) -> Decimal:
    """Fen as 元, exactly."""
    return Decimal(fen) / 100


MONEY_HEAD, TOTAL = "（元）", "合计"


class Book:
    """A workbook that is written in memory. ``made`` is the only time in it."""

    def __init__(self, made: datetime) -> None:
        self.file = BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self.file, options)
        self.made = timezone.localtime(made).replace(tzinfo=None, microsecond=0)
        self.book.set_properties({"created": self.made, "author": "数转灯塔"})
        head = {"bold": True, "bottom": 1, "text_wrap": True}
        self.head = self.book.add_format(head)
        self.money_head = self.book.add_format(head | {"align": "right"})
        self.money = self.book.add_format({"num_format": "#,##0.00"})
        self.sum = self.book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
        self.title = self.book.add_format({"bold": True, "font_size": 14})

    def sheet(
        self,
        name: str,
        notes: Iterable[str],
        columns: Iterable[tuple[str, int]],
        rows: Iterable[list[Any]],
    ) -> None:
        """One sheet: notes on top, a head that stays, rows; Decimal cells are money.

        It prints on A4 lying down, one page wide, with the head on every page.
        """
        sheet = self.book.add_worksheet(name)
        at = 0
        for at, note in enumerate([*notes, *([INVENTED] if settings.DEMO else [])], 1):
            sheet.write_string(at - 1, 0, defused_row([note])[0], self.title if at == 1 else None)
        columns = list(columns)
        for column, (title, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            style = self.money_head if title.endswith(MONEY_HEAD) else self.head
            sheet.write_string(at, column, title, style)
        sheet.freeze_panes(at + 1, 0)
        signs = sum(width for _, width in columns)
        on_paper(sheet, at, self.made, signs=signs, invented=settings.DEMO)
        for number, row in enumerate(rows, at + 1):
            total = bool(row) and row[0] == TOTAL
            for column, cell in enumerate(defused_row(row)):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, column, cell, self.sum if total else self.money)
                elif isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                elif cell:
                    sheet.write_string(number, column, str(cell), self.sum if total else None)

    def done(self) -> bytes:
        """The file."""
        self.book.close()
        return self.file.getvalue()


def ledger_book(title: str, notes: list[str], rows: Iterable[Transfer], made: datetime) -> bytes:
    """The rows of the book that were asked for."""
    book = Book(made)
    book.sheet("台账", [title, *notes], LEDGER_COLUMNS, (_ledger_row(row) for row in rows))
    return book.done()


def _ledger_row(row: Any) -> list[Any]:
    return [
        row.number, row.dated.isoformat(), row.get_purpose_display(), row.payee,
        row.line.name if row.line else "", row.source.name if row.source else "",
        yuan(row.amount_fen), row.subject, row.before, str(row.maker), str(row.checker),
        row.policy, row.reason, f"{timezone.localtime(row.recorded_at):%Y-%m-%d %H:%M:%S}",
    ]  # fmt: skip


def statement_book(told: Statement) -> bytes:
    """A statement: its lines, its transfers, and the fingerprint of its bytes."""
    book = Book(told.known_at)
    known = timezone.localtime(told.known_at)
    notes = [
        f"{told.fund.name} 对账单",
        f"业务日期到 {told.dated_to:%Y-%m-%d}，{known:%Y-%m-%d %H:%M:%S.%f} 以前记账的",
        f"指纹（SHA-256）{told.fingerprint}",
    ]
    lines = [
        [line.name, *(yuan(getattr(line, name)) for name in told.totals)] for line in told.lines
    ]
    lines.append(["合计", *(yuan(fen) for fen in told.totals.values())])
    lines.append([])
    lines.append(["到账", yuan(told.appropriated_fen)])
    lines.append(["到账待安排", yuan(told.waiting_fen)])
    book.sheet("余额", notes, LINE_COLUMNS, lines)
    names = {line.key: line.name for line in told.fund.lines.all()}
    sources = {source.key: source.name for source in told.fund.sources.all()}
    rows = (
        [
            row["number"], row["dated"], Purpose(row["purpose"]).label, row["payee"],
            names.get(row["line"], ""), sources.get(row["source"], ""), yuan(row["amount_fen"]),
            row["subject"], row["resolves"] or row["reverses"], row["maker"], row["checker"],
            row["policy"], row["reason"], row["recorded_at"],
        ]
        for row in told.rows
    )  # fmt: skip
    book.sheet("记账", notes[:1], STATEMENT_COLUMNS, rows)
    return book.done()

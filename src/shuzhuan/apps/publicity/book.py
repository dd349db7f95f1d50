"""A publicity as a workbook: the permitted columns of all its rows."""

from __future__ import annotations

import io
from decimal import Decimal

import xlsxwriter
from django.conf import settings
from django.utils import timezone

from shuzhuan.apps.publicity.models import Publicity, PublicityItem
from shuzhuan.apps.publicity.queries import cells_of
from shuzhuan.engine.paper import on_paper

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FEN_PER_YUAN = 100


def workbook(publicity: Publicity, items: list[PublicityItem]) -> bytes:
    """The bytes of an .xlsx file: words first, then the table; amounts are numbers in 元."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        money = book.add_format({"num_format": "#,##0.00", "valign": "top"})
        sheet = book.add_worksheet("公示")
        sheet.write_string(0, 0, publicity.title, bold)
        for row, line in enumerate(words_of(publicity), 1):
            sheet.write_string(row, 0, line)
        top = len(words_of(publicity)) + 2
        amount = publicity.amount_field
        sheet.set_column(0, 0, 8)
        sheet.write_string(top, 0, "序号", head)
        for at, field in enumerate(publicity.fields, 1):
            sheet.set_column(at, at, 20 if field == amount else 36)
            sheet.write_string(top, at, f"{field}（元）" if field == amount else field, head)
        for row, item in enumerate(items, top + 1):
            sheet.write_number(row, 0, item.position, wrap)
            for at, (field, text) in enumerate(cells_of(publicity, item), 1):
                if field == amount and item.amount_fen is not None:
                    sheet.write_number(row, at, Decimal(item.amount_fen) / _FEN_PER_YUAN, money)
                else:
                    sheet.write_string(row, at, text, wrap)
        sheet.freeze_panes(top + 1, 0)
        signs = 8 + 36 * len(publicity.fields)
        on_paper(sheet, top, timezone.localtime(), signs=signs, invented=settings.DEMO)
    return stream.getvalue()


def words_of(publicity: Publicity) -> list[str]:
    """What stands above the table: number, basis, period, contact."""
    until = f"{publicity.ends_on:%Y-%m-%d}" + ("（暂定）" if publicity.provisional else "")
    return [
        f"公示编号：{publicity.number}",
        f"依据：{publicity.basis}",
        f"公示期：{publicity.starts_on:%Y-%m-%d} 至 {until}，"
        f"{publicity.get_bound_display()}{publicity.days}{publicity.get_unit_display()}",
        f"联系方式：{publicity.contact}",
        f"状态：{publicity.get_state_display()}",
    ]

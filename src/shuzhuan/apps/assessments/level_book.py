"""The levels of a place as a workbook: what the page shows, nothing more."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone

from shuzhuan.engine.defuse import defused_row
from shuzhuan.engine.paper import INVENTED, on_paper

WIDTHS = (30, 16)


@dataclass(frozen=True)
class Sheet:
    """One table: a head row and rows of texts and whole numbers."""

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[Any]]


def write_book(notes: Sequence[str], sheets: Iterable[Sheet]) -> bytes:
    """An .xlsx with a page of notes first. Texts are defused, numbers stay numbers."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    about = book.add_worksheet("说明")
    about.set_column(0, 0, 90)
    for at, note in enumerate(defused_row([*notes, *([INVENTED] if settings.DEMO else [])])):
        about.write_string(at, 0, note)
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.set_column(0, 0, WIDTHS[0])
        page.set_column(1, max(1, len(sheet.head) - 1), WIDTHS[1])
        page.freeze_panes(1, 1)
        signs = WIDTHS[0] + WIDTHS[1] * (len(sheet.head) - 1)
        on_paper(page, 0, timezone.localtime(), signs=signs, invented=settings.DEMO)
        for at, text in enumerate(sheet.head):
            page.write_string(0, at, text, bold)
        for number, row in enumerate(sheet.rows, 1):
            for at, cell in enumerate(defused_row(row)):
                if isinstance(cell, str):
                    page.write_string(number, at, cell)
                else:
                    page.write(number, at, cell)
    book.close()
    return buffer.getvalue()

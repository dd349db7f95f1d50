"""How a sheet of a workbook comes out of the printer. The office files it, so it says what it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

A4, A3 = 9, 8  # the numbers of the papers in the format
A4_SIGNS_MAX = 230  # wider than this, the figures on A4 would be too small to read
INVENTED = "演示数据，内容都是虚构的"


def on_paper(
    sheet: Worksheet, head_row: int, made: datetime, *, signs: int, invented: bool
) -> None:
    """Lying down, one page wide, the head (counted from 0) on every page.

    ``signs``: the widths of all columns together; a wide sheet goes on A3. The margin says which
    sheet it is, when it was made (local time) and whether it is invented.
    """
    sheet.set_landscape()
    sheet.set_paper(A4 if signs <= A4_SIGNS_MAX else A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head_row)
    said = f"{made:%Y-%m-%d %H:%M} 制作" + (f"　{INVENTED}" if invented else "")
    sheet.set_footer(f"&L&A　{said}&R第 &P 页，共 &N 页")

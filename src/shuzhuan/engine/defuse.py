"""Cells that a spreadsheet would run as a formula: made plain before anything is exported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# What a spreadsheet takes for the start of a formula, in half and full width; a tab or a line
# break in front is dropped by some of them, and what follows then starts the cell.
LEADING = "=+-@\t\r\n＝＋－＠"
MARK = "'"


def defused(text: str) -> str:
    """The text as it can be put into a CSV or Excel cell: never a formula, nothing lost.

    An apostrophe is put in front, which spreadsheets take for "this is text".
    """
    return f"{MARK}{text}" if text.lstrip(" \u00a0\u3000").startswith(tuple(LEADING)) else text


def defused_row(cells: Iterable[Any]) -> list[Any]:
    """A row for an export: texts defused, everything else as it is."""
    return [defused(cell) if isinstance(cell, str) else cell for cell in cells]

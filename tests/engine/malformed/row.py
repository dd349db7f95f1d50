"""One malformed pack: the plain pack with one replacement, and the one problem it must give.

The rows stand in ``*.rows`` beside this file, one a line::

    name | old | new | at | says

``old`` occurs once in the file named at the top and becomes ``new``. The problem
stands where ``at`` first occurs afterwards (last, after ``…``; the beginning of the
file, when empty), and ``says`` is part of it. ``⏎`` is a line end, ``<U+202E>`` that
character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_CHAR = re.compile(r"<U\+([0-9A-F]{4})>")


@dataclass(frozen=True, slots=True)
class Row:
    """``table`` is the name of the file the row stands in."""

    table: str
    file: str
    name: str
    old: str
    new: str
    at: str
    says: str

    def __str__(self) -> str:
        return f"{self.table}-{self.name}"

    def changed(self, text: str) -> str:
        """The malformed file. The row is wrong when there is not one place to change."""
        assert text.count(self.old) == 1, (
            f"{self}: {self.old!r} occurs {text.count(self.old)} times"
        )
        return text.replace(self.old, self.new)

    def place(self, text: str) -> str:
        """``file:line:column`` where the problem must stand, in the changed ``text``."""
        last = self.at.startswith("…")
        before = text[: text.rindex(self.at[1:]) if last else text.index(self.at)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return f"{self.file}:{line}:{column}"


def read_rows(table: str) -> list[Row]:
    """All rows of ``table.rows``."""
    result, file = [], ""
    for line in (Path(__file__).parent / f"{table}.rows").read_text("utf-8").splitlines():
        if line.startswith("# file: "):
            file = line.removeprefix("# file: ")
        if not line or line.startswith("#"):
            continue
        name, old, new, at, says = (_cell(cell) for cell in line.split(" | "))
        result.append(Row(table, file, name, old, new, at, says))
    return result


def _cell(text: str) -> str:
    return _CHAR.sub(lambda match: chr(int(match.group(1), 16)), text.replace("⏎", "\n"))

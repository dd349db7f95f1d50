"""Text for a terminal: Chinese characters count two columns, lines break at 80."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

COLUMNS = 80
_NO_LINE_START = "，。；：、！？）》”％%"


def width(text: str) -> int:
    """Columns that the text takes."""
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def wrap(text: str, indent: str = "", columns: int = COLUMNS) -> list[str]:
    """Break a paragraph; continuation lines get ``indent``; no line starts with a closing mark."""
    lines: list[str] = []
    line = ""
    for token in _tokens(text):
        if width(line) + width(token) > columns and line.strip() and token not in _NO_LINE_START:
            lines.append(line.rstrip())
            line = indent + token.lstrip()
        else:
            line += token
    lines.append(line.rstrip())
    return lines


def _tokens(text: str) -> Iterable[str]:
    """Words of Latin letters and figures stay whole; everything else breaks anywhere."""
    word = ""
    for ch in text:
        if ch.isascii() and not ch.isspace():
            word += ch
            continue
        if word:
            yield word
            word = ""
        yield ch
    if word:
        yield word


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> list[str]:
    """A plain table; columns in ``right`` are right-aligned; the last column may wrap."""
    sizes = [max(width(row[at]) for row in (head, *rows)) for at in range(len(head))]
    fixed = sum(sizes[:-1]) + 2 * (len(head) - 1)
    last = max(COLUMNS - fixed, 12)
    lines = []
    for row in (head, *rows):
        start = "".join(
            _pad(cell, sizes[at], at in right) + "  " for at, cell in enumerate(row[:-1])
        )
        wrapped = wrap(row[-1], columns=last)
        lines.append((start + wrapped[0]).rstrip())
        lines.extend((" " * fixed + more).rstrip() for more in wrapped[1:])
    return lines


def _pad(text: str, size: int, right: bool) -> str:
    blank = " " * (size - width(text))
    return blank + text if right else text + blank

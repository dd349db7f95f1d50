"""What a workbook's cells hide: errors, formulas without a result, percentages that are none.

Readers of workbooks give an empty cell for the first two, which would count as unknown,
and a bare number for the third, which would be off by a hundred. So the sheet itself is
searched, as bytes: only where something suspicious stands is it looked at closely.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import IO

from .errors import BatchError

_BLOCK = 1 << 22
_MAX_BYTES = 6 << 30  # of one unpacked sheet; a million rows of fifty columns have half of that
# A reader of workbooks takes memory for every place up to the last cell, so that one stray cell in
# the last corner of a sheet would take more than any machine has.
CELLS_MAX = 30_000_000
_BUILT_IN_PERCENT = {9, 10}
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
# Every place a tag may name, quickly; then those of rows and of cells that hold something.
_NAMED = re.compile(rb' r="([A-Za-z]*)([0-9]+)')
_HELD = re.compile(
    rb"""<(?:\w+:)?(?:c|row)\s(?:[^>]*?\s)?r\s*=\s*["']([A-Za-z]*)([0-9]+)["'](?:[^>]*[^>/])?>"""
)
_UNUSUAL = (b"r='", b"r =", b"r= ", b"\tr", b"\nr", b"\rr")  # not seen by the quick one
_HEAD_BYTES = 1 << 16
_TEXTS = "sharedstrings.xml"
_PROMISE = re.compile(rb"""<(?:\w+:)?sst\s(?:[^>]*?\s)?uniqueCount\s*=\s*["'][^0-9"']*0*([0-9]*)""")
_PROMISE_DIGITS_MAX = 8
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_ERROR_MESSAGE = "公式出错（{}），请改成值"
_EMPTY_MESSAGE = "公式还没有计算结果，请在 Excel 里打开、重新计算并保存，或改成值"


@dataclass
class Findings:
    """Cells by (row, column), row as in the sheet from 1, column from 0."""

    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    plain_numbers: set[tuple[int, int]] = field(default_factory=set)


def scan(path: Path, sheet: str, percent_columns: Collection[int] = ()) -> Findings:
    """Look through one sheet; ``percent_columns``: where numbers have to be percentages.

    Raises BatchError.
    """
    findings = Findings()
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member(archive, sheet)
            if archive.getinfo(member).file_size > _MAX_BYTES:
                raise BatchError(f"{path.name} 的工作表太大，请拆成几个文件")
            percents = _percent_styles(archive) if percent_columns else frozenset()
            for block, prefix in _blocks(archive, member):
                _suspicious(block, prefix, findings)
                for column in percent_columns:
                    _plain_numbers(block, prefix, column, percents, findings)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, ValueError) as error:
        if isinstance(error, BatchError):
            raise
        raise BatchError(f"{path.name} 不是完好的 Excel 文件，请重新保存后再上传") from None
    return findings


def believable(file: Path | IO[bytes]) -> None:
    """Raises BatchError for a workbook that announces more texts than any has.

    A reader makes room for them at once; where there is not so much, the whole program ends.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if not name.lower().endswith(_TEXTS):
                    continue
                with archive.open(name) as stream:
                    head = stream.read(_HEAD_BYTES)
                promise = _PROMISE.search(head)
                long = promise is not None and len(promise[1]) > _PROMISE_DIGITS_MAX
                if long or (b"sst" not in head and len(head) == _HEAD_BYTES):
                    raise BatchError("Excel 文件自称的文字条数不可能是真的，请重新保存后再上传")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise BatchError("这不是完好的 Excel 文件，请去掉密码、重新保存后再上传") from None


def bounded(path: Path, sheet: str) -> None:
    """Raises BatchError, naming the last row and column, for a sheet too large to be read."""
    width = height = rows = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for block, prefix in _blocks(archive, _member(archive, sheet)):
                rows += block.count(b"<" + prefix + b"row")
                quick = not any(mark in block for mark in _UNUSUAL)
                for pattern in (_NAMED, _HELD) if quick else (_HELD,):
                    far, low = _extent(block, prefix, pattern)
                    if max(width, far) * max(height, low, rows) <= CELLS_MAX:
                        break
                width, height = max(width, far), max(height, low, rows)
                if width * height > CELLS_MAX:
                    raise BatchError(
                        f"{path.name} 的工作表“{sheet}”太大：第 {height} 行、第 {letters(width - 1)} 列"
                        "还有内容，请删除数据下面和右边多余的行和列"
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, ValueError) as error:
        if isinstance(error, BatchError):
            raise
        raise BatchError(f"{path.name} 不是完好的 Excel 文件，请重新保存后再上传") from None


def _extent(block: bytes, prefix: bytes, pattern: re.Pattern[bytes]) -> tuple[int, int]:
    """How many columns and rows the tags of a block reach over."""
    found = pattern.findall(block)
    places = set(found)
    far = max(
        (_column(name) + 1 for name in {name.upper() for name, _ in places} if name), default=0
    )
    cell = b"<" + prefix + b"c"
    if block.count(cell + b" ") + block.count(cell + b">") > sum(bool(name) for name, _ in found):
        # Cells that do not say where they stand follow one another.
        far = max(far, *(row.count(cell) for row in block.split(b"<" + prefix + b"row")))
    return far, max((int(number[:10]) for _, number in places), default=0)


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds a sheet."""
    book = archive.read("xl/workbook.xml").decode("utf-8")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8")
    targets = {}
    for link in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        targets[_attribute(link, "Id")] = _attribute(link, "Target")
    for entry in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        if _attribute(entry, "name") == sheet:
            target = targets[_attribute(entry, r"\w+:id")]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return unescape(match.group(1) or match.group(2) or "") if match else ""


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """Numbers of the cell styles that show a percentage."""
    text = archive.read("xl/styles.xml").decode("utf-8")
    formats = set(_BUILT_IN_PERCENT)
    for entry in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", text):
        if "%" in _attribute(entry, "formatCode"):
            formats.add(int(_attribute(entry, "numFmtId")))
    styles = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", text, re.DOTALL)
    entries = re.findall(r"<(?:\w+:)?xf\b[^>]*>", styles.group()) if styles else []
    shown = [int(_attribute(entry, "numFmtId") or 0) in formats for entry in entries]
    return frozenset(str(at).encode() for at, percent in enumerate(shown) if percent)


def _blocks(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[bytes, bytes]]:
    """Whole rows, some megabytes at a time, and the prefix of the sheet's tags."""
    prefix: bytes | None = None
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_BLOCK):
            rest += chunk
            if prefix is None:
                start = re.search(rb"<(\w+:)?sheetData", rest)
                if start is None:
                    continue
                prefix = start.group(1) or b""
            end = rest.rfind(b"</" + prefix + b"row>")
            if end >= 0:
                yield rest[:end], prefix
                rest = rest[end:]
    if rest and prefix is not None:
        yield rest, prefix


def _suspicious(block: bytes, prefix: bytes, findings: Findings) -> None:
    formula = b"<" + prefix + b"f"
    for at in _places(block, formula):
        if block[at + len(formula) : at + len(formula) + 1] in (b">", b" ", b"/"):
            _look(block, prefix, at, findings)
    for at in _places(block, b't="e"'):
        _look(block, prefix, at, findings, error=True)


def _places(block: bytes, mark: bytes) -> Iterator[int]:
    at = block.find(mark)
    while at >= 0:
        yield at
        at = block.find(mark, at + len(mark))


def _look(block: bytes, prefix: bytes, at: int, findings: Findings, *, error: bool = False) -> None:
    """The cell around a suspicious place."""
    start = block.rfind(b"<" + prefix + b"c ", 0, at)
    end = block.find(b"</" + prefix + b"c>", at)
    cell = block[start : end if end >= 0 else None]
    place = _PLACE.search(cell)
    if start < 0 or place is None:
        return
    head, value = cell[: cell.find(b">")], _VALUE.search(cell)
    where = (int(place.group(2)), _column(place.group(1)))
    if b't="e"' in head:
        shown = value.group(1).decode("utf-8", "replace") if value else ""
        findings.faults[where] = _ERROR_MESSAGE.format(unescape(shown) or "错误值")
    elif not error and (value is None or (not value.group(1) and b't="str"' not in head)):
        findings.faults[where] = _EMPTY_MESSAGE


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def letters(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _plain_numbers(
    block: bytes, prefix: bytes, column: int, percents: frozenset[bytes], findings: Findings
) -> None:
    """Numbers in ``column`` whose cell is not formatted as a percentage."""
    head = b"<" + prefix + rb'c r="' + letters(column).encode() + rb'([0-9]+)"([^>/]*)>'
    for match in re.finditer(head, block):
        attributes = match.group(2)
        kind = re.search(rb'\bt="(\w+)"', attributes)
        if kind is not None and kind.group(1) != b"n":
            continue
        style = re.search(rb'\bs="([0-9]+)"', attributes)
        if style is None or style.group(1) not in percents:
            findings.plain_numbers.add((int(match.group(1)), column))

"""Workbooks that would take a reader's memory, or end the program, are refused before it reads."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from shuzhuan.engine.batch.errors import BatchError
from shuzhuan.engine.batch.scan import scan
from shuzhuan.engine.batch.tables import read_table

SHEET = "xl/worksheets/sheet1.xml"
TOKENS = (
    b"-1", b"99999999999", b"NaN", b"", b"1e400", b"<", b"&#0;", b"&x;", b"\xff", b"\x00", b"A0",
    b"XFE1", b't="d"', b's="999"', b"4294967295", b"2026-99-99", b"A1:XFD1048576",
)  # fmt: skip


def book(stray: tuple[int, int] | None = None) -> dict[str, bytes]:
    """The parts of a small list, with one more cell somewhere."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet("企业数据")
        for row in range(4):
            sheet.write_row(row, 0, [f"甲{row}", row * 1.5, "=A1", True])
        if stray is not None:
            sheet.write_string(*stray, "x")
    with zipfile.ZipFile(out) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def test_a_cell_in_the_last_corner_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.xlsx", book((1_048_575, 16_383)))
    with pytest.raises(BatchError, match="第 1048576 行、第 XFD 列还有内容"):
        read_table(path)


@pytest.mark.parametrize(
    "wide",
    ["<row><c><v>1</v></c>" + "<c><v>1</v></c>" * 4_000 + "</row>", "<row r='2'><c r='XFD2'><v>1</v></c></row>"],
)  # fmt: skip
def test_cells_are_found_however_they_say_where_they_stand(tmp_path: Path, wide: str) -> None:
    parts = book()
    parts[SHEET] = parts[SHEET].replace(
        b"</sheetData>", (wide + "<row/>" * 50_000 + "</sheetData>").encode()
    )
    with pytest.raises(BatchError, match="还有内容，请删除"):
        read_table(packed(tmp_path / "a.xlsx", parts))


def test_control_blank_cells_with_a_format_far_below_are_passed_over(tmp_path: Path) -> None:
    """A list whose format was pulled down to the end of the sheet is an honest one."""
    parts = book()
    below = b'<row r="1048576"><c r="ZZ1048576" s="1"/></row></sheetData>'
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", below)
    assert read_table(packed(tmp_path / "a.xlsx", parts)).height == 3


def test_more_texts_than_there_can_be_are_refused(tmp_path: Path) -> None:
    parts = book()
    name = "xl/sharedStrings.xml"
    parts[name] = re.sub(rb'uniqueCount="\d+"', b'uniqueCount="99999999999"', parts[name])
    with pytest.raises(BatchError, match="文字条数不可能"):
        read_table(packed(tmp_path / "a.xlsx", parts))


def test_broken_workbooks_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    whole, draw, refused = book(), random.Random(20260101), 0
    for _ in range(150):
        parts = dict(whole)
        name = draw.choice([SHEET, *(n for n in parts if n.startswith("xl/"))])
        parts[name] = spoilt(draw, parts[name])
        path = packed(tmp_path / "a.xlsx", parts)
        if draw.random() < 0.2:
            raw = bytearray(path.read_bytes())
            raw[draw.randrange(len(raw))] ^= 0xFF
            path.write_bytes(raw)
        try:
            scan(path, read_table(path).sheet, [1])
        except BatchError as error:
            refused += 1
            assert re.search(r"[\u4e00-\u9fff]", str(error))
    assert refused > 20


def spoilt(draw: random.Random, part: bytes) -> bytes:
    """A number, an attribute or some bytes replaced, or the end torn off."""
    spans = [m.span() for m in re.finditer(draw.choice((rb"[0-9]+", rb'(?<=")[^"]*(?=")')), part)]
    start, end = draw.choice(spans) if spans and draw.random() < 0.7 else (0, 0)
    if (start, end) == (0, 0):
        start = draw.randrange(len(part) or 1)
        end = draw.choice((start + 5, len(part)))
    return part[:start] + draw.choice(TOKENS) + part[end:]

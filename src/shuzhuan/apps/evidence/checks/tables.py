"""CSV: text in a known encoding, rows and columns within limits, no formula."""

from __future__ import annotations

import csv
import io
import re
from typing import IO

from shuzhuan.apps.evidence.checks.refused import UploadRefused

ROWS_MAX = 200_000
COLUMNS_MAX = 300
CELL_CHARS_MAX = 32_767
_FORMULA = re.compile(r"\s*([=＝]|[@＠]\s*\w+\s*\(|[+\-＋－].*[|(!])")
_OTHERS = (
    b"%PDF",
    b"%!PS",
    b"{\\rtf",
    b"#!",
    b"MZ",
    b"GIF8",
    b"BM",
    b"II*",
    b"\x1f\x8b",
    b"Rar!",
    b"7z",
)
_MARKUP = re.compile(r"\s*<[!?a-z]|<script|<\?php|javascript:|vbscript:", re.I)


def check_csv(file: IO[bytes]) -> None:
    """Raise UploadRefused unless the file is a plain table in text."""
    file.seek(0)
    text = _decoded(file.read())
    if _MARKUP.match(text) or re.search(r"<script|<\?php|<iframe", text, re.I):
        raise UploadRefused("magic", "文件的内容是网页或程序，不是 CSV 表")
    for sign in text:
        if sign < " " and sign not in "\t\r\n":
            raise UploadRefused("csv-signs", "CSV 里有控制字符，请重新导出后再上传")
    rows = 0
    try:
        for rows, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            _check_row(rows, row)
    except csv.Error:
        raise UploadRefused("csv-damaged", f"CSV 第{rows + 1}行的引号不配对，请改正") from None
    if rows == 0:
        raise UploadRefused("empty", "文件里没有内容")


def _decoded(content: bytes) -> str:
    if b"\x00" in content or content.startswith(_OTHERS):
        raise UploadRefused("magic", "文件的内容不是 CSV 文字，请确认没有改过扩展名")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UploadRefused("csv-encoding", "CSV 的编码看不懂，请另存为 UTF-8 编码")


def _check_row(number: int, row: list[str]) -> None:
    if number > ROWS_MAX:
        raise UploadRefused("csv-size", f"CSV 超过 {ROWS_MAX} 行，请分开上传")
    if len(row) > COLUMNS_MAX:
        raise UploadRefused("csv-size", f"CSV 第{number}行超过 {COLUMNS_MAX} 列")
    for column, cell in enumerate(row, start=1):
        if len(cell) > CELL_CHARS_MAX:
            raise UploadRefused("csv-size", f"CSV 第{number}行第{column}列太长")
        if _FORMULA.match(cell):
            raise UploadRefused("csv-formula", f"CSV 第{number}行第{column}列是公式，请只留数值")

"""What the tests of 批量测算 share: rows for 一(一) of 中宁, workbooks written and read back."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from shuzhuan.engine.batch import Report, run
from shuzhuan.engine.batch.fields import CODE, NAME
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.uscc import ALPHABET, check_digit

PACK = Library.load().get("zhongning")
PROGRAM = PACK.bind(date(2025, 12, 1))
Rows = Sequence[Sequence[object]]


def code(n: int) -> str:
    rng = random.Random(n)
    first = "91" + "".join(rng.choices(ALPHABET, k=15))
    return first + check_digit(first)


def headers() -> list[str]:
    """Headers of the template for the facts of 一(一)."""
    labels = {fact.key: fact.label for fact in PROGRAM.facts}
    keys = ("project.batch", "project.level_before", "project.level_after")
    more = [labels[key] for key in keys]
    money = [labels["project.invested"] + "（元）", labels["project.hardware_spend"] + "（元）"]
    flags = [labels["enterprise.is_pilot"], labels["project.is_only_project"]]
    return [NAME, CODE, *more, *money, *flags]


def row(n: int, **changed: object) -> list[object]:
    cells: dict[str, object] = {
        "name": f"第{n}号有限公司", "code": code(n), "batch": 1, "before": "一级", "after": "二级",
        "invested": 700_000, "hardware": 280_000, "pilot": "是", "only": "是",
    }  # fmt: skip
    return list((cells | changed).values())


def write_xlsx(path: Path, rows: Rows, sheet: str = "企业数据", **options: object) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd", **options})
    page = book.add_worksheet(sheet)
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if callable(cell):
                cell(book, page, at, column)
            elif cell is not None:
                page.write(at, column, cell)
    book.close()
    return path


def formula(text: str, value: object) -> Callable[..., None]:
    def write(book: Any, page: Any, row: int, column: int) -> None:
        page.write_formula(row, column, text, None, value)

    return write


def shaped(value: object, shape: str) -> Callable[..., None]:
    def write(book: Any, page: Any, row: int, column: int) -> None:
        page.write(row, column, value, book.add_format({"num_format": shape}))

    return write


def read_back(path: Path) -> dict[str, list[list[Any]]]:
    with CalamineWorkbook.from_path(str(path)) as book:
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def decided(tmp_path: Path, rows: Rows, **options: Any) -> tuple[Report, Path]:
    source = write_xlsx(tmp_path / "in.xlsx", [headers(), *rows])
    target = tmp_path / "out.xlsx"
    return run(PROGRAM, source, target, **options), target


def refused(tmp_path: Path, rows: Rows) -> tuple[list[str], dict[str, list[list[Any]]]]:
    """What is told about rows that cannot be used, and the marked copy."""
    report, target = decided(tmp_path, rows)
    assert report.exit_code == 3
    assert report.target is None
    assert not target.exists()
    assert report.marked is not None
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    return list(report.told), read_back(report.marked)

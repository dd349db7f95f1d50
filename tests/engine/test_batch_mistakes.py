"""Mistakes in a list: each is found, named by row and column, and marked in a copy of the file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.engine.batch import BatchError, read_table, run
from shuzhuan.engine.batch.fields import CODE
from shuzhuan.engine.batch.scan import letters, scan
from tests.engine.batch_kit import (
    PROGRAM,
    decided,
    formula,
    headers,
    read_back,
    refused,
    row,
    write_xlsx,
)


def test_every_mistake_is_marked_in_a_copy_of_the_file(tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, invested="1e3", pilot="Y"),
        row(3, after="五级", code="91350100M000100Y44"),
        row(4, hardware=-1),
        row(5, before=date(2025, 5, 20), batch=datetime(2025, 5, 20, 17)),  # noqa: DTZ001
    ]
    told, copy = refused(tmp_path, rows)
    assert len(told) == 7
    assert told[0].startswith(f"第 3 行“{headers()[5]}”：“1e3” 是科学计数法")
    assert list(copy) == ["企业数据", "错误"]
    assert copy["企业数据"][0] == headers()
    assert copy["企业数据"][1] == [float(c) if isinstance(c, int) else c for c in row(1)]
    assert copy["企业数据"][2][5] == "1e3"
    assert copy["企业数据"][5][3] == date(2025, 5, 20)
    listed = copy["错误"]
    assert listed[0] == ["行", "列", "值", "原因"]
    assert [line[0] for line in listed[1:]] == [3, 3, 4, 4, 5, 6, 6]
    assert listed[3][1:3] == [CODE, "91350100M000100Y44"]
    assert "校验位" in listed[3][3]


def test_bad_cells_are_red_and_carry_a_comment(tmp_path: Path) -> None:
    refused(tmp_path, [row(1), row(2, pilot="Y")])
    with zipfile.ZipFile(tmp_path / "out-错误标注.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
        comments = archive.read("xl/comments1.xml").decode()
    bad = re.findall(r'<c r="H3" s="(\d+)"', sheet)
    good = re.findall(r'<c r="H2" s="(\d+)"', sheet)
    assert bad != good
    assert "FFFFC7CE" in styles
    assert 'ref="H3"' in comments
    assert "请写 是 或 否" in comments


def test_other_rows_are_decided_only_when_asked(tmp_path: Path) -> None:
    rows = [row(1), row(2, pilot="Y"), row(3)]
    report, target = decided(tmp_path, rows, skip_bad=True)
    assert report.exit_code == 1
    assert (report.rows, report.decided) == (3, 2)
    assert [line[0] for line in read_back(target)["企业合计"][1:]] == [2, 4]
    assert report.marked is not None
    assert report.marked.is_file()
    assert any("1 行没有测算" in line for line in report.lines())
    nothing, target = decided(tmp_path / "", [row(2, pilot="Y")], skip_bad=True)
    assert nothing.exit_code == 3


def test_codes_that_became_numbers_are_refused(tmp_path: Path) -> None:
    rows = [row(1, code=9.135010e17), row(2, code="9.13501E+17"), row(3, code=123456789012345678)]
    told, _ = refused(tmp_path, rows)
    assert len(told) == 3
    assert "数字，末几位已经丢失" in told[0]
    assert "科学计数法" in told[1]


def test_the_same_enterprise_twice_is_reported_unless_permitted(tmp_path: Path) -> None:
    rows = [row(1), row(2), row(1, invested=1)]
    told, _ = refused(tmp_path, rows)
    assert told == [
        f"第 4 行“{CODE}”：与第 2 行是同一家企业；确有多个项目的，允许同一企业多行后再测算"
    ]
    report, _ = decided(tmp_path, rows, repeats=True)
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({5: "实际投人（元）"}, "不认识表头“实际投人（元）”，是否想写"),
        ({5: "联系电话"}, "不认识表头“联系电话”"),
        ({5: ""}, "这一列有内容但没有表头"),
        ({6: None}, "是同一项，请只留一列"),
        ({5: "改造后数字化水平（元）"}, "不认识表头"),
    ],
)
def test_wrong_headers_are_named(tmp_path: Path, names: dict[int, str | None], told: str) -> None:
    changed: list[object] = list(headers())
    for at, name in names.items():
        changed[at] = changed[at - 1] if name is None else name
    source = write_xlsx(tmp_path / "in.xlsx", [changed, row(1)])
    report = run(PROGRAM, source, tmp_path / "out.xlsx", skip_bad=True)
    assert report.exit_code == 3
    assert any(told in line for line in report.told)
    assert report.told[0].startswith("第 1 行")
    assert report.marked is not None
    assert read_back(report.marked)["错误"][1][0] == 1


def test_formulas_with_their_value_are_values(tmp_path: Path) -> None:
    report, target = decided(tmp_path, [row(1, invested=formula("=350000*2", 700_000))])
    assert report.exit_code == 0
    assert read_back(target)["结果"][1][6] == 378_000


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (formula("=1/0", "#DIV/0!"), "公式出错（#DIV/0!）"),
        (formula("=NA()", "#N/A"), "公式出错（#N/A）"),
        (formula("=A1", ""), "公式还没有计算结果"),
    ],
)
def test_formulas_without_a_value_do_not_pass_for_unknown(
    tmp_path: Path, cell: Callable[..., None], told: str
) -> None:
    source = write_xlsx(tmp_path / "in.xlsx", [headers(), row(1), row(2, invested=cell)])
    table = read_table(source)
    assert table.columns[5][1] == ""  # what the reader alone would let through
    report = run(PROGRAM, source, tmp_path / "out.xlsx")
    assert report.exit_code == 3
    assert report.told == (f"第 3 行“{headers()[5]}”：{report.problems[0].message}",)
    assert told in report.problems[0].message


def test_an_empty_text_of_a_formula_is_an_empty_cell(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "in.xlsx", [headers(), row(1, only=formula('=""', "x"))])
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v>x</v>", b"<v></v>")
    with zipfile.ZipFile(source, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    report = run(PROGRAM, source, tmp_path / "out.xlsx")
    assert report.exit_code == 0
    assert read_back(tmp_path / "out.xlsx")["结果"][1][5] == "资料不足"


def test_merged_cells_are_refused_row_by_row(tmp_path: Path) -> None:
    def merged(book: Any, page: Any, at: int, column: int) -> None:
        page.merge_range(at, column, at + 1, column, 1)

    source = write_xlsx(tmp_path / "in.xlsx", [headers(), row(1, batch=merged), row(2, batch=None)])
    report = run(PROGRAM, source, tmp_path / "out.xlsx", skip_bad=True)
    assert report.exit_code == 3
    assert [p.row for p in report.problems] == [0, 1]
    assert "合并的单元格" in report.told[0]


def test_rows_of_a_csv_file_that_do_not_fit_the_header(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("企业名称,试点企业\n甲,是\n乙,是,多\n丙\n", "utf-8")
    report = run(PROGRAM, source, tmp_path / "out.xlsx")
    assert [line.partition("：")[2] for line in report.told] == [
        "这一行比表头多 1 格，有逗号的内容要加引号",
        "这一行比表头少 1 格",
    ]


def _broken(path: Path) -> None:
    path.write_bytes(b"not a workbook")


def _empty_book(path: Path) -> None:
    write_xlsx(path, [])


def _header_only(path: Path) -> None:
    write_xlsx(path, [headers()])


def _no_header(path: Path) -> None:
    write_xlsx(path, [[None, None], ["甲", "是"]])


@pytest.mark.parametrize(
    ("name", "write", "told"),
    [
        ("in.xlsx", _broken, "不是完好的 Excel 文件"),
        ("in.xlsx", _empty_book, "是空的"),
        ("in.xlsx", _header_only, "没有数据"),
        ("in.xlsx", _no_header, "应当是表头"),
        ("in.csv", lambda path: path.write_bytes(b""), "是空的"),
        ("in.csv", lambda path: path.write_bytes(b"\xff\xfe\x00\x01"), "编码"),
        ("in.csv", lambda path: path.write_text('a,"b\n1,2', "utf-8"), "不是规整的 CSV"),
        ("in.parquet", _broken, "不是完好的 Parquet 文件"),
        ("in.xls", _broken, "另存为 .xlsx"),
        ("in.docx", _broken, "不认识"),
        ("in.xlsx", lambda path: None, "没有"),
    ],
)
def test_files_that_are_no_tables(
    tmp_path: Path, name: str, write: Callable[[Path], object], told: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(BatchError, match=re.escape(told)):
        run(PROGRAM, tmp_path / name, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_the_result_never_overwrites_the_input(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "in.xlsx", [headers(), row(1)])
    before = source.read_bytes()
    with pytest.raises(BatchError, match="换一个名字"):
        run(PROGRAM, source, source)
    with pytest.raises(BatchError, match="不会写"):
        run(PROGRAM, source, tmp_path / "out.pdf")
    with pytest.raises(BatchError, match=r"没有 .* 这个文件夹"):
        run(PROGRAM, source, tmp_path / "none" / "out.xlsx")
    assert source.read_bytes() == before


# -- the search inside a sheet -----------------------------------------------------------------


def test_column_letters() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_text_that_looks_like_markup_is_no_fault(tmp_path: Path) -> None:
    rows = [["a"], ['<f>1</f> t="e" <c r="A9" t="e">'], ['t="e"']]
    for memory in (False, True):
        path = write_xlsx(tmp_path / "in.xlsx", rows, constant_memory=memory)
        assert scan(path, "企业数据").faults == {}


def test_tags_with_a_prefix_are_searched_too(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [["a"], [formula("=1/0", "#DIV/0!")]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    prefixed = re.sub(r"<(/?)(\w)", r"<\1x:\2", sheet).replace("xmlns=", "xmlns:x=")
    parts["xl/worksheets/sheet1.xml"] = prefixed.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert scan(path, "企业数据").faults == {(2, 0): "公式出错（#DIV/0!），请改成值"}

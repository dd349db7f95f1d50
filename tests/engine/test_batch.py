"""批量测算 with real files: what comes out, what goes in, and nothing half written."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from shuzhuan.engine.batch import BatchError, read_table, run, template
from shuzhuan.engine.batch import decide as deciding
from shuzhuan.engine.batch import write as writing
from shuzhuan.engine.batch.decide import Disagreement
from shuzhuan.engine.batch.fields import CODE, NAME, match_headers
from shuzhuan.engine.policy.pack import Library
from tests.engine.batch_kit import (
    PACK,
    PROGRAM,
    code,
    decided,
    headers,
    read_back,
    row,
    shaped,
    write_xlsx,
)

# -- what comes out ------------------------------------------------------------------------


def test_one_line_for_every_enterprise_and_clause(tmp_path: Path) -> None:
    report, target = decided(tmp_path, [row(1), row(2, after="一级"), row(3, only="")])
    assert report.exit_code == 0
    sheets = read_back(target)
    assert list(sheets) == ["结果", "企业合计", "汇总", "说明"]
    lines = sheets["结果"]
    assert lines[0][:7] == ["行", NAME, CODE, "条款", "标题", "状态", "金额（元）"]
    clauses = len(PROGRAM.computed)
    assert len(lines) == 1 + 3 * clauses
    first, second, third = (lines[1 + at * clauses] for at in range(3))
    assert first[:9] == [
        2,
        "第1号有限公司",
        code(1),
        "（一）",
        "分批投入补助",
        "适用",
        378_000,
        "",
        "不超过",
    ]
    assert "378,000" in first[9] or "37.8万元" in first[9]
    assert second[5:8] == ["不适用", "", ""]
    assert "不符合" in second[9]
    assert third[5:8] == ["资料不足", "", 378_000]
    assert "还需要" in third[9]


def test_totals_summary_and_notes_agree_with_the_lines(tmp_path: Path) -> None:
    _, target = decided(tmp_path, [row(n, invested=100_000 * n) for n in range(1, 21)])
    sheets = read_back(target)
    lines = [line for line in sheets["结果"][1:] if line[3] == "（一）"]
    summary = next(line for line in sheets["汇总"][1:] if line[0] == "（一）")
    assert summary[2:5] == [20, 0, 0]
    assert summary[5] == pytest.approx(sum(line[6] for line in lines))
    assert len(sheets["企业合计"]) == 21
    notes = {line[0]: line[1] for line in sheets["说明"]}
    assert notes["摘要"] == PROGRAM.pack_digest
    assert notes["测算日期"] == "2025-12-01"
    assert "hardware" in notes["口径"]
    assert "20 行" in notes["测算"]


def test_texts_are_those_of_a_single_decision(tmp_path: Path) -> None:
    _, target = decided(tmp_path, [row(1)])
    facts = {
        "project.batch": 1, "project.level_before": 1, "project.level_after": 2,
        "project.invested": "700000", "project.hardware_spend": "280000",
        "enterprise.is_pilot": True, "project.is_only_project": True,
    }  # fmt: skip
    decision = PROGRAM.decide(facts)
    for line, result in zip(read_back(target)["结果"][1:], decision.results, strict=True):
        assert line[5] == result.status
        assert result.text == f"{line[3]}{line[4]}：{line[9]}"


def test_csv_and_parquet_hold_the_same_lines(tmp_path: Path) -> None:
    rows = [row(n, invested=123_456.78 + n) for n in range(1, 6)]
    report, target = decided(tmp_path, rows)
    lines = read_back(target)["结果"]
    for kind in (".csv", ".parquet"):
        other = tmp_path / f"out{kind}"
        assert run(PROGRAM, tmp_path / "in.xlsx", other).exit_code == 0
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        from_csv = list(csv.reader(file))
    from_parquet = pl.read_parquet(tmp_path / "out.parquet")
    assert from_csv[0] == lines[0] == from_parquet.columns
    assert len(from_csv) == len(lines) == from_parquet.height + 1
    for plain, text, typed in zip(lines[1:], from_csv[1:], from_parquet.iter_rows(), strict=True):
        assert plain[3:6] + plain[8:] == text[3:6] + text[8:] == [*typed[3:6], *typed[8:]]
        amount = None if plain[6] == "" else Decimal(str(plain[6])).quantize(Decimal("0.01"))
        assert typed[6] == amount
        assert text[6] == ("" if amount is None else str(amount))
    totals = pl.read_parquet(tmp_path / "out-企业合计.parquet")
    assert totals.height == 5
    assert (tmp_path / "out-企业合计.csv").is_file()
    assert report.rows == 5


def test_names_are_never_taken_for_formulas(tmp_path: Path) -> None:
    name = '=HYPERLINK("http://x")'
    source = write_xlsx(
        tmp_path / "in.xlsx", [headers(), row(1, name=name)], strings_to_formulas=False
    )
    run(PROGRAM, source, tmp_path / "out.xlsx")
    run(PROGRAM, source, tmp_path / "out.csv")
    assert read_back(tmp_path / "out.xlsx")["结果"][1][1] == name
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert f"\"'{name[:6]}" in (tmp_path / "out.csv").read_text("utf-8-sig")


def test_more_lines_than_a_sheet_holds_go_into_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "SHEET_ROWS", 11)
    _, target = decided(tmp_path, [row(n) for n in range(1, 5)])
    sheets = read_back(target)
    parts = [name for name in sheets if name.startswith("结果")]
    lines = 4 * len(PROGRAM.computed)
    assert parts == ["结果"] + [f"结果{n}" for n in range(2, -(-lines // 10) + 1)]
    assert all(sheets[part][0] == sheets["结果"][0] for part in parts)
    assert sum(len(sheets[part]) - 1 for part in parts) == lines


def test_ten_thousand_rows_report_progress(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [
        row(n, invested=round(rng.lognormvariate(13, 1), 2), after=rng.choice(("一级", "二级", "")))
        for n in range(12_000)
    ]
    seen: list[tuple[str, int, int]] = []
    source = write_xlsx(tmp_path / "in.xlsx", [headers(), *rows], constant_memory=True)
    report = run(PROGRAM, source, tmp_path / "out.csv", lambda *step: seen.append(step))
    assert report.decided == 12_000
    steps = [step for step in seen if step[0] == "测算"]
    assert [step[1] for step in steps] == [0, 5_000, 10_000, 12_000]
    assert seen[0][0] == "读取"
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        assert sum(1 for _ in file) == 12_000 * len(PROGRAM.computed) + 1
    sums = [summary for summary in report.summaries if summary.clause.id == "1"]
    assert sum(sums[0].counts.values()) == 12_000


# -- what goes in --------------------------------------------------------------------------


def test_the_template_is_read_back_without_a_complaint(tmp_path: Path) -> None:
    for place in Library.load().ids:
        pack = Library.load().get(place)
        path = tmp_path / f"{place}.xlsx"
        path.write_bytes(template(pack))
        sheets = read_back(path)
        assert list(sheets) == ["企业数据", "填写说明"]
        found = match_headers(sheets["企业数据"][0], pack.facts)
        assert found.problems == ()
        assert {f.fact.key for f in found.fields} >= {
            f.key for f in pack.bind(date(2025, 12, 1)).facts
        }
        with pytest.raises(BatchError, match="没有数据"):
            read_table(path)


def test_the_template_keeps_codes_as_text_and_lists_what_is_permitted(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(template(PACK))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    style = int(re.findall(r'<col min="2" max="2"[^>]*style="(\d+)"', sheet)[0])
    shapes = re.findall(r"<xf [^>]*>", styles[styles.index("<cellXfs") :])
    assert 'numFmtId="49"' in shapes[style]  # text
    assert "是,否" in sheet
    assert "无等级,一级,二级,三级,四级" in sheet
    explained = [cell for line in read_back(path)["填写说明"] for cell in line]
    assert "写 是 或 否" in explained


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_files_of_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([headers(), row(1, invested="700000"), row(2, name="有，逗号,的")])
    source = tmp_path / "in.csv"
    source.write_bytes(text.getvalue().encode(encoding))
    report = run(PROGRAM, source, tmp_path / "out.xlsx")
    assert report.exit_code == 0, report.lines()
    assert read_back(tmp_path / "out.xlsx")["结果"][1][6] == 378_000


def test_amounts_in_ten_thousands_by_their_header(tmp_path: Path) -> None:
    renamed = [name.replace("（元）", "(万元)") for name in headers()]
    source = write_xlsx(tmp_path / "in.xlsx", [renamed, row(1, invested=70, hardware="28")])
    run(PROGRAM, source, tmp_path / "out.xlsx")
    assert read_back(tmp_path / "out.xlsx")["结果"][1][6] == 378_000


def test_headers_by_key_and_in_any_order(tmp_path: Path) -> None:
    keys = ["project.invested", "project.batch", "project.level_before", "project.level_after"]
    keys += ["project.hardware_spend", "enterprise.is_pilot", "project.is_only_project"]
    source = write_xlsx(
        tmp_path / "in.xlsx",
        [[*keys, "序号", CODE, NAME], [700_000, 1, 1, "2", 280_000, True, True, 1, code(1), "甲"]],
    )
    run(PROGRAM, source, tmp_path / "out.xlsx")
    line = read_back(tmp_path / "out.xlsx")["结果"][1]
    assert line[1:3] == ["甲", code(1)]
    assert line[6] == 378_000


def test_parquet_files_with_types_of_their_own(tmp_path: Path) -> None:
    names = headers()
    frame = pl.DataFrame(
        [row(1), row(2, invested=0, hardware=0)], schema=names, orient="row", strict=False
    ).with_columns(pl.col(names[5]).cast(pl.Float64))
    frame.write_parquet(tmp_path / "in.parquet")
    report = run(PROGRAM, tmp_path / "in.parquet", tmp_path / "out.xlsx")
    assert report.exit_code == 0, report.lines()
    assert read_back(tmp_path / "out.xlsx")["结果"][1][6] == 378_000


def test_blank_rows_are_counted_and_row_numbers_stay(tmp_path: Path) -> None:
    rows = [row(1), [None] * 9, [""] * 9, row(2)]
    report, target = decided(tmp_path, rows)
    assert report.rows == 2
    sheets = read_back(target)
    assert [line[0] for line in sheets["企业合计"][1:]] == [2, 5]
    assert {line[0]: line[1] for line in sheets["说明"]}["空行"] == "2 行是空的，略过"


def test_percentages_as_text_and_as_percentage_cells(tmp_path: Path) -> None:
    names = [NAME, "贷款年利率（%）"]
    label = next(f.label for f in PROGRAM.facts if f.key == "loan.annual_rate")
    names[1] = f"{label}（%）"
    rows = [names, ["甲", "3.3%"], ["乙", shaped(0.033, "0.00%")], ["丙", shaped(0.0331, "0.0%")]]
    source = write_xlsx(tmp_path / "in.xlsx", rows)
    run(PROGRAM, source, tmp_path / "out.xlsx")
    lines = [x for x in read_back(tmp_path / "out.xlsx")["结果"] if x[3] == "（二）"]
    assert [line[5] for line in lines] == ["符合", "符合", "不符合"]
    bare = write_xlsx(tmp_path / "bare.xlsx", [names, ["甲", 0.033], ["乙", 3.3]])
    report = run(PROGRAM, bare, tmp_path / "out2.xlsx")
    assert [p.row for p in report.problems] == [0, 1]
    assert "没有设成百分比格式" in report.told[0]


# -- nothing half written --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".parquet"])
def test_a_run_that_is_stopped_leaves_the_old_result(tmp_path: Path, kind: str) -> None:
    source = write_xlsx(tmp_path / "in.xlsx", [headers(), row(1)])
    target = tmp_path / f"out{kind}"
    target.write_bytes(b"old")

    def stop(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("测算", total):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(PROGRAM, source, target, stop)
    assert target.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["in.xlsx", target.name])


def test_two_computations_that_differ_stop_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = deciding._filled

    def off_by_one_fen(column: pl.Series) -> list[int]:
        values = exact(column)
        return [v + 1 if column.name == "1.amount" and v > 0 else v for v in values]

    monkeypatch.setattr(deciding, "_filled", off_by_one_fen)
    with pytest.raises(Disagreement, match="第 2 行 （一）"):
        decided(tmp_path, [row(1)])
    assert not (tmp_path / "out.xlsx").exists()

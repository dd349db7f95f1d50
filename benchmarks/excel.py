"""An officer's workbook in, a workbook of decisions out, against only moving the same cells.

The measure: python-calamine reads the same input and xlsxwriter writes the very cells of our
result, row by row, with nothing computed in between. Both run in processes of their own and take
turns; the ratio is the median over the rounds. The result is checked: a sample of its lines is
decided again, one case at a time, and read back from the workbook.

    python -m benchmarks.excel [--rows 200000] [--rounds 1] [--place zhongning]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from shuzhuan.engine.batch import run
from shuzhuan.engine.batch.fields import CODE, NAME, match_headers, title
from shuzhuan.engine.batch.tables import header
from shuzhuan.engine.batch.template import asked
from shuzhuan.engine.policy.cells import parse_cell
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.uscc import ALPHABET, check_digit

AS_OF = date(2025, 12, 1)
BAR = 2.0  # at most so many times the measure
GAPS = 0.05  # share of empty cells
CHECKED = 200  # enterprises decided again


def main() -> int:
    options = _options()
    if options.part:
        print(json.dumps(_PARTS[options.part](options)))
        return 0
    ratios, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.xlsx"
        _write_input(source, options.place, options.rows)
        size = source.stat().st_size / 1e6
        print(f"输入：{options.place}，{options.rows:,} 家企业，{size:.0f} MB")
        for at in range(options.rounds):
            ours = _apart("ours", folder, options)
            plain = _apart("plain", folder, options)
            ratios.append(ours["seconds"] / plain["seconds"])
            seconds.append(ours["seconds"])
            print(
                f"第 {at + 1} 轮：本程序 {ours['seconds']:.1f} 秒（{ours['megabytes']:.0f} MB），"
                f"只搬运 {plain['seconds']:.1f} 秒（读 {plain['read']:.1f}，写 {plain['write']:.1f}），"
                f"{plain['cells']:,} 格，比 {ratios[-1]:.2f}"
            )
        wrong = _wrong_lines(Path(folder), options)
    ratio = statistics.median(ratios)
    print(f"核对：{CHECKED} 家企业逐条重算，{wrong} 处不同")
    passed = wrong == 0 and ratio <= BAR
    print(
        f"BENCH-EXCEL ratio={ratio:.2f} bar={BAR} rows={options.rows} "
        f"seconds={statistics.median(seconds):.1f} wrong={wrong} {'PASS' if passed else 'FAIL'}"
    )
    return 0 if passed else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--place", default="zhongning")
    parser.add_argument("--part", default="")
    parser.add_argument("--folder", type=Path)
    return parser.parse_args()


def _apart(part: str, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.excel", "--part", part, "--folder", folder]
    command += ["--rows", str(options.rows), "--place", options.place]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _program(place: str) -> Any:
    return Library.load().get(place).bind(AS_OF)


def _ours(options: argparse.Namespace) -> dict[str, Any]:
    program = _program(options.place)
    started = time.perf_counter()
    report = run(program, options.folder / "in.xlsx", options.folder / "out.xlsx")
    seconds = time.perf_counter() - started
    assert report.exit_code == 0, report.lines()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": peak}


def _plain(options: argparse.Namespace) -> dict[str, Any]:
    """Read the input, write the cells of our result; those are loaded before the clock starts."""
    with CalamineWorkbook.from_path(str(options.folder / "out.xlsx")) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    started = time.perf_counter()
    with CalamineWorkbook.from_path(str(options.folder / "in.xlsx")) as book:
        rows = book.get_sheet_by_index(0).to_python()
    read = time.perf_counter() - started
    assert len(rows) == options.rows + 1
    target = str(options.folder / "plain.xlsx")
    copy = xlsxwriter.Workbook(target, {"constant_memory": True})
    for name, cells in sheets.items():
        sheet = copy.add_worksheet(name)
        for at, row in enumerate(cells):
            sheet.write_row(at, 0, row)
    copy.close()
    seconds = time.perf_counter() - started
    count = sum(len(row) for cells in sheets.values() for row in cells)
    return {"seconds": seconds, "read": read, "write": seconds - read, "cells": count}


_PARTS = {"ours": _ours, "plain": _plain}


# -- the input --------------------------------------------------------------------------


def _write_input(path: Path, place: str, rows: int) -> None:
    """Plausible enterprises in the columns of our own template; the same every time."""
    facts = [fact for fact in asked(Library.load().get(place)) if fact.kind != "list"]
    rng = Random(20250531)
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("企业数据")
    sheet.write_row(0, 0, [NAME, CODE, *(title(fact, facts) for fact in facts)])
    for row in range(1, rows + 1):
        code = f"91{row:06d}" + "".join(rng.choices(ALPHABET, k=9))
        cells = [None if rng.random() < GAPS else _cell(fact, rng) for fact in facts]
        sheet.write_row(row, 0, [f"第{row}号有限公司", code + check_digit(code), *cells])
    book.close()


def _cell(fact: Any, rng: Random) -> object:
    match fact.kind:
        case "bool":
            return "是" if rng.random() < 0.8 else "否"
        case "enum":
            return fact.names[rng.randint(fact.lo, fact.hi)]
        case "int":
            value = rng.randint(fact.lo, min(fact.hi, 5))
            return fact.names.get(value, value)
        case "money":
            return min(round(rng.lognormvariate(13.5, 1.0), 2), fact.hi / 100)
        case "ratio":
            return f"{rng.randint(0, 400) / 100}%"
    return date(2025, 1, 1) + timedelta(days=rng.randint(0, 300))


# -- the check ---------------------------------------------------------------------------


def _wrong_lines(folder: Path, options: argparse.Namespace) -> int:
    """Lines of the result that differ from deciding the same row alone."""
    program = _program(options.place)
    with CalamineWorkbook.from_path(str(folder / "in.xlsx")) as book:
        rows = book.get_sheet_by_index(0).to_python()
    with CalamineWorkbook.from_path(str(folder / "out.xlsx")) as book:
        names = [name for name in book.sheet_names if name.startswith("结果")]
        lines = [line for n in names for line in book.get_sheet_by_name(n).to_python()[1:]]
    fields = match_headers([header(cell) for cell in rows[0]], program.declared).fields
    clauses, wrong = len(program.computed), 0
    assert len(lines) == options.rows * clauses
    step = max(1, options.rows // CHECKED)
    for row in range(1, options.rows + 1, step):
        values = {
            f.fact.key: parse_cell(f.fact, cell, f.unit)
            for f in fields
            if (cell := rows[row][f.column]) not in ("", None)
        }
        decision = program.decider.decide_values(values)
        block = lines[(row - 1) * clauses : row * clauses]
        wrong += sum(
            _differs(line, result, rows[row])
            for line, result in zip(block, decision.results, strict=True)
        )
    return wrong


def _differs(line: Sequence[Any], result: Any, row: Sequence[Any]) -> bool:
    fen = result.amount_fen
    applies = fen if result.status == "适用" and fen is not None else None
    if_holds = fen if result.status == "资料不足" and fen is not None else None
    told = [None if cell in ("", None) else round(cell * 100) for cell in line[6:8]]
    same_text = result.text.endswith(line[9]) or "还需要" in line[9]  # the order may differ
    return not (
        list(line[1:3]) == list(row[:2])
        and line[5] == result.status
        and told == [applies, if_holds]
        and same_text
    )


if __name__ == "__main__":
    raise SystemExit(main())

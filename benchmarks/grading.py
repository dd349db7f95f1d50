"""`python -m benchmarks.grading`: a million sheets in columns against one sheet at a time.

Both start from what their callers hold: the one-sheet function from parsed answers, the columns
from a frame. They take turns within each round, and the ratio is the median over the rounds of
(time of one sheet) / (time of one row). Before anything is timed, every row of the columns is
compared with the one-sheet function. Also shown: reading answers from JSON, encoding a frame,
and the shortest way on the real set, whose bar is a tenth of a second for the slowest.
Last the report of one enterprise, against typst alone (``benchmarks.grading_report``).
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl

from benchmarks.grading_report import report_times
from benchmarks.harness import (
    FEWEST_ROUNDS,
    Bar,
    Verdict,
    busy_note,
    exit_status,
    print_last_line,
    print_verdicts,
    show_ratio,
)
from shuzhuan.engine.grading import (
    Costs,
    IndicatorSet,
    encode,
    grade,
    grade_columns,
    parse_answers,
    shipped_sets,
    shortest_way,
)
from tests.engine.grading.sheets import random_sheet
from tests.proofs.grading import flat

T = TypeVar("T")

SET = "2024-manufacturing"
ROWS = 1_000_000
DISTINCT = 20_000
"""Different sheets; the rows are drawn from them, because drawing a million takes minutes."""

TIMED_SHEETS = 5_000
WAYS = 300
WAY_BAR_SECONDS = 0.1
REPORT_ROUNDS = 31
REPORT_BAR = Bar("report_vs_typst_alone", "report", ("typst",), 0.5)
RATIO_BAR = Bar("columns_vs_one_sheet", "columns", ("one_sheet",), 30.0)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    indicators = shipped_sets()[SET]
    load = busy_note()
    raws = [random_sheet(random.Random(f"{options.seed}/{n}")) for n in range(DISTINCT)]
    parse_seconds, sheets = _timed(lambda: [parse_answers(indicators, raw) for raw in raws])
    encode_seconds, distinct = _timed(lambda: encode(indicators, sheets))
    drawn = np.random.default_rng(options.seed).integers(0, DISTINCT, options.rows)
    frame = distinct[drawn]
    wanted = pl.DataFrame([flat(grade(indicators, sheet)) for sheet in sheets])
    differing = _differing_rows(grade_columns(indicators, frame, detail=True), wanted[drawn])
    ones: list[float] = []
    rows: list[float] = []
    for _ in range(options.rounds):
        seconds, _ = _timed(lambda: [grade(indicators, s) for s in sheets[:TIMED_SHEETS]])
        ones.append(seconds / TIMED_SHEETS)
        seconds, _ = _timed(lambda: grade_columns(indicators, frame))
        rows.append(seconds / options.rows)
    ways = _way_seconds(indicators, options.seed)
    report = report_times(max(options.rounds, REPORT_ROUNDS), options.seed)
    verdicts = [
        Verdict(RATIO_BAR, statistics.median(o / r for o, r in zip(ones, rows, strict=True))),
        Verdict(Bar("slowest_way_under_bar", "way", (), 1.0), WAY_BAR_SECONDS / max(ways)),
        Verdict(REPORT_BAR, 1 / report.ratio),
    ]
    print_verdicts(verdicts)
    values: dict[str, str | int | float] = {
        "rows": options.rows,
        "rounds": options.rounds,
        "cores": os.cpu_count() or 0,
        "load": load,
        "one_sheet_us": round(statistics.median(ones) * 1e6, 1),
        "row_us": round(statistics.median(rows) * 1e6, 3),
        "ratio": show_ratio(verdicts[0].ratio),
        "ratio_bar": f"{RATIO_BAR.least:g}",
        "parse_us": round(parse_seconds / DISTINCT * 1e6, 1),
        "encode_us": round(encode_seconds / DISTINCT * 1e6, 1),
        "way_median_ms": round(statistics.median(ways) * 1e3, 2),
        "way_max_ms": round(max(ways) * 1e3, 2),
        "report": show_ratio(report.ratio),
        "report_bar": f"{1 / REPORT_BAR.least:g}",
        "report_ms": round(report.ours_ms, 1),
        "typst_ms": round(report.typst_ms, 1),
        "report_first_ms": round(report.first_ms, 1),
        "report_pages": report.pages,
        "differences": differing,
        "bars_missed": sum(not verdict.holds for verdict in verdicts),
    }
    print_last_line("BENCH-GRADING", values)
    troubles = (["columns"] if differing else []) + ([report.trouble] if report.trouble else [])
    return exit_status(troubles, verdicts)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _differing_rows(found: pl.DataFrame, wanted: pl.DataFrame) -> int:
    """Rows in which any column differs; a missing column counts as all rows."""
    if set(found.columns) != set(wanted.columns):
        return found.height
    pairs = [found[name].cast(pl.Int64) != wanted[name] for name in wanted.columns]
    return int(np.any([pair.to_numpy() for pair in pairs], axis=0).sum())


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _way_seconds(indicators: IndicatorSet, seed: int) -> list[float]:
    """Shortest ways from random sheets, every other one with odd costs for every step."""
    seconds = []
    for number in range(WAYS):
        rng = random.Random(f"{seed}/way/{number}")
        sheet = parse_answers(indicators, random_sheet(rng))
        options = {(q.id, k): rng.randrange(10**9) for q in indicators.questions for k in q.worth}
        lifts = range(1, indicators.scenario_top + 1)
        scenarios = {(s.id, n): rng.randrange(10**9) for s in indicators.scenarios for n in lifts}
        costs = Costs(options, scenarios) if number % 2 else None
        target = rng.randrange(1, len(indicators.levels) + 1)
        spent, _ = _timed(partial(shortest_way, indicators, sheet, target, costs))
        seconds.append(spent)
    return seconds


if __name__ == "__main__":
    sys.exit(main())

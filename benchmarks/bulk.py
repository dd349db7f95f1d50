"""`python -m benchmarks.bulk`: whole populations, eleven clauses, every engine on the same rows."""

import argparse
import os
import sys
from collections.abc import Sequence

from benchmarks.data import DEFAULT_SEED
from benchmarks.engines import BULK_ENTRIES
from benchmarks.harness import (
    FEWEST_ROUNDS,
    Bar,
    Measured,
    Verdict,
    busy_note,
    exit_status,
    judge,
    measure,
    print_last_line,
    print_table,
    print_verdicts,
    ratio,
    saved_companies,
    select,
    show_ratio,
)
from benchmarks.workload import CLAUSES_PER_ROW

ZEN = ("zen_rows", "zen_loop_1k", "zen_loop_10k")
BARS = (
    Bar("ours_vs_polars", "ours", ("polars",), 1.0),
    Bar("ours_vs_openfisca", "ours", ("openfisca",), 5.0),
    Bar("ours_vs_zen_best", "ours", ZEN, 300.0),
    Bar("reasons_vs_polars", "ours_reasons", ("polars",), 0.7),
)
DEFAULT_ROWS = (1_000_000, 10_000_000)
QUICK_ROWS = (200_000,)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    sizes: Sequence[int] = options.rows or (QUICK_ROWS if options.quick else DEFAULT_ROWS)
    all_verdicts: list[Verdict] = []
    troubles: list[str] = []
    values: dict[str, str | int | float] = {
        "rows": ",".join(map(str, sizes)),
        "rounds": options.rounds,
        "cores": os.cpu_count() or 0,
        "load": busy_note(),
    }
    entries = select(BULK_ENTRIES, options.only)
    for rows in sizes:
        print(f"{rows:,} companies, seed {options.seed}, {options.rounds} rounds", file=sys.stderr)
        with saved_companies(rows, options.seed) as folder:
            all_measured = measure("bulk", entries, folder, rows, options.rounds)
        _print(rows, all_measured)
        verdicts = judge(all_measured, BARS)
        print_verdicts(verdicts)
        all_verdicts += verdicts
        troubles += [f"{m.label}@{rows}" for m in all_measured if m.trouble]
        values |= _values(rows, all_measured, verdicts)
    values["bars_missed"] = sum(not verdict.holds for verdict in all_verdicts)
    values["troubles"] = ",".join(troubles) or 0
    print_last_line("BENCH-BULK", values)
    return exit_status(troubles, all_verdicts)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", help="sizes instead of 10^6 and 10^7")
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS, help="at least five")
    parser.add_argument("--only", nargs="+", metavar="ENGINE", help="for trying things out")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--quick", action="store_true", help="200,000 rows only")
    return parser.parse_args(arguments)


def _print(rows: int, all_measured: Sequence[Measured]) -> None:
    print_table(
        f"{rows:,} companies, {CLAUSES_PER_ROW} clauses each; native input to finished output",
        all_measured,
        (
            ("rows", lambda m: f"{m.rows:,}"),
            ("rows/s", lambda m: f"{1 / m.median:,.0f}"),
            ("spread", lambda m: m.spread),
            ("ours is", lambda m: show_ratio(ratio(all_measured, "ours", m.label)) + " x"),
            ("polars is", lambda m: show_ratio(ratio(all_measured, "polars", m.label)) + " x"),
            ("MB/10^6 rows", lambda m: f"{m.facts['peak_mb_per_million']:,.0f}"),
            ("process MB", lambda m: f"{m.facts['peak_mb']:,.0f}"),
        ),
    )
    fewer = [m.label for m in all_measured if m.rows < rows]
    print(
        "MB/10^6 rows: peak resident memory over that of the loaded engine without rows, so input,"
        "\nworking space and results; row engines also hold their rows as Python objects."
    )
    if fewer:
        print(f"Row engines are slow and were given the first rows only: {', '.join(fewer)}.")


def _values(
    rows: int, all_measured: Sequence[Measured], verdicts: Sequence[Verdict]
) -> dict[str, str | int | float]:
    values: dict[str, str | int | float] = {}
    for measured in all_measured:
        if not measured.trouble:
            values[f"{measured.label}_rows_per_s_{rows}"] = round(1 / measured.median)
    for verdict in verdicts:
        values[f"{verdict.bar.name}_{rows}"] = show_ratio(verdict.ratio)
    return values


if __name__ == "__main__":
    sys.exit(main())

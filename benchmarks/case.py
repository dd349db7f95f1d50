"""`python -m benchmarks.case`: one company at a time, and the start of the command line.

Every round goes once through thousands of different companies, so that remembering an answer does
not help. An engine's own input is built before the clock starts.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.data import DEFAULT_SEED
from benchmarks.engines import CASE_ENTRIES
from benchmarks.harness import (
    FEWEST_ROUNDS,
    Bar,
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

FEWEST_COMPANIES = 2_000
# "At most half the time" is "at least twice as fast".
BARS = (
    Bar("trace_vs_zen_trace", "ours_trace", ("zen_trace",), 2.0),
    Bar("chinese_vs_zen_trace", "ours_chinese", ("zen_trace",), 1.0),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    companies: int = options.rows
    if companies < FEWEST_COMPANIES:
        raise SystemExit(f"--rows: at least {FEWEST_COMPANIES}, or caching would decide")
    load = busy_note()
    entries = select(CASE_ENTRIES, options.only)
    with saved_companies(companies, options.seed) as folder:
        all_measured = measure("case", entries, folder, companies, options.rounds)
    print_table(
        f"one company, {companies:,} different ones in turn",
        all_measured,
        (
            ("us", lambda m: f"{m.median * 1e6:,.2f}"),
            ("spread", lambda m: m.spread),
            ("p99 us", lambda m: f"{m.facts['p99_us']:,.1f}"),
            ("zen_trace is", lambda m: show_ratio(ratio(all_measured, m.label, "zen_trace"))),
        ),
    )
    print("zen_trace is: how many times the engine's time zen's expression with trace takes.")
    verdicts = judge(all_measured, BARS)
    print_verdicts(verdicts)
    troubles = [measured.label for measured in all_measured if measured.trouble]
    values: dict[str, str | int | float] = {
        "companies": companies,
        "rounds": options.rounds,
        "load": load,
    }
    for measured in all_measured:
        if not measured.trouble:
            values[f"{measured.label}_us"] = f"{measured.median * 1e6:.2f}"
    values |= {verdict.bar.name: show_ratio(verdict.ratio) for verdict in verdicts}
    values |= _start_up(options.rounds, troubles)
    values["bars_missed"] = sum(not verdict.holds for verdict in verdicts)
    values["troubles"] = ",".join(troubles) or 0
    print_last_line("BENCH-CASE", values)
    return exit_status(troubles, verdicts)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.case", description=__doc__)
    parser.add_argument("--rows", type=int, default=FEWEST_COMPANIES, help="companies in turn")
    parser.add_argument("--rounds", type=int, default=7, help=f"at least {FEWEST_ROUNDS}")
    parser.add_argument("--only", nargs="+", metavar="ENGINE", help="for trying things out")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--quick", action="store_true", help="five rounds")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds = FEWEST_ROUNDS
    return options


def _start_up(rounds: int, troubles: list[str]) -> dict[str, str | int | float]:
    """Wall time of the whole process `shuzhuan policy list`, beside an idle interpreter."""
    command = Path(sys.executable).parent / "shuzhuan"
    commands = {
        "start_ms": [str(command), "policy", "list"],
        "python_ms": [sys.executable, "-c", "pass"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, arguments in commands.items():
            start = time.perf_counter()
            try:
                done = subprocess.run(arguments, capture_output=True, check=False).returncode == 0
            except OSError:
                done = False
            if not done:
                troubles.append("policy_list")
                print("\n`shuzhuan policy list` could not run")
                return {"start_ms": "-"}
            took[name].append((time.perf_counter() - start) * 1e3)
    medians = {name: statistics.median(times) for name, times in took.items()}
    print(
        f"\nstart-up: `shuzhuan policy list` {medians['start_ms']:.0f} ms, "
        f"`python -c pass` {medians['python_ms']:.0f} ms, "
        f"{medians['start_ms'] / medians['python_ms']:.1f} times"
    )
    return {name: round(value) for name, value in medians.items()}


if __name__ == "__main__":
    sys.exit(main())

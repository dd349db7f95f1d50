"""One engine in one process: loads its rows, checks its answers, and times a run when told to.

Started by the harness as `python -m benchmarks.worker bulk|case LABEL FOLDER ROWS`. Speaks JSON,
one line each way: first {"ready": …} or {"error": …}, then one {"seconds": …} per line received.
"""

import contextlib
import gc
import json
import os
import re
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import checks
from benchmarks.data import Columns, as_rows
from benchmarks.engines import (
    BULK_ENTRIES,
    CASE_ENTRIES,
    BulkMode,
    CaseMode,
    Entry,
    bulk_mode,
    case_mode,
)
from benchmarks.workload import OUTPUTS

Run = Callable[[], float]
# Enough rows for an engine that recycles its memory to do so.
OWNERSHIP_ROWS = 200_000
WARM_UP_ROWS = 1_000
# A round lasts at least this long, or the clock and the neighbours decide; slow runs count alone.
ROUND_SECONDS = 0.2
MOST_RUNS = 9


def main() -> None:
    kind, label, folder, rows = sys.argv[1:]
    # Whatever an engine prints must not end up between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")

    try:
        start = start_bulk if kind == "bulk" else start_case
        run, facts = start(label, Path(folder), int(rows))
        answer({"ready": facts})
        for _ in sys.stdin:
            gc.collect()
            answer({"seconds": run()})
    except Exception as error:
        if not isinstance(error, ImportError):
            traceback.print_exc()
        answer({"error": f"{type(error).__name__}: {error}"})


def start_bulk(label: str, folder: Path, rows: int) -> tuple[Run, dict[str, Any]]:
    mode = bulk_mode(_entry(BULK_ENTRIES, label))
    # Compilers and thread pools are the engine's weight, not the rows'.
    mode.run(mode.prepare(checks.load(folder, WARM_UP_ROWS)))
    gc.collect()
    empty_mb = _resident_mb("VmRSS")
    native = mode.prepare(checks.load(folder, rows))
    found = checks.digest(mode.to_columns(mode.run(native)))

    def once() -> float:
        start = time.perf_counter()
        out = mode.run(native)
        seconds = time.perf_counter() - start
        del out
        return seconds

    def run() -> float:
        took = [once()]
        while sum(took) < ROUND_SECONDS and len(took) < MOST_RUNS:
            took.append(once())
        return statistics.median(took)

    # The digest above needs memory of its own, so the peak is taken over a run without it.
    gc.collect()
    _reset_peak()
    once()
    peak_mb = _resident_mb("VmHWM")
    _check_ownership(mode, checks.load(folder, min(rows, OWNERSHIP_ROWS)))
    return run, {
        "whole": found.whole,
        "columns": found.columns,
        "peak_mb": peak_mb,
        "peak_mb_per_million": (peak_mb - empty_mb) / rows * 1e6,
    }


def _check_ownership(mode: BulkMode, columns: Columns) -> None:
    """A result must survive the next call: an engine may recycle memory, but not the caller's."""
    first_native = mode.prepare(columns)
    other_native = mode.prepare({key: np.roll(column, 1) for key, column in columns.items()})
    first = mode.to_columns(mode.run(first_native))
    before = checks.digest(first)
    other = checks.digest(mode.to_columns(mode.run(other_native)))
    if checks.digest(first).whole != before.whole:
        raise RuntimeError("a later call wrote into an earlier result")
    if other.whole == before.whole:
        raise RuntimeError("other companies gave the same result: answers are not computed")


def start_case(label: str, folder: Path, rows: int) -> tuple[Run, dict[str, Any]]:
    mode = case_mode(_entry(CASE_ENTRIES, label))
    columns = checks.load(folder, rows)
    companies = [mode.prepare(row) for row in as_rows(columns)]
    results = [mode.run(company) for company in companies]
    facts = _check_cases(mode, columns, results)
    del results
    facts["p99_us"] = _p99_us(mode, companies)
    decide = mode.run
    passes = 1

    def run() -> float:
        start = time.perf_counter()
        for _ in range(passes):
            for company in companies:
                decide(company)
        return (time.perf_counter() - start) / passes

    passes = max(1, round(ROUND_SECONDS / run()))
    return run, facts


def _check_cases(mode: CaseMode, columns: Columns, results: list[Any]) -> dict[str, Any]:
    if mode.to_text is not None:
        _check_texts([mode.to_text(result) for result in results])
        return {"whole": "", "columns": {}}
    assert mode.to_amounts is not None, "a mode has amounts or text"
    amounts = [mode.to_amounts(result) for result in results]
    found = checks.digest(
        {name: np.array([amount[name] for amount in amounts], np.int64) for name in OUTPUTS}
    )
    return {"whole": found.whole, "columns": found.columns}


def _check_texts(texts: list[str]) -> None:
    """Amounts inside prose cannot be compared by digest; this refuses what is no explanation."""
    for text in texts:
        if len(re.findall(r"[\u4e00-\u9fff]", text)) < 50:
            raise ValueError(f"not an explanation in Chinese: {text[:60]!r}")
    if len(set(texts)) < len(texts) // 2:
        raise ValueError("most companies have the same explanation")


def _p99_us(mode: CaseMode, companies: list[Any]) -> float:
    took = []
    for company in companies:
        start = time.perf_counter_ns()
        mode.run(company)
        took.append(time.perf_counter_ns() - start)
    return float(np.percentile(took, 99)) / 1000


def _entry(entries: tuple[Entry, ...], label: str) -> Entry:
    return next(entry for entry in entries if entry.label == label)


def _resident_mb(field: str) -> float:
    """VmRSS now or VmHWM at most; 0 where the system has no /proc."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def _reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.compile`: what a kernel costs before it computes anything, and when it pays.

A kernel is compiled once per set of packs and columns and kept on disk. Below the break-even a
run that finds nothing kept is done sooner by the Polars reading of the same packs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.data import DEFAULT_SEED, as_polars, generate
from benchmarks.harness import FEWEST_ROUNDS, busy_note, print_last_line

ROWS = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=__doc__)
    parser.add_argument("--first-call", action="store_true", help="one first call, in seconds")
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args(arguments)
    if options.first_call:
        print(*first_call())
        return 0
    load = busy_note()
    with TemporaryDirectory(prefix="benchmark-") as folder:
        cold = _in_new_process(folder)
        cached = [_in_new_process(folder) for _ in range(FEWEST_ROUNDS)]
    imported, warm = (statistics.median(each) for each in zip(*cached, strict=True))
    kernel, polars = rates(options.rows)
    saved = 1 / polars - 1 / kernel
    values: dict[str, str | int | float] = {
        "cold_s": round(cold[1], 2),
        "cached_s": round(warm, 3),
        "import_numba_s": round(imported, 3),
        "kernel_rows_per_s": round(kernel),
        "polars_reading_rows_per_s": round(polars),
        "break_even_rows_cold": round((cold[0] + cold[1]) / saved) if saved > 0 else "-",
        "break_even_rows_cached": round((imported + warm) / saved) if saved > 0 else "-",
        "load": load,
    }
    for name, value in values.items():
        print(f"{name:28}{value:>16,}" if not isinstance(value, str) else f"{name:28}{value:>16}")
    print_last_line("BENCH-COMPILE", values)
    return 0


def first_call() -> tuple[float, float]:
    """Seconds to import the compiler, and of the first call with a thousand companies."""
    start = time.perf_counter()
    import numba  # noqa: F401 - the import is what is timed

    imported = time.perf_counter() - start
    from benchmarks import ours

    native = ours.prepare_bulk(generate(1_000))
    start = time.perf_counter()
    ours.bulk(native)
    return imported, time.perf_counter() - start


def _in_new_process(folder: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compile", "--first-call"],
        env={**os.environ, "SHUZHUAN_CACHE_DIR": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    imported, first = map(float, done.stdout.split())
    return imported, first


def rates(rows: int) -> tuple[float, float]:
    """Rows a second of the kernel and of the Polars reading, both compiled from the same packs."""
    from benchmarks import ours
    from shuzhuan.engine.policy.readings.frames import prepare
    from shuzhuan.engine.policy.readings.polars import Part, query

    native = ours.prepare_bulk(generate(rows, DEFAULT_SEED))
    frame = as_polars(native)
    parts = [Part(program, f"{place}.") for place, program in ours.PROGRAMS.items()]
    programs = list(ours.PROGRAMS.values())

    def by_polars() -> Any:
        lazy = query(parts, prepare(programs, frame), shares=True)
        wanted = [name for name in ours.NAMES if name in lazy.collect_schema().names()]
        return lazy.select(wanted).collect(engine="streaming")

    return rows / _median(lambda: ours.bulk(native)), rows / _median(by_polars)


def _median(run: Callable[[], Any]) -> float:
    run()
    took = []
    for _ in range(FEWEST_ROUNDS):
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())

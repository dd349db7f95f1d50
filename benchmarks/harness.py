"""Runs engines side by side, in processes of their own, and says what their figures are worth.

Times on a shared machine drift, so the engines take turns: each round times every engine once, and
a ratio is the median of the ratios within a round. Absolute figures belong to the machine; ratios
and the check against the reference do not.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import checks, data
from benchmarks.checks import Digest
from benchmarks.engines import Entry

ROOT = Path(__file__).resolve().parent.parent
FEWEST_ROUNDS = 5


@dataclass
class Measured:
    """What is known about one engine after the rounds."""

    entry: Entry
    rows: int
    seconds: list[float] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    @property
    def label(self) -> str:
        return self.entry.label

    @property
    def median(self) -> float:
        """Median seconds per row or company."""
        return statistics.median(self.seconds) / self.rows

    @property
    def spread(self) -> str:
        """Fastest and slowest round against the median, in per cent of time."""
        middle = statistics.median(self.seconds)
        low, high = min(self.seconds) / middle - 1, max(self.seconds) / middle - 1
        return f"{low:+.0%}..{high:+.0%}"


@dataclass(frozen=True)
class Bar:
    """A promise: `ours` must be at least `least` times as fast as the best of `peers`."""

    name: str
    ours: str
    peers: tuple[str, ...]
    least: float


@dataclass(frozen=True)
class Verdict:
    bar: Bar
    ratio: float | None

    @property
    def holds(self) -> bool:
        return self.ratio is not None and self.ratio >= self.bar.least


class _Worker:
    """The other end of `worker.py`."""

    def __init__(self, kind: str, entry: Entry, folder: Path, rows: int) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", kind, entry.label]
        self._process = subprocess.Popen(
            [*command, str(folder), str(rows)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            return {"error": f"the process ended with status {self._process.wait()}"}
        message: dict[str, Any] = json.loads(line)
        return message

    def time(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        return self.receive()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def saved_companies(rows: int, seed: int) -> Iterator[Path]:
    """The generated columns on disk, so that every process reads the same bytes."""
    with TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        checks.save(data.generate(rows, seed), folder)
        yield folder


def select(entries: Sequence[Entry], only: Sequence[str] | None) -> tuple[Entry, ...]:
    """All engines, or the named ones; bars that need an engine left out count as missed."""
    unknown = set(only or ()) - {entry.label for entry in entries}
    if unknown:
        raise SystemExit(f"--only: no engine {', '.join(sorted(unknown))}")
    return tuple(entry for entry in entries if not only or entry.label in only)


def measure(
    kind: str, entries: Sequence[Entry], folder: Path, rows: int, rounds: int
) -> list[Measured]:
    if rounds < FEWEST_ROUNDS:
        raise ValueError(f"a median needs at least {FEWEST_ROUNDS} rounds")
    all_measured = [Measured(entry, min(rows, entry.most_rows or rows)) for entry in entries]
    workers: dict[str, _Worker] = {}
    references: dict[int, Digest] = {}
    try:
        for measured in all_measured:
            if measured.rows not in references:
                references[measured.rows] = checks.reference_digest(folder, measured.rows)
            _note(f"  {measured.label}: loading and checking {measured.rows:,} rows")
            worker = _Worker(kind, measured.entry, folder, measured.rows)
            workers[measured.label] = worker
            _take(measured, worker.receive())
            _compare(measured, references[measured.rows])
        _run_rounds(all_measured, workers, rounds)
    finally:
        for worker in workers.values():
            worker.stop()
    return all_measured


def _run_rounds(all_measured: Sequence[Measured], workers: dict[str, _Worker], rounds: int) -> None:
    for number in range(rounds):
        _note(f"  round {number + 1} of {rounds}")
        # Every other round backwards, so that nobody always follows the same neighbour.
        for measured in all_measured if number % 2 == 0 else reversed(all_measured):
            if not measured.trouble:
                _take(measured, workers[measured.label].time())


def _take(measured: Measured, message: dict[str, Any]) -> None:
    if "ready" in message:
        measured.facts = message["ready"]
    elif "seconds" in message:
        measured.seconds.append(message["seconds"])
    else:
        measured.trouble = f"could not run: {message['error']}"


def _compare(measured: Measured, reference: Digest) -> None:
    whole = measured.facts.get("whole")
    if whole and whole != reference.whole:
        found = Digest(whole, measured.facts["columns"])
        measured.trouble = "disagrees in " + ", ".join(reference.differences(found))


def ratio(all_measured: Sequence[Measured], ours: str, peer: str) -> float | None:
    """How many times as fast as `peer`, median over the rounds; None if either has no times."""
    by_label = {measured.label: measured for measured in all_measured if not measured.trouble}
    if ours not in by_label or peer not in by_label:
        return None
    first, second = by_label[ours], by_label[peer]
    pairs = zip(first.seconds, second.seconds, strict=True)
    return statistics.median((s / second.rows) / (f / first.rows) for f, s in pairs)


def judge(all_measured: Sequence[Measured], bars: Sequence[Bar]) -> list[Verdict]:
    """Against several peers the fastest counts, so the smallest ratio."""
    verdicts = []
    for bar in bars:
        ratios = [ratio(all_measured, bar.ours, peer) for peer in bar.peers]
        known = [value for value in ratios if value is not None]
        verdicts.append(Verdict(bar, min(known) if len(known) == len(ratios) else None))
    return verdicts


Format = Callable[[Measured], str]


def print_table(
    title: str, all_measured: Sequence[Measured], columns: Sequence[tuple[str, Format]]
) -> None:
    lines = [["engine", *(head for head, _ in columns), "result"]]
    for measured in all_measured:
        cells = ["-" if measured.trouble else show(measured) for _, show in columns]
        outcome = measured.trouble or ("equal" if measured.facts.get("whole") else "text only")
        lines.append([measured.label, *cells, outcome])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    print(f"\n{title}")
    for line in lines:
        padded = [cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:-1], strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *padded, line[-1]]).rstrip())


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    print("\nbars (times as fast)")
    for verdict in verdicts:
        seen = "not measured" if verdict.ratio is None else f"{verdict.ratio:.2f}"
        word = "holds" if verdict.holds else "MISSED"
        print(f"  {verdict.bar.name}: {seen}, at least {verdict.bar.least:g}: {word}")


def busy_note() -> float:
    """The load before the start; other work on the cores makes every figure below doubtful."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > 0.3 * cores:
        _note(f"The machine is busy (load {load:.1f} on {cores} cores): figures will be noisy.")
    return round(load, 1)


def show_ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def exit_status(troubles: Sequence[str], verdicts: Sequence[Verdict]) -> int:
    """2 when an engine disagreed or could not run, 1 when a bar was missed, 0 otherwise."""
    if troubles:
        return 2
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def print_last_line(name: str, values: dict[str, str | int | float]) -> None:
    """One line for scripts: no blanks inside values."""
    print(f"\n{name} " + " ".join(f"{key}={value}" for key, value in values.items()))


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

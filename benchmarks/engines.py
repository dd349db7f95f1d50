"""The registry: which engines are measured, in which mode, and how the harness talks to them.

An engine module offers `BULK` and `CASE`, tuples of the modes below. The parent process knows the
names only; a module is imported in the worker process that measures it, so that no engine pays for
another's memory, threads or settings.

Adding an engine: one `peer_<name>.py`, one line in `BULK_ENTRIES` or `CASE_ENTRIES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.data import Columns, Row


@dataclass(frozen=True)
class BulkMode:
    """One way to compute all the columns. Only `run` is timed: native input to finished output."""

    name: str
    prepare: Callable[[Columns], Any]
    run: Callable[[Any], Any]
    to_columns: Callable[[Any], Columns]


@dataclass(frozen=True)
class CaseMode:
    """One way to decide one company. Only `run` is timed; `check` sees its answer afterwards."""

    name: str
    prepare: Callable[[Row], Any]
    run: Callable[[Any], Any]
    to_amounts: Callable[[Any], Mapping[str, int]] | None = None
    # Modes whose answer is text have no amounts to compare; this returns the words.
    to_text: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Entry:
    label: str
    module: str
    mode: str
    # Row engines need minutes for 10^7 rows; they are measured on the first rows of the same data.
    most_rows: int | None = None


BULK_ENTRIES: tuple[Entry, ...] = (
    Entry("ours", "benchmarks.ours_adapter", "bulk"),
    Entry("ours_reasons", "benchmarks.ours_adapter", "bulk_with_reasons"),
    Entry("polars", "benchmarks.peer_polars", "streaming"),
    Entry("duckdb", "benchmarks.peer_duckdb", "arrow"),
    Entry("numpy", "benchmarks.peer_numpy", "whole"),
    Entry("numpy_blocks", "benchmarks.peer_numpy", "blocks"),
    Entry("openfisca", "benchmarks.peer_openfisca", "int64"),
    Entry("python", "benchmarks.peer_python", "loop", most_rows=200_000),
    Entry("zen_rows", "benchmarks.peer_zen", "rows", most_rows=20_000),
    Entry("zen_loop_1k", "benchmarks.peer_zen", "loop_1k", most_rows=20_000),
    Entry("zen_loop_10k", "benchmarks.peer_zen", "loop_10k", most_rows=20_000),
)

CASE_ENTRIES: tuple[Entry, ...] = (
    Entry("ours", "benchmarks.ours_adapter", "case"),
    Entry("ours_trace", "benchmarks.ours_adapter", "case_trace"),
    Entry("ours_chinese", "benchmarks.ours_adapter", "case_chinese"),
    Entry("python", "benchmarks.peer_python", "plain"),
    Entry("zen", "benchmarks.peer_zen", "expression"),
    Entry("zen_trace", "benchmarks.peer_zen", "expression_trace"),
    Entry("openfisca", "benchmarks.peer_openfisca", "calculate"),
    Entry("openfisca_trace", "benchmarks.peer_openfisca", "calculate_trace"),
)


def bulk_mode(entry: Entry) -> BulkMode:
    modes: tuple[BulkMode, ...] = import_module(entry.module).BULK
    return next(mode for mode in modes if mode.name == entry.mode)


def case_mode(entry: Entry) -> CaseMode:
    modes: tuple[CaseMode, ...] = import_module(entry.module).CASE
    return next(mode for mode in modes if mode.name == entry.mode)


def same(value: Any) -> Any:
    """For engines whose native form is the harness's own."""
    return value

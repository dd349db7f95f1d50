"""Are the results equal? One digest per column and one over all, from engine and reference alike.

The digest is taken over blocks of rows, so that the reference, which is slow, can be computed by
several processes with little memory, and so that a difference names its columns.
"""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path

import numpy as np

from benchmarks.data import Columns, iter_rows
from benchmarks.reference import decide
from benchmarks.workload import FACTS, OUTPUTS

BLOCK_ROWS = 100_000


@dataclass(frozen=True)
class Digest:
    """SHA-256 over all output columns, and one per column to name what differs."""

    whole: str
    columns: dict[str, str]

    def differences(self, other: "Digest") -> list[str]:
        return [name for name in OUTPUTS if self.columns[name] != other.columns[name]]


def digest(columns: Columns) -> Digest:
    rows = len(columns[OUTPUTS[0]])
    return _combine(
        _block_digest({name: columns[name][start : start + BLOCK_ROWS] for name in OUTPUTS})
        for start in range(0, rows, BLOCK_ROWS)
    )


def reference_digest(folder: Path, rows: int) -> Digest:
    """The reference over the first `rows` of the saved columns, on all cores."""
    starts = range(0, rows, BLOCK_ROWS)
    stops = [min(start + BLOCK_ROWS, rows) for start in starts]
    with ProcessPoolExecutor(cpu_count(), mp_context=get_context("spawn")) as pool:
        return _combine(pool.map(_reference_block, [folder] * len(stops), starts, stops))


def reference_columns(columns: Columns) -> Columns:
    answers = [decide(row) for row in iter_rows(columns)]
    return {name: np.array([answer[name] for answer in answers], np.int64) for name in OUTPUTS}


def save(columns: Columns, folder: Path) -> None:
    for key, column in columns.items():
        np.save(folder / f"{key}.npy", column)


def load(folder: Path, rows: int) -> Columns:
    """The first `rows` as private memory: mapped pages would change the engines' page faults."""
    return {key: np.array(_mapped(folder, key)[:rows]) for key in FACTS}


def _mapped(folder: Path, key: str) -> np.ndarray:
    column: np.ndarray = np.load(folder / f"{key}.npy", mmap_mode="r")
    return column


def _reference_block(folder: Path, start: int, stop: int) -> dict[str, str]:
    part = {key: _mapped(folder, key)[start:stop] for key in FACTS}
    return _block_digest(reference_columns(part))


def _block_digest(columns: Columns) -> dict[str, str]:
    found = {}
    for name in OUTPUTS:
        if columns[name].dtype != np.int64:
            raise TypeError(f"{name} is {columns[name].dtype}, not int64: amounts are whole fen")
        found[name] = hashlib.sha256(np.ascontiguousarray(columns[name]).data).hexdigest()
    return found


def _combine(blocks: Iterable[dict[str, str]]) -> Digest:
    hashes = {name: hashlib.sha256() for name in OUTPUTS}
    for block in blocks:
        for name in OUTPUTS:
            hashes[name].update(block[name].encode())
    columns = {name: hashes[name].hexdigest() for name in OUTPUTS}
    whole = hashlib.sha256("".join(columns.values()).encode()).hexdigest()
    return Digest(whole, columns)

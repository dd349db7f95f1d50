"""Which facts each place asks for, what values are interesting, and where its clauses turn.

Thresholds are read off the documents by hand, in fen: both the figures that are written there
and the inputs at which a rate meets its ceiling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

WAN = 1_000_000
LARGEST = 10_000_000_000 * 100  # 100亿元, the ceiling of a money fact

Facts = dict[str, object]
Corner = tuple[date, Facts]


@dataclass(frozen=True)
class Flag:
    helps: bool


@dataclass(frozen=True)
class Count:
    low: int
    high: int


@dataclass(frozen=True)
class Money:
    thresholds: tuple[int, ...]
    largest: int = LARGEST


@dataclass(frozen=True)
class Ratio:
    edges: tuple[int, ...]  # in hundredths of a per cent


@dataclass(frozen=True)
class Day:
    edges: tuple[date, ...]


@dataclass(frozen=True)
class Name:
    values: tuple[str, ...]


Field = Flag | Count | Money | Ratio | Day | Name


@dataclass(frozen=True)
class Place:
    """What the generators need to know about one document."""

    fields: Mapping[str, Field]
    readings: Mapping[str, tuple[str, ...]]
    reading_clauses: tuple[str, ...]  # the clauses that any reading touches
    bases: Mapping[str, Facts]
    entangle: Callable[[Random, Facts, date], None]
    corners: Callable[[], Iterator[Corner]]
    day_matters: bool = False


def yes(*keys: str) -> dict[str, Field]:
    return {key: Flag(True) for key in keys}


def no(*keys: str) -> dict[str, Field]:
    return {key: Flag(False) for key in keys}


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def met_at(cap_fen: int, numerator: int, denominator: int) -> tuple[int, int]:
    """The two inputs around which input × numerator / denominator reaches the cap."""
    exact = cap_fen * denominator // numerator
    return exact, exact + 1

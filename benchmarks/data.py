"""Companies for the benchmarks: seeded, plausible, and two in a hundred exactly on an edge.

Random amounts almost never meet a threshold, so an engine that confuses > with >=, or that rounds
half up, would pass unnoticed. Every fiftieth row therefore sits on a threshold or a cap, or one
fen (one day, for the date) beside it, with the gates of that clause open.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.workload import FACTS, FEN_PER_WAN, HS_LAST_DAY, MONEY_MAX_FEN

Columns = dict[str, np.ndarray]
Row = dict[str, int]
Picked = npt.NDArray[np.intp]

EDGE_SHARE = 0.02
DEFAULT_SEED = 20250531


def generate(rows: int, seed: int = DEFAULT_SEED) -> Columns:
    """Columns of `rows` companies; the same rows and seed give the same bytes."""
    rng = np.random.default_rng(seed)
    columns = _plausible(rng, rows)
    _put_on_edges(rng, columns, rows)
    return {key: np.ascontiguousarray(columns[key], dtype=FACTS[key]) for key in FACTS}


def _plausible(rng: np.random.Generator, rows: int) -> Columns:
    """Amounts are log-normal around what the documents' caps suggest, odd fen included."""
    invested = _money(rng, rows, median_wan=70, spread=0.9)
    hardware_bp = rng.integers(0, 6_001, rows)
    return {
        "enterprise.is_pilot": rng.random(rows) < 0.8,
        "project.eligible_spend": _money(rng, rows, median_wan=60, spread=0.9),
        "project.level_after": rng.integers(0, 5, rows),
        "enterprise.annual_cloud_fee": _money(rng, rows, median_wan=9, spread=1.1),
        "project.equipment_investment": _money(rng, rows, median_wan=900, spread=1.4),
        "county.tech_upgrade_rate_bp": rng.integers(0, 61, rows) * 50,
        "enterprise.leader_class": rng.choice(3, rows, p=[0.7, 0.15, 0.15]),
        "enterprise.in_park": rng.random(rows) < 0.5,
        "project.it_investment": _money(rng, rows, median_wan=400, spread=1.3),
        "enterprise.provincial_scenes": _count(rng, rows),
        "enterprise.national_scenes": _count(rng, rows),
        "enterprise.high_tech": rng.choice(3, rows, p=[0.6, 0.2, 0.2]),
        "enterprise.revenue_last_year": _money(rng, rows, median_wan=1500, spread=1.5),
        "project.batch": rng.integers(1, 3, rows),
        "project.level_before": rng.integers(0, 5, rows),
        "project.invested": invested,
        # 0 to 60 % of the project, so that about half the projects exceed the 30 % of hardware.
        "project.hardware_spend": invested * hardware_bp // 10_000,
        "project.acceptance_applied_on": HS_LAST_DAY + rng.integers(-240, 241, rows),
        "project.passed_first_time": rng.random(rows) < 0.7,
        "project.accepted": rng.random(rows) < 0.85,
    }


def _money(
    rng: np.random.Generator, rows: int, *, median_wan: float, spread: float
) -> npt.NDArray[np.int64]:
    fen = rng.lognormal(np.log(median_wan * FEN_PER_WAN), spread, rows)
    return np.minimum(fen, MONEY_MAX_FEN).astype(np.int64)


def _count(rng: np.random.Generator, rows: int) -> npt.NDArray[np.int64]:
    """Most companies have no recognised scene; a few have more than the caps reward."""
    return np.minimum(rng.geometric(0.55, rows) - 1, 20)


def _put_on_edges(rng: np.random.Generator, columns: Columns, rows: int) -> None:
    picked = np.flatnonzero(rng.random(rows) < EDGE_SHARE)
    kind = rng.integers(0, len(_EDGES), picked.size)
    beside = rng.integers(-1, 2, picked.size)
    for index, put in enumerate(_EDGES):
        chosen = kind == index
        put(rng, columns, picked[chosen], beside[chosen])


# Each function below opens the gates of one clause in rows `at`, then writes the edge + `beside`.


def _edge_qz_1(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    level = rng.integers(2, 5, at.size)
    c["enterprise.is_pilot"][at] = True
    c["project.level_after"][at] = level
    reach_wan = np.array([0, 0, 40, 60, 100])[level]
    c["project.eligible_spend"][at] = reach_wan * FEN_PER_WAN + beside


def _edge_qz_2(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    c["enterprise.is_pilot"][at] = True
    # 30 % of the fee reaches 10万 between two fen: the upper one is the first that is capped.
    edges = np.array([5 * FEN_PER_WAN, -(-10 * FEN_PER_WAN * 100 // 30)])
    c["enterprise.annual_cloud_fee"][at] = rng.choice(edges, at.size) + beside


def _edge_qz_3(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    leader = rng.integers(0, 3, at.size)
    rate_bp = rng.integers(1, 3_001, at.size)
    c["enterprise.is_pilot"][at] = True
    c["enterprise.leader_class"][at] = leader
    c["county.tech_upgrade_rate_bp"][at] = rate_bp
    cap = np.array([200, 250, 500])[leader] * FEN_PER_WAN
    reach = -(-cap * 10_000 // rate_bp)
    c["project.equipment_investment"][at] = np.minimum(reach + beside, MONEY_MAX_FEN)


def _edge_qz_4(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    c["enterprise.in_park"][at] = True
    c["project.it_investment"][at] = 1_000 * FEN_PER_WAN + beside


def _edge_qz_18(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    c["enterprise.high_tech"][at] = rng.integers(1, 3, at.size)
    edges = np.array([300, 2_000]) * FEN_PER_WAN
    c["enterprise.revenue_last_year"][at] = rng.choice(edges, at.size) + beside


def _edge_invested(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    """The first investment that reaches a cap in ZN, PY or HS, in a project that rose a level."""
    before = rng.integers(0, 3, at.size)
    c["project.level_before"][at] = before
    c["project.level_after"][at] = np.where(before == 2, 3, 2)
    c["project.accepted"][at] = True
    cap_wan = np.array([50, 45, 40, 50, 45])
    percent = np.array([60, 55, 50, 70, 60])
    reach = -(-cap_wan * FEN_PER_WAN * 100 // percent)
    invested = rng.choice(reach, at.size) + beside
    c["project.invested"][at] = invested
    c["project.hardware_spend"][at] = invested * 2 // 10


def _edge_hardware(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    before = rng.integers(0, 3, at.size)
    c["project.level_before"][at] = before
    c["project.level_after"][at] = np.where(before == 2, 3, 2)
    hardware = c["project.invested"][at] * 3 // 10 + beside
    c["project.hardware_spend"][at] = np.maximum(hardware, 0)


def _edge_hs_date(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    c["project.accepted"][at] = True
    c["project.acceptance_applied_on"][at] = HS_LAST_DAY + beside


def _edge_extreme(rng: np.random.Generator, c: Columns, at: Picked, beside: np.ndarray) -> None:
    """The ends of the range, where narrow integers and floats break."""
    for key in FACTS:
        if FACTS[key] == np.int64:
            c[key][at] = np.where(beside == 0, 0, MONEY_MAX_FEN - (beside < 0))
    c["project.hardware_spend"][at] = c["project.invested"][at] // 5


_EDGES: tuple[
    Callable[[np.random.Generator, Columns, Picked, np.ndarray], None],
    ...,
] = (
    _edge_qz_1,
    _edge_qz_2,
    _edge_qz_3,
    _edge_qz_4,
    _edge_qz_18,
    _edge_invested,
    _edge_hardware,
    _edge_hs_date,
    _edge_extreme,
)


def as_polars(columns: Columns) -> Any:
    """A data frame with one chunk per column; the values are copied once, outside the timing."""
    import polars as pl

    return pl.DataFrame({key: pl.Series(key, column) for key, column in columns.items()})


def as_arrow(columns: Columns) -> Any:
    import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]

    return pa.table({key: pa.array(column) for key, column in columns.items()})


def iter_rows(columns: Columns) -> Iterator[Row]:
    """Rows as dictionaries of plain Python values, keyed by fact."""
    keys = list(columns)
    values = [column.tolist() for column in columns.values()]
    return (dict(zip(keys, row, strict=True)) for row in zip(*values, strict=True))


def as_rows(columns: Columns) -> list[Row]:
    return list(iter_rows(columns))


def head(columns: Columns, rows: int) -> Columns:
    return {key: column[:rows] for key, column in columns.items()}

"""How the product's own engine plugs in: `benchmarks/ours.py` offers these functions.

    bulk(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]
        The 13 columns of workload.OUTPUTS, int64.
    bulk_with_reasons(columns) -> dict[str, np.ndarray]
        The same, and one or more integer columns whose names begin with "reason", one code a row.
    case(row: dict[str, int]) -> Mapping[str, int]
        The 13 amounts of one company. Facts by key: fen, days, codes, booleans as in the columns.
    case_trace(row) -> object
        The structured trace. `trace_amounts(trace) -> Mapping[str, int]` must find its 13 amounts.
    case_chinese(row) -> str
        The explanation in Chinese.

Two optional functions convert to the engine's native form before the clock starts, as is done for
every peer: `prepare_bulk(columns)` and `prepare_case(row)`; the functions above then receive what
these return. Results must be the caller's own: a later call may not write into them (checked).
"""

from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.data import Columns
from benchmarks.engines import BulkMode, CaseMode, same
from benchmarks.workload import OUTPUTS

# Imported by name: without the file the engine counts as one that could not run.
ours = import_module("benchmarks.ours")
_prepare_bulk = getattr(ours, "prepare_bulk", same)
_prepare_case = getattr(ours, "prepare_case", same)


def _with_reasons(columns: Columns) -> Columns:
    rows = len(columns[OUTPUTS[0]])
    reasons = [column for name, column in columns.items() if name.startswith("reason")]
    whole = [r for r in reasons if len(r) == rows and np.issubdtype(r.dtype, np.integer)]
    if not whole or len(whole) < len(reasons):
        raise ValueError("bulk_with_reasons gave no integer column reason*, one code a row")
    if rows > 1 and all((reason == reason[0]).all() for reason in whole):
        raise ValueError("every row has the same reason code: that explains nothing")
    return columns


def _text(answer: Any) -> str:
    return answer if isinstance(answer, str) else "\n".join(answer)


BULK = (
    BulkMode(name="bulk", prepare=_prepare_bulk, run=ours.bulk, to_columns=same),
    BulkMode(
        name="bulk_with_reasons",
        prepare=_prepare_bulk,
        run=ours.bulk_with_reasons,
        to_columns=_with_reasons,
    ),
)
CASE = (
    CaseMode(name="case", prepare=_prepare_case, run=ours.case, to_amounts=same),
    CaseMode(
        name="case_trace",
        prepare=_prepare_case,
        run=ours.case_trace,
        to_amounts=ours.trace_amounts,
    ),
    CaseMode(name="case_chinese", prepare=_prepare_case, run=ours.case_chinese, to_text=_text),
)

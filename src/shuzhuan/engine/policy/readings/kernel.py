"""Program → one compiled loop over columns: the fastest reading, for whole populations.

The text that ``kernel_code`` prints is compiled by numba, an optional extra, and kept in the
user's cache directory; without a writable one it is compiled anew by every process. Equal
to ``single`` to the fen and to the code. Trees that need a loop per row (sums over a list
fact) raise Unsupported; another reading has to take those.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pickle
import sys
import threading
import types
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shuzhuan import __version__

from .. import dates
from ..facts import FactDef
from ..program import Program
from ..tree import UNKNOWN
from .frames import ColumnError, outside, prepare
from .kernel_code import BLOCK, Code, Part, Place, Wanted, generate, placed
from .kernel_memory import Arena
from .kernel_nodes import Unsupported
from .kernel_store import stored

__all__ = [
    "Arena", "Kernel", "KernelUnavailable", "Part", "Unsupported", "Wanted", "evaluate_kernel",
    "kernel_for", "packed_places", "unpack_reasons",
]  # fmt: skip

Columns = dict[str, np.ndarray]
_CHUNK = 1 << 17  # rows per task of a thread
_KEEP = 32  # kernels kept in memory


class KernelUnavailable(ImportError):
    """numba is not installed."""


class Kernel:
    """A compiled kernel. ``code`` says which arrays it takes and gives."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._run = _compiled(code.text, kept=True)

    def run(
        self,
        columns: Mapping[str, np.ndarray],
        valid: Mapping[str, np.ndarray] | None = None,
        *,
        checked: bool = False,
        arena: Arena | None = None,
        threads: int | None = None,
    ) -> Columns:
        """All output columns for one array per fact: bool or signed integers, as the facts are coded.

        ``valid`` holds a bool array for each fact with gaps; what the column holds in a gap must
        still be in range. Open amounts are UNKNOWN. Unless ``checked`` already, a value outside
        its fact's range raises ColumnError with fact and row.
        """
        rows = len(next(iter(columns.values()))) if columns else 0
        code = self.code
        inputs = [_fitted(columns[f.key], f, code.types[f.key], checked) for f in code.facts]
        inputs += [np.ascontiguousarray((valid or {})[f.key], np.bool_) for f in code.gaps]
        if any(len(array) != rows for array in inputs):
            raise ValueError("columns of different lengths")
        empty: Callable[[int, Any], np.ndarray] = arena.empty if arena is not None else np.empty
        outputs = {name: empty(rows, np.dtype(t)) for name, t in code.outputs.items()}
        self._over(rows, not checked, [*inputs, *outputs.values()], threads or _cores())
        outputs.update({name: outputs[of] for name, of in code.aliases.items()})
        return outputs

    def _over(self, rows: int, check: bool, arrays: list[np.ndarray], threads: int) -> None:
        places = np.array([array.ctypes.data for array in arrays], np.int64)
        try:
            self._run(0, 0, check, places)  # compiles at the first time
        except (OSError, EOFError, ImportError, pickle.UnpicklingError):  # the cache is broken
            self._run = _compiled(self.code.text, kept=False)
        if rows <= 2 * BLOCK or threads == 1:
            found = [self._run(0, rows, check, places)]
        else:
            # The loops hold no lock of the interpreter, so plain threads share the rows.
            jobs = [
                _pool(threads).submit(self._run, at, min(at + _CHUNK, rows), check, places)
                for at in range(0, rows, _CHUNK)
            ]
            found = [job.result() for job in jobs]
        wrong = max(found)
        if wrong >= 0:
            raise _refusal(arrays[wrong], self.code.facts[wrong])


def evaluate_kernel(
    program: Program, frame: pl.DataFrame, reasons: bool | str = False, shares: bool = False
) -> pl.DataFrame:
    """The columns of ``evaluate_polars``; ``reasons="packed"``: columns for ``unpack_reasons`` instead.

    Raises ColumnError, Unsupported, KernelUnavailable.
    """
    cases = prepare([program], frame)
    told = reasons if isinstance(reasons, str) else "clause" if reasons else "no"
    wanted = Wanted(reasons=told, shares=shares)
    given = {f.key for f in program.facts if f.kind != "list"} & set(cases.frame.columns)
    known = given & cases.known
    kernel = kernel_for([Part(program)], known, given - known, wanted)
    rows = frame.height
    columns: Columns = {"": np.empty(rows, np.int8)}  # carries the number of rows
    for fact in kernel.code.facts:
        columns[fact.key] = _array(cases.frame[fact.key], fact)
    valid = {f.key: cases.frame[f.key].is_not_null().to_numpy() for f in kernel.code.gaps}
    result = kernel.run(columns, valid, checked=True)
    named = {name: pl.Series(name, result[name]) for name in _ordered(program, kernel.code)}
    for name in kernel.code.open:
        named[name] = named[name].set(named[name] == UNKNOWN, None)
    return pl.DataFrame(named)


def packed_places(parts: Sequence[Part]) -> dict[str, Place]:
    """Where ``reasons="packed"`` puts the code of each clause."""
    return placed(parts, packed=True)


def unpack_reasons(
    places: Mapping[str, Place], columns: Mapping[str, np.ndarray] | pl.DataFrame
) -> Columns:
    """Reason codes by clause, as ``single`` numbers them."""
    return {
        name: np.asarray(columns[place.column]).astype(np.int64) // place.weight % place.count
        for name, place in places.items()
    }


_kernels: OrderedDict[tuple[Any, ...], tuple[tuple[Part, ...], Kernel]] = OrderedDict()
_lock = threading.Lock()


def kernel_for(
    parts: Sequence[Part],
    known: Collection[str],
    gaps: Collection[str],
    wanted: Wanted,
    types: Mapping[str, str] | None = None,
) -> Kernel:
    """The kernel for columns without gaps (``known``) and with gaps; kept for the next call."""
    parts = tuple(parts)
    # Programs are kept beside their kernel, so an id cannot come to mean another program.
    ids = tuple((id(part.program), part.prefix) for part in parts)
    key = (ids, frozenset(known), frozenset(gaps), wanted, *sorted((types or {}).items()))
    with _lock:
        if key in _kernels:
            _kernels.move_to_end(key)
            return _kernels[key][1]
    kernel = Kernel(generate(parts, known, gaps, wanted, types))
    with _lock:
        _kernels[key] = (parts, kernel)
        if len(_kernels) > _KEEP:
            _kernels.popitem(last=False)
    return kernel


# -- compilation ----------------------------------------------------------------------


@lru_cache(maxsize=_KEEP)
def _compiled(text: str, *, kept: bool) -> Callable[..., int]:
    """The driver of a printed module; numba compiles it at its first call, or finds it ``kept``."""
    if importlib.util.find_spec("numba") is None:
        raise KernelUnavailable(
            "没有安装 numba，不能使用编译内核；请安装 shuzhuan[fast]，或改用 Polars"
        )
    import numba  # noqa: PLC0415 - an optional extra that takes a while to import

    # The text names the packs' sums only; these are compiled into it as well.
    also = Path(dates.__file__).read_bytes() + f"{numba.__version__} {__version__}".encode()
    name = "kernel_" + hashlib.sha256(text.encode() + also).hexdigest()[:32]
    path = stored(name, text) if kept else None
    if path is not None:
        with contextlib.suppress(OSError, RuntimeError):  # no place for what numba compiles
            return _loaded(name, path)
    names: dict[str, Any] = {"__name__": name, "CACHE": False}
    exec(compile(text, f"<{name}>", "exec"), names)  # noqa: S102 - our own generated text
    run: Callable[..., int] = names["run"]
    return run


def _loaded(name: str, path: Path) -> Callable[..., int]:
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    module: types.ModuleType = importlib.util.module_from_spec(specification)
    module.__dict__["CACHE"] = True
    sys.modules[name] = module  # what numba has kept refers to its module by name
    specification.loader.exec_module(module)
    run: Callable[..., int] = module.run
    return run


# -- arrays and threads ---------------------------------------------------------------


def _fitted(array: np.ndarray, fact: FactDef, dtype: str, checked: bool) -> np.ndarray:
    """The column as the kernel reads it: in its type, without holes between the numbers."""
    wanted = np.dtype(dtype)
    if array.ndim != 1 or array.dtype.kind not in ("b" if fact.kind == "bool" else "iu"):
        raise TypeError(f"{fact.key}: an array of {array.dtype} in {array.ndim} dimensions")
    if array.dtype != wanted:
        if not checked and ((array < fact.lo) | (array > fact.hi)).any():
            raise _refusal(array, fact)
        array = array.astype(wanted)
    return np.require(array, requirements=["C", "A"])


def _refusal(column: np.ndarray, fact: FactDef) -> ColumnError:
    row = int(np.argmax((column < fact.lo) | (column > fact.hi)))
    return ColumnError([(row, fact.key, f"{fact.label} {outside(fact, int(column[row]))}")])


def _array(column: pl.Series, fact: FactDef) -> np.ndarray:
    """The column with its gaps filled by a value in range."""
    if column.null_count():
        column = column.fill_null(bool(fact.lo) if fact.kind == "bool" else fact.lo)
    return column.to_numpy()


def _ordered(program: Program, code: Code) -> list[str]:
    """Column names in the order of ``evaluate_polars``."""
    names = []
    for clause in program.computed:
        own = [f"{clause.id}.status", f"{clause.id}.amount", f"{clause.id}.reason"]
        if clause.shares is not None:
            own += [f"{clause.id}.share.{party}" for party, _, _ in clause.shares.parts]
        names += [name for name in own if name in code.outputs]
    names += [name for name in code.outputs if name.startswith("reasons.")]
    return [*names, "total", "total_if"]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=4)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="kernel")


if hasattr(os, "register_at_fork"):  # the threads of a pool do not survive a fork
    os.register_at_fork(after_in_child=_pool.cache_clear)

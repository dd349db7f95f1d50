"""A kernel without its compiler: the printed text run by the interpreter, number by number.

Compiling takes seconds and wraps silently; this takes none and raises when a number
leaves its 32 or 64 bits. So random packs are run here, and the real ones compiled.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from shuzhuan.engine.policy import dates
from shuzhuan.engine.policy.readings import kernel


def _array_at(address: int, rows: int, dtype: Any) -> np.ndarray:
    size = int(rows) * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(int(address)), dtype)


def _njit(*given: Any, **_: Any) -> Any:
    return given[0] if given and callable(given[0]) else lambda function: function


def interpreted(text: str, *, kept: bool = False) -> Callable[..., int]:
    """Stands for ``kernel._compiled``."""
    body = text.split("U, I, L, UNKNOWN")[1]
    names: dict[str, Any] = {"np": np, "njit": _njit, "dates": dates, "array_at": _array_at}
    exec("CACHE = False\nU, I, L, UNKNOWN" + body, names)  # noqa: S102 - the generated text
    run: Callable[..., int] = names["run"]

    def strictly(start: int, stop: int, checked: bool, places: np.ndarray) -> int:
        with np.errstate(all="raise"):
            return run(start, stop, checked, places) if stop > start else -1

    return strictly


@contextmanager
def without_compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "_compiled", interpreted)
        patch.setattr(kernel, "_kernels", type(kernel._kernels)())
        yield

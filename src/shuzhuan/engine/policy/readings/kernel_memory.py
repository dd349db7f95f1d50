"""Memory for results that is used again once nobody holds the results any more.

Large arrays come fresh from the operating system, which clears every page at its first
touch; at 10^7 rows that costs as much as the computation.
"""

from __future__ import annotations

import threading
import weakref

import numpy as np
import numpy.typing as npt


class Arena:
    """Hands out uninitialised arrays. Keeps at most ``most_bytes`` for the next time."""

    def __init__(self, most_bytes: int = 2 << 30) -> None:
        self._most = most_bytes
        self._free: dict[int, list[bytearray]] = {}
        self._held = 0
        self._lock = threading.RLock()  # a finaliser may run inside any of our own steps

    def empty(self, rows: int, dtype: npt.DTypeLike) -> np.ndarray:
        """An array of the caller's own: its slices keep it alive, and only then is it used again."""
        size = rows * np.dtype(dtype).itemsize
        with self._lock:
            blocks = self._free.get(size)
            if blocks:
                raw = blocks.pop()
                self._held -= size
            else:
                raw = bytearray(size)  # not filled before it is touched
        # A slice refers to the array that owns its memory; over an array or a memoryview of one
        # that would be the block behind this view, over a bytearray it is the view itself.
        view: np.ndarray = np.ndarray(rows, dtype, buffer=raw)
        weakref.finalize(view, self._give_back, raw).atexit = False
        return view

    def _give_back(self, raw: bytearray) -> None:
        with self._lock:
            if self._held + len(raw) <= self._most:
                self._free.setdefault(len(raw), []).append(raw)
                self._held += len(raw)

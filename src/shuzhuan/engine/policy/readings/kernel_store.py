"""Where printed kernels are kept between runs of the program.

What lies beside them is machine code that will be run, so a directory that others could
write to is not used.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

_MOST = 64  # modules kept; a pack in use has a handful


def cache_folder() -> Path:
    """``$SHUZHUAN_CACHE_DIR``, or ``shuzhuan`` in the user's cache directory."""
    own = os.environ.get("SHUZHUAN_CACHE_DIR")
    if own:
        return Path(own) / "kernels"
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "shuzhuan" / "kernels"


def stored(name: str, text: str) -> Path | None:
    """The file of a module, written now if need be; None where nothing can be kept safely."""
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder):
            return None
        path = folder / f"{name}.py"
        if not path.exists() or path.read_text("utf-8") != text:
            _make_room(folder)
            _write(path, text)
    except (OSError, RuntimeError):  # read-only, full, or no home directory
        return None
    return path if os.access(folder, os.W_OK) else None


def _is_private(folder: Path) -> bool:
    if os.name == "nt":
        return True
    state = folder.stat()
    return state.st_uid == os.getuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: another process may be reading it."""
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _make_room(folder: Path) -> None:
    """Forget the oldest modules and what was compiled from them."""
    modules = sorted(folder.glob("kernel_*.py"), key=lambda path: path.stat().st_mtime)
    for module in modules[: max(0, len(modules) - _MOST + 1)]:
        for path in [module, *(folder / "__pycache__").glob(f"{module.stem}.*")]:
            with contextlib.suppress(OSError):
                path.unlink()

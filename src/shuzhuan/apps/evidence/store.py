"""Files by their content: written once, never rewritten, never acknowledged before they are safe.

A file is written under a temporary name, synced, renamed to its SHA-256, and the folder is synced;
only then may a row of the database name it (trust 10). So the files are always a superset of the
references, and a backup takes the database first and the files after it.

``Store`` is what another storage (S3-compatible, for example) has to offer; the setting
EVIDENCE_STORE names the class. ``put`` must return only when the object is durable.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

CHUNK_BYTES = 256 * 1024
ORPHAN_SECONDS = 24 * 60 * 60  # the longest that a request could take to commit, and far beyond
SWEEP_BATCH = 100
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StoreFull(OSError):
    """There is no room; nothing has been kept."""


class Missing(OSError):
    """A file that the database names is not there, or is not what its name says."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored."""

    sha256: str
    size_bytes: int


class Store(Protocol):
    """Where the bytes are."""

    def put(self, content: IO[bytes]) -> Stored:
        """Keep the content durably; the same content twice is one object."""

    def open(self, sha256: str) -> IO[bytes]:
        """The object for reading. Raises Missing."""

    def names(self) -> Iterator[str]:
        """Every object."""

    def sweep(self, referenced: Callable[[list[str]], set[str]], older_than: float) -> list[str]:
        """Remove objects that are old and not referenced; return their names."""


class Files:
    """The steps that can fail or be lost in a power cut; a test puts its own in place."""

    def write(self, path: Path, content: IO[bytes]) -> Stored:
        """Write a new file; return its hash and size."""
        digest, size = hashlib.sha256(), 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as file:
            while piece := content.read(CHUNK_BYTES):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        return Stored(digest.hexdigest(), size)

    def sync(self, path: Path) -> None:
        """Make the content of a file durable."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        self.sync(folder)

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)

    def touch(self, path: Path) -> None:
        os.utime(path)


class DiskStore:
    """Objects as ``ab/abcdef…`` below one folder."""

    def __init__(self, root: Path | None = None, files: Files | None = None) -> None:
        self.root = root if root is not None else Path(settings.EVIDENCE_DIR)
        self._files = files if files is not None else Files()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drafts = self.root / "incoming"
        self._drafts.mkdir(mode=0o700, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where an object is. Raises ValueError for what is no hash."""
        if len(sha256) != hashlib.sha256().digest_size * 2 or set(sha256) - set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256

    def put(self, content: IO[bytes]) -> Stored:
        content.seek(0)
        draft = self._drafts / secrets.token_hex(16)
        with self._lock(fcntl.LOCK_SH):
            try:
                return self._put(draft, content)
            except OSError as error:
                draft.unlink(missing_ok=True)
                if error.errno in _NO_ROOM:
                    raise StoreFull(error.errno, "no room in the evidence store") from error
                raise

    def _put(self, draft: Path, content: IO[bytes]) -> Stored:
        stored = self._files.write(draft, content)
        target = self.path(stored.sha256)
        if target.exists() and self._is_whole(target, stored):
            self._files.touch(target)  # young again: not an orphan while its row is on the way
            draft.unlink()
        else:
            self._files.sync(draft)
            if not target.parent.exists():
                self._files.make_folder(target.parent)
                self._files.sync_folder(self.root)
            self._files.rename(draft, target)
        # Also for what was there: whoever renamed it may have been stopped before this step.
        self._files.sync_folder(target.parent)
        return stored

    @staticmethod
    def _is_whole(target: Path, stored: Stored) -> bool:
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256

    def open(self, sha256: str) -> IO[bytes]:
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise Missing(errno.ENOENT, "missing from the evidence store", sha256) from None

    def names(self) -> Iterator[str]:
        for folder in sorted(self.root.iterdir()):
            if folder.is_dir() and len(folder.name) == 2:  # noqa: PLR2004 - two signs of the hash
                yield from sorted(file.name for file in folder.iterdir())

    def sweep(
        self,
        referenced: Callable[[list[str]], set[str]],
        older_than: float = ORPHAN_SECONDS,
    ) -> list[str]:
        removed: list[str] = []
        batch: list[str] = []
        for name in [*self.names(), ""]:
            if name:
                batch.append(name)
            if batch and (len(batch) == SWEEP_BATCH or not name):
                removed += self._sweep(batch, referenced, older_than)
                batch = []
        limit = time.time() - older_than
        for draft in self._drafts.iterdir():
            if draft.stat().st_mtime < limit:
                draft.unlink(missing_ok=True)
        return removed

    def _sweep(
        self, names: list[str], referenced: Callable[[list[str]], set[str]], older_than: float
    ) -> list[str]:
        """Alone with the store: a `put` that found a file makes it young before we look."""
        limit = time.time() - older_than
        with self._lock(fcntl.LOCK_EX):
            old = [name for name in names if self.path(name).stat().st_mtime < limit]
            used = referenced(old)
            orphans = [name for name in old if name not in used]
            for name in orphans:
                self.path(name).unlink()
            return orphans

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, kind)
            yield
        finally:
            os.close(handle)


def store() -> Store:
    """The store of this instance."""
    made: Store = import_string(settings.EVIDENCE_STORE)()
    return made

"""Steps on files that can be stopped at any point, and a power cut that loses what was not synced."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import IO

from shuzhuan.apps.evidence.store import Files, Stored


class PowerCut(BaseException):
    """The machine stops here."""


class UnsafeFiles(Files):
    """Real files. ``stop_before``: at which step the power goes; ``skip``: a step left out.

    ``cut`` then does to the disk what a power cut may do: content and names that were not synced
    are lost, kept, or kept in part.
    """

    def __init__(self, stop_before: int = -1, skip: str = "") -> None:
        self.stop_before, self.skip = stop_before, skip
        self.steps: list[str] = []
        self._contents: dict[int, Path] = {}  # by inode: files whose content is not synced
        self._names: dict[Path, Path] = {}  # new name: the folder that must be synced for it

    def _step(self, name: str) -> bool:
        if len(self.steps) == self.stop_before:
            raise PowerCut(name)
        self.steps.append(name)
        return name != self.skip

    def write(self, path: Path, content: IO[bytes]) -> Stored:
        self._step("write")
        stored = super().write(path, content)
        self._contents[path.stat().st_ino] = path
        self._names[path] = path.parent
        return stored

    def sync(self, path: Path) -> None:
        if self._step("sync"):
            super().sync(path)
            self._contents.pop(path.stat().st_ino, None)

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        super().rename(source, target)
        self._names.pop(source, None)
        if target.stat().st_ino in self._contents:
            self._contents[target.stat().st_ino] = target
        self._names[target] = target.parent

    def sync_folder(self, folder: Path) -> None:
        if self._step(f"sync_folder {'root' if len(folder.name) != 2 else 'leaf'}"):
            Files.sync(self, folder)
            self._names = {name: where for name, where in self._names.items() if where != folder}

    def make_folder(self, folder: Path) -> None:
        self._step("make_folder")
        super().make_folder(folder)
        self._names[folder] = folder.parent

    def cut(self, dice: random.Random) -> None:
        """Lose some or all of what was not synced."""
        for path in list(self._names):
            if path.exists() and dice.random() < 0.7:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        for inode, path in self._contents.items():
            if path.is_file() and path.stat().st_ino == inode:
                path.chmod(0o600)
                os.truncate(path, dice.choice((0, path.stat().st_size // 2)))
        self._contents.clear()
        self._names.clear()

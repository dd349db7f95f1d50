"""The one door from the pages to the engine's batch: template, run, and what came out."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.policy.program import Program

Progress = Callable[[str, int, int], None]


class InputRefused(ValueError):
    """The table as a whole cannot be used; one Chinese sentence."""


@dataclass(frozen=True)
class Outcome:
    """``computed`` False: nothing was computed because of the problems in the marked copy."""

    computed: bool
    rows: int
    results: int
    applicable: int
    undetermined: int
    total_fen: int
    problems: int
    message: str = ""


def available() -> bool:
    """Whether this installation has the engine's batch."""
    return importlib.util.find_spec("shuzhuan.engine.batch.run") is not None


def write_template(pack: Pack, path: Path) -> None:
    """The Excel template of a pack."""
    raise NotImplementedError


def run(
    pack: Pack,
    program: Program,
    source: Path,
    output: Path,
    marked: Path,
    *,
    skip_bad: bool,
    progress: Progress,
) -> Outcome:
    """Compute a table; raises InputRefused when it cannot be read at all."""
    raise NotImplementedError

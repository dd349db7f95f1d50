"""The one door from the pages to the engine's batch: template, run, and what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.policy.program import Program

TOLD = 5  # problems on the page; all of them are in the marked copy
Progress = Callable[[str, int, int], None]


class InputRefused(ValueError):
    """The table as a whole cannot be used; one Chinese sentence."""


@dataclass(frozen=True)
class Outcome:
    """``computed`` False: nothing was computed because of the problems in the marked copy."""

    computed: bool
    rows: int
    decided: int
    applicable: int
    undetermined: int
    problems: int
    message: str = ""


def write_template(pack: Pack, path: Path) -> None:
    """The Excel template of a pack."""
    from shuzhuan.engine.batch import template  # noqa: PLC0415 - see run

    path.write_bytes(template(pack))


def run(
    program: Program,
    source: Path,
    output: Path,
    marked: Path,
    *,
    skip_bad: bool,
    progress: Progress,
) -> Outcome:
    """Compute a table; raises InputRefused when it cannot be read at all."""
    # The columnar engine is loaded by whoever computes, not by every process that serves pages.
    from shuzhuan.engine import batch  # noqa: PLC0415

    try:
        report = batch.run(program, source, output, progress, skip_bad=skip_bad)
    except batch.BatchError as error:
        raise InputRefused(str(error)) from None
    if report.marked is not None:
        report.marked.replace(marked)
    return Outcome(
        computed=report.target is not None,
        rows=report.rows,
        decided=report.decided,
        applicable=sum(s.counts.get("适用", 0) for s in report.summaries),
        undetermined=sum(s.counts.get("资料不足", 0) for s in report.summaries),
        problems=len(report.problems),
        message="\n".join(report.told[:TOLD]),
    )

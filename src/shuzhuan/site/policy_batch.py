"""``shuzhuan policy batch`` and ``template``: whole tables on the command line, with progress."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from shuzhuan.engine.batch import BatchError, template
from shuzhuan.engine.batch import run as run_batch
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.site.terminal import wrap

OK, BAD_INPUT = 0, 3
BAR_WIDTH = 30


def run(program: Any, options: argparse.Namespace) -> int:
    """Decide the rows of a table; returns the exit code (0 all, 1 some left out, 3 none)."""
    bar = Bar(sys.stderr.isatty())
    try:
        report = run_batch(
            program,
            options.input,
            options.output,
            bar.show,
            skip_bad=options.skip_bad,
            repeats=options.repeats,
        )
    except BatchError as error:
        bar.end()
        print(f"错误：{error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        bar.end()
        print(f"错误：读写文件失败：{error.strerror or error}", file=sys.stderr)
        return BAD_INPUT
    bar.end()
    for line in report.lines():
        print("\n".join(wrap(line, "    ")))
    return report.exit_code


def write_template(pack: Pack, target: Path) -> int:
    """Write the Excel template of a place."""
    if target.suffix.lower() != ".xlsx":
        print("错误：模板的文件名应当以 .xlsx 结尾", file=sys.stderr)
        return BAD_INPUT
    try:
        target.write_bytes(template(pack))
    except OSError as error:
        print(f"错误：写不了 {target}：{error.strerror}", file=sys.stderr)
        return BAD_INPUT
    print(f"模板：{target}")
    return OK


class Bar:
    """A progress bar on a terminal; nothing where the output goes to a file."""

    def __init__(self, visible: bool) -> None:
        self._visible, self._last = visible, ""

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw the bar anew when it has changed."""
        if not self._visible:
            return
        share = done / total if total else 1.0
        filled = "█" * int(share * BAR_WIDTH)
        text = f"{stage} {filled:<{BAR_WIDTH}} {done:,}/{total:,}"
        if text != self._last:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            self._last = text

    def end(self) -> None:
        """Leave the line."""
        if self._visible and self._last:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

"""Offer every hostile and every good file to the upload checks: `python -m tests.proofs.uploads`.

A hostile file must be refused with a reason in Chinese, within the time limit, and without any
other error; a good file must be accepted. `--leaky CHECK` switches one check off, so that the
proof must fail: a control of the proof itself.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

from tests.apps.evidence.good_files import all_good
from tests.apps.evidence.hostile import everything

SECONDS_MAX = 10.0
HOSTILE_MIN = 300
CHECKS = "shuzhuan.apps.evidence.checks"


def _nothing(*_: Any, **__: Any) -> None:
    return None


# What is switched off, and what stands in its place.
LEAKS: dict[str, tuple[str, Callable[..., Any]]] = {
    "macros": (f"{CHECKS}.office._check_part_name", _nothing),
    "relations": (f"{CHECKS}.office._check_relations", _nothing),
    "entities": (f"{CHECKS}.xml._no_doctype", _nothing),
    "links": (f"{CHECKS}.archives._check_entry", _nothing),
    "layout": (f"{CHECKS}.archives._check_layout", _nothing),
    "bombs": (f"{CHECKS}.archives.Archive._check_size", _nothing),
    "names": (f"{CHECKS}.names.unicodedata.category", lambda _: "Lo"),
    "scripts": (f"{CHECKS}.pdf._refuse_names", _nothing),
    "streams": (f"{CHECKS}.pdf._check_streams", _nothing),
    "formulas": (f"{CHECKS}.tables._check_row", _nothing),
}


def refused(name: str, content: bytes, slot: str) -> str:
    """What is wrong with the answer to a hostile file, or nothing."""
    from shuzhuan.apps.evidence.checks import UploadRefused, inspect

    started = time.monotonic()
    try:
        inspect(name, io.BytesIO(content), slot)
    except UploadRefused as error:
        took = time.monotonic() - started
        if not re.search(r"[\u4e00-\u9fff]", error.reason):
            return "refused without a reason in Chinese"
        return f"refused after {took:.1f} s" if took > SECONDS_MAX else ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "accepted"


def accepted(name: str, content: bytes, slot: str) -> str:
    """What is wrong with the answer to a good file, or nothing."""
    from shuzhuan.apps.evidence.checks import UploadRefused, inspect

    try:
        kept = inspect(name, io.BytesIO(content), slot).content.read()
    except UploadRefused as error:
        return f"refused: {error.reason}"
    return "" if kept else "nothing is kept"


def run() -> int:
    """Offer all files; print what is wrong, then one line of counts."""
    hostile, wrong, kinds = 0, 0, Counter[str]()
    for case in everything():
        hostile += 1
        if problem := refused(case.name, case.content, case.slot):
            wrong += 1
            print(f"{case.id}: {problem}")
        else:
            kinds[case.kind] += 1
    good = all_good()
    failed = 0
    for label, (name, content, slot) in good.items():
        if problem := accepted(name, content, slot):
            failed += 1
            print(f"good {label}: {problem}")
    idle = hostile < HOSTILE_MIN or not good
    if idle:
        print("not enough files ran")
    print(" ".join(f"{kind}={count}" for kind, count in sorted(kinds.items())))
    counts = f"hostile={hostile} refused={hostile - wrong}"
    print(f"PROVE-UPLOADS {counts} good={len(good)} accepted={len(good) - failed}")
    return 1 if wrong or failed or idle else 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.uploads", description=__doc__)
    parser.add_argument(
        "--leaky", nargs="?", const="macros", choices=sorted(LEAKS), help="switch one check off"
    )
    args = parser.parse_args(argv)
    if not args.leaky:
        return run()
    place, instead = LEAKS[args.leaky]
    with mock.patch(place, instead):
        return run()


if __name__ == "__main__":
    sys.exit(main())

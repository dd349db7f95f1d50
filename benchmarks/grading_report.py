"""The PDF report of one enterprise against typst alone, for ``benchmarks.grading``.

Ours: from answers, findings and plan to the bytes of the PDF, with grading, the shortest way and
four charts drawn. Typst alone: the finished data of such a report, charts included, compiled by
the same template with the same fonts. Typst remembers what it has set, so within a round the two
work on different sheets of the same size, and they swap places every round. Reading the rows
from a database is not part of it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engine.grading.sheets import random_sheet

if TYPE_CHECKING:
    from shuzhuan.apps.assessments.reports.material import Material

ITEMS = 31
PAGES_MIN = 12
CHARTS = 4
WARM_UP = 4


@dataclass(frozen=True)
class Times:
    """``ratio``: median of ours / typst alone. ``first_ms``: the first report of a process."""

    ratio: float
    ours_ms: float
    typst_ms: float
    first_ms: float
    pages: int
    trouble: str = ""


def report_times(rounds: int, seed: int) -> Times:
    """Set up Django in a folder of its own, measure, leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="shuzhuan-bench-"))
    os.environ["SHUZHUAN_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    try:
        return _measured(rounds, seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(rounds: int, seed: int) -> Times:
    from shuzhuan.apps.assessments.reports import drawing, pdf
    from shuzhuan.apps.assessments.reports.data import report_of

    def ours(found: Material) -> bytes:
        return pdf.report_pdf(report_of(found))

    def finished(found: Material) -> Callable[[], bytes]:
        data = report_of(found)
        plain = pdf.plain_data(data, drawing.svgs(data.charts))
        return lambda: drawing.compile_pdf(pdf.REPORT, plain, data.timestamp)

    first_ms, content = _timed(lambda: ours(_sheet(seed, -1)))
    pages = len(re.findall(rb"/Type\s*/Page\b", content))
    charts = len(report_of(_sheet(seed, -1)).charts)
    trouble = "" if pages >= PAGES_MIN and charts == CHARTS else f"{pages} pages, {charts} charts"
    if finished(_sheet(seed, -1))() != content:
        trouble = "typst alone sets another document"
    spent: list[tuple[float, float]] = []
    for number in range(rounds + WARM_UP):
        one, other = _sheet(seed, 2 * number), finished(_sheet(seed, 2 * number + 1))
        if number % 2:
            mine, _ = _timed(lambda one=one: ours(one))  # type: ignore[misc]
            alone, _ = _timed(other)
        else:
            alone, _ = _timed(other)
            mine, _ = _timed(lambda one=one: ours(one))  # type: ignore[misc]
        spent.append((mine, alone))
    kept = spent[WARM_UP:]
    return Times(
        ratio=statistics.median(mine / alone for mine, alone in kept),
        ours_ms=statistics.median(mine for mine, _ in kept),
        typst_ms=statistics.median(alone for _, alone in kept),
        first_ms=first_ms,
        pages=pages,
        trouble=trouble,
    )


def _sheet(seed: int, number: int) -> Material:
    """A full diagnosis with findings, evidence and plan; every number gives another one."""
    from shuzhuan.engine.grading import parse_answers
    from tests.apps.assessments.report_kit import indicators, material

    rng = random.Random(f"{seed}/report/{number}")
    raw = random_sheet(rng)
    while len(raw) < ITEMS:
        raw = random_sheet(rng)
    found = material()
    remarks = {item: (f"{number}：{text}", "") for item, (text, _) in found.remarks.items()}
    answers = parse_answers(indicators(), raw)
    return replace(found, pk=number + 2, answers=answers, remarks=remarks)


def _timed(work: Callable[[], bytes]) -> tuple[float, bytes]:
    started = time.perf_counter()
    result = work()
    return (time.perf_counter() - started) * 1e3, result

"""The queue as a workbook: all filtered rows, amounts as numbers in 元."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter
from django.conf import settings
from django.utils import timezone

from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.defuse import defused
from shuzhuan.engine.paper import INVENTED, on_paper
from shuzhuan.engine.process import Lane

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FEN_PER_YUAN = 100
_WORDS = (
    ("项目编号", 24), ("企业", 34), ("项目名称", 30), ("批次", 26), ("细分行业", 16),
    ("状态", 16), ("待谁办", 14), ("期限", 12),
)  # fmt: skip
_MONEY = (
    ("计划投入（元）", "planned_fen"), ("申报投入（元）", "claimed_fen"),
    ("核定投入（元）", "audited_fen"), ("补助上限（元）", "ceiling_fen"),
    ("拟补助（元）", "proposed_fen"), ("已锁定（元）", "reserved_fen"),
    ("核定补助（元）", "determined_fen"), ("已兑付（元）", "paid_fen"),
    ("已追回（元）", "returned_fen"), ("还没退回（元）", "outstanding_fen"),
)  # fmt: skip
# What the columns above are read from.
NEEDED = (*(name for _, name in _MONEY if name != "outstanding_fen"), "clawback_fen")


def write_book(path: Path, projects: Iterable[Project], notes: Sequence[str], today: date) -> int:
    """Write the workbook; how many rows it has."""
    count = 0
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        money_head = book.add_format({"bold": True, "bottom": 1, "align": "right"})
        text, money = book.add_format({"num_format": "@"}), book.add_format(
            {"num_format": "#,##0.00"}
        )  # fmt: skip
        sheet = book.add_worksheet("项目")
        sheet.freeze_panes(1, 2)
        titles = [*_WORDS, *((title, 16) for title, _ in _MONEY)]
        signs = sum(width for _, width in titles)
        on_paper(sheet, 0, timezone.localtime(), signs=signs, invented=settings.DEMO)
        for at, (title, width) in enumerate(titles):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, title, head if at < len(_WORDS) else money_head)
        for count, project in enumerate(projects, 1):
            for at, word in enumerate(_words(project, today)):
                if word:
                    sheet.write_string(count, at, defused(word), text)
            for at, (_, name) in enumerate(_MONEY, len(_WORDS)):
                sheet.write_number(count, at, getattr(project, name) / _FEN_PER_YUAN, money)
        sheet.autofilter(0, 0, count, len(titles) - 1)
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 90)
        for at, note in enumerate([*notes, *([INVENTED] if settings.DEMO else [])]):
            about.write_string(at, 0, defused(note))
    return count


def _words(project: Project, today: date) -> tuple[str, ...]:
    due = project.due_on
    waiting = project.lane != Lane.NOBODY and due is not None
    when = f"{due:%Y-%m-%d}" if waiting and due is not None else ""
    if waiting and due is not None and due < today:
        when += " 逾期"
    return (
        project.number, project.enterprise.name, project.title, project.batch.title,
        project.enterprise.industry, project.at.label, str(project.get_lane_display()), when,
    )  # fmt: skip

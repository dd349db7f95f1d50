"""The ledger as a workbook: 台账、投入明细、资金流水、说明. Money is a number in 元, ids are text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.funds.queries.books import Book, yuan
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.apps.reports.queries.ledger import COLUMNS, Agreement
from shuzhuan.engine.money import format_yuan

Column = tuple[str, int]
PROJECTS: tuple[Column, ...] = (
    ("项目编号", 22), ("地区", 12), ("企业", 30), ("统一社会信用代码", 22), ("项目", 30),
    ("状态", 16), *((f"{label}（元）", 16) for _, label in COLUMNS), ("申报日期", 12),
    ("兑付公示期满", 12), ("兑付日期", 12),
)  # fmt: skip
LINES: tuple[Column, ...] = (
    ("项目编号", 22), ("企业", 30), ("类别", 18), ("名称", 26), ("供应单位", 30), ("发票号码", 24),
    ("开票日期", 12), ("付款日期", 12), ("申报金额（元）", 16), ("核定金额（元）", 16),
    ("核减（元）", 16), ("核定理由", 40), ("发票文件", 10), ("付款凭证", 10),
)  # fmt: skip
TRANSFERS: tuple[Column, ...] = (
    ("项目编号", 22), ("收款单位", 30), ("资金", 30), ("流水号", 10), ("业务日期", 12), ("事项", 10),
    ("金额（元）", 16), ("经办人", 14), ("复核人", 14), ("说明", 40), ("记账时间", 20),
)  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What goes into the book. ``notes``: who took it out, why, narrowed by what."""

    title: str
    notes: Sequence[str]
    projects: Iterable[Project]
    lines: Iterable[Line]
    transfers: Iterable[Transfer]
    totals: dict[str, int]
    agreement: Agreement
    made: datetime


def workbook(material: Material) -> bytes:
    """The file. Equal material gives equal bytes."""
    book = Book(material.made)
    book.sheet("台账", [material.title], PROJECTS, _projects(material))
    book.sheet("投入明细", [material.title], LINES, (_line(line) for line in material.lines))
    book.sheet("资金流水", [material.title], TRANSFERS, (_transfer(t) for t in material.transfers))
    book.sheet("说明", [material.title], [("说明", 100)], ([note] for note in _said(material)))
    return book.done()


def _projects(material: Material) -> Iterator[list[Any]]:
    for p in material.projects:
        filed = timezone.localtime(p.filed_at).date().isoformat() if p.filed_at else ""
        yield [
            p.number, p.place.name, p.enterprise.name, p.enterprise.uscc, p.title, p.at.label,
            *(yuan(getattr(p, name)) for name, _ in COLUMNS), filed,
            _day(p.payment_cleared_on), _day(p.paid_on),
        ]  # fmt: skip
    sums = [yuan(material.totals[name]) for name, _ in COLUMNS]
    yield ["合计", "", "", "", "", "", *sums]


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def _line(line: Line) -> list[Any]:
    audited: Decimal | str = "" if line.audited_fen is None else yuan(line.audited_fen)
    cut = "" if line.audited_fen is None else yuan(line.amount_fen - line.audited_fen)
    return [
        line.project.number, line.project.enterprise.name, line.get_kind_display(), line.name,
        line.supplier, line.invoice_number, line.invoice_on.isoformat(), line.paid_on.isoformat(),
        yuan(line.amount_fen), audited, cut, line.audit_reason,
        "有" if line.invoice_id else "无", "有" if line.proof_id else "无",
    ]  # fmt: skip


def _transfer(t: Transfer) -> list[Any]:
    recorded = timezone.localtime(t.recorded_at)
    return [
        t.subject, t.payee, t.fund.name, str(t.number), t.dated.isoformat(),
        t.get_purpose_display(), yuan(t.amount_fen), str(t.maker), str(t.checker), t.reason,
        f"{recorded:%Y-%m-%d %H:%M:%S}",
    ]  # fmt: skip


def _said(material: Material) -> Iterator[str]:
    yield from material.notes
    yield f"核对：{material.agreement.words}。"
    for check in material.agreement.checks:
        yield (
            f"{check.label}：台账 {format_yuan(check.projects_fen)} 元，"
            f"总账 {format_yuan(check.ledger_fen)} 元，差 {format_yuan(check.difference_fen)} 元"
        )
    for project in material.agreement.wrong:
        yield f"与总账不一致的项目：{project.number} {project.enterprise.name}"
    yield "金额以元为单位，精确到分。已锁定是兑付公示时锁定、还没有支付的；已追回的从已兑付里退回。"

"""What the index of an exported bundle tells of projects, purchases and money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.evidence.bundle import Sheet, in_bundle
from shuzhuan.apps.projects.models import Contract, Line, Project, Step
from shuzhuan.apps.projects.queries.own_money import bookings
from shuzhuan.engine.money import format_plain
from shuzhuan.engine.process import BY_ACTION, State

_PROJECTS = (
    "项目编号", "名称", "批次", "状态", "服务商", "改造前等级", "目标等级", "改造后等级", "申报时间",
    "计划投入（元）", "核定投入（元）", "补助上限（元）", "核定补助（元）", "已兑付（元）",
    "兑付日期", "已追回（元）", "还没退回（元）",
)  # fmt: skip
_CONTRACTS = ("项目编号", "合同编号", "对方单位", "签订日期", "金额（元）")
_LINES = (
    "项目编号", "类别", "名称", "供应单位", "发票号码", "开票日期", "付款日期", "申报（元）",
    "核定（元）", "核定理由",
)  # fmt: skip
_STEPS = ("项目编号", "序号", "时间", "办理", "之后", "说明", "用时（工作日）")
_MONEY = ("日期", "事项", "金额（元）", "凭证")


@in_bundle
def sheets(actor: Actor, party: Party) -> Iterator[Sheet]:
    """Every project with its contracts, purchases and steps, and every transfer."""
    own = visible(actor, Project).filter(enterprise__party=party)
    projects = list(own.select_related("batch").order_by("created_at", "pk"))
    if not projects:
        return
    name = {project.pk: project.number or f"项目{project.pk}" for project in projects}
    yield Sheet("项目", _PROJECTS, [(name[p.pk], *_project(p)) for p in projects])
    contracts = visible(actor, Contract).filter(project__in=name).order_by("project_id", "pk")
    yield Sheet(
        "合同",
        _CONTRACTS,
        [
            (name[c.project_id], c.number, c.vendor_name, _day(c.signed_on), _yuan(c.amount_fen))
            for c in contracts
        ],
    )
    lines = visible(actor, Line).filter(project__in=name, removed_at__isnull=True)
    lines = lines.order_by("project_id", "pk")
    yield Sheet("投入明细", _LINES, [(name[row.project_id], *_line(row)) for row in lines])
    steps = visible(actor, Step).filter(project__in=name).order_by("project_id", "number")
    yield Sheet("办理记录", _STEPS, [(name[row.project_id], *_step(row)) for row in steps])
    yield Sheet(
        "补助资金",
        _MONEY,
        [(_day(b.day), b.words, _yuan(b.fen), b.note) for b in reversed(bookings(actor, party))],
    )


def _project(row: Project) -> tuple[object, ...]:
    return (
        row.title, row.batch.title, row.at.label, row.vendor_name, row.level_before,
        row.level_target, row.level_after, _time(row.filed_at), _yuan(row.planned_fen),
        _yuan(row.audited_fen), _yuan(row.ceiling_fen), _yuan(row.determined_fen),
        _yuan(row.paid_fen), _day(row.paid_on), _yuan(row.returned_fen),
        _yuan(row.outstanding_fen),
    )  # fmt: skip


def _line(row: Line) -> tuple[object, ...]:
    return (
        row.get_kind_display(), row.name, row.supplier, row.invoice_number, _day(row.invoice_on),
        _day(row.paid_on), _yuan(row.amount_fen), _yuan(row.audited_fen), row.audit_reason,
    )  # fmt: skip


def _step(row: Step) -> tuple[object, ...]:
    return (
        row.number, _time(row.at), BY_ACTION[row.action].done, State(row.after).label, row.reason,
        row.waited_days,
    )  # fmt: skip


def _yuan(fen: int | None) -> str:
    return "" if fen is None else format_plain(fen)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _time(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M")

"""The projects behind every figure of the leader's page: whoever clicks on eleven sees eleven.

A figure is counted on the page from sums and listed here by a filter; both read the same `Want`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, Sum

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.reports.queries import goals, ledger, waiting
from shuzhuan.apps.reports.queries.overview import LEVELS, WAY
from shuzhuan.apps.reports.queries.standing import (
    FILED,
    LIVE,
    RECTIFYING,
    come_to,
    one_of,
    to_level,
)
from shuzhuan.apps.reports.queries.waiting import Waits
from shuzhuan.engine.grading.model import numeral
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.process import Lane, State

PAGE_ROWS = 50
_MONEY = (
    ("planned", "计划投入", "申报时计划的投入"),
    ("audited", "核定投入", "投资审核核定的投入"),
    ("reserved", "已锁定", "兑付公示时锁定、还没有兑付的补助"),
    ("paid", "已兑付", "财政已经支付的补助"),
    ("returned", "已追回", "已经追回的补助"),
)

# Amounts that a project has no column for.
_COMPUTED = {"outstanding_fen": F("clawback_fen") - F("returned_fen")}


@dataclass(frozen=True)
class Figure:
    """``amount``: the column whose sum is the figure, in fen or pieces; empty: rows are counted."""

    title: str
    said: str
    which: Q
    amount: str = ""
    unit: str = "家"

    @property
    def of_money(self) -> bool:
        return self.unit == "元"


@dataclass(frozen=True)
class Told:
    """One page of the projects behind a figure. ``total``: their amounts, or how many they are."""

    figure: Figure
    page: Page[Project]
    rows: list[tuple[Waits, int]]
    total: int


def figures(actor: Actor, inside: list[int], today: date, pack: Pack | None) -> dict[str, Figure]:
    """Every figure by its name in the address. Nothing is read until one of them is listed."""
    found = {
        "filed": Figure("申报的企业", "提交过申报的都在内", FILED.q),
        "live": Figure("在办的项目", "没有结项，也没有退出", LIVE.q),
        "late": Figure("逾期的项目", "期限已过，还没有办", waiting.late(today)),
        "soon": Figure("十个工作日内到期的项目", "", waiting.soon(today)),
        "objected": Figure(
            "未结异议", "异议办结以前，项目不能往下走", waiting.OBJECTED, "objections_open", "件"
        ),
        "rectifying": Figure("整改中的项目", "整改期间暂停拨付", RECTIFYING.q),
    }
    for name, step in WAY:
        found[f"way-{step}"] = Figure(f"走到{name}的项目", "退出的不算", come_to(step).q)
    for level in LEVELS:
        done, ahead = to_level(level)
        found[f"level-{level}"] = Figure(
            f"改到{numeral(level)}级的企业",
            "已验收的按验收评测，其余按申报的目标",
            done.q | ahead.q,
        )
    for key, title, said in _MONEY:
        found[key] = Figure(title, said, Q(**{f"{key}_fen__gt": 0}), f"{key}_fen", "元")
    found["outstanding"] = Figure(
        "还没退回",
        "要求追回、还没有退回的补助",
        ledger.STAGES["recover"][1],
        "outstanding_fen",
        "元",
    )
    for lane in Lane:
        held = Q(lane=lane)
        late, soon = waiting.late(today) & held, waiting.soon(today) & held
        found[f"late-{lane}"] = Figure(f"逾期、在{lane.label}手里的项目", "", late)
        found[f"soon-{lane}"] = Figure(f"十个工作日内到期、在{lane.label}手里的项目", "", soon)
    for state in State:
        found[f"at-{state}"] = Figure(f"{state.label}的项目", "", one_of(state).q)
    return found | _goals(actor, inside, pack)


def _goals(actor: Actor, inside: Iterable[int], pack: Pack | None) -> dict[str, Figure]:
    """For each goal that something tells: what fulfils it, and what is on the way."""
    found = {}
    for goal in goals.goals_of(pack):
        counted = goals.counted_by(goal)
        if counted is None:
            continue
        done, ahead = counted.done.q, counted.ahead.q
        if counted.cloud:
            with_cloud = [
                Q(pk__in=lines.values("project")) for lines in goals.clouds(actor, inside)
            ]
            done, ahead = done & with_cloud[0], ahead & with_cloud[1]
        found[f"goal-{goal.id}"] = Figure(f"{goal.text}：已完成", counted.basis, done)
        found[f"goal-{goal.id}-ahead"] = Figure(f"{goal.text}：在办", "", ahead)
    return found


def listing(
    actor: Actor, inside: Iterable[int], names: dict[int, str], figure: Figure, today: date,
    number: str | None,
) -> Told:  # fmt: skip
    """One page and the total of all: three statements."""
    rows = visible(actor, Project).filter(figure.which, place_id__in=list(inside))
    found = rows.select_related("enterprise").order_by("due_on", "number", "pk")
    page = Paginator(found, PAGE_ROWS).get_page(number)
    total = page.paginator.count
    if figure.amount:
        summed = _COMPUTED.get(figure.amount, F(figure.amount))
        total = rows.order_by().aggregate(total=Sum(summed))["total"] or 0
    told = [
        (waiting.waits(project, names, today), getattr(project, figure.amount or "pk"))
        for project in page.object_list
    ]
    return Told(figure, page, told, total)

"""`shuzhuan rehearse pengyang`: the year on a virtual clock, in a database of its own."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.audit.models import Chain, Entry
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal import stage
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.export import export
from shuzhuan.site.rehearsal.year import START, Played, Year

PLACES = ("pengyang",)
SEED = 20260302
CAP_FEN = 40_000_000  # 第七条（一）：每家最多40万元


@dataclass(frozen=True)
class Outcome:
    """The last figures. Money in fen; ``findings``: what does not balance, empty when all does."""

    figures: dict[str, int]
    findings: list[str]
    seconds: float


def rehearse(folder: Path | None, *, quiet: bool = False, seed: int = SEED) -> Outcome:
    """Play the year and check its books. Raises ImproperlyConfigured on a database in use."""
    started = time.monotonic()
    call_command("migrate", verbosity=0, interactive=False)
    if User.objects.exists():
        raise ImproperlyConfigured("演练要在空的数据库里进行，这个数据库已经有人使用。")
    source = random.Random(seed)  # noqa: S311 - keys of a play, to be repeated
    clock = Clock(START)
    with standing(clock):
        ensure_shipped()
        players = stage.build()
        year = Year(
            players, clock, keys=lambda: UUID(int=source.getrandbits(128), version=4),
            say=(lambda _: None) if quiet else print,
        )  # fmt: skip
        played = year.play()
        findings = check(played)
        if folder is not None:
            export(folder)
    figures = figures_of()
    outcome = Outcome(figures, findings, time.monotonic() - started)
    if folder is not None:
        text = json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "figures.json").write_text(text, "utf-8")
        (folder / "report.md").write_text(report(played, outcome), "utf-8")
    return outcome


def figures_of() -> dict[str, int]:
    """The last figures, straight from the tables."""
    sums = Project.objects.aggregate(
        audited=Sum("audited_fen"), paid=Sum("paid_fen"), returned=Sum("returned_fen"),
        reserved=Sum("reserved_fen"),
    )  # fmt: skip
    rows = Project.objects
    good = rows.filter(state=State.CLOSED)
    return {
        "projects": rows.count(),
        "closed": good.count(),
        "level2": good.filter(level_after=2).count(),
        "level3": good.filter(level_after=3).count(),
        "rejected": rows.filter(state=State.REJECTED).count(),
        "disqualified": rows.filter(state=State.DISQUALIFIED).count(),
        "clawed_back": rows.filter(state=State.CLAWED_BACK).count(),
        "steps": Step.objects.count(),
        "audit_rows": Entry.objects.count(),
        "messages": Message.objects.count(),
        "audited_fen": sums["audited"] or 0,
        "paid_fen": sums["paid"] or 0,
        "returned_fen": sums["returned"] or 0,
        "reserved_fen": sums["reserved"] or 0,
    }


def check(played: Played) -> list[str]:
    """Everything that has to hold in the end, in words where it does not."""
    found = [str(finding) for finding in verify()]
    for project in played.projects:
        if 2 * project.paid_fen > project.audited_fen:
            found.append(f"{project.number} 的补助超过核定投资的一半")
        if project.paid_fen > CAP_FEN:
            found.append(f"{project.number} 的补助超过40万元")
        if project.reserved_fen:
            found.append(f"{project.number} 结束时还有锁定的资金")
    counted = sum(Chain.objects.values_list("size", flat=True))
    if counted != Entry.objects.count():
        found.append("审计链的长度与记录数不符")
    return found


def report(played: Played, outcome: Outcome) -> str:
    """The report of the play in Markdown; it says that everything is invented."""
    f = outcome.figures
    lines = [
        "# 彭阳县中小企业数字化转型试点演练报告",
        "",
        "> 本报告由演练生成，企业、人员、材料和金额都是虚构的演示数据。",
        "",
        f"申报 {f['projects']} 家，结项 {f['closed']} 家（二级 {f['level2']} 家、三级 {f['level3']} 家），"
        f"未入选 {f['rejected']} 家，取消资格 {f['disqualified']} 家，追回 {f['clawed_back']} 家。",
        f"核定投资 {format_cn(f['audited_fen'])}，兑付 {format_cn(f['paid_fen'])}，"
        f"追回 {format_cn(f['returned_fen'])}，期末锁定 {format_cn(f['reserved_fen'])}。",
        f"办理 {f['steps']} 步，审计记录 {f['audit_rows']} 条，消息 {f['messages']} 条。",
        "",
        "## 经过",
        "",
        *(f"- {day} {text}" for day, text in played.events),
        "",
        "## 应当被拒的都被拒了",
        "",
        *(f"- {text}" for text in played.refusals),
        "",
        "## 项目",
        "",
        "| 编号 | 企业 | 状态 | 等级 | 核定投资 | 兑付 | 追回 |",
        "| --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    for p in played.projects:
        levels = f"{p.level_before}→{p.level_after}" if p.level_after is not None else "—"
        lines.append(
            f"| {p.number} | {p.enterprise.name} | {p.at.label} | {levels} | {format_cn(p.audited_fen)} "
            f"| {format_cn(p.paid_fen)} | {format_cn(p.returned_fen)} |"
        )
    books = outcome.findings or ["每一笔记账重算以后与余额一致，没有一分钱对不上。"]
    lines += ["", "## 账", "", *(f"- {text}" for text in books), ""]
    return "\n".join(lines)


def engine_name() -> str:
    """Which database the play ran on."""
    return connection.vendor

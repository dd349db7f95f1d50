"""The report of a place on paper: the figures of the leader's page, nothing else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from shuzhuan.apps.assessments.reports.drawing import compile_pdf, svgs
from shuzhuan.apps.reports import pictures
from shuzhuan.apps.reports.queries.overview import Overview
from shuzhuan.apps.reports.queries.pace import Stay
from shuzhuan.engine.money import format_yuan
from shuzhuan.engine.process import Lane

TEMPLATE = Path(__file__).with_name("leader.typ")
HALF_PX, WHOLE_PX = 380, 760
LATE_SHOWN = 8


def leader_pdf(seen: Overview, stays: list[Stay], made: datetime) -> bytes:
    """One or two pages of A4. Equal figures at the same moment give equal bytes."""
    return compile_pdf(TEMPLATE, data_of(seen, stays, made), int(made.timestamp()))


def data_of(seen: Overview, stays: list[Stay], made: datetime) -> dict[str, Any]:
    """Plain texts for the template."""
    way, money = pictures.way(seen), pictures.money(seen)
    local = timezone.localtime(made)
    return {
        "title": f"{seen.region.name}试点进展",
        "marks": ["演示数据"] if seen.synthetic else [],
        "stand": f"截至{local:%Y年%m月%d日 %H:%M}，由办理记录和资金总账生成",
        "finding": seen.finding,
        "figures": [
            ["申报", f"{seen.now.total:,}", "家"],
            ["在办", f"{seen.now.live:,}", "家"],
            ["逾期", f"{seen.waiting.late_count:,}", "家"],
            ["未结异议", f"{seen.now.objections:,}", "件"],
            ["整改中", f"{seen.now.rectifying:,}", "家"],
        ],
        "goals": [
            [g.text, f"{g.target}{g.unit}", _number(g.done), _number(g.ahead), g.basis]
            for g in seen.goals
        ],
        "way": svgs([way], HALF_PX)[0] if way else "",
        "way_title": way.title if way else "",
        "way_said": way.summary if way else "",
        "ends": _ends(seen),
        "counties": [
            [c.region.name, *(f"{n:,}" for n in (c.total, c.listed, c.accepted, c.late))]
            for c in seen.counties
            if not c.silent
        ],
        "late_said": _by_lane("逾期", seen.waiting.late_by_lane),
        "soon_said": _by_lane("十个工作日内到期", seen.waiting.soon_by_lane),
        "objected_said": f"有未结异议的项目{seen.now.objected:,}个，整改中{seen.now.rectifying:,}家。",
        "money": [
            ["到账（元）", format_yuan(seen.books.appropriated_fen)],
            ["计划投入（元）", format_yuan(seen.now.fen("planned_fen"))],
            ["核定投入（元）", format_yuan(seen.now.fen("audited_fen"))],
            ["已锁定（元）", format_yuan(seen.books.reserved_fen)],
            ["已兑付（元）", format_yuan(seen.books.paid_fen)],
            ["已追回（元）", format_yuan(seen.books.returned_fen)],
            *_outstanding(seen),
        ],
        "money_picture": svgs([money], WHOLE_PX)[0] if money else "",
        "money_title": f"{money.title}（{money.unit}）" if money else "",
        "money_said": money.summary if money else "",
        "pace": [
            [s.state.label, s.lane.label, f"{s.ended:,}", *map(_number, (s.median, s.ninth,
             s.here_longest))]
            for s in stays
        ],
        "late": [
            [w.project.enterprise.name, w.state, w.lane, w.said]
            for w in seen.waiting.late[:LATE_SHOWN]
        ],
    }  # fmt: skip


def _outstanding(seen: Overview) -> list[list[str]]:
    fen = seen.now.outstanding
    return [["还没退回（元）", format_yuan(fen)]] if fen else []


def _ends(seen: Overview) -> str:
    told = "，".join(f"{state.label}{count:,}家" for state, count in seen.ends)
    return f"申报以后的各步不含{told}。" if told else ""


def _number(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _by_lane(what: str, counts: dict[Lane, int]) -> str:
    if not counts:
        return f"{what}：没有。"
    told = "，".join(f"{lane.label}{count:,}家" for lane, count in counts.items())
    return f"{what}：{told}。"

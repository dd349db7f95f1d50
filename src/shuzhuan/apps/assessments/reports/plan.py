"""一企一策 in a report: what is proposed, what it costs, what it may bring and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shuzhuan.apps.assessments.queries.sheet import label_of
from shuzhuan.apps.assessments.reports.material import PlanMaterial
from shuzhuan.apps.assessments.reports.model import ClausePart, Line, MeasureRow, PlanPart
from shuzhuan.apps.assessments.reports.words import NONE, day_text, plain, target_text
from shuzhuan.engine.grading import IndicatorSet, Result, show_milli
from shuzhuan.engine.money import format_cn, format_yuan
from shuzhuan.engine.policy.program import APPLICANTS

_APPLIES, _OPEN = "适用", "资料不足"
_LEADS = {"exact": "给予", "at_most": "最高", "discretion": "原则上最高"}
CEILING = (
    "这是假定按计划完成任务并通过验收、按政策条款测算的上限，供安排投入时参考，不是承诺；"
    "实际以主管部门核定为准。"
)


def costs_by_kind(plan: PlanMaterial) -> list[tuple[str, int]]:
    """Cost of the measures by kind, in fen, in the order of their first appearance."""
    totals: dict[str, int] = {}
    for one in plan.measures:
        totals[one.kind] = totals.get(one.kind, 0) + one.cost_fen
    return list(totals.items())


def plan_part(plan: PlanMaterial, indicators: IndicatorSet, result: Result) -> PlanPart:
    """The plan, ready to print."""
    subsidy = ""
    if plan.subsidy_fen is not None:
        subsidy = f"预计补助上限 {_yuan(plan.subsidy_fen)}。{CEILING}"
    measures = tuple(
        MeasureRow(
            number=str(number),
            item=plain(label_of(indicators, one.item)) if one.item else NONE,
            target=plain(target_text(indicators, one.item, one.target)),
            kind=plain(one.kind),
            product=plain(one.product),
            supplier=plain(one.supplier) or NONE,
            cost=format_yuan(one.cost_fen),
            note=plain(one.note),
        )
        for number, one in enumerate(plan.measures, start=1)
    )
    return PlanPart(
        lines=_lines(plan, result),
        summary=plain(plan.summary),
        measures=measures,
        total=format_yuan(plan.cost_fen),
        total_cn=format_cn(plan.cost_fen),
        subsidy=subsidy,
        clauses=_clauses(plan),
        notices=tuple(map(plain, _texts(plan.decision.get("notices")))),
    )


def _yuan(fen: int) -> str:
    """``180,000.00 元（18万元）``; the short form only where it is another one."""
    short = format_cn(fen)
    return f"{format_yuan(fen)} 元" + (f"（{short}）" if "万" in short or "亿" in short else "")


def _lines(plan: PlanMaterial, result: Result) -> tuple[Line, ...]:
    names = result.level_names
    lines = [Line("方案版次", f"第 {plan.number} 版，{plan.state}")]
    if plan.expected_level is not None:
        level = names[plan.expected_level] if plan.expected_level < len(names) else NONE
        points = plan.expected_points_milli
        more = "" if points is None else f"，预计总分 {show_milli(points)} 分"
        lines.append(Line("预期等级", f"{level}{more}（现为{result.level_text}）"))
    lines.append(Line("预计投入", _yuan(plan.cost_fen)))
    if plan.starts_on or plan.ends_on:
        spell = f"{day_text(plan.starts_on) or '未定'} 至 {day_text(plan.ends_on) or '未定'}"
        lines.append(Line("计划工期", spell))
    if plan.accepted_on is not None:
        lines.append(Line("企业确认", day_text(plan.accepted_on)))
    return tuple(lines)


def _clauses(plan: PlanMaterial) -> tuple[ClausePart, ...]:
    """The clauses behind the sum, from a decision's stored form (docs/decision-format.md).

    Those that pay exactly the expected sum; where none does, those that apply, or could apply
    when what is unknown turns out well.
    """
    clauses = plan.decision.get("clauses")
    paying = [
        one
        for one in (clauses if isinstance(clauses, list) else [])
        if one.get("payee") in APPLICANTS
        and one.get("amount_fen")
        and one.get("status") in (_APPLIES, _OPEN)
    ]
    exact = [one for one in paying if one["amount_fen"] == plan.subsidy_fen]
    applying = [one for one in paying if one["status"] == _APPLIES]
    return tuple(
        ClausePart(
            title=plain(f"{one.get('number', '')}{one.get('title', '')}"),
            amount=_amount(one),
            lines=tuple(map(plain, (*_sum_lines(one), *_open_lines(one)))),
            cite=plain(str(one.get("cite", ""))),
        )
        for one in exact or applying or paying
    )


def _amount(clause: Mapping[str, Any]) -> str:
    lead = _LEADS.get(str(clause.get("certainty")), "最高")
    amount = f"{lead} {format_yuan(int(clause['amount_fen']))} 元"
    return amount if clause["status"] == _APPLIES else f"其他条件也成立时，{amount}"


def _sum_lines(clause: Mapping[str, Any]) -> list[str]:
    """How the sum comes about: the steps, or the paragraph where there are none."""
    steps = _texts(clause.get("steps"))
    return steps or _texts([clause.get("text")])


def _open_lines(clause: Mapping[str, Any]) -> list[str]:
    """How much of the clause can only be verified later."""
    conditions = clause.get("conditions")
    tested = conditions if isinstance(conditions, list) else []
    unsure = sum(one.get("state") is None for one in tested)
    return [f"另有 {unsure} 项条件要在申报和验收时核实。"] if unsure else []


def _texts(found: object) -> list[str]:
    return [str(one) for one in found if one] if isinstance(found, list) else []

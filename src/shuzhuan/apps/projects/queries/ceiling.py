"""The most that a project can get: what its clause computes, less what the enterprise already has.

A pack may say that a ceiling holds for an enterprise and not for a project (彭阳 办法第七条（一）:
单家企业最高40万元). One enterprise has one project in a pilot, but there may be several pilots.
"""

from __future__ import annotations

from dataclasses import dataclass

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.policy.decision import ClauseResult, Decision
from shuzhuan.engine.policy.stacking import enterprise_ceilings


@dataclass(frozen=True)
class Ceiling:
    """``told``: what the other projects leave of an enterprise's ceiling, a line for each rule."""

    fen: int
    told: tuple[str, ...] = ()


def ceiling(project: Project, decision: Decision, result: ClauseResult) -> Ceiling:
    """Of the clause that the batch pays by. Whoever decides by it holds the enterprise's lock."""
    found, told = result.amount_fen or 0, []
    for rule, limit in enterprise_ceilings(decision.program, result.id):
        others = _others(project, rule.clauses)
        if others:
            rest = max(limit - sum(other.held_fen for other in others), 0)
            held = "、".join(_held(other) for other in others)
            told.append(f"{rule.cite}，{rule.say}：{held}，本次最多{format_cn(rest)}。")
            found = min(found, rest)
    return Ceiling(found, tuple(told))


def _others(project: Project, clauses: tuple[str, ...]) -> list[Project]:
    """The enterprise's other projects that hold money of these clauses, wherever they are."""
    with opened("what an enterprise got under one pack counts in every place"):
        rows = Project.objects.filter(
            enterprise_id=project.enterprise_id, proposed_fen__gt=0,
            pilot__pack=project.pilot.pack, batch__clause__in=clauses,
        ).exclude(pk=project.pk)  # fmt: skip
        found = list(rows.select_related("pilot").order_by("pk"))
    return [other for other in found if other.held_fen]


def _held(other: Project) -> str:
    where, amount = f"{other.pilot.name}（{other.number}）", format_cn(other.held_fen)
    if not other.paid_fen:
        return f"在{where}正在办理{amount}"
    back = f"（已扣除退回的{format_cn(other.returned_fen)}）" if other.returned_fen else ""
    return f"已在{where}领取{amount}{back}"

"""Stacking (叠加): which clauses of a case exclude or limit each other, told clause by clause.

The totals themselves are computed in the generated code of each reading; this is the
same rule in plain steps, which also says what was kept and what was dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shuzhuan.engine.money import format_cn

from .program import Program, StackingRule
from .readings.evaluate import Evaluation
from .readings.single import YES, Outcome


@dataclass(frozen=True, slots=True)
class StackingNote:
    """What one rule did to a case."""

    rule: str
    cite: str
    text: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]


def stack(
    program: Program, outcomes: Sequence[Outcome], seen: Evaluation
) -> tuple[StackingNote, ...]:
    """Notes on every rule that met two or more applicable clauses, in the order of the pack."""
    kept = {
        clause.id: outcome[1]
        for clause, outcome in zip(program.computed, outcomes, strict=True)
        if clause.counts and outcome[0] == YES and outcome[1] > 0
    }
    numbers = {clause.id: clause.number for clause in program.computed}
    notes = []
    for rule in program.stacking:
        members = {c: kept[c] for c in rule.clauses if c in kept}
        if len(members) < 2 and rule.rule != "ceiling":
            continue
        note = _RULES[rule.rule](rule, members, kept, numbers, seen)
        if note is not None:
            notes.append(note)
    return tuple(notes)


def enterprise_ceilings(program: Program, clause: str) -> Iterator[tuple[StackingRule, int]]:
    """Ceilings on what one enterprise gets in all its projects together, in fen, of a clause.

    Within one case they are ceilings like any other; what the other projects got, the caller knows.
    """
    for rule in program.stacking:
        if rule.rule == "ceiling" and rule.scope == "enterprise" and clause in rule.clauses:
            assert rule.limit is not None
            limit = Evaluation({}).value(rule.limit)
            assert limit is not None  # a fixed amount, as the binder holds
            yield rule, limit // rule.limit.den


def _exclusive(
    rule: StackingRule,
    members: dict[str, int],
    kept: dict[str, int],
    numbers: dict[str, str],
    seen: Evaluation,
) -> StackingNote:
    best = max(members, key=lambda c: members[c])  # the first listed wins a tie
    dropped = tuple(c for c in members if c != best)
    for clause in dropped:
        del kept[clause]
    others = "、".join(f"{numbers[c]}（{format_cn(members[c])}）" for c in dropped)
    text = f"{rule.cite}，{rule.say}：取最高的{numbers[best]}{format_cn(members[best])}，不再计{others}。"
    return StackingNote(rule.id, rule.cite, text, (best,), dropped)


def _additive(
    rule: StackingRule,
    members: dict[str, int],
    kept: dict[str, int],
    numbers: dict[str, str],
    seen: Evaluation,
) -> StackingNote:
    listed = "、".join(numbers[c] for c in members)
    return StackingNote(
        rule.id, rule.cite, f"{rule.cite}，{rule.say}：{listed}同时计入。", tuple(members), ()
    )


def _ceiling(
    rule: StackingRule,
    members: dict[str, int],
    kept: dict[str, int],
    numbers: dict[str, str],
    seen: Evaluation,
) -> StackingNote | None:
    assert rule.limit is not None
    limit = seen.value(rule.limit)
    if limit is None:
        return StackingNote(
            rule.id, rule.cite, f"{rule.cite}，{rule.say}：限额还不能确定。", tuple(members), ()
        )
    limit //= rule.limit.den
    total = sum(members.values())
    over = total - limit
    if over <= 0:
        return None
    cut = []
    for clause in reversed(members):
        less = min(members[clause], over)
        if less:
            kept[clause] -= less
            over -= less
            cut.append(clause)
    text = f"{rule.cite}，{rule.say}：合计{format_cn(total)}，超过{format_cn(limit)}，按{format_cn(limit)}计。"
    dropped = tuple(c for c in cut if kept[c] == 0)
    return StackingNote(rule.id, rule.cite, text, tuple(c for c in members if kept[c]), dropped)


_RULES = {"exclusive": _exclusive, "additive": _additive, "ceiling": _ceiling}

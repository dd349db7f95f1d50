"""Runs the cases that lie beside a pack (``cases.yaml``) and says what came out differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from shuzhuan.engine.money import format_cn

from .bind import BindError
from .decision import ClauseResult, Decision
from .errors import Position
from .facts import FactError
from .pack import Pack


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One case: ``failures`` are Chinese sentences; empty means it passed."""

    name: str
    position: Position
    failures: tuple[str, ...]


def run_cases(pack: Pack, today: date) -> list[CaseOutcome]:
    """All cases of the pack, in order. ``today`` is used where a case names no day."""
    cases = pack.source.cases
    return [
        CaseOutcome(
            case.name, pack.source.at("cases.yaml", "cases", at), tuple(_run(pack, case, today))
        )
        for at, case in enumerate(cases)
    ]


def _run(pack: Pack, case: Any, today: date) -> Iterator[str]:
    try:
        program = pack.bind(case.as_of or today, readings=dict(case.readings or {}))
        decision = program.decide(case.facts)
    except (BindError, FactError) as error:
        yield str(error)
        return
    for expected in case.expect:
        try:
            result = decision.result(expected.clause)
        except KeyError:
            yield f"条款 {expected.clause}：没有结果（这一条没有金额也没有检查）"
            continue
        yield from _compare(result, expected)
    yield from _totals(decision, case)


def _compare(result: ClauseResult, expected: Any) -> Iterator[str]:
    name = f"条款 {result.id}"
    if expected.status is not None and result.status != expected.status:
        yield f"{name}：应当{expected.status}，算出{result.status}（{result.text}）"
    if expected.amount is not None and result.amount_fen != expected.amount:
        yield f"{name}：金额应当是{format_cn(expected.amount)}，算出{_fen(result.amount_fen)}"
    if expected.certainty is not None and result.clause.certainty != expected.certainty:
        yield f"{name}：应当是 {expected.certainty}，实为 {result.clause.certainty}"
    if expected.shares is not None and dict(result.shares or {}) != dict(expected.shares):
        yield f"{name}：分担应当是 {dict(expected.shares)}，算出 {dict(result.shares or {})}（分）"
    if expected.missing is not None:
        missing = sorted(fact.key for fact in result.missing)
        if missing != sorted(expected.missing):
            yield f"{name}：应当缺 {sorted(expected.missing)}，实缺 {missing}"
    if expected.because is not None:
        failed = sorted(c.id for c in (result.conditions or result.checks) if c.state is False)
        if failed != sorted(expected.because):
            yield f"{name}：不成立的条件应当是 {sorted(expected.because)}，实为 {failed}"


def _totals(decision: Decision, case: Any) -> Iterator[str]:
    if case.total is not None and decision.total_fen != case.total:
        yield f"合计应当是{format_cn(case.total)}，算出{_fen(decision.total_fen)}"


def _fen(value: int | None) -> str:
    return "（没有金额）" if value is None else format_cn(value)

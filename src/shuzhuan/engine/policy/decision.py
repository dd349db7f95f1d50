"""A decision: what a pack says of one case, with every step, in a form that replays bit for bit.

The JSON form is described in ``docs/decision-format.md``. It holds no time of day
and nothing random: the same pack, facts, day and readings give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shuzhuan.engine.money import format_cn

from .facts import FactDef, Value, parse_facts
from .program import Clause, Program, Shares
from .readings.chinese import CHECK_STATUS, STATUS, Explainer, amount_text, render
from .readings.evaluate import Evaluation
from .readings.phrases import Phrases, decode
from .readings.single import NO, OPEN, Outcome, Single, Slots, compile_single
from .stacking import StackingNote, stack
from .tree import UNKNOWN

FORMAT = "shuzhuan.decision/1"
_STATES = {0: False, 1: True, 2: None}


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """``state`` None: cannot be decided. ``text`` is what it saw."""

    id: str
    cite: str
    state: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class InstalmentResult:
    """``amount_fen`` None: not known yet."""

    name: str
    amount_fen: int | None
    due: bool | None


@dataclass(frozen=True)
class ClauseResult:
    """``amount_fen``: 0 when 不适用; None when it cannot be computed; for 资料不足 what follows if all holds."""

    clause: Clause
    status: str
    amount_fen: int | None
    conditions: tuple[ConditionResult, ...]
    checks: tuple[ConditionResult, ...]
    steps: tuple[str, ...]
    text: str
    shares: Mapping[str, int] | None
    instalments: tuple[InstalmentResult, ...]
    missing: tuple[FactDef, ...]
    reason: int
    readings: tuple[tuple[str, str, str], ...]

    @property
    def id(self) -> str:
        return self.clause.id

    @property
    def amount_cn(self) -> str:
        """The amount with its certainty in words; empty when there is none."""
        if self.amount_fen is None or self.clause.amount is None or self.status == "不适用":
            return ""
        return amount_text(self.clause, self.amount_fen)

    def to_json(self) -> dict[str, Any]:
        clause = self.clause
        result: dict[str, Any] = {
            "id": clause.id,
            "number": clause.number,
            "title": clause.title,
            "cite": clause.cite,
            "kind": clause.kind,
            "payee": clause.payee,
            "status": self.status,
            "certainty": clause.certainty if clause.amount is not None else None,
            "amount_fen": self.amount_fen if clause.amount is not None else None,
            "conditions": [_condition_json(c) for c in self.conditions],
            "checks": [_condition_json(c) for c in self.checks],
            "steps": list(self.steps),
            "text": self.text,
            "shares": dict(self.shares) if self.shares is not None else None,
            "instalments": [
                {"name": i.name, "amount_fen": i.amount_fen, "due": i.due} for i in self.instalments
            ],
            "missing": [fact.key for fact in self.missing],
            "readings": {reading: option for reading, option, _ in self.readings},
            "reason": self.reason,
        }
        return result


def _condition_json(condition: ConditionResult) -> dict[str, Any]:
    return {
        "id": condition.id,
        "cite": condition.cite,
        "state": condition.state,
        "text": condition.text,
    }


@dataclass(frozen=True)
class Decision:
    """The answer for one case. ``total_fen`` counts what applies, ``total_if_fen`` also what is open."""

    program: Program
    values: Mapping[str, Value]
    results: tuple[ClauseResult, ...]
    total_fen: int | None
    total_if_fen: int | None
    stacking: tuple[StackingNote, ...]
    notices: tuple[str, ...] = field(default=())

    def result(self, clause_id: str) -> ClauseResult:
        """The result of one clause. Raises KeyError."""
        for result in self.results:
            if result.id == clause_id:
                return result
        raise KeyError(clause_id)

    def facts_json(self) -> dict[str, object]:
        declared = self.program.declared
        return {key: declared[key].raw(value) for key, value in sorted(self.values.items())}

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        program = self.program
        return {
            "format": FORMAT,
            "pack": {
                "id": program.pack_id,
                "version": program.pack_version,
                "digest": program.pack_digest,
            },
            "as_of": program.as_of.isoformat(),
            "known_on": program.known_on.isoformat(),
            "readings": dict(sorted(program.chosen.items())),
            "facts": self.facts_json(),
            "clauses": [result.to_json() for result in self.results],
            "total_fen": self.total_fen,
            "total_if_fen": self.total_if_fen,
            "stacking": [
                {
                    "rule": n.rule,
                    "cite": n.cite,
                    "text": n.text,
                    "kept": list(n.kept),
                    "dropped": list(n.dropped),
                }
                for n in self.stacking
            ],
            "notices": list(self.notices),
        }

    def canonical(self) -> bytes:
        """The bytes that a replay must reproduce."""
        return canonical(self.to_json())

    def lines(self) -> list[str]:
        """The whole decision in Chinese, a paragraph per line."""
        lines = list(self.notices)
        lines += [result.text for result in self.results]
        lines += [note.text for note in self.stacking]
        if self.total_fen is not None:
            lines.append(f"适用条款合计（上限口径）：{format_cn(self.total_fen)}。")
        if self.total_if_fen is not None and self.total_if_fen != self.total_fen:
            lines.append(f"若资料补齐且条件都成立，合计最多：{format_cn(self.total_if_fen)}。")
        return lines


def canonical(document: Any) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


class Decider:
    """Decides cases of one program; keeps what is compiled."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.single: Single = compile_single(program)
        self.explainer = Explainer(program)

    def decide(self, raw_facts: Mapping[str, object]) -> Decision:
        """Decide a case given as JSON facts. Raises FactError naming every bad key."""
        return self.decide_values(parse_facts(self.program.declared, raw_facts))

    def decide_values(self, values: Mapping[str, Value]) -> Decision:
        """Decide a case given as parsed facts."""
        case = self.single.case(values)
        outcomes, total, total_if = self.single.trace(case)
        evaluation = Evaluation(values)
        results = tuple(
            self._result(at, case, outcome, evaluation) for at, outcome in enumerate(outcomes)
        )
        return Decision(
            self.program,
            values,
            results,
            _known(total),
            _known(total_if),
            stack(self.program, outcomes, evaluation),
            self.program.notices,
        )

    def _result(self, at: int, case: Slots, outcome: Outcome, seen: Evaluation) -> ClauseResult:
        clause = self.program.computed[at]
        status, amount, reason, _ = outcome
        texts, steps = self.explainer.parts(at, case, outcome)
        states, _ = decode(clause, reason)
        tested = tuple(
            ConditionResult(c.id, c.cite, _STATES[states[i]], texts[i])
            for i, c in enumerate(clause.tested)
        )
        missing = _missing(clause, status, seen)
        asked = "、".join(fact.label for fact in missing)
        words = CHECK_STATUS if clause.amount is None else STATUS
        has_amount = clause.amount is not None and amount != UNKNOWN
        return ClauseResult(
            clause,
            words[status],
            amount if has_amount else None,
            tested if clause.amount is not None else (),
            self._checks(clause, seen) if clause.amount is not None else tested,
            steps,
            self.explainer.text(at, case, outcome, asked),
            shares_of(clause.shares, amount)
            if has_amount and status != NO and clause.shares
            else None,
            _instalments(clause, amount, seen) if has_amount and status != NO else (),
            missing,
            reason,
            tuple(
                (r, self.program.chosen[r], self.program.option_labels[r, self.program.chosen[r]])
                for r in clause.readings
            ),
        )

    def _checks(self, clause: Clause, seen: Evaluation) -> tuple[ConditionResult, ...]:
        """Checks beside an amount: they only remind."""
        results = []
        phrases = Phrases({}, self.program.declared)
        for check in clause.checks:
            value = seen.value(check.node)
            phrase = phrases.condition(check, 2 if value is None else value)
            state = None if value is None else bool(value)
            results.append(ConditionResult(check.id, check.cite, state, render(phrase, seen)))
        return tuple(results)


def _known(value: int) -> int | None:
    return None if value == UNKNOWN else value


def _missing(clause: Clause, status: int, seen: Evaluation) -> tuple[FactDef, ...]:
    """What would have to be known, when something is."""
    if status != OPEN:
        return ()
    found: dict[str, FactDef] = {}
    for condition in clause.tested:
        found.update(seen.missing(condition.node))
    if clause.amount is not None:
        found.update(seen.missing(clause.amount))
    return tuple(found.values())


def shares_of(shares: Shares, amount: int) -> dict[str, int]:
    """Who pays which part of ``amount``; adds up exactly."""
    return shares.split(amount)


def _instalments(clause: Clause, amount: int, seen: Evaluation) -> tuple[InstalmentResult, ...]:
    """Each instalment at most what is left; the last takes the rest."""
    left: int | None = amount
    results = []
    for part in clause.instalments:
        due_value = 1 if part.when is None else seen.value(part.when)
        due = None if due_value is None else bool(due_value)
        if part.amount is None:
            results.append(InstalmentResult(part.name, left, due))
            continue
        value = seen.value(part.amount)
        if value is None or left is None:
            left = None
            results.append(InstalmentResult(part.name, None, due))
            continue
        fen = min(value // part.amount.den, left)
        left -= fen
        results.append(InstalmentResult(part.name, fen, due))
    return tuple(results)

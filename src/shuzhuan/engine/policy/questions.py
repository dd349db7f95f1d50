"""Which question to ask next: the fact that decides most, and nothing that no longer matters.

Works on the same tree as the decision. A clause that is already decided asks for
nothing; in an open clause only facts on live branches count. The weight of a fact is
the money that hangs on it: for every open clause, the most that the clause could pay,
shared among the facts it still waits for, with conditions counted before amounts
(one "no" saves all later questions of that clause).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .facts import FactDef, Value, parse_facts
from .program import Clause, Program
from .readings.evaluate import Evaluation

_CONDITION_FIRST = 3  # a condition's fact weighs this much more than a fact of the sum
_STAKE_MAX = 100_000_000  # 100万元: the bound of a clause without a ceiling is not a stake


@dataclass(frozen=True, slots=True)
class Question:
    """``weight``: fen that hang on the answer (a ranking, not a promise); ``clauses``: who asks."""

    fact: FactDef
    weight: int
    clauses: tuple[str, ...]


def next_questions(program: Program, raw_facts: Mapping[str, object]) -> list[Question]:
    """Open questions, the most decisive first; empty when no answer can change anything."""
    return open_questions(program, parse_facts(program.declared, raw_facts))


def open_questions(program: Program, values: Mapping[str, Value]) -> list[Question]:
    """As ``next_questions``, for parsed facts."""
    seen = Evaluation(values)
    weights: dict[str, int] = {}
    asking: dict[str, list[str]] = {}
    declared: dict[str, FactDef] = {}
    for clause in program.computed:
        for fact, weight in _waiting(clause, seen):
            declared[fact.key] = fact
            weights[fact.key] = weights.get(fact.key, 0) + weight
            asking.setdefault(fact.key, []).append(clause.id)
    order = {fact.key: at for at, fact in enumerate(program.facts)}
    ranked = sorted(weights, key=lambda key: (-weights[key], order[key]))
    return [Question(declared[key], weights[key], tuple(asking[key])) for key in ranked]


def _waiting(clause: Clause, seen: Evaluation) -> list[tuple[FactDef, int]]:
    """The facts that an undecided clause still waits for, with their weights."""
    states = [seen.value(condition.node) for condition in clause.tested]
    if 0 in states:
        return []
    gates: dict[str, FactDef] = {}
    for condition, state in zip(clause.tested, states, strict=True):
        if state is None:
            gates.update(seen.missing(condition.node))
    sums = seen.missing(clause.amount) if clause.amount is not None else {}
    sums = {key: fact for key, fact in sums.items() if key not in gates}
    if not gates and not sums:
        return []
    stake = _at_stake(clause, seen)
    share = stake // (len(gates) * _CONDITION_FIRST + len(sums)) + 1
    found = [(fact, share * _CONDITION_FIRST) for fact in gates.values()]
    return found + [(fact, share) for fact in sums.values()]


def _at_stake(clause: Clause, seen: Evaluation) -> int:
    """The most that the applicant could get by the clause, in fen: known, else proven at load."""
    if clause.amount is None or not clause.counts:
        return 0
    value = seen.value(clause.amount)
    return min((clause.amount.hi if value is None else value) // clause.amount.den, _STAKE_MAX)

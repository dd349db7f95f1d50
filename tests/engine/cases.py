"""Random facts for any program, seeded: every fact present or not, values on and beside the bounds."""

from __future__ import annotations

import random

from shuzhuan.engine.policy.facts import FactDef, Item, Value
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.tree import Compare, Const, Fact, strip, walk


def thresholds(program: Program) -> dict[str, list[int]]:
    """Constants with which a fact is compared anywhere in the program, in the fact's own integers."""
    found: dict[str, list[int]] = {}
    for clause in program.clauses:
        for root in clause.nodes():
            for node in walk(root):
                if isinstance(node, Compare):
                    left, right = strip(node.left), strip(node.right)
                    if (
                        isinstance(left, Fact)
                        and isinstance(right, Const)
                        and left.den == right.den
                    ):
                        found.setdefault(left.fact.key, []).append(right.value)
    return found


def random_values(
    program: Program,
    rng: random.Random,
    known: float = 0.8,
    marks: dict[str, list[int]] | None = None,
) -> dict[str, Value]:
    """Parsed facts; ``known`` is the chance that a fact is given."""
    edges = thresholds(program) if marks is None else marks
    return {
        fact.key: _value(fact, rng, edges.get(fact.key, []))
        for fact in program.facts
        if rng.random() < known
    }


def _value(fact: FactDef, rng: random.Random, marks: list[int]) -> Value:
    if fact.kind == "list":
        return tuple(_item(fact, rng) for _ in range(rng.randrange(4)))
    if marks and rng.random() < 0.4:
        value = rng.choice(marks) + rng.choice((-1, 0, 1))
        return min(max(value, fact.lo), fact.hi)
    if fact.kind == "money":
        return min(fact.hi, rng.choice((0, 1, rng.randrange(10**9), rng.randrange(10**7) * 100)))
    return rng.randint(fact.lo, fact.hi)


def _item(fact: FactDef, rng: random.Random) -> Item:
    values = []
    for field in fact.fields:
        value = None if rng.random() < 0.05 else _value(field, rng, [])
        assert not isinstance(value, tuple)
        values.append(value)
    return tuple(values)

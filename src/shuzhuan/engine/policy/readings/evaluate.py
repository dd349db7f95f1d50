"""The plainest reading: walk the tree with Python integers and None for unknown.

Slow and obvious. It tells which facts are missing, serves the question order, and
is one more independent computation that the tests hold against the generated code.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping

from .. import dates
from ..facts import FactDef, Item, Value
from ..tree import (
    Aggregate,
    Arith,
    Between,
    Choice,
    Compare,
    Const,
    Extreme,
    Fact,
    Field,
    Logic,
    Member,
    Named,
    Node,
    Not,
    Shift,
    Year,
)

_ARITH = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_HOLDS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Evaluation:
    """Values of nodes for one case (parsed facts by key); truth is 1, 0 or None."""

    def __init__(self, facts: Mapping[str, Value], item: Mapping[str, int | None] | None = None):
        self._facts, self._item = facts, item or {}
        self._memo: dict[int, int | None] = {}

    def value(self, node: Node) -> int | None:
        """Numerator over ``node.den``, or None when unknown."""
        key = id(node)
        if key not in self._memo:
            self._memo[key] = self._compute(node)
        return self._memo[key]

    def _compute(self, node: Node) -> int | None:  # noqa: PLR0911 - one line per kind of node
        match node:
            case Const():
                return node.value
            case Fact():
                value = self._facts.get(node.fact.key)
                assert not isinstance(value, tuple)
                return value
            case Field():
                return self._item[node.fact.key]
            case Named():
                return self.value(node.inner)
            case Not():
                inner = self.value(node.operand)
                return None if inner is None else 1 - inner
            case Logic():
                return self._logic(node)
            case Choice():
                return self._choice(node)
            case Aggregate():
                return self._aggregate(node)
        operands = [self.value(child) for child in node.children()]
        if any(o is None for o in operands):
            return None
        return _strict(node, [o for o in operands if o is not None])

    def _logic(self, node: Logic) -> int | None:
        values = [self.value(arg) for arg in node.args]
        decisive = 0 if node.op == "and" else 1
        if decisive in values:
            return decisive
        return None if None in values else 1 - decisive

    def _choice(self, node: Choice) -> int | None:
        at = self.taken(node)
        value = None if at is None else self.value(node.values[at])
        return None if value is None or at is None else value * node.scales[at]

    def taken(self, node: Choice) -> int | None:
        """Index of the row that gives the value; None when that cannot be told."""
        for at, test in enumerate(node.tests):
            holds = self.value(test)
            if holds is None:
                return None
            if holds:
                return at
        return len(node.values) - 1

    def _aggregate(self, node: Aggregate) -> int | None:
        items = self._facts.get(node.items.fact.key)
        if items is None:
            return None
        assert isinstance(items, tuple)
        total = 0
        for item in items:
            inner = Evaluation(self._facts, self.fields(node.fields, item))
            where = 1 if node.where is None else inner.value(node.where)
            if where == 0:
                continue
            value = 1 if node.item is None else inner.value(node.item)
            if where is None or value is None:
                return None
            total += value
        return total

    @staticmethod
    def fields(declared: Iterable[FactDef], item: Item) -> dict[str, int | None]:
        return {f.key: v for f, v in zip(declared, item, strict=True)}

    def missing(self, node: Node) -> dict[str, FactDef]:
        """Unknown facts that ``node`` still waits for, along live branches only."""
        if self.value(node) is not None:
            return {}
        if isinstance(node, Fact):
            return {node.fact.key: node.fact}
        if isinstance(node, Aggregate):
            return {node.items.fact.key: node.items.fact}
        if isinstance(node, Choice):
            return self._missing_choice(node)
        found: dict[str, FactDef] = {}
        for child in node.children():
            found.update(self.missing(child))
        return found

    def _missing_choice(self, node: Choice) -> dict[str, FactDef]:
        at = self.taken(node)
        if at is not None:
            return self.missing(node.values[at])
        for test in node.tests:
            if self.value(test) is None:
                return self.missing(test)
        return {}


def _strict(node: Node, values: list[int]) -> int:
    match node:
        case Arith():
            left, right = values[0] * node.scales[0], values[1] * node.scales[1]
            result: int = _ARITH[node.op](left, right)
            return result
        case Extreme():
            scaled = [v * s for v, s in zip(values, node.scales, strict=True)]
            return min(scaled) if node.op == "min" else max(scaled)
        case Compare():
            holds = _HOLDS[node.op](values[0] * node.scales[0], values[1] * node.scales[1])
            return int(holds)
        case Member():
            return int(values[0] in node.choices)
        case Shift():
            move = dates.add_months if node.unit == "months" else operator.add
            return int(move(values[0], values[1]))
        case Between():
            return values[1] - values[0]
        case Year():
            return dates.year_of(values[0])
    raise TypeError(f"no reading of {type(node).__name__}")

"""Which facts a 资料不足 clause still waits for, as columns: the same as ``Evaluation.missing``.

A mask (Int64) holds one bit for each of at most 62 facts of ``waited_for``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import polars as pl

from ..facts import FactDef
from ..program import Clause
from ..tree import Aggregate, Choice, Const, Fact, Logic, Node, facts_of
from .polars_nodes import Translator

BITS = 62  # of one mask


def waited_for(clause: Clause) -> tuple[FactDef, ...]:
    """The facts that a clause can wait for, in the order of the bits."""
    nodes = [c.node for c in clause.tested]
    if clause.amount is not None:
        nodes.append(clause.amount)
    found = {fact.key: fact for node in nodes for fact in facts_of(node)}
    return tuple(found.values())


def masks(clause: Clause, translator: Translator) -> Iterator[pl.Expr]:
    """The masks of a clause, never null; they mean something only where it is 资料不足."""
    facts = waited_for(clause)
    roots = [c.node for c in clause.tested]
    if clause.amount is not None:
        roots.append(clause.amount)
    for start in range(0, max(len(facts), 1), BITS):
        bits = {fact.key: 1 << at for at, fact in enumerate(facts[start : start + BITS])}
        mask = _Mask(bits, translator)
        yield _union([mask.of(root) for root in roots])


class _Mask:
    """Bits of the unknown facts that a node needs along its live branches."""

    def __init__(self, bits: dict[str, int], translator: Translator) -> None:
        self._bits, self._translator = bits, translator

    def of(self, node: Node) -> pl.Expr:
        translator = self._translator
        if isinstance(node, Const) or not translator.maybe(node):
            return _lit(0)
        if isinstance(node, Fact | Aggregate):
            key = node.fact.key if isinstance(node, Fact) else node.items.fact.key
            bit = self._bits.get(key, 0)
            return pl.when(translator.unknown(node)).then(_lit(bit)).otherwise(_lit(0))
        if isinstance(node, Choice):
            return self._choice(node)
        parts = _union([self.of(child) for child in node.children()])
        if isinstance(node, Logic):  # may be decided although a part of it is unknown
            return pl.when(translator.unknown(node)).then(parts).otherwise(_lit(0))
        return parts

    def _choice(self, node: Choice) -> pl.Expr:
        result = self.of(node.values[-1])
        for at in reversed(range(len(node.tests))):
            test, chosen = node.tests[at], self.of(node.values[at])
            holds = self._translator.expr(test)
            result = pl.when(holds).then(chosen).otherwise(result)
            if self._translator.maybe(test):
                unknown = self._translator.unknown(test)
                result = pl.when(unknown).then(self.of(test)).otherwise(result)
        return result


def _lit(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int64)


def _union(parts: list[pl.Expr]) -> pl.Expr:
    return reduce(lambda a, b: a | b, parts) if parts else _lit(0)

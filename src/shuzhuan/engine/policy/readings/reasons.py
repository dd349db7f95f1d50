"""Reason codes in a columnar reading: which conditions held and which branches were taken.

The numbering is ``Clause.digits``. A digit counts only where the program of one case
would come by: inside the branch that is taken, and every node once on its way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from ..program import Clause
from ..tree import Choice, Extreme, Node
from .algebra import Algebra, Nodes, T


class Reasons(Generic[T]):
    """Reason code of one clause."""

    def __init__(self, clause: Clause, nodes: Nodes[T], algebra: Algebra[T]) -> None:
        self._clause, self._nodes, self._algebra = clause, nodes, algebra
        self._weights = {id(d.node): d.weight for d in clause.digits if d.node is not None}
        self._seen: list[set[int]] = [set()]

    def states(self) -> T:
        """The digits of the conditions: 0 no, 1 yes, 2 unknown. Never null."""
        algebra = self._algebra
        weights = {d.condition: d.weight for d in self._clause.digits if d.node is None}
        terms = []
        for at, weight in weights.items():
            node = self._clause.tested[at].node
            state = algebra.when(self._nodes.expr(node), algebra.lit(weight), algebra.lit(0))
            if self._nodes.maybe(node):
                state = algebra.when(self._nodes.unknown(node), algebra.lit(2 * weight), state)
            terms.append(state)
        return algebra.add(terms) if terms else algebra.lit(0)

    def branches(self) -> T | None:
        """The digits of the sum, for a clause that is not 不适用; None when there are none."""
        amount = self._clause.amount
        if amount is None or not self._weights:
            return None
        terms = [self._visit(named) for named in self._clause.hoisted]
        return self._sum([*terms, self._visit(amount)])

    def _sum(self, terms: list[T | None]) -> T | None:
        given = [term for term in terms if term is not None]
        return self._algebra.add(given) if given else None

    def _visit(self, node: Node) -> T | None:
        """Digits of ``node`` and of what it needs; None when there are none."""
        if any(id(node) in scope for scope in self._seen):
            return None
        if isinstance(node, Choice):
            digits = self._choice(node, 0)
        else:
            terms = [self._visit(child) for child in node.children()]
            if isinstance(node, Extreme):
                terms.append(self._extreme(node))
            digits = self._sum(terms)
        self._seen[-1].add(id(node))
        return digits

    def _extreme(self, node: Extreme) -> T | None:
        weight = self._weights.get(id(node))
        if weight is None:
            return None
        nodes, algebra = self._nodes, self._algebra
        args = [nodes.expr(a, s) for a, s in zip(node.args, node.scales, strict=True)]
        best, digit = args[0], algebra.lit(0)
        for at, arg in enumerate(args[1:], 1):
            better = algebra.less(arg, best) if node.op == "min" else algebra.less(best, arg)
            digit = algebra.when(better, algebra.lit(at * weight), digit)
            if at + 1 < len(args):
                best = algebra.when(better, arg, best)
        unknown = [nodes.unknown(a) for a in node.args if nodes.maybe(a)]
        if unknown:
            digit = algebra.when(algebra.either(unknown), algebra.lit(len(args) * weight), digit)
        return digit

    def _choice(self, node: Choice, at: int) -> T | None:
        """Digits from row ``at`` on: what its test needs, then those of the branch taken."""
        weight = self._weights.get(id(node), 0)
        if at == len(node.tests):
            return self._taken(node, at, weight)
        algebra, test = self._algebra, node.tests[at]
        before = self._visit(test)
        chosen = self._inside(lambda: self._taken(node, at, weight))
        rest = self._inside(lambda: self._choice(node, at + 1))
        if chosen is None and rest is None and not self._nodes.maybe(test):
            return before
        zero = algebra.lit(0)
        digits = algebra.when(
            self._nodes.expr(test),
            zero if chosen is None else chosen,
            zero if rest is None else rest,
        )
        # The rows of a table ask the same selector: the first one says whether it is unknown.
        if self._nodes.maybe(test) and (at == 0 or node.selector is None):
            undecided = algebra.lit(weight * len(node.values))
            digits = algebra.when(self._nodes.unknown(test), undecided, digits)
        return self._sum([before, digits])

    def _taken(self, node: Choice, at: int, weight: int) -> T | None:
        mark = self._algebra.lit(weight * at) if weight * at else None
        return self._sum([self._visit(node.values[at]), mark])

    def _inside(self, visit: Callable[[], T | None]) -> T | None:
        """Visit a branch: what is counted there is not counted for its neighbours."""
        self._seen.append(set())
        result = visit()
        self._seen.pop()
        return result

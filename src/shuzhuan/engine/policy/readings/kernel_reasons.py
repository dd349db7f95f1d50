"""Reason codes inside a kernel: the numbering of ``Clause.digits``, as sums of selects.

A digit counts only where the program of one case would come by: the digits of the
amount where no condition fails, those of a branch where it is taken, each node once
on its path. Weights are multiplied out while printing, so no row multiplies.
"""

from __future__ import annotations

from collections.abc import Callable

from ..program import Clause
from ..tree import Choice, Extreme, Node
from .kernel_nodes import NO, YES, Body, both


class Reasons:
    """Reason code of one clause times ``weight``. ``wide``: in an int64, else a uint32."""

    def __init__(self, body: Body, clause: Clause, weight: int, wide: bool) -> None:
        self._body, self._clause, self._wide = body, clause, wide
        self._conditions = {d.condition: d.weight * weight for d in clause.digits if d.node is None}
        self._weights = {id(d.node): d.weight * weight for d in clause.digits if d.node is not None}
        self._seen: list[set[int]] = [set()]

    def text(self, live: str) -> str:
        """The code; the digits of the amount count where ``live`` holds."""
        terms = []
        for at, weight in self._conditions.items():
            node = self._clause.tested[at].node
            truth = self._body.truth(node)
            rest = self._literal(0)
            if self._body.open(node):
                rest = self._pick(truth.no, rest, self._literal(2 * weight))
            terms.append(self._pick(truth.yes, self._literal(weight), rest))
        branches = self._branches()
        if branches is not None:
            terms.append(self._pick(live, branches, self._literal(0)))
        return self._sum([term for term in terms if term != self._literal(0)]) or self._literal(0)

    # -- pieces of text -------------------------------------------------------------------

    def _literal(self, value: int) -> str:
        return f"I({value})" if self._wide else f"U({value})"

    def _pick(self, test: str, first: str, second: str) -> str:
        if test in (YES, NO):
            return first if test == YES else second
        if first == second:
            return first
        return self._body.keep(f"{first} if {self._body.condition(test)} else {second}", "r")

    def _sum(self, terms: list[str]) -> str | None:
        if not terms:
            return None
        total = terms[0]
        for term in terms[1:]:
            text = f"{total} + {term}"
            total = self._body.keep(text if self._wide else f"U({text})", "r")
        return total

    # -- branches -----------------------------------------------------------------------------

    def _branches(self) -> str | None:
        amount = self._clause.amount
        if amount is None or not self._weights:
            return None
        return self._total([self._visit(node) for node in (*self._clause.hoisted, amount)])

    def _total(self, terms: list[str | None]) -> str | None:
        return self._sum([t for t in terms if t is not None and t != self._literal(0)])

    def _visit(self, node: Node) -> str | None:
        """Digits of ``node`` and of what it needs."""
        if any(id(node) in scope for scope in self._seen):
            return None
        if isinstance(node, Choice):
            terms = [self._choice(node, 0)]
        else:
            terms = [self._visit(child) for child in node.children()]
            if isinstance(node, Extreme):
                terms.append(self._extreme(node))
        self._seen[-1].add(id(node))
        return self._total(terms)

    def _extreme(self, node: Extreme) -> str | None:
        weight = self._weights.get(id(node))
        if weight is None:
            return None
        body = self._body
        if len(node.args) == 2:
            index = self._pick(body.better(node, 0, 1), self._literal(weight), self._literal(0))
        else:
            index = self._several(node, weight)
        known = body.condition(both(*(body.known(arg) for arg in node.args)))
        return self._pick(known, index, self._literal(weight * len(node.args)))

    def _several(self, node: Extreme, weight: int) -> str:
        """Which of many arguments won: the first of the best."""
        body = self._body
        values = [
            body.times(body.value(arg), scale)
            for arg, scale in zip(node.args, node.scales, strict=True)
        ]
        best, index = values[0], self._literal(0)
        for at, value in enumerate(values[1:], 1):
            better = body.less(value, best, "<" if node.op == "min" else ">")
            index = self._pick(better, self._literal(weight * at), index)
            best = body.pick(better, value, best)
        return index

    def _choice(self, node: Choice, at: int) -> str | None:
        """Digits from row ``at`` on: what its test needs, then those of the branch that is taken."""
        weight = self._weights.get(id(node), 0)
        if at == len(node.tests):
            return self._taken(node, at, weight)
        test = node.tests[at]
        before = self._visit(test)
        zero = self._literal(0)
        chosen = self._inside(lambda: self._taken(node, at, weight)) or zero
        rest = self._inside(lambda: self._choice(node, at + 1)) or zero
        truth = self._body.truth(test)
        if self._body.open(test):
            unknown = self._literal(weight * len(node.values))
            rest = self._pick(truth.no, rest, unknown)
        return self._total([before, self._pick(truth.yes, chosen, rest)])

    def _taken(self, node: Choice, at: int, weight: int) -> str | None:
        inner = self._visit(node.values[at])
        return self._total([inner, self._literal(weight * at)])

    def _inside(self, visit: Callable[[], str | None]) -> str | None:
        """Visit a branch: what is counted there is not counted for its neighbours."""
        self._seen.append(set())
        result = visit()
        self._seen.pop()
        return result

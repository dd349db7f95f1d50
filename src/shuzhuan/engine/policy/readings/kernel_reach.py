"""How large a number of the tree has to be right: the analysis that lets a kernel use 32 bits.

Below ``min(x * 50%, 20万元)`` an x above 40万元 decides nothing any more, so x may be cut to
just above that ("its reach") before anything is multiplied. Cutting keeps every result and
every comparison that counts: a number below its reach is exact, one above it stays at or
above the reach.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..tree import Arith, Choice, Compare, Const, Extreme, Fact, Member, Named, Node, strip, walk


def in_order(roots: Iterable[Node]) -> list[Node]:
    """All nodes below ``roots`` once, operands before what uses them."""
    return list({id(n): n for root in roots for n in walk(root)}.values())


def constants(node: Node) -> tuple[int, ...] | None:
    """The numerators that ``node`` can have, when it is a constant or a table of constants."""
    inner = strip(node)
    if isinstance(inner, Const):
        return (inner.value,)
    if isinstance(inner, Choice):
        found = [constants(value) for value in inner.values]
        if all(f is not None for f in found):
            scaled = zip(found, inner.scales, strict=True)
            return tuple(c * scale for f, scale in scaled for c in f or ())
    return None


class Reach:
    """Reach of every node; None is all of it. ``told`` are ids of nodes whose branch is reported."""

    def __init__(self, roots: Collection[Node], told: Collection[int]) -> None:
        self._told = told
        self._reach: dict[int | str, int | None] = {}
        for root in roots:
            self._demand(root, None)
        for node in reversed(in_order(roots)):
            self._pass_on(node, self.of(node))

    @staticmethod
    def key(node: Node) -> int | str:
        """Every mention of a fact is the same number."""
        return node.fact.key if isinstance(node, Fact) else id(node)

    def of(self, node: Node) -> int | None:
        """Above this numerator the exact value does not matter."""
        return self._reach.get(self.key(node))

    def _demand(self, node: Node, reach: int | None) -> None:
        """The widest demand counts. Never below the least value, so that sums stay in order."""
        if reach is not None:
            reach = max(reach, node.lo)
        key = self.key(node)
        if key in self._reach:
            before = self._reach[key]
            reach = None if before is None or reach is None else max(before, reach)
        self._reach[key] = reach

    def _pass_on(self, node: Node, reach: int | None) -> None:
        match node:
            case Named():
                self._demand(node.inner, reach)
            case Arith():
                self._arith(node, reach)
            case Extreme():
                self._extreme(node, reach)
            case Compare():
                for one, other, own, scale in (
                    (node.left, node.right, *node.scales),
                    (node.right, node.left, *node.scales[::-1]),
                ):
                    self._demand(one, other.hi * scale // own + 1)
            case Member():
                self._demand(node.operand, max(node.choices) + 1)
            case Choice():
                for test in node.tests:
                    self._demand(test, None)
                for value, scale in zip(node.values, node.scales, strict=True):
                    self._demand(value, _divided(reach, scale))
            case _:
                for child in node.children():
                    self._demand(child, None)

    def _arith(self, node: Arith, reach: int | None) -> None:
        left, right = node.left, node.right
        if reach is None:
            self._demand(left, None)
            self._demand(right, None)
        elif node.op == "*":
            for one, other in ((left, right), (right, left)):
                factors = constants(other)
                positive = [c for c in factors or (other.lo,) if c > 0]
                usable = positive and (factors is None or min(factors) >= 0) and one.lo >= 0
                self._demand(one, _divided(reach, min(positive)) if usable else None)
        else:
            first, second = node.scales
            if node.op == "+":
                self._demand(left, _divided(reach - right.lo * second, first))
                self._demand(right, _divided(reach - left.lo * first, second))
            else:
                self._demand(left, _divided(reach + right.hi * second, first))
                self._demand(right, None)

    def _extreme(self, node: Extreme, reach: int | None) -> None:
        told = id(node) in self._told
        if node.op == "min":
            # One above the most that can come out: an argument that is cut still loses.
            least = node.hi + 1 if reach is None or told else min(reach, node.hi + 1)
            for arg, scale in zip(node.args, node.scales, strict=True):
                self._demand(arg, _divided(least, scale))
            return
        sized = list(zip(node.args, node.scales, strict=True))
        if told and reach is not None and sum(a.hi * s >= reach for a, s in sized) > 1:
            reach = None  # which one is larger would be lost
        for arg, scale in sized:
            self._demand(arg, _divided(reach, scale))


def _divided(reach: int | None, factor: int) -> int | None:
    """The least x with x * factor >= reach."""
    return None if reach is None else -(-reach // factor)


def is_number(node: Node) -> bool:
    return node.type.kind not in ("bool", "list")


def peeled(node: Node) -> tuple[Node, int]:
    """``node`` as (x, p) with value p * x: constant positive factors taken off."""
    factor = 1
    while True:
        node = strip(node)
        if isinstance(node, Arith) and node.op == "*":
            for one, other in ((node.left, node.right), (node.right, node.left)):
                constant = strip(other)
                if isinstance(constant, Const) and constant.value > 0:
                    node, factor = one, factor * constant.value
                    break
            else:
                return node, factor
        else:
            return node, factor

"""The typed tree of a formula: the one form that every reading works from.

A numeric node holds an exact rational whose denominator ``den`` is fixed when the
pack is bound: only the integer numerator is computed per case, so nothing is ever
rounded on the way, and ``lo``..``hi`` bound that numerator for every permitted
fact. Bounds outside ±2^62 are refused by the checker; ``UNKNOWN`` therefore cannot
be mistaken for a value in any reading that works on 64-bit integers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .facts import FactDef

LIMIT = 2**62
UNKNOWN = -LIMIT  # a number that is not known, in readings without a null
MAYBE = 2  # a truth value that is not known; 0 is false, 1 is true


@dataclass(frozen=True, slots=True)
class Type:
    """``kind``: bool, int, money, ratio, date, datetime, enum, list. ``unit`` only for int."""

    kind: str
    unit: str = ""

    @property
    def cn(self) -> str:
        names = {"bool": "是否", "int": "个数", "money": "金额", "ratio": "比例", "date": "日期"}
        names |= {"datetime": "时间", "enum": "选项", "list": "明细"}
        return names[self.kind] + (f"（{self.unit}）" if self.unit else "")


BOOL, MONEY, RATIO = Type("bool"), Type("money"), Type("ratio")
DATE, DATETIME, ENUM = Type("date"), Type("datetime"), Type("enum")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    type: Type
    den: int
    lo: int
    hi: int

    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Const(Node):
    """``fact`` is set when the value is a fact that was fixed for a whole population."""

    value: int
    fact: FactDef | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fact(Node):
    fact: FactDef


@dataclass(frozen=True, slots=True, eq=False)
class Field(Node):
    """A field of the line item under an Aggregate."""

    fact: FactDef


@dataclass(frozen=True, slots=True, eq=False)
class Arith(Node):
    """``op`` + - *: the operands of + and - are on a common denominator through ``scales``."""

    op: str
    left: Node
    right: Node
    scales: tuple[int, int]

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Extreme(Node):
    """min or max; ``scales`` bring the arguments to this node's denominator."""

    op: str
    args: tuple[Node, ...]
    scales: tuple[int, ...]

    def children(self) -> tuple[Node, ...]:
        return self.args


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Node):
    """case, if and by. The first row whose test holds gives the value, else the last value.

    ``selector`` and ``labels`` are set for ``by`` and serve the explanation only.
    """

    tests: tuple[Node, ...]
    values: tuple[Node, ...]
    scales: tuple[int, ...]
    selector: Node | None
    labels: tuple[str, ...]

    def children(self) -> tuple[Node, ...]:
        return (*self.tests, *self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Node):
    op: str
    left: Node
    right: Node
    scales: tuple[int, int]

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Member(Node):
    operand: Node
    choices: tuple[int, ...]

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Node):
    """``op`` and / or, by Kleene's strong tables."""

    op: str
    args: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.args


@dataclass(frozen=True, slots=True, eq=False)
class Not(Node):
    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class Named(Node):
    """A param or let: same value as ``inner``, with the label that a reader sees."""

    name: str
    label: str
    inner: Node

    def children(self) -> tuple[Node, ...]:
        return (self.inner,)


@dataclass(frozen=True, slots=True, eq=False)
class Shift(Node):
    """A date moved by whole ``unit`` days or months (a month's end stays within the month)."""

    operand: Node
    amount: Node
    unit: str

    def children(self) -> tuple[Node, ...]:
        return (self.operand, self.amount)


@dataclass(frozen=True, slots=True, eq=False)
class Between(Node):
    """Days from ``left`` to ``right``."""

    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Year(Node):
    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Node):
    """Sum of ``item`` (or the count, when None) over the items of ``items`` where ``where`` holds."""

    items: Fact
    item: Node | None
    where: Node | None
    fields: tuple[FactDef, ...] = field(default=())

    def children(self) -> tuple[Node, ...]:
        return (self.items,)


def walk(node: Node) -> Iterator[Node]:
    """Every node once, children first; the inside of an Aggregate is not entered."""
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, done = stack.pop()
        if done:
            yield current
        elif id(current) not in seen:
            seen.add(id(current))
            stack.append((current, True))
            stack.extend((child, False) for child in reversed(current.children()))


def strip(node: Node) -> Node:
    """The node behind its names."""
    while isinstance(node, Named):
        node = node.inner
    return node


def facts_of(node: Node) -> tuple[FactDef, ...]:
    """The facts that a node reads, in order of first use, also inside an Aggregate."""
    found: dict[str, FactDef] = {}
    for each in walk(node):
        if isinstance(each, Fact):
            found.setdefault(each.fact.key, each.fact)
        elif isinstance(each, Aggregate):
            for inner in (each.item, each.where):
                found.update((f.key, f) for f in (facts_of(inner) if inner is not None else ()))
    return tuple(found.values())

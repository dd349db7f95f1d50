"""Typed tree → SQL expressions. Every column may hold NULL, so every guard is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

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
    facts_of,
    strip,
)
from .algebra import WRAPS
from .sql_text import SUM, TEST, Dialect, Sql, SqlAlgebra, big, case, wrap

_SIGNS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class SqlNodes:
    """Expressions of nodes; ``named`` steps are read from the column that holds them."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect, self.algebra = dialect, SqlAlgebra(dialect)
        self._columns: dict[int, Sql] = {}
        self._fields: Mapping[str, Sql] = {}
        self._maybe: dict[int, bool] = {}
        self._keep: list[Node] = []
        self._items = 0

    @contextmanager
    def steps(self) -> Iterator[dict[int, Sql]]:
        """The columns of named steps (node id → column) that may be read for now."""
        self._columns = {}
        yield self._columns
        self._columns = {}

    def maybe(self, node: Node) -> bool:
        key = id(node)
        if key not in self._maybe:
            self._keep.append(node)
            certain = isinstance(node, Const)
            leaf = isinstance(node, Fact | Field | Aggregate)
            self._maybe[key] = leaf or (
                not certain and any(self.maybe(child) for child in node.children())
            )
        return self._maybe[key]

    def expr(self, node: Node, scale: int = 1) -> Sql:
        if id(node) in self._columns:
            return self._times(self._columns[id(node)], scale)
        return _WRITE[type(node)](self, node, scale)

    def unknown(self, node: Node) -> Sql:
        """True where any of the facts and steps that ``node`` cannot do without is NULL."""
        tests = {str(test): test for test in self._gaps(node)}
        return self.algebra.either(list(tests.values()))

    def _gaps(self, node: Node) -> list[Sql]:
        strict = isinstance(node, Arith | Extreme | Compare | Member | Not | Shift | Between | Year)
        if id(node) not in self._columns:
            if isinstance(node, Named):
                return self._gaps(node.inner)
            if strict:
                return [gap for c in node.children() if self.maybe(c) for gap in self._gaps(c)]
        return [self.algebra.is_null(self.expr(node))]

    def amount(self, node: Node) -> Sql:
        """Whole fen of a money node, rounded down."""
        value = self.expr(node)
        if node.den == 1:
            return value
        if node.lo < 0:
            return self.algebra.floor_signed(value, node.den)
        return self.algebra.floor(value, self.algebra.lit(node.den))

    def _times(self, value: Sql, scale: int) -> Sql:
        return value if scale == 1 else self.algebra.times(value, self.algebra.lit(scale))

    # -- one method per kind of node ------------------------------------------------

    def const(self, node: Const, scale: int) -> Sql:
        if node.type.kind == "bool":
            return Sql("TRUE" if node.value else "FALSE")
        return self.algebra.lit(node.value * scale)

    def fact(self, node: Fact, scale: int) -> Sql:
        return self._times(self.dialect.identifier(node.fact.key), scale)

    def field(self, node: Field, scale: int) -> Sql:
        return self._times(self._fields[node.fact.key], scale)

    def named(self, node: Named, scale: int) -> Sql:
        return self.expr(node.inner, scale)

    def arith(self, node: Arith, scale: int) -> Sql:
        if node.op == "*":
            return self._product(node, scale)
        scales = (node.scales[0] * scale, node.scales[1] * scale)
        if scale != 1 and not (_fits(node.left, scales[0]) and _fits(node.right, scales[1])):
            return self._times(self.arith(node, 1), scale)
        left, right = self.expr(node.left, scales[0]), self.expr(node.right, scales[1])
        if node.op == "+":
            return self.algebra.add([left, right])
        return self.algebra.minus(left, right)

    def _product(self, node: Arith, scale: int) -> Sql:
        for factor, other in ((node.right, node.left), (node.left, node.right)):
            constant = strip(factor)
            if isinstance(constant, Const) and _fits(other, constant.value * scale):
                return self.expr(other, constant.value * scale)
        return self._times(self.algebra.times(self.expr(node.left), self.expr(node.right)), scale)

    def extreme(self, node: Extreme, scale: int) -> Sql:
        parts = list(zip(node.args, node.scales, strict=True))
        if scale != 1 and (scale < 1 or not all(_fits(arg, s * scale) for arg, s in parts)):
            return self._times(self.extreme(node, 1), scale)
        args = [self.expr(arg, s * scale) for arg, s in parts]
        pick = self.algebra.least if node.op == "min" else self.algebra.greatest
        # LEAST(NULL, cap) is the cap: what is unknown would be paid in full.
        if not self.maybe(node):
            return pick(args)
        return case([(self.unknown(node), Sql("NULL"))], pick(args))

    def choice(self, node: Choice, scale: int) -> Sql:
        rows = []
        for at, test in enumerate(node.tests):
            # The rows of a table ask the same selector: the first one says whether it is unknown.
            if self.maybe(test) and (at == 0 or node.selector is None):
                rows.append((self.unknown(test), Sql("NULL")))
            rows.append((self.expr(test), self._branch(node, at, scale)))
        chosen = case(rows, self._branch(node, len(node.values) - 1, scale))
        if node.type.kind == "bool" or any(facts_of(value) for value in node.values):
            return chosen
        return big(chosen)  # of literals alone, the result would have 32 bits

    def _branch(self, node: Choice, at: int, scale: int) -> Sql:
        return self.expr(node.values[at], node.scales[at] * scale)

    def compare(self, node: Compare, scale: int) -> Sql:
        left, right = (
            self.expr(side, s) for side, s in zip((node.left, node.right), node.scales, strict=True)
        )
        return self.algebra.compare(_SIGNS[node.op], left, right)

    def member(self, node: Member, scale: int) -> Sql:
        operand = self.expr(node.operand)
        if node.operand.type.kind == "bool":
            return self.algebra.either(
                [operand if choice else self.algebra.negate(operand) for choice in node.choices]
            )
        if len(node.choices) == 1:
            return self.algebra.equal(operand, self.algebra.lit(node.choices[0]))
        listed = ", ".join(str(choice) for choice in node.choices)
        return Sql(f"{wrap(operand, SUM)} IN ({listed})", TEST)

    def logic(self, node: Logic, scale: int) -> Sql:
        args = [self.expr(arg) for arg in node.args]
        return self.algebra.both(args) if node.op == "and" else self.algebra.either(args)

    def negation(self, node: Not, scale: int) -> Sql:
        return self.algebra.negate(self.expr(node.operand))

    def shift(self, node: Shift, scale: int) -> Sql:
        day, amount = self.expr(node.operand), self.expr(node.amount)
        if node.unit == "days":
            return self._times(self.algebra.add([day, amount]), scale)
        return self._times(self.dialect.add_months(day, amount), scale)

    def between(self, node: Between, scale: int) -> Sql:
        return self._times(self.algebra.minus(self.expr(node.right), self.expr(node.left)), scale)

    def year(self, node: Year, scale: int) -> Sql:
        return self._times(self.dialect.year(self.expr(node.operand)), scale)

    def aggregate(self, node: Aggregate, scale: int) -> Sql:
        self._items += 1
        name = f"item{self._items}"
        fields, columns = self._fields, self._columns
        self._fields = {f.key: self.dialect.field(name, f.key) for f in node.fields}
        self._columns = {}  # a lambda cannot read columns of its own SELECT
        value = self.expr(node.item) if node.item is not None else Sql("1")
        part = big(value)
        if node.where is not None:
            where = self.expr(node.where)
            rows = [(self.unknown(node.where), Sql("NULL"))] if self.maybe(node.where) else []
            part = case([*rows, (where, part)], Sql("0"))
        self._fields, self._columns = fields, columns
        items = self.dialect.identifier(node.items.fact.key)
        return self._times(self.dialect.sum_items(items, name, part), scale)


def _fits(node: Node, scale: int) -> bool:
    return max(abs(node.lo), abs(node.hi)) * abs(scale) < WRAPS


_WRITE: dict[type[Node], Callable[..., Sql]] = {
    Const: SqlNodes.const,
    Fact: SqlNodes.fact,
    Field: SqlNodes.field,
    Arith: SqlNodes.arith,
    Extreme: SqlNodes.extreme,
    Choice: SqlNodes.choice,
    Compare: SqlNodes.compare,
    Member: SqlNodes.member,
    Logic: SqlNodes.logic,
    Not: SqlNodes.negation,
    Named: SqlNodes.named,
    Shift: SqlNodes.shift,
    Between: SqlNodes.between,
    Year: SqlNodes.year,
    Aggregate: SqlNodes.aggregate,
}

"""Typed tree → Polars expressions: whole populations, the same result to the fen.

Unknown is null. Polars itself carries null through arithmetic, comparisons and Kleene
logic; it does not in ``min_horizontal`` (which would pay the cap) nor in ``when`` (which
would take the next branch), so both get a guard, and only where a gap is possible.
A scale is pushed down to the constants where the ranges prove that nothing wraps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import polars as pl

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
    strip,
    walk,
)
from .algebra import WRAPS

_SMALL = 127  # a literal that fits the narrowest column
_SIGNED = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)
_TESTS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Column:
    """Where a fact is found. ``maybe``: it has gaps."""

    expr: pl.Expr
    dtype: pl.DataType
    maybe: bool


class Translator:
    """Expressions of nodes; ``columns`` holds the given facts, all others are unknown."""

    def __init__(
        self, columns: Mapping[str, Column], placed: Mapping[int, pl.Expr] | None = None
    ) -> None:
        self._columns = columns
        self._memo: dict[tuple[int, int], pl.Expr] = {}
        self._maybe: dict[int, bool] = {}
        self._placed: dict[int, pl.Expr] = dict(placed or {})
        self._keep: list[Node] = []  # ids stay valid only while the nodes live

    def place(self, node: Node, column: pl.Expr) -> None:
        """Read ``node`` from a column that an earlier stage has computed."""
        self._keep.append(node)
        self._placed[id(node)] = column

    def maybe(self, node: Node) -> bool:
        """Whether the value can be unknown."""
        key = id(node)
        if key not in self._maybe:
            self._keep.append(node)
            match node:
                case Fact() | Field():
                    column = self._columns.get(node.fact.key)
                    self._maybe[key] = column is None or column.maybe
                case Aggregate():
                    self._maybe[key] = True
                case _:
                    self._maybe[key] = any(self.maybe(c) for c in node.children())
        return self._maybe[key]

    def unknown(self, node: Node) -> pl.Expr:
        return self.expr(node).is_null()

    def expr(self, node: Node, scale: int = 1) -> pl.Expr:
        """The numerator of ``node`` times ``scale`` as Int64, or its truth as Boolean."""
        if id(node) in self._placed:
            return _times(self._placed[id(node)], scale)
        key = (id(node), scale)
        if key not in self._memo:
            self._keep.append(node)
            self._memo[key] = _READ[type(node)](self, node, scale)
        return self._memo[key]

    def column(self, key: str) -> Column | None:
        return self._columns.get(key)

    # -- one method per kind of node ------------------------------------------------

    def const(self, node: Const, scale: int) -> pl.Expr:
        if node.type.kind == "bool":
            return pl.lit(bool(node.value))
        return pl.lit(node.value * scale, dtype=pl.Int64)

    def fact(self, node: Fact | Field, scale: int) -> pl.Expr:
        column = self._columns.get(node.fact.key)
        if column is None:
            return pl.lit(None, dtype=pl.Boolean if node.type.kind == "bool" else pl.Int64)
        if node.type.kind == "bool" or column.dtype == pl.Int64:
            return _times(column.expr, scale)
        return _times(column.expr.cast(pl.Int64), scale)

    def named(self, node: Named, scale: int) -> pl.Expr:
        return self.expr(node.inner, scale)

    def arith(self, node: Arith, scale: int) -> pl.Expr:
        if node.op == "*":
            return self._product(node, scale)
        scales = (node.scales[0] * scale, node.scales[1] * scale)
        if scale != 1 and not (_fits(node.left, scales[0]) and _fits(node.right, scales[1])):
            return _times(self.arith(node, 1), scale)
        left, right = self.expr(node.left, scales[0]), self.expr(node.right, scales[1])
        return left + right if node.op == "+" else left - right

    def _product(self, node: Arith, scale: int) -> pl.Expr:
        for factor, other in ((node.right, node.left), (node.left, node.right)):
            constant = strip(factor)
            if isinstance(constant, Const) and abs(constant.value * scale) < WRAPS:
                return self.expr(other, constant.value * scale)
        return _times(self.expr(node.left) * self.expr(node.right), scale)

    def extreme(self, node: Extreme, scale: int) -> pl.Expr:
        parts = list(zip(node.args, node.scales, strict=True))
        if scale != 1 and (scale < 1 or not all(_fits(arg, s * scale) for arg, s in parts)):
            return _times(self.extreme(node, 1), scale)
        args = [self.expr(arg, s * scale) for arg, s in parts]
        best = pl.min_horizontal(*args) if node.op == "min" else pl.max_horizontal(*args)
        return self.guarded(best, [arg for arg in node.args if self.maybe(arg)])

    def guarded(self, value: pl.Expr, needed: list[Node]) -> pl.Expr:
        """``value``, or null where one of ``needed`` is unknown."""
        if not needed:
            return value
        known = reduce(lambda a, b: a & b, (~self.unknown(node) for node in needed))
        return pl.when(known).then(value)

    def choice(self, node: Choice, scale: int) -> pl.Expr:
        boolean = node.type.kind == "bool"
        result = self._branch(node, len(node.values) - 1, scale)
        nothing = pl.lit(None, dtype=pl.Boolean if boolean else pl.Int64)
        for at in reversed(range(len(node.tests))):
            test = node.tests[at]
            chosen = self._branch(node, at, scale)
            result = pl.when(self.expr(test)).then(chosen).otherwise(result)
            # The rows of a table ask the same selector: where it is unknown, the first row says so.
            if self.maybe(test) and (at == 0 or node.selector is None):
                result = pl.when(self.expr(test).is_not_null()).then(result).otherwise(nothing)
        return result

    def _branch(self, node: Choice, at: int, scale: int) -> pl.Expr:
        return self.expr(node.values[at], node.scales[at] * scale)

    def compare(self, node: Compare, scale: int) -> pl.Expr:
        left, right = strip(node.left), strip(node.right)
        test = _TESTS[node.op]
        if isinstance(right, Const) and isinstance(left, Fact | Field):
            column, bound = self._columns.get(left.fact.key), right.value * node.scales[1]
            small = -_SMALL <= bound <= _SMALL and node.scales[0] == 1
            if column is not None and small and column.dtype in _SIGNED:
                return test(column.expr, pl.lit(bound, dtype=column.dtype))
        return test(self.expr(node.left, node.scales[0]), self.expr(node.right, node.scales[1]))

    def member(self, node: Member, scale: int) -> pl.Expr:
        operand = self.expr(node.operand)
        if node.operand.type.kind == "bool":
            tests = [operand if choice else ~operand for choice in node.choices]
        else:
            tests = [operand == choice for choice in node.choices]
        return reduce(lambda a, b: a | b, tests)

    def logic(self, node: Logic, scale: int) -> pl.Expr:
        args = [self.expr(arg) for arg in node.args]
        if node.op == "and":
            return reduce(lambda a, b: a & b, args)
        return reduce(lambda a, b: a | b, args)

    def negation(self, node: Not, scale: int) -> pl.Expr:
        return ~self.expr(node.operand)

    def shift(self, node: Shift, scale: int) -> pl.Expr:
        day, amount = self.expr(node.operand), self.expr(node.amount)
        moved = day + amount if node.unit == "days" else add_months(day, amount)
        return _times(moved, scale)

    def between(self, node: Between, scale: int) -> pl.Expr:
        return self.expr(node.right, scale) - self.expr(node.left, scale)

    def year(self, node: Year, scale: int) -> pl.Expr:
        return _times(_date(self.expr(node.operand)).dt.year().cast(pl.Int64), scale)

    def aggregate(self, node: Aggregate, scale: int) -> pl.Expr:
        """Per row over its own list; items that need facts of the case are placed beforehand."""
        column = self._columns.get(node.items.fact.key)
        if column is None:
            return pl.lit(None, dtype=pl.Int64)
        fields = item_columns(node, pl.element())
        part = self.item_value(node, fields, pl.element())
        total = pl.when(part.is_null().any()).then(None).otherwise(part.sum())
        return _times(column.expr.list.agg(total).cast(pl.Int64), scale)

    def item_value(self, node: Aggregate, columns: Mapping[str, Column], item: pl.Expr) -> pl.Expr:
        """What one item adds: 0 where the filter is false, null where filter or amount is unknown."""
        inner = Translator(columns, self._placed)
        # One zero per item: a literal alone would be one value, also for an empty list.
        zero = item.is_null().cast(pl.Int64)
        value = zero + (1 if node.item is None else inner.expr(node.item))
        if node.where is None:
            return value
        where = inner.expr(node.where)
        return pl.when(where).then(value).when(~where).then(zero)


def flag(test: pl.Expr) -> pl.Expr:
    """1 where ``test`` holds, else 0 (also where it is unknown), as Int8.

    Measured: a cast of a truth value to an integer takes five times as long.
    """
    return pl.when(test).then(pl.lit(1, dtype=pl.Int8)).otherwise(pl.lit(0, dtype=pl.Int8))


def _times(expr: pl.Expr, scale: int) -> pl.Expr:
    return expr if scale == 1 else expr * pl.lit(scale, dtype=pl.Int64)


def _fits(node: Node, scale: int) -> bool:
    return max(abs(node.lo), abs(node.hi)) * abs(scale) < WRAPS


def _date(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Date)


def add_months(day: pl.Expr, months: pl.Expr) -> pl.Expr:
    """The same day ``months`` later, or that month's last day: ``dates.add_months`` for columns."""
    start = _date(day)
    total = start.dt.year().cast(pl.Int64) * 12 + start.dt.month() - 1 + months
    first = pl.date(total // 12, total % 12 + 1, 1)
    moved = first.to_physical().cast(pl.Int64) + start.dt.day() - 1
    last = first.dt.month_end().to_physical().cast(pl.Int64)
    return pl.when(moved <= last).then(moved).otherwise(last)  # null tests false, and last is null


def item_columns(node: Aggregate, item: pl.Expr) -> dict[str, Column]:
    """The fields of a line item under ``item``."""
    return {
        field.key: Column(
            item.struct.field(field.key), pl.Boolean() if field.kind == "bool" else pl.Int64(), True
        )
        for field in node.fields
    }


def judged_by_case(roots: Iterable[Node]) -> list[Aggregate]:
    """Sums whose items need facts of their case, which a list function cannot see; inner first."""
    found: dict[int, Aggregate] = {}
    for node in (each for root in roots for each in walk(root)):
        if isinstance(node, Aggregate):
            inside = [inner for inner in (node.item, node.where) if inner is not None]
            found.update((id(inner), inner) for inner in judged_by_case(inside))
            if any(isinstance(each, Fact) for top in inside for each in walk(top)):
                found.setdefault(id(node), node)
    return list(found.values())


_READ: dict[type[Node], Callable[..., pl.Expr]] = {
    Const: Translator.const,
    Fact: Translator.fact,
    Field: Translator.fact,
    Arith: Translator.arith,
    Extreme: Translator.extreme,
    Choice: Translator.choice,
    Compare: Translator.compare,
    Member: Translator.member,
    Logic: Translator.logic,
    Not: Translator.negation,
    Named: Translator.named,
    Shift: Translator.shift,
    Between: Translator.between,
    Year: Translator.year,
    Aggregate: Translator.aggregate,
}

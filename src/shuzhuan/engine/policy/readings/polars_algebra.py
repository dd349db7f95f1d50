"""Polars expressions as an ``Algebra``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import polars as pl


class PolarsAlgebra:
    """Integers are of ``dtype``: fewer bytes to move where a narrow one is enough."""

    def __init__(self, dtype: pl.DataType | None = None) -> None:
        self.dtype = dtype or pl.Int64()

    def lit(self, value: int) -> pl.Expr:
        return pl.lit(value, dtype=self.dtype)

    def add(self, terms: Sequence[pl.Expr]) -> pl.Expr:
        return reduce(lambda a, b: a + b, terms)

    def minus(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left - right

    def times(self, value: pl.Expr, factor: pl.Expr) -> pl.Expr:
        return value * factor

    def floor(self, value: pl.Expr, divisor: pl.Expr) -> pl.Expr:
        return value // divisor

    def least(self, values: Sequence[pl.Expr]) -> pl.Expr:
        return pl.min_horizontal(*values)

    def greatest(self, values: Sequence[pl.Expr]) -> pl.Expr:
        return pl.max_horizontal(*values)

    def when(self, test: pl.Expr, yes: pl.Expr, no: pl.Expr | None) -> pl.Expr:
        chosen = pl.when(test).then(yes)
        return chosen if no is None else chosen.otherwise(no)

    def less(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left < right

    def equal(self, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        return left == right

    def both(self, tests: Sequence[pl.Expr]) -> pl.Expr:
        return reduce(lambda a, b: a & b, tests)

    def either(self, tests: Sequence[pl.Expr]) -> pl.Expr:
        return reduce(lambda a, b: a | b, tests)

    def negate(self, test: pl.Expr) -> pl.Expr:
        return ~test

    def is_null(self, value: pl.Expr) -> pl.Expr:
        return value.is_null()

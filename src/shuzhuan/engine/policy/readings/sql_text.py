"""SQL text as an ``Algebra``: expressions that know their precedence, in two dialects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Precedence of what a text consists of; a looser part inside a tighter one gets brackets.
OR, AND, NOT, TEST, SUM, PRODUCT, ATOM = range(1, 8)
_WIDE = 88  # a longer expression is broken into lines


class Sql(str):
    """A piece of SQL with the precedence of its outermost operator; ``rows`` of a CASE."""

    __slots__ = ("level", "rows")
    level: int
    rows: tuple[tuple[Sql | None, Sql], ...]

    def __new__(
        cls, text: str, level: int = ATOM, rows: tuple[tuple[Sql | None, Sql], ...] = ()
    ) -> Sql:
        piece = super().__new__(cls, text)
        piece.level, piece.rows = level, rows
        return piece


@dataclass(frozen=True, slots=True)
class Dialect:
    """What DuckDB and Spark write differently. Both compute in checked 64-bit integers."""

    name: str
    quote: str
    divide: str
    lambda_head: str  # {} is the parameter

    def identifier(self, name: str) -> Sql:
        return Sql(self.quote + name.replace(self.quote, self.quote * 2) + self.quote)

    def date(self, day: Sql) -> Sql:
        """The DATE of a day number."""
        if self.name == "spark":
            return Sql(f"date_from_unix_date(CAST({day} AS INT))")
        return Sql(f"(DATE '1970-01-01' + CAST({day} AS INTEGER))")

    def year(self, day: Sql) -> Sql:
        return Sql(f"CAST(year({self.date(day)}) AS BIGINT)")

    def add_months(self, day: Sql, months: Sql) -> Sql:
        """Day number of the same day ``months`` later, or of that month's last day."""
        if self.name == "spark":
            moved = f"add_months({self.date(day)}, CAST({months} AS INT))"
            return Sql(f"CAST(unix_date({moved}) AS BIGINT)")
        moved = f"CAST({self.date(day)} + to_months(CAST({months} AS INTEGER)) AS DATE)"
        return Sql(f"CAST({moved} - DATE '1970-01-01' AS BIGINT)")

    def field(self, item: str, name: str) -> Sql:
        return Sql(f"{item}.{self.identifier(name)}")

    def sum_items(self, items: Sql, name: str, value: Sql) -> Sql:
        """Sum of ``value`` over the items; null if any is null. ``items`` may be null."""
        head = self.lambda_head.format(name)
        parts = call(
            "transform" if self.name == "spark" else "list_transform", [items, f"{head}{value}"]
        )
        zero = big("0")
        if self.name == "spark":
            return call("aggregate", [parts, zero, "(a, b) -> a + b"])
        joined = call("list_reduce", [call("list_prepend", [zero, parts]), "lambda a, b: a + b"])
        # An empty list would otherwise look the same as no list.
        return case([(Sql(f"{wrap(items, TEST)} IS NOT NULL", TEST), joined)], None)

    def list_type(self, fields: Sequence[tuple[str, str]]) -> str:
        if self.name == "spark":
            inner = ", ".join(f"{self.identifier(n)}: {kind}" for n, kind in fields)
            return f"ARRAY<STRUCT<{inner}>>"
        return f"STRUCT({', '.join(f'{self.identifier(n)} {kind}' for n, kind in fields)})[]"


DIALECTS = {
    "duckdb": Dialect("duckdb", '"', "//", "lambda {}: "),
    "spark": Dialect("spark", "`", "div", "{} -> "),
}


def wrap(piece: str, level: int) -> str:
    """``piece`` in brackets if it binds looser than ``level``."""
    return f"({piece})" if isinstance(piece, Sql) and piece.level < level else str(piece)


def indented(text: str, by: int = 4) -> str:
    """Every line after the first moved right."""
    return text.replace("\n", "\n" + " " * by)


def call(name: str, args: Sequence[str]) -> Sql:
    line = f"{name}({', '.join(args)})"
    if len(line) <= _WIDE and "\n" not in line:
        return Sql(line)
    body = ",\n    ".join(indented(arg) for arg in args)
    return Sql(f"{name}(\n    {body}\n)")


def joined(sign: str, parts: Sequence[Sql], level: int) -> Sql:
    """Operands of an associative operator, broken into lines when long."""
    if len(parts) == 1:
        return parts[0]
    texts = [wrap(part, level) for part in parts]
    line = f" {sign} ".join(texts)
    if len(line) > _WIDE and "\n" not in line:
        line = f"\n{sign} ".join(texts)
    return Sql(line, level)


def case(rows: Sequence[tuple[Sql, Sql]], otherwise: Sql | None) -> Sql:
    """CASE WHEN; no ELSE is null. A CASE after ELSE continues the rows."""
    table: list[tuple[Sql | None, Sql]] = list(rows)
    if otherwise is not None:
        table += otherwise.rows or ((None, otherwise),)
    parts = [
        f"ELSE {indented(value)}"
        if test is None
        else f"WHEN {indented(test)} THEN {indented(value)}"
        for test, value in table
    ]
    line = f"CASE {' '.join(parts)} END"
    if len(line) <= _WIDE and "\n" not in line:
        return Sql(line, rows=tuple(table))
    body = "\n".join(f"    {indented(part)}" for part in parts)
    return Sql(f"CASE\n{body}\nEND", rows=tuple(table))


def big(value: str) -> Sql:
    """``value`` in 64 bits."""
    return Sql(f"CAST({value} AS BIGINT)")


class SqlAlgebra:
    """Expressions of one dialect. ``wide``: sums of literals may need more than 32 bits."""

    def __init__(self, dialect: Dialect, *, wide: bool = False) -> None:
        self._dialect, self._wide = dialect, wide

    def lit(self, value: int) -> Sql:
        if self._wide:
            return big(str(value))
        return Sql(str(value), ATOM if value >= 0 else SUM)

    def no(self) -> Sql:
        return Sql("FALSE")

    def add(self, terms: Sequence[Sql]) -> Sql:
        return joined("+", terms, SUM)

    def minus(self, left: Sql, right: Sql) -> Sql:
        return Sql(f"{wrap(left, SUM)} - {wrap(right, PRODUCT)}", SUM)

    def times(self, value: Sql, factor: Sql) -> Sql:
        return Sql(f"{wrap(value, PRODUCT)} * {wrap(factor, ATOM)}", PRODUCT)

    def floor(self, value: Sql, divisor: Sql) -> Sql:
        """Both dialects cut towards zero, so this is for values that are not negative."""
        return Sql(f"{wrap(value, ATOM)} {self._dialect.divide} {wrap(divisor, ATOM)}", PRODUCT)

    def floor_signed(self, value: Sql, divisor: int) -> Sql:
        """Rounded down also below zero."""
        shifted = Sql(f"{wrap(value, SUM)} - {divisor - 1}", SUM)
        up, down = self.floor(value, self.lit(divisor)), self.floor(shifted, self.lit(divisor))
        return case([(Sql(f"{wrap(value, SUM)} < 0", TEST), down)], up)

    def least(self, values: Sequence[Sql]) -> Sql:
        return call("LEAST", values)

    def greatest(self, values: Sequence[Sql]) -> Sql:
        return call("GREATEST", values)

    def when(self, test: Sql, yes: Sql, no: Sql | None) -> Sql:
        return case([(test, yes)], no)

    def less(self, left: Sql, right: Sql) -> Sql:
        return self.compare("<", left, right)

    def equal(self, left: Sql, right: Sql) -> Sql:
        return self.compare("=", left, right)

    def compare(self, sign: str, left: Sql, right: Sql) -> Sql:
        return Sql(f"{wrap(left, SUM)} {sign} {wrap(right, SUM)}", TEST)

    def both(self, tests: Sequence[Sql]) -> Sql:
        return joined("AND", tests, AND)

    def either(self, tests: Sequence[Sql]) -> Sql:
        return joined("OR", tests, OR)

    def negate(self, test: Sql) -> Sql:
        return Sql(f"NOT {wrap(test, NOT)}", NOT)

    def is_null(self, value: Sql) -> Sql:
        return Sql(f"{wrap(value, SUM)} IS NULL", TEST)

"""What a columnar reading offers, so that reason codes, totals and shares are written only once.

An ``Algebra`` combines expressions of one back end (Polars objects, SQL text); ``Nodes``
translates the nodes of a program into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from ..tree import Node

WRAPS = 2**63  # the first number that a 64-bit integer cannot hold
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Algebra(Protocol[T]):
    """Integer and truth expressions. Nulls pass through everything but ``when`` and ``is_null``."""

    def lit(self, value: int) -> T: ...

    def add(self, terms: Sequence[T]) -> T: ...

    def minus(self, left: T, right: T) -> T: ...

    def times(self, value: T, factor: T) -> T: ...

    def floor(self, value: T, divisor: T) -> T:
        """Whole quotient, rounded down, by a positive divisor."""
        ...

    def least(self, values: Sequence[T]) -> T:
        """Only of values that are never null: back ends disagree about nulls."""
        ...

    def greatest(self, values: Sequence[T]) -> T:
        """Only of values that are never null."""
        ...

    def when(self, test: T, yes: T, no: T | None) -> T:
        """``yes`` where ``test`` is true; ``no`` (None: null) where it is false or null."""
        ...

    def less(self, left: T, right: T) -> T: ...

    def equal(self, left: T, right: T) -> T: ...

    def both(self, tests: Sequence[T]) -> T: ...

    def either(self, tests: Sequence[T]) -> T: ...

    def negate(self, test: T) -> T: ...

    def is_null(self, value: T) -> T: ...


class Nodes(Protocol[T_co]):
    """The translator of a back end."""

    def expr(self, node: Node, scale: int = 1) -> T_co:
        """The numerator of ``node`` times ``scale``, or its truth; null where unknown."""
        ...

    def maybe(self, node: Node) -> bool:
        """Whether the value can be unknown."""
        ...

    def unknown(self, node: Node) -> T_co:
        """The truth of: the value is unknown."""
        ...

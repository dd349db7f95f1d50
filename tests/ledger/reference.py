"""The ledger written a second time, in memory and from the rules alone (trust.md 1–7).

Knows no database and none of the application's code. ``judge`` says what must come of a request,
None or the code of its refusal; ``apply`` books it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

Key = tuple[object, ...]


@dataclass
class Movement:
    """A request to move money. ``before``: what it resolves or takes back."""

    what: str
    book: int
    amount: int
    dated: date
    maker: int
    checker: int
    line: str = ""
    payee: int = 0
    before: Booked | None = None


@dataclass
class Booked:
    """A movement that was granted, with what came of it later."""

    movement: Movement
    handle: object = None
    resolved: bool = False
    taken: int = 0


@dataclass
class Book:
    """One fund: its sums by account, and until when it is closed."""

    sums: dict[Key, list[int]] = field(default_factory=dict)
    closed: date | None = None
    appropriated: int = 0
    support: int = 0

    def account(self, *key: object) -> list[int]:
        """debits_pending, debits_posted, credits_pending, credits_posted."""
        return self.sums.setdefault(key, [0, 0, 0, 0])

    def free(self, *key: object) -> int:
        held, gone, _, came = self.account(*key)
        return came - gone - held


class Reference:
    """Several funds."""

    SUPPORT = ("services",)

    def __init__(self, books: int) -> None:
        self.books = [Book() for _ in range(books)]

    def judge(self, move: Movement) -> str | None:  # noqa: PLR0911 - one return per rule
        """The refusal that the rules ask for, in the order in which they are asked."""
        book, before = self.books[move.book], move.before
        if move.maker == move.checker:
            return "people"
        if before is not None and move.dated < before.movement.dated:
            return "day"
        if book.closed is not None and move.dated <= book.closed:
            return "period"
        if move.what in ("pay", "release") and before is not None:
            if before.movement.what != "reserve" or before.resolved:
                return "resolved"
            if move.amount > before.movement.amount:
                return "too_much"
        if move.what == "claw_back" and before is not None:
            if before.movement.what != "pay":
                return "reversed"
            if before.taken + move.amount > before.movement.amount:
                return "too_much"
        if move.what == "allocate":
            if move.line in self.SUPPORT and 10 * (book.support + move.amount) > book.appropriated:
                return "ratio"
            if move.amount > book.free("received"):
                return "short"
        if move.what == "reserve" and move.amount > book.free("pool", move.line):
            return "short"
        return None

    def apply(self, move: Movement, handle: object) -> Booked:
        """Book what was granted."""
        book, before, fen = self.books[move.book], move.before, move.amount
        pool, payee = book.account("pool", move.line), None
        if move.payee:
            payee = book.account("payee", move.line, move.payee)
        if move.what == "appropriate":
            book.account("source")[1] += fen
            book.account("received")[3] += fen
            book.appropriated += fen
        elif move.what == "allocate":
            book.account("received")[1] += fen
            pool[3] += fen
            book.support += fen if move.line in self.SUPPORT else 0
        elif move.what == "reserve" and payee is not None:
            pool[0] += fen
            payee[2] += fen
        elif before is not None and payee is not None:
            if move.what in ("pay", "release"):
                pool[0] -= before.movement.amount
                payee[2] -= before.movement.amount
                before.resolved = True
            if move.what == "pay":
                pool[1] += fen
                payee[3] += fen
            if move.what == "claw_back":
                payee[1] += fen
                pool[3] += fen
                before.taken += fen
        return Booked(move, handle)

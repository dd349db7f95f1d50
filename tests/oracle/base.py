"""What the five straight-line evaluators share: reading facts, three-valued logic, money.

Nothing here comes from the product. Money is counted in fen as `Fraction`, `None` is the third
truth value "unknown", and rounding happens once, downwards, in `settle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

APPLIES = "适用"
REFUSED = "不适用"
UNDECIDED = "资料不足"
CHECK_GOOD = "符合"
CHECK_BAD = "不符合"

EXACT = "exact"
AT_MOST = "at_most"
DISCRETION = "discretion"

YUAN = 100
WAN = 10_000 * YUAN

Truth = bool | None
Amount = Fraction | int | None
Condition = tuple[Truth, tuple[str, ...]]

# Whose money a clause is. A district's event grant or a budget estimate is nobody's subsidy.
APPLICANTS = frozenset({"enterprise", "vendor", "chain_leader", "platform"})


@dataclass(frozen=True)
class Outcome:
    """The result of one clause. `amount` is in fen; None means that no amount follows."""

    status: str
    amount: int | None
    certainty: str | None
    missing: frozenset[str] = frozenset()
    shares: Mapping[str, int] | None = None
    payee: str = "enterprise"


@dataclass(frozen=True)
class OracleResult:
    """All clauses of one document, and the sum after stacking."""

    clauses: Mapping[str, Outcome]
    total: int
    total_if: int


class Facts:
    """Facts as they come in JSON; a fact that is absent or null is unknown."""

    def __init__(self, raw: Mapping[str, object]) -> None:
        self.raw = raw

    def unknown(self, key: str) -> bool:
        return self.raw.get(key) is None

    def flag(self, key: str) -> Truth:
        value = self.raw.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise TypeError(f"{key} is not a truth value: {value!r}")

    def count(self, key: str) -> int | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{key} is not a whole number: {value!r}")
        return value

    def text(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is None or isinstance(value, str):
            return value
        raise TypeError(f"{key} is not a name: {value!r}")

    def money(self, key: str) -> Fraction | None:
        """Yuan as text, returned in fen."""
        value = self.text(key)
        return None if value is None else Fraction(value) * YUAN

    def ratio(self, key: str) -> Fraction | None:
        """A percentage as text, returned as a plain number."""
        value = self.text(key)
        if value is None:
            return None
        if not value.endswith("%"):
            raise ValueError(f"{key} is not a percentage: {value!r}")
        return Fraction(value[:-1]) / 100

    def day(self, key: str) -> date | None:
        value = self.text(key)
        return None if value is None else date.fromisoformat(value)


def every(*values: Truth) -> Truth:
    """And: one false decides, whatever else is unknown."""
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def some(*values: Truth) -> Truth:
    """Or: one true decides, whatever else is unknown."""
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def negate(value: Truth) -> Truth:
    return None if value is None else not value


def at_least(value: Fraction | int | None, bound: Fraction | int) -> Truth:
    return None if value is None else value >= bound


def more_than(value: Fraction | int | None, bound: Fraction | int) -> Truth:
    return None if value is None else value > bound


def below(value: Fraction | int | None, bound: Fraction | int) -> Truth:
    return None if value is None else value < bound


def is_one(value: str | None, *names: str) -> Truth:
    return None if value is None else value in names


def years_after(day: date, years: int) -> date:
    """The corresponding day; 29 February ends on the last day of February (民法典 第二百零二条)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def settle(
    facts: Facts,
    conditions: Sequence[Condition],
    amount: Amount,
    needs: Iterable[str],
    certainty: str,
    split: Callable[[int], Mapping[str, int]] | None = None,
    payee: str = "enterprise",
) -> Outcome:
    """Status, amount and what is missing, from conditions and an exact amount in fen.

    `needs` are the facts that the live branches of the amount ask for.
    """
    state = every(*(truth for truth, _ in conditions))
    if state is False:
        return Outcome(REFUSED, 0, certainty, payee=payee)
    missing = {
        key for truth, keys in conditions if truth is None for key in keys if facts.unknown(key)
    }
    if amount is None:
        wanted = {key for key in needs if facts.unknown(key)}
        assert wanted, "an unknown amount must have an unknown input"
        missing |= wanted
        return Outcome(UNDECIDED, None, certainty, frozenset(missing), payee=payee)
    fen = floor(amount)
    assert fen >= 0, "no clause takes money away"
    return Outcome(
        APPLIES if state is True else UNDECIDED,
        fen,
        certainty,
        frozenset(missing),
        None if split is None else split(fen),
        payee,
    )


def counted(outcome: Outcome, hopeful: bool) -> int:
    """What a clause puts into the total: 适用, or also 资料不足 when `hopeful`."""
    wanted = (APPLIES, UNDECIDED) if hopeful else (APPLIES,)
    if outcome.status not in wanted or outcome.amount is None:
        return 0
    return outcome.amount if outcome.payee in APPLICANTS else 0

"""Stacking and the split of shares in a columnar reading, over any back end."""

from __future__ import annotations

from typing import Generic

from ..program import Program, Shares, StackingRule
from .algebra import WRAPS, Algebra, Nodes, T


class Totals(Generic[T]):
    """The total of one program."""

    def __init__(self, program: Program, nodes: Nodes[T], algebra: Algebra[T]) -> None:
        self._program, self._nodes, self._algebra = program, nodes, algebra

    def total(self, amounts: dict[str, T]) -> T:
        """What remains of ``amounts`` (fen by clause, never null) after the stacking rules.

        Null where a limit is unknown.
        """
        algebra, kept = self._algebra, dict(amounts)
        known: list[T] = []
        rules = [rule for rule in self._program.stacking if rule.rule != "additive"]
        for at, rule in enumerate(rules):
            members = [c for c in rule.clauses if c in kept]
            # Where no later rule asks for a single clause, only the members' sum matters.
            alone = not any(c in members for other in rules[at + 1 :] for c in other.clauses)
            if rule.rule == "exclusive" and len(members) > 1:
                self._exclusive(kept, members, alone=alone)
            elif rule.rule == "ceiling" and members and rule.limit is not None:
                self._ceiling(rule, kept, members, alone=alone)
                if self._nodes.maybe(rule.limit):
                    known.append(algebra.negate(self._nodes.unknown(rule.limit)))
        result = algebra.add(list(kept.values())) if kept else algebra.lit(0)
        return algebra.when(algebra.both(known), result, None) if known else result

    def _exclusive(self, kept: dict[str, T], members: list[str], *, alone: bool) -> None:
        """Only the highest stays; of equals, the first listed."""
        algebra = self._algebra
        best = algebra.greatest([kept[c] for c in members])
        if alone:
            _collapse(kept, members, best)
            return
        earlier: list[T] = []
        for clause in members:
            is_best = algebra.equal(kept[clause], best)
            first = is_best
            if earlier:
                first = algebra.both([is_best, algebra.negate(algebra.either(earlier))])
            earlier.append(is_best)
            kept[clause] = algebra.when(first, kept[clause], algebra.lit(0))

    def _ceiling(
        self, rule: StackingRule, kept: dict[str, T], members: list[str], *, alone: bool
    ) -> None:
        """What is above the limit is taken from the clauses listed last."""
        algebra, zero = self._algebra, self._algebra.lit(0)
        assert rule.limit is not None
        limit = self._nodes.expr(rule.limit)
        if self._nodes.maybe(rule.limit):  # the total becomes null; its parts must not be
            limit = algebra.when(self._nodes.unknown(rule.limit), zero, limit)
        if rule.limit.den != 1:
            limit = algebra.floor(limit, algebra.lit(rule.limit.den))
        together = algebra.add([kept[c] for c in members])
        if alone:
            if rule.limit.lo < 0:
                limit = algebra.greatest([limit, zero])
            _collapse(kept, members, algebra.least([together, limit]))
            return
        over = algebra.greatest([algebra.minus(together, limit), zero])
        for clause in reversed(members):
            cut = algebra.least([kept[clause], over])
            kept[clause], over = algebra.minus(kept[clause], cut), algebra.minus(over, cut)


def _collapse(kept: dict[str, T], members: list[str], value: T) -> None:
    kept[members[0]] = value
    for clause in members[1:]:
        del kept[clause]


def split_columns(shares: Shares, amount: T, most: int, algebra: Algebra[T]) -> dict[str, T]:
    """``money.split`` of a column of amounts (null: none) of at most ``most`` fen each.

    Raises ValueError when 64 bits cannot hold the products.
    """
    weights = {party: weight for party, _, weight in shares.parts}
    total = sum(weights.values())
    if most * total >= WRAPS:
        raise ValueError("分担的金额太大，64 位整数放不下")
    if shares.floors:
        return _with_floors(shares, amount, weights, algebra)
    result = {
        party: algebra.floor(_scaled(amount, weight, algebra), algebra.lit(total))
        for party, weight in weights.items()
        if party != shares.remainder
    }
    others = list(result.values())
    result[shares.remainder] = algebra.minus(amount, algebra.add(others)) if others else amount
    return {party: result[party] for party in weights}


def _scaled(value: T, weight: int, algebra: Algebra[T]) -> T:
    return value if weight == 1 else algebra.times(value, algebra.lit(weight))


def _with_floors(
    shares: Shares, amount: T, weights: dict[str, int], algebra: Algebra[T]
) -> dict[str, T]:
    """Parties below their floor are fixed there until nothing changes, as ``money.split`` does."""
    fixed: dict[str, T] = {}
    for _ in shares.floors:
        rest, free = _free(shares, amount, fixed, weights, algebra)
        below = {
            party: algebra.less(
                _scaled(rest, weights[party], algebra), _scaled(free, floor, algebra)
            )
            for party, floor in shares.floors.items()
            if floor > 0
        }
        fixed = {p: algebra.either([fixed[p], b]) if p in fixed else b for p, b in below.items()}
    rest, free = _free(shares, amount, fixed, weights, algebra)
    result = {}
    for party, weight in weights.items():
        part = algebra.floor(_scaled(rest, weight, algebra), free)
        if party in fixed:
            part = algebra.when(fixed[party], algebra.lit(shares.floors[party]), part)
        result[party] = part
    over = algebra.minus(amount, algebra.add(list(result.values())))
    result[shares.remainder] = algebra.add([result[shares.remainder], over])
    # An amount that does not reach the floors serves them in their order.
    served, left = {}, amount
    for party, floor in shares.floors.items():
        enough = algebra.less(algebra.lit(floor), left)
        served[party] = algebra.when(enough, algebra.lit(floor), left)
        left = algebra.minus(left, served[party])
    short = algebra.less(amount, algebra.lit(sum(shares.floors.values()) + 1))
    nothing = algebra.lit(0)
    return {
        party: algebra.when(short, served.get(party, nothing), part)
        for party, part in result.items()
    }


def _free(
    shares: Shares, amount: T, fixed: dict[str, T], weights: dict[str, int], algebra: Algebra[T]
) -> tuple[T, T]:
    """What is left for the parties that are not on their floor, and their weights together."""
    rest, free, zero = amount, algebra.lit(sum(weights.values())), algebra.lit(0)
    for party, held in fixed.items():
        rest = algebra.minus(rest, algebra.when(held, algebra.lit(shares.floors[party]), zero))
        free = algebra.minus(free, algebra.when(held, algebra.lit(weights[party]), zero))
    return rest, free

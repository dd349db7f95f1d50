"""The two exact optimisations behind the shortest way. Integers only, nothing about grading.

Points and scenarios do not touch each other in the rule of a level, so the cheapest way is
the cheapest gain of points plus the cheapest choice of scenarios, each solved by itself:
a multiple-choice knapsack by dynamic programming over exact amounts, and a choice of the
cheapest k of which at least b from one kind. Both are complete, so no solver is needed;
``make prove-grading`` holds them against brute force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd

import numpy as np
from numpy.typing import NDArray

_FAR = np.iinfo(np.int64).max // 4
"""More than any sum of costs; ``way`` bounds costs far below it."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to use a group: how much it gains, what it costs, and which keys it picks."""

    gain: int
    cost: int
    picks: tuple[str, ...]


def pareto(alternatives: Sequence[Alternative]) -> list[Alternative]:
    """Without those that another beats: more gain always costs more. First of equals stays."""
    kept: list[Alternative] = []
    for one in sorted(alternatives, key=lambda a: (-a.gain, a.cost)):
        if not kept or one.cost < kept[-1].cost:
            kept.append(one)
    return kept[::-1]


def subsets(options: Sequence[Alternative]) -> list[Alternative]:
    """The undominated ways to take any of ``options`` together (gains and costs add up)."""
    best: dict[int, Alternative] = {0: Alternative(0, 0, ())}
    for option in options:
        for gain, taken in sorted(best.items()):
            cost = taken.cost + option.cost
            found = best.get(gain + option.gain)
            if found is None or cost < found.cost:
                picks = (*taken.picks, *option.picks)
                best[gain + option.gain] = Alternative(gain + option.gain, cost, picks)
    return pareto([one for one in best.values() if one.picks])


def cheapest_gain(
    groups: Sequence[Sequence[Alternative]], needed: int
) -> list[Alternative | None] | None:
    """At most one alternative of each group, at least ``needed`` in all, least total cost.

    The answer has one entry per group; None when even everything is not enough.
    ``needed`` > 0; gains > 0; costs >= 0.
    """
    unit = gcd(*(one.gain for group in groups for one in group)) or 1
    goal = -(-needed // unit)
    best: NDArray[np.int64] = np.full(goal + 1, _FAR, dtype=np.int64)
    best[0] = 0
    steps: list[tuple[NDArray[np.int16], NDArray[np.int32]]] = []
    for group in groups:
        best, chosen, came_from = _merge(best, group, unit)
        steps.append((chosen, came_from))
    if best[goal] >= _FAR:
        return None
    picked: list[Alternative | None] = [None] * len(groups)
    at = goal
    for index in range(len(groups) - 1, -1, -1):
        chosen, came_from = steps[index]
        if chosen[at] >= 0:
            picked[index] = groups[index][chosen[at]]
            at = int(came_from[at])
    return picked


def _merge(
    best: NDArray[np.int64], group: Sequence[Alternative], unit: int
) -> tuple[NDArray[np.int64], NDArray[np.int16], NDArray[np.int32]]:
    """One more group: for each gain (the last cell: that or more) the least cost, and how."""
    goal = len(best) - 1
    merged = best.copy()
    chosen = np.full(goal + 1, -1, dtype=np.int16)
    came_from = np.arange(goal + 1, dtype=np.int32)
    for index, one in enumerate(group):
        gain = min(one.gain // unit, goal)
        candidate = best[: goal - gain] + one.cost
        better = np.flatnonzero(candidate < merged[gain:goal])
        merged[gain:goal][better] = candidate[better]
        chosen[gain:goal][better] = index
        came_from[gain:goal][better] = better
        # Everything from here on overshoots into the last cell, where more is not better.
        origin = goal - gain + int(np.argmin(best[goal - gain :]))
        cost = int(best[origin]) + one.cost
        if cost < merged[goal]:
            merged[goal], chosen[goal], came_from[goal] = cost, index, origin
    return merged, chosen, came_from


def cheapest_count(
    special: Sequence[int], ordinary: Sequence[int], needed: int, needed_special: int
) -> tuple[int, int] | None:
    """How many of the cheapest of each kind: ``needed`` in all, ``needed_special`` special.

    Both are costs in ascending order. None when there are not enough.
    """
    special_sums = [0, *accumulate(special)]
    ordinary_sums = [0, *accumulate(ordinary)]
    choices = [
        (special_sums[n] + ordinary_sums[max(0, needed - n)], n, max(0, needed - n))
        for n in range(needed_special, len(special) + 1)
        if max(0, needed - n) <= len(ordinary)
    ]
    if not choices:
        return None
    _, from_special, from_ordinary = min(choices)
    return from_special, from_ordinary

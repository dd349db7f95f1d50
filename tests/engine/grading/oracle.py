"""The 2024 rule for manufacturing written down once more, straight from the field's description.

Nothing here comes from the product: the figures stand in the code, points are fractions,
and every question is decided by its own lines. Input is the JSON form of a sheet.
Also the 2022 rule, and two slow but obvious ways to find the shortest way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

QUESTIONS = tuple(f"q{n}" for n in range(1, 16))
SCENARIOS = tuple(f"s{n}" for n in range(1, 17))
BINDING = frozenset({"s1", "s3", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13"})
# level: (points, scenarios, of which binding); scenarios count from the level itself on
LEVELS = {1: (20, 6, 3), 2: (40, 6, 3), 3: (60, 8, 5), 4: (80, 10, 6)}
FULL = {
    **{"q1": "8", "q2": "6", "q3": "6", "q4": "10", "q5": "10", "q6": "5", "q7": "5"},
    **{"q8": "7.5", "q9": "7.5", "q10": "7.5", "q11": "7.5"},
    **{"q12": "7", "q13": "7", "q14": "3", "q15": "3"},
}
DIMENSIONS = {
    "foundation": ("q1", "q2", "q3", "q4", "q5", "q6", "q7"),
    "management": ("q8", "q9", "q10", "q11"),
    "results": ("q12", "q13", "q14", "q15"),
}
RATES = ("q2", "q3", "q11")
MULTI = {"q1": "BCDE", "q4": "BCDEFGHIJKLMNO", "q6": "BCDE", "q7": "BCDE", "q9": "BCDE"}
MULTI["q10"] = "BCDEF"
SINGLE = {"q5": "ABCDE", "q8": "ABCDEF", "q12": "ABC", "q13": "ABC", "q14": "ABC", "q15": "ABC"}

Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Outcome:
    """Everything as (low, high). ``at`` and ``binding`` are by scenario level 1..4."""

    questions: Mapping[str, Pair]
    dimensions: Mapping[str, Pair]
    total: Pair
    at: Mapping[int, tuple[int, int]]
    binding: Mapping[int, tuple[int, int]]
    level: tuple[int, int]
    unanswered: int


def share(answer: object) -> Fraction:
    """A rate in per cent."""
    if isinstance(answer, dict):
        return Fraction(str(answer["part"])) * 100 / Fraction(str(answer["whole"]))
    return Fraction(str(answer))


def rate_percent(answer: object) -> int:
    if isinstance(answer, list):
        answer = answer[0]
    if isinstance(answer, str) and answer in "ABCDE":
        return {"A": 0, "B": 25, "C": 50, "D": 75, "E": 100}[answer]
    rate = share(answer)
    if rate <= 10:
        return 0
    if rate <= 20:
        return 25
    if rate <= 40:
        return 50
    if rate <= 60:
        return 75
    return 100


def percent(question: str, answer: object) -> Fraction:
    """Per cent of the question's points that the answer earns."""
    if question in RATES:
        return Fraction(rate_percent(answer))
    keys = [str(key) for key in (answer if isinstance(answer, list | tuple) else [answer])]
    if question in ("q1", "q6", "q7", "q9"):
        return Fraction(sum(25 for key in keys if key != "A"))
    if question == "q10":
        return Fraction(sum(20 for key in keys if key != "A"))
    if question == "q4":
        return Fraction(sum(9 if key == "O" else 7 for key in keys if key != "A"))
    key = keys[0]
    if question == "q5":
        return Fraction({"A": 0, "B": 25, "C": 50, "D": 75, "E": 100}[key])
    if question == "q8":
        return Fraction({"A": 0, "B": 20, "C": 40, "D": 60, "E": 80, "F": 100}[key])
    return Fraction({"A": 0, "B": 50, "C": 100}[key])


def add(pairs: list[Pair]) -> Pair:
    return sum((p[0] for p in pairs), Fraction(0)), sum((p[1] for p in pairs), Fraction(0))


def level_of(points: Fraction, at: Mapping[int, int], binding: Mapping[int, int]) -> int:
    if points >= 80 and at[4] >= 10 and binding[4] >= 6:
        return 4
    if points >= 60 and at[3] >= 8 and binding[3] >= 5:
        return 3
    if points >= 40 and at[2] >= 6 and binding[2] >= 3:
        return 2
    if points >= 20 and at[1] >= 6 and binding[1] >= 3:
        return 1
    return 0


def decide(raw: Mapping[str, object]) -> Outcome:
    """Grade one sheet of the 2024 set."""
    questions: dict[str, Pair] = {}
    for name in QUESTIONS:
        answer = raw.get(name)
        if answer is None or answer in ("", []):
            questions[name] = (Fraction(0), Fraction(FULL[name]))
        else:
            points = Fraction(FULL[name]) * percent(name, answer) / 100
            questions[name] = (points, points)
    dimensions = {d: add([questions[q] for q in names]) for d, names in DIMENSIONS.items()}
    total = add(list(dimensions.values()))
    at: dict[int, tuple[int, int]] = {}
    binding: dict[int, tuple[int, int]] = {}
    for level in (1, 2, 3, 4):
        sure = [s for s in SCENARIOS if raw.get(s) is not None and int(str(raw[s])) >= level]
        maybe = sure + [s for s in SCENARIOS if raw.get(s) is None]
        at[level] = len(sure), len(maybe)
        binding[level] = len(BINDING & set(sure)), len(BINDING & set(maybe))
    ends = [
        level_of(
            total[end],
            {level: pair[end] for level, pair in at.items()},
            {level: pair[end] for level, pair in binding.items()},
        )
        for end in (0, 1)
    ]
    missing = sum(raw.get(item) in (None, "", []) for item in (*QUESTIONS, *SCENARIOS))
    return Outcome(questions, dimensions, total, at, binding, (ends[0], ends[1]), missing)


def decide_2022(points: Fraction) -> int:
    """The 2022 rule: the total alone."""
    if points >= 80:
        return 4
    if points >= 60:
        return 3
    if points >= 40:
        return 2
    return 1 if points >= 20 else 0


def fewest_steps(raw: Mapping[str, object], target: int) -> int:
    """Least number of steps to ``target``: one option, one rung or one scenario level each.

    Points: most points for each number of steps, question by question. Scenarios: every one
    of the 65,536 choices of scenarios to lift.
    """
    outcome = decide(raw)
    points, count, bound = LEVELS[target]
    return _steps_for_points(raw, outcome, points - outcome.total[0]) + _steps_for_scenarios(
        raw, target, count, bound
    )


def _steps_for_points(raw: Mapping[str, object], outcome: Outcome, needed: Fraction) -> int:
    most = {0: Fraction(0)}  # steps → most points gained
    for name in QUESTIONS:
        full, low = Fraction(FULL[name]), outcome.questions[name][0]
        if name in MULTI:
            answer = str(raw.get(name) or "")
            gains = [Fraction(0)]
            free = [full * percent(name, [key]) / 100 for key in MULTI[name] if key not in answer]
            for gain in sorted(free, reverse=True):
                gains.append(gains[-1] + gain)
        else:
            rungs = sorted({full * percent(name, key) / 100 for key in SINGLE.get(name, "ABCDE")})
            gains = [Fraction(0)] + [rung - low for rung in rungs if rung > low]
        better: dict[int, Fraction] = {}
        for steps, gained in most.items():
            for more, gain in enumerate(gains):
                found = better.get(steps + more, Fraction(-1))
                better[steps + more] = max(found, gained + gain)
        most = better
    return min(steps for steps, gained in most.items() if gained >= needed)


_CHOICES = (np.arange(1 << 16)[:, None] >> np.arange(16)) & 1
_IS_BINDING = np.array([name in BINDING for name in SCENARIOS], dtype=np.int64)


def _steps_for_scenarios(raw: Mapping[str, object], target: int, count: int, bound: int) -> int:
    now = np.array([int(str(raw.get(name) or 0)) for name in SCENARIOS])
    reached = now >= target
    lifted = np.where(_CHOICES == 1, True, reached)
    good = (lifted.sum(axis=1) >= count) & ((lifted * _IS_BINDING).sum(axis=1) >= bound)
    cost = (_CHOICES * np.maximum(target - now, 0)).sum(axis=1)
    return int(cost[good].min())

"""Sheets to grade: random ones of every maturity, and every edge of every band and threshold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from .oracle import BINDING, FULL, LEVELS, MULTI, QUESTIONS, RATES, SCENARIOS, SINGLE, percent

Sheet = dict[str, object]

_EDGES = ("0", "10", "20", "40", "60", "100")


def random_sheet(rng: random.Random) -> Sheet:
    """One sheet. Maturity makes all levels occur; some sheets miss a few answers or many."""
    mature = rng.choice((0.0, rng.random(), rng.random(), 0.9, 0.97, 1.0))
    missing = rng.choice((0.0, 0.0, 0.0, 0.05, 0.5))
    sheet: Sheet = {}
    for name in QUESTIONS:
        if rng.random() >= missing:
            sheet[name] = _answer(rng, name, mature)
    for name in SCENARIOS:
        if rng.random() >= missing:
            sheet[name] = sum(rng.random() < mature for _ in range(4))
    return sheet


def _answer(rng: random.Random, name: str, mature: float) -> object:
    if name in MULTI:
        keys = [key for key in MULTI[name] if rng.random() < mature]
        rng.shuffle(keys)
        return keys or ["A"]
    if name in SINGLE:
        rungs = SINGLE[name]
        return rungs[min(len(rungs) - 1, int(len(rungs) * rng.random() ** (1.5 - mature)))]
    return _rate(rng, mature)


def _rate(rng: random.Random, mature: float) -> object:
    form = rng.randrange(8)
    if form == 0:
        return rng.choice("ABCDE")
    if form == 1:
        return edge(rng)
    if form == 2:
        whole = rng.randrange(1, 300)
        return {"part": rng.randrange(whole + 1), "whole": whole}
    if form == 3:
        digits = rng.randrange(1, 7)
        return f"{rng.randrange(100)}.{rng.randrange(10**digits):0{digits}}"
    return str(min(100, int(101 * rng.random() ** (1.4 - mature))))


def edge(rng: random.Random) -> object:
    """A share on the bound of a band, or the closest there is on either side of it."""
    bound = rng.choice(_EDGES)
    step = rng.choice((-1, 0, 1))
    if rng.randrange(2):
        return _decimal(bound, step)
    scale = rng.choice((1, 7, 10**6, 10**9))
    part = int(bound) * scale + step
    return {"part": max(0, min(part, 100 * scale)), "whole": 100 * scale}


def _decimal(bound: str, step: int) -> str:
    """``bound`` per cent, or one millionth of a per cent beside it."""
    millionths = max(0, min(int(bound) * 10**6 + step, 100 * 10**6))
    return f"{millionths // 10**6}.{millionths % 10**6:06}" if step else bound


def edge_sheets() -> Iterator[Sheet]:
    """Every option alone, every edge of every band three ways, every threshold from both sides."""
    for name, keys in {**MULTI, **SINGLE}.items():
        for key in {"A", *keys}:
            yield {name: [key]}
            yield {**_worst(), name: [key]}
    for name in RATES:
        for bound in _EDGES:
            for step in (-1, 0, 1):
                yield {**_worst(), name: _decimal(bound, step)}
                part = max(0, min(int(bound) * 10**9 + step, 10**11))
                yield {**_worst(), name: {"part": part, "whole": 10**11}}
    yield {}
    yield _worst()
    yield from _threshold_sheets()


def _worst() -> Sheet:
    sheet: Sheet = {name: ["A"] for name in QUESTIONS}
    return {**sheet, **{name: 0 for name in SCENARIOS}}


def _threshold_sheets() -> Iterator[Sheet]:
    """For each level: just enough and one short of each of its three conditions, all mixed."""
    binding = [name for name in SCENARIOS if name in BINDING]
    guiding = [name for name in SCENARIOS if name not in BINDING]
    for level, (points, count, bound) in LEVELS.items():
        for answers in _sheets_worth(points):
            for total in (count - 1, count, count + 1):
                for special in (bound - 1, bound, bound + 1):
                    if not 0 <= total - special <= len(guiding):
                        continue
                    lifted = binding[:special] + guiding[: total - special]
                    for above in {level, 4}:
                        judged = {name: level - 1 for name in SCENARIOS}
                        yield {**answers, **judged, **dict.fromkeys(lifted, above)}


def _sheets_worth(points: int) -> list[Sheet]:
    """Answers worth exactly ``points``, and the closest below and above that there are."""
    worths = _all_worths()
    goal = points * 1000
    near = [goal, max(w for w in worths if w < goal), min(w for w in worths if w > goal)]
    return [dict(worths[worth]) for worth in near]


@cache
def _all_worths() -> dict[int, tuple[tuple[str, object], ...]]:
    """Every total that answers can be worth, in thousandths, with one sheet for each."""
    worths: dict[int, tuple[tuple[str, object], ...]] = {0: ()}
    for name in QUESTIONS:
        choices: dict[int, object] = {}
        for answer in _representatives(name):
            choices.setdefault(int(Fraction(FULL[name]) * percent(name, answer) * 10), answer)
        worths = {
            worth + more: (*sheet, (name, answer))
            for worth, sheet in worths.items()
            for more, answer in choices.items()
        }
    return worths


def _representatives(name: str) -> list[object]:
    """One answer for each worth that a question can have."""
    if name not in MULTI:
        return list(SINGLE.get(name, "ABCDE"))
    keys = list(MULTI[name])
    counts = range(1, len(keys) + 1)
    return [["A"], *(keys[:n] for n in counts), *(keys[-n:] for n in counts)]

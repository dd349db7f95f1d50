"""Cases for the comparison: seeded random ones, and every boundary one by one.

`random_case(place, seed, index)` always gives the same case. `boundaries(place)` lists, around
one set of facts for each clause that makes it apply, every single and every pair of deviations:
each threshold and one fen to either side, each level, each choice, each condition the other way,
each fact missing, each day around a date, under all readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product
from random import Random

from tests.oracle.domain import Count, Day, Field, Flag, Money, Name, Place, Ratio
from tests.oracle.places_ningxia import HONGSIBU, PENGYANG, YINCHUAN, ZHONGNING
from tests.oracle.places_quanzhou import QUANZHOU

PLACES: Mapping[str, Place] = {
    "quanzhou": QUANZHOU,
    "zhongning": ZHONGNING,
    "pengyang": PENGYANG,
    "hongsibu": HONGSIBU,
    "yinchuan": YINCHUAN,
}

JsonFacts = dict[str, object]

# Ordinary days, leap days and the days around the end of two documents' validity.
DAYS = (
    date(2025, 6, 1),
    date(2025, 2, 28),
    date(2025, 3, 1),
    date(2026, 1, 1),
    date(2026, 9, 30),
    date(2026, 10, 1),
    date(2027, 4, 1),
    date(2028, 2, 28),
    date(2028, 2, 29),
    date(2028, 3, 1),
)


@dataclass(frozen=True)
class Case:
    """Facts as JSON, the day of deciding, the readings chosen."""

    facts: JsonFacts
    as_of: date
    readings: Mapping[str, str]


def yuan(fen: int) -> str:
    """Fen as yuan with no more decimals than needed."""
    whole, rest = divmod(fen, 100)
    return f"{whole}" if rest == 0 else f"{whole}.{rest:02d}"


def percent(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}%" if rest == 0 else f"{whole}.{rest:02d}%"


def random_money(rng: Random, field: Money) -> str:
    kind = rng.random()
    if kind < 0.5:
        fen = rng.choice(field.thresholds) + rng.choice((-2, -1, -1, 0, 0, 1, 1, 2))
    elif kind < 0.6:
        fen = rng.randrange(0, 1000)
    elif kind < 0.95:
        fen = rng.randrange(0, 10 ** rng.randint(4, 11))
    else:
        fen = rng.choice((0, 1, field.largest - 1, field.largest))
    return yuan(min(max(fen, 0), field.largest))


def random_value(rng: Random, field: Field, good: float) -> object:
    """One value; flags take the side that lets the clause apply with chance `good`."""
    match field:
        case Flag(helps):
            return helps if rng.random() < good else not helps
        case Count(low, high):
            return rng.randint(low, high)
        case Money():
            return random_money(rng, field)
        case Ratio(edges):
            if rng.random() < 0.6:
                near = rng.choice(edges) + rng.choice((-1, 0, 0, 1))
                return percent(min(max(near, 0), 10_000))
            return percent(rng.randrange(0, 10_001))
        case Day(edges):
            if rng.random() < 0.7:
                return (rng.choice(edges) + timedelta(days=rng.randint(-1, 1))).isoformat()
            return (date(2020, 1, 1) + timedelta(days=rng.randrange(3000))).isoformat()
        case Name(values):
            return rng.choice(values)


def random_case(place: str, seed: int, index: int) -> Case:
    """The case with this number; some cases are sparse, some complete, some well-behaved."""
    rng = Random(f"{place}/{seed}/{index}")
    spec = PLACES[place]
    present = rng.choice((0.3, 0.6, 0.9, 0.98, 1.0))
    good = rng.choice((0.5, 0.85, 0.97, 1.0))
    as_of = rng.choice(DAYS) if spec.day_matters else DAYS[index % 3]
    readings = {name: rng.choice(options) for name, options in spec.readings.items()}
    facts: JsonFacts = {}
    for key, field in spec.fields.items():
        if rng.random() < present:
            facts[key] = random_value(rng, field, good)
        elif rng.random() < 0.1:
            facts[key] = None
    spec.entangle(rng, facts, as_of)
    return Case(facts, as_of, readings)


def edge_values(field: Field) -> list[object]:
    """Every value of a fact at which something may change, and its absence."""
    values: list[object]
    match field:
        case Flag():
            values = [True, False]
        case Count(low, high):
            values = list(range(low, high + 1))
        case Money():
            fens = {0, 1, 2, 3, field.largest}
            fens |= {edge + step for edge in field.thresholds for step in (-1, 0, 1)}
            values = [yuan(fen) for fen in sorted(fens) if 0 <= fen <= field.largest]
        case Ratio(edges):
            near = {edge + step for edge in edges for step in (-1, 0, 1)}
            values = [percent(edge) for edge in sorted(near) if 0 <= edge <= 10_000]
        case Day(edges):
            days = {edge + timedelta(days=step) for edge in edges for step in (-1, 0, 1)}
            values = [day.isoformat() for day in sorted(days)]
        case Name(names):
            values = list(names)
    return [*values, None]


def all_readings(spec: Place) -> Iterator[dict[str, str]]:
    names = list(spec.readings)
    for choice in product(*(spec.readings[name] for name in names)):
        yield dict(zip(names, choice, strict=True))


def deviations(spec: Place, keys: tuple[str, ...]) -> Iterator[JsonFacts]:
    """The base of a clause, then one and then two of its facts moved."""
    yield {}
    for key in keys:
        for value in edge_values(spec.fields[key]):
            yield {key: value}
    for first, second in combinations(keys, 2):
        pairs = product(edge_values(spec.fields[first]), edge_values(spec.fields[second]))
        for left, right in pairs:
            yield {first: left, second: right}


def clause_boundaries(place: str, clause: str) -> Iterator[Case]:
    spec = PLACES[place]
    base = spec.bases[clause]
    choices = all_readings(spec) if clause in spec.reading_clauses else iter([{}])
    for readings in choices:
        for moved in deviations(spec, tuple(base)):
            yield Case({**base, **moved}, DAYS[0], readings)


def boundaries(place: str) -> Iterator[Case]:
    """Every boundary of every clause, then the tight corners named by the place."""
    spec = PLACES[place]
    for clause in spec.bases:
        yield from clause_boundaries(place, clause)
    for as_of, facts in spec.corners():
        for readings in all_readings(spec):
            yield Case(facts, as_of, readings)

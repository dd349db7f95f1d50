"""中宁, 彭阳, 红寺堡, 银川: facts, thresholds and bases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from random import Random

from tests.oracle.domain import (
    WAN,
    Corner,
    Count,
    Day,
    Facts,
    Field,
    Money,
    Place,
    Ratio,
    met_at,
    no,
    yes,
    yuan,
)

PILOT = "enterprise.is_pilot"
BEFORE, AFTER = "project.level_before", "project.level_after"
INVESTED, HARDWARE = "project.invested", "project.hardware_spend"

ZN_BASE: Facts = {
    PILOT: True,
    BEFORE: 1,
    AFTER: 2,
    "project.batch": 1,
    "project.is_only_project": True,
    INVESTED: "700000",
    HARDWARE: "280000",
}
ZN_AWARDS = {
    "5": "enterprise.is_benchmark",
    "6": "enterprise.advanced_factory_in_pilot",
    "7": "enterprise.deep_cloud_use",
    "8-1": "project.enterprise_platform_accepted",
    "8-2": "project.industry_platform_accepted",
}
ZN_FIELDS: dict[str, Field] = {
    **yes(PILOT, "project.is_only_project", *ZN_AWARDS.values()),
    BEFORE: Count(0, 4),
    AFTER: Count(0, 4),
    "project.batch": Count(1, 3),
    INVESTED: Money((70 * WAN, *met_at(50 * WAN, 3, 5), *met_at(45 * WAN, 55, 100))),
    HARDWARE: Money((21 * WAN, 25 * WAN, 28 * WAN, 24_545_454)),
    "enterprise.chain_cases": Count(0, 3),
    "loan.annual_rate": Ratio((300, 330)),
}


def rise(rng: Random, facts: Facts, pairs: tuple[tuple[int, int], ...]) -> None:
    """Levels that mostly pass, where they are known."""
    for key, level in zip((BEFORE, AFTER), rng.choice(pairs), strict=True):
        if facts.get(key) is not None:
            facts[key] = level


def zn_entangle(rng: Random, facts: Facts, as_of: date) -> None:
    """Hardware on either side of 30 %, and investments whose counted part meets the ceiling."""
    if rng.random() < 0.6:
        rise(rng, facts, ((0, 2), (1, 2), (1, 4), (2, 3), (2, 4)))
    invested = facts.get(INVESTED)
    if not isinstance(invested, str) or facts.get(HARDWARE) is None:
        return
    fen = int(Fraction(invested) * 100)
    kind = rng.random()
    if kind < 0.4:
        hardware = fen * 3 // 10 + rng.choice((-1, 0, 1))
    elif kind < 0.8:
        hardware = rng.randrange(0, fen + 1)
    elif kind < 0.9:
        hardware = fen
    else:
        return
    facts[HARDWARE] = yuan(max(0, hardware))
    if rng.random() < 0.3:
        # 1.3 × invested - hardware is what counts: put it at the ceiling of batch 1 or 2.
        counted = rng.choice((83_333_333, 83_333_334, 81_818_181, 81_818_182))
        invested_fen = rng.randrange(counted, 2 * counted)
        facts[INVESTED] = yuan(invested_fen)
        facts[HARDWARE] = yuan(invested_fen * 13 // 10 - counted + rng.choice((-1, 0, 1)))


def zn_corners() -> Iterator[Corner]:
    """Every set of quality awards with every number of chain cases, known and unknown."""
    day = date(2026, 1, 1)
    for cases, flags in product((0, 1, 2, 3, None), product((True, False, None), repeat=5)):
        facts: Facts = {PILOT: True, "enterprise.chain_cases": cases}
        facts.update(zip(ZN_AWARDS.values(), flags, strict=True))
        yield day, facts
    for batch, fen in product((1, 2), (81_818_181, 81_818_182, 83_333_333, 83_333_334)):
        for step, room in product((-1, 0, 1), (0, 10, 1000, 100_001)):
            facts = {**ZN_BASE, "project.batch": batch}
            facts[INVESTED] = yuan(fen + room)
            facts[HARDWARE] = yuan((fen + room) * 13 // 10 - fen + step)
            yield day, facts


ZHONGNING = Place(
    ZN_FIELDS,
    {"hardware": ("trim", "trim_to_fit", "gate")},
    ("1",),
    {
        "1": ZN_BASE,
        "2": {"loan.annual_rate": "3.2%"},
        "4": {"enterprise.chain_cases": 1},
        **{name: {PILOT: True, key: True} for name, key in ZN_AWARDS.items()},
    },
    zn_entangle,
    zn_corners,
)

PY_YES = (
    "enterprise.is_sme",
    "enterprise.registered_here",
    "enterprise.is_legal_person",
    "enterprise.lawful_tax_compliant",
    "enterprise.finance_sound",
    "enterprise.in_leading_industry",
    "enterprise.willing_and_ready",
    PILOT,
    "project.tasks_completed",
    "project.accepted",
)
PY_NO = (
    "enterprise.bad_credit",
    "enterprise.on_abnormal_list",
    "enterprise.on_dishonest_list",
    "enterprise.on_procurement_blacklist",
    "enterprise.major_accident_3y",
    "enterprise.illegal_3y",
    "project.false_materials",
    "project.same_kind_funded",
    "enterprise.refused_supervision",
)
REGISTERED = "enterprise.registered_on"
PY_BASE: Facts = {
    **dict.fromkeys(PY_YES, True),
    **dict.fromkeys(PY_NO, False),
    REGISTERED: "2019-05-20",
    BEFORE: 1,
    AFTER: 2,
    INVESTED: "700000",
}
PY_FIELDS: dict[str, Field] = {
    **yes(*PY_YES, "enterprise.is_benchmark"),
    **no(*PY_NO),
    REGISTERED: Day((date(2024, 6, 1), date(2024, 2, 29), date(2024, 3, 1), date(2025, 1, 1))),
    BEFORE: Count(0, 4),
    AFTER: Count(0, 4),
    INVESTED: Money((70 * WAN, 80 * WAN, 100 * WAN)),
    "fund.total_allocated": Money((200 * WAN,), 100_000 * WAN),
}


def py_entangle(rng: Random, facts: Facts, as_of: date) -> None:
    """Registered one year before the day of deciding, a day more or less."""
    if facts.get(REGISTERED) is not None and rng.random() < 0.5:
        days = rng.choice((364, 365, 366, 367))
        facts[REGISTERED] = (as_of - timedelta(days=days)).isoformat()
    if rng.random() < 0.7:
        rise(rng, facts, ((0, 2), (1, 2), (1, 3), (2, 3), (3, 3), (3, 4), (4, 4)))


def py_corners() -> Iterator[Corner]:
    """Leap days and the ends of February, and every pair of levels on both clauses."""
    starts = [date(2024, 2, 28) + timedelta(days=n) for n in range(4)]
    starts += [date(2027, 2, 27) + timedelta(days=n) for n in range(4)]
    ends = [date(2025, 2, 27) + timedelta(days=n) for n in range(4)]
    ends += [date(2028, 2, 27) + timedelta(days=n) for n in range(5)]
    for start, end in product(starts, ends):
        yield end, {**PY_BASE, REGISTERED: start.isoformat()}
    levels = (0, 1, 2, 3, 4, None)
    for before, after in product(levels, levels):
        facts: Facts = {**PY_BASE, BEFORE: before, AFTER: after}
        yield date(2026, 1, 1), {**facts, "enterprise.is_benchmark": True}
    yield date(2026, 1, 1), {}


PENGYANG = Place(
    PY_FIELDS,
    {"level_four": ("allowed", "must_rise")},
    ("7-1", "7-2"),
    {
        "7-1": PY_BASE,
        "7-2": {
            "enterprise.is_benchmark": True,
            "enterprise.in_leading_industry": True,
            **{key: False for key in PY_NO if key != "enterprise.bad_credit"},
            "project.tasks_completed": True,
            BEFORE: 2,
            AFTER: 3,
        },
        "7-3": {"fund.total_allocated": "2000000"},
    },
    py_entangle,
    py_corners,
    day_matters=True,
)

APPLIED = "project.acceptance_applied_on"
HS_FIELDS: dict[str, Field] = {
    **yes(PILOT, "project.passed_first_time", "project.accepted", "project.platform_accepted"),
    APPLIED: Day((date(2025, 5, 20), date(2025, 5, 31), date(2025, 6, 10))),
    INVESTED: Money((*met_at(50 * WAN, 7, 10), 75 * WAN, 80 * WAN)),
    "project.platform_investment": Money((100 * WAN, 300 * WAN)),
    "project.platform_rate": Ratio((0, 3000, 3333, 10_000)),
}
HS_BASE: Facts = {
    PILOT: True,
    APPLIED: "2025-05-20",
    "project.passed_first_time": True,
    "project.accepted": True,
    INVESTED: "800000",
}


def hs_entangle(rng: Random, facts: Facts, as_of: date) -> None:
    """Nothing hangs together here beyond what the fields already say."""


def hs_corners() -> Iterator[Corner]:
    """Each stage by each outcome of acceptance, at each turning investment."""
    dates = ("2025-05-30", "2025-05-31", "2025-06-01", None)
    outcomes = product((True, False, None), (True, False, None))
    amounts = ("714285.71", "714285.72", "749999.99", "750000.00", "750000.01", None)
    for applied, (first, accepted), invested in product(dates, outcomes, amounts):
        yield (
            date(2026, 1, 1),
            {
                PILOT: True,
                APPLIED: applied,
                "project.passed_first_time": first,
                "project.accepted": accepted,
                INVESTED: invested,
            },
        )


HONGSIBU = Place(
    HS_FIELDS,
    {"end_of_may": ("inclusive", "exclusive"), "not_first_time": ("second_stage", "nothing")},
    ("2-2-4",),
    {
        "2-2-4": HS_BASE,
        "2-3-4": {
            "project.platform_accepted": True,
            "project.platform_investment": "1000000.01",
            "project.platform_rate": "33.33%",
        },
    },
    hs_entangle,
    hs_corners,
)


def yc_corners() -> Iterator[Corner]:
    """The rows of 附件2: finished projects of 2026 and 2027."""
    for count in (42, 18, 56, 24, 31, 14, 37, 16, 17, 8, 5, 3, 7, 233, 103, 336):
        yield date(2026, 1, 1), {"region.completed_projects": count}
    yield date(2026, 1, 1), {}


YINCHUAN = Place(
    {"region.completed_projects": Count(0, 400)},
    {},
    (),
    {"annex2": {"region.completed_projects": 1}},
    hs_entangle,
    yc_corners,
)

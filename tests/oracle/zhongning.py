"""中宁县支持中小企业数字化转型试点的若干措施, decided from the text alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from tests.oracle.base import (
    AT_MOST,
    CHECK_BAD,
    CHECK_GOOD,
    UNDECIDED,
    WAN,
    Condition,
    Facts,
    OracleResult,
    Outcome,
    at_least,
    below,
    counted,
    every,
    settle,
    some,
)

PILOT = "enterprise.is_pilot"
BEFORE = "project.level_before"
AFTER = "project.level_after"
BATCH = "project.batch"
INVESTED = "project.invested"
HARDWARE = "project.hardware_spend"

QUALITY = ("4", "5", "6", "7", "8-1", "8-2")


def clause_1(f: Facts, hardware_reading: str) -> Outcome:
    """一（一）, with 三's limits: hardware at most 30 %, one project for each enterprise."""
    before, after, batch = f.count(BEFORE), f.count(AFTER), f.count(BATCH)
    invested, hardware = f.money(INVESTED), f.money(HARDWARE)
    # 二级以下达到二级及以上、二级达到三级及以上
    second = None if before is None else before == 2
    risen = some(
        every(below(before, 2), at_least(after, 2)),
        every(second, at_least(after, 3)),
    )
    conditions: list[Condition] = [
        (f.flag(PILOT), (PILOT,)),
        (risen, (BEFORE, AFTER)),
        (None if batch is None else batch in (1, 2), (BATCH,)),
        (f.flag("project.is_only_project"), ("project.is_only_project",)),
    ]
    needs = [BATCH, INVESTED, HARDWARE]
    base: Fraction | None = None
    if hardware_reading == "trim":
        # What hardware has above 30 % of the whole is left out.
        if invested is not None and hardware is not None:
            base = invested - max(Fraction(0), hardware - invested * 3 / 10)
    elif hardware_reading == "trim_to_fit":
        # Hardware counts until it is 30 % of what is counted: 3/7 of the rest.
        if invested is not None and hardware is not None:
            rest = invested - hardware
            base = rest + min(hardware, rest * 3 / 7)
    elif hardware_reading == "gate":
        # Above 30 % the whole project falls.
        needs.remove(HARDWARE)
        base = invested
        within = None
        if invested is not None and hardware is not None:
            within = hardware <= invested * 3 / 10
        conditions.append((within, (INVESTED, HARDWARE)))
    else:
        raise ValueError(hardware_reading)
    amount: Fraction | None = None
    if base is not None and batch is not None:
        base = max(Fraction(0), base)
        if batch == 1:
            amount = min(base * 60 / 100, Fraction(50 * WAN))
        elif batch == 2:
            amount = min(base * 55 / 100, Fraction(45 * WAN))
        else:
            amount = Fraction(0)
    return settle(f, conditions, amount, needs, AT_MOST)


def clause_2(f: Facts) -> Outcome:
    """一（二）: the loan's yearly rate between 3 % and 3.3 %. A check, no money."""
    key = "loan.annual_rate"
    rate = f.ratio(key)
    if rate is None:
        return Outcome(UNDECIDED, None, None, frozenset({key}))
    good = Fraction(3, 100) <= rate <= Fraction(33, 1000)
    return Outcome(CHECK_GOOD if good else CHECK_BAD, None, None)


def clause_4(f: Facts) -> Outcome:
    """二（四）: each excellent chain case at most 30万."""
    key = "enterprise.chain_cases"
    cases = f.count(key)
    amount = None if cases is None else cases * 30 * WAN
    return settle(f, [(at_least(cases, 1), (key,))], amount, (key,), AT_MOST, None, "chain_leader")


def awarded(f: Facts, wan: int, *keys: str) -> Outcome:
    """A fixed ceiling when every named thing is so."""
    return settle(f, [(f.flag(key), (key,)) for key in keys], wan * WAN, (), AT_MOST)


def decide(facts: Mapping[str, object], as_of: date, readings: Mapping[str, str]) -> OracleResult:
    """All clauses of 中宁; the day does not matter here."""
    f = Facts(facts)
    clauses = {
        "1": clause_1(f, readings.get("hardware", "trim")),
        "2": clause_2(f),
        "4": clause_4(f),
        "5": awarded(f, 15, "enterprise.is_benchmark"),
        "6": awarded(f, 20, PILOT, "enterprise.advanced_factory_in_pilot"),
        "7": awarded(f, 1, "enterprise.deep_cloud_use"),
        "8-1": awarded(f, 25, PILOT, "project.enterprise_platform_accepted"),
        "8-2": awarded(f, 40, PILOT, "project.industry_platform_accepted"),
    }

    def total(hopeful: bool) -> int:
        # 三: 同一项目享受供给质量奖补资金不超过70万元
        quality = sum(counted(clauses[name], hopeful) for name in QUALITY)
        return counted(clauses["1"], hopeful) + min(70 * WAN, quality)

    return OracleResult(clauses, total(False), total(True))

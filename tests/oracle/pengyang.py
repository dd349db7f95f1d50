"""彭阳县中小企业数字化转型工作实施方案 and its 专项资金管理办法, decided from the text alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from tests.oracle.base import (
    AT_MOST,
    EXACT,
    WAN,
    Condition,
    Facts,
    OracleResult,
    Outcome,
    Truth,
    at_least,
    below,
    counted,
    every,
    negate,
    settle,
    some,
    years_after,
)

BEFORE = "project.level_before"
AFTER = "project.level_after"
LEADING = "enterprise.in_leading_industry"


def level_reached(f: Facts, reading: str) -> Condition:
    """第七条（一）: below two to two or more; two or more to three or more."""
    before, after = f.count(BEFORE), f.count(AFTER)
    reached = some(
        every(below(before, 2), at_least(after, 2)),
        every(at_least(before, 2), at_least(after, 3)),
    )
    if reading == "must_rise":
        risen: Truth = None if before is None or after is None else after > before
        reached = every(reached, risen)
    elif reading != "allowed":
        raise ValueError(reading)
    return reached, (BEFORE, AFTER)


def must(f: Facts, key: str) -> Condition:
    return f.flag(key), (key,)


def must_not(f: Facts, key: str) -> Condition:
    return negate(f.flag(key)), (key,)


def eligibility(f: Facts, as_of: date) -> list[Condition]:
    """第八条, all at once."""
    registered_on = f.day("enterprise.registered_on")
    full_year = None if registered_on is None else years_after(registered_on, 1) <= as_of
    return [
        must(f, "enterprise.is_sme"),
        must(f, "enterprise.registered_here"),
        must(f, "enterprise.is_legal_person"),
        (full_year, ("enterprise.registered_on",)),
        must(f, "enterprise.lawful_tax_compliant"),
        must(f, "enterprise.finance_sound"),
        must_not(f, "enterprise.bad_credit"),
        must_not(f, "enterprise.on_abnormal_list"),
        must_not(f, "enterprise.on_dishonest_list"),
        must(f, LEADING),
        must(f, "enterprise.willing_and_ready"),
        must(f, "enterprise.is_pilot"),
        must(f, "project.tasks_completed"),
        must(f, "project.accepted"),
    ]


def exclusions(f: Facts, level_reading: str) -> list[Condition]:
    """第十条: any one of these and the fund does not support the unit or the project."""
    return [
        must_not(f, "enterprise.on_abnormal_list"),
        must_not(f, "enterprise.on_dishonest_list"),
        must_not(f, "enterprise.on_procurement_blacklist"),
        must_not(f, "enterprise.major_accident_3y"),
        must_not(f, "enterprise.illegal_3y"),
        must(f, "project.tasks_completed"),
        level_reached(f, level_reading),
        must_not(f, "project.false_materials"),
        must_not(f, "project.same_kind_funded"),
        must_not(f, "enterprise.refused_supervision"),
    ]


def clause_7_1(f: Facts, as_of: date, level_reading: str) -> Outcome:
    """第七条（一）: half of what was really invested, at most 40万."""
    key = "project.invested"
    invested = f.money(key)
    amount = None if invested is None else min(invested / 2, Fraction(40 * WAN))
    conditions = eligibility(f, as_of) + exclusions(f, level_reading)
    return settle(f, conditions, amount, (key,), AT_MOST)


def clause_7_2(f: Facts, level_reading: str) -> Outcome:
    """第七条（二）: a county benchmark of the four industries, at most 10万."""
    conditions = [must(f, "enterprise.is_benchmark"), must(f, LEADING)]
    return settle(f, conditions + exclusions(f, level_reading), 10 * WAN, (), AT_MOST)


def clause_7_3(f: Facts) -> Outcome:
    """第七条（三）: 20万 for services, out of at most ten per cent of the fund."""
    key = "fund.total_allocated"
    fund = f.money(key)
    enough = None if fund is None else fund / 10 >= 20 * WAN
    return settle(f, [(enough, (key,))], 20 * WAN, (), EXACT, None, "services")


def decide(facts: Mapping[str, object], as_of: date, readings: Mapping[str, str]) -> OracleResult:
    """第七条 of the 办法."""
    f = Facts(facts)
    level_reading = readings.get("level_four", "allowed")
    clauses = {
        "7-1": clause_7_1(f, as_of, level_reading),
        "7-2": clause_7_2(f, level_reading),
        "7-3": clause_7_3(f),
    }
    total = sum(counted(outcome, False) for outcome in clauses.values())
    total_if = sum(counted(outcome, True) for outcome in clauses.values())
    return OracleResult(clauses, total, total_if)

"""红寺堡区中小企业数字化转型城市试点工作方案, decided from the text alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from tests.oracle.base import (
    DISCRETION,
    WAN,
    Condition,
    Facts,
    OracleResult,
    Outcome,
    counted,
    every,
    negate,
    settle,
    some,
)

PILOT = "enterprise.is_pilot"
APPLIED = "project.acceptance_applied_on"
FIRST_TIME = "project.passed_first_time"
ACCEPTED = "project.accepted"
INVESTED = "project.invested"


def clause_2_2_4(f: Facts, end_of_may: str, not_first_time: str) -> Outcome:
    """二（二）4: by the end of May 2025 and at the first attempt 70 %, afterwards 60 %."""
    last_day = {"inclusive": date(2025, 5, 31), "exclusive": date(2025, 5, 30)}[end_of_may]
    applied, first_time = f.day(APPLIED), f.flag(FIRST_TIME)
    invested = f.money(INVESTED)
    early = None if applied is None else applied <= last_day
    conditions: list[Condition] = [
        (f.flag(PILOT), (PILOT,)),
        (some(first_time, f.flag(ACCEPTED)), (FIRST_TIME, ACCEPTED)),
    ]
    if not_first_time == "nothing":
        # Applied in time but failed at first: neither the first stage nor the second.
        conditions.append((some(negate(early), first_time), (APPLIED, FIRST_TIME)))
    elif not_first_time != "second_stage":
        raise ValueError(not_first_time)
    first_stage = every(early, first_time)
    amount: Fraction | None = None
    if first_stage is not None and invested is not None:
        if first_stage:
            amount = min(invested * 70 / 100, Fraction(50 * WAN))
        else:
            amount = min(invested * 60 / 100, Fraction(45 * WAN))
    needs = [INVESTED]
    if first_stage is None:
        needs += [APPLIED, FIRST_TIME]
    return settle(f, conditions, amount, needs, DISCRETION)


def clause_2_3_4(f: Facts) -> Outcome:
    """二（三）4: an accepted platform, by the share of its investment that the officer sets."""
    accepted = "project.platform_accepted"
    invested_key, rate_key = "project.platform_investment", "project.platform_rate"
    invested, rate = f.money(invested_key), f.ratio(rate_key)
    amount = None if invested is None or rate is None else invested * rate
    needs = (invested_key, rate_key)
    conditions = [(f.flag(accepted), (accepted,))]
    return settle(f, conditions, amount, needs, DISCRETION, None, "platform")


def decide(facts: Mapping[str, object], as_of: date, readings: Mapping[str, str]) -> OracleResult:
    """The two paragraphs that move money; the day of deciding does not matter."""
    f = Facts(facts)
    end_of_may = readings.get("end_of_may", "inclusive")
    not_first_time = readings.get("not_first_time", "second_stage")
    clauses = {
        "2-2-4": clause_2_2_4(f, end_of_may, not_first_time),
        "2-3-4": clause_2_3_4(f),
    }
    total = sum(counted(outcome, False) for outcome in clauses.values())
    total_if = sum(counted(outcome, True) for outcome in clauses.values())
    return OracleResult(clauses, total, total_if)

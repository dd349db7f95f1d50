"""The oracle against the figures that the documents and the brief give, worked by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.oracle import generate, quanzhou, quanzhou_more, zhongning
from tests.oracle.all_places import DECIDE
from tests.oracle.base import (
    APPLIES,
    CHECK_BAD,
    CHECK_GOOD,
    REFUSED,
    UNDECIDED,
    Outcome,
    years_after,
)

TODAY = date(2026, 1, 1)


def one(place: str, clause: str, facts: dict[str, object], **readings: str) -> Outcome:
    return DECIDE[place](facts, TODAY, readings).clauses[clause]


def yuan(outcome: Outcome) -> float | None:
    return None if outcome.amount is None else outcome.amount / 100


# ---------------------------------------------------------------- the table of the brief


def test_quanzhou_1_of_the_table() -> None:
    # 80万 × 50 % = 40万, level three: at most 30万; 3:1:1 = 18万, 6万, 6万.
    result = one(
        "quanzhou",
        "1",
        {
            "enterprise.is_pilot": True,
            "project.eligible_spend": "800000",
            "project.level_after": 3,
        },
    )
    assert result.status == APPLIES
    assert result.certainty == "at_most"
    assert result.amount == 30_000_000
    assert result.shares == {"central": 18_000_000, "city": 6_000_000, "county": 6_000_000}
    assert result.missing == frozenset()


@pytest.mark.parametrize(
    ("fee", "status", "amount"),
    [
        ("50000", REFUSED, 0),  # not above 5万
        ("60000", UNDECIDED, 18_000),  # 6万 × 30 %
        ("400000", UNDECIDED, 100_000),  # 40万 × 30 % = 12万, at most 10万
    ],
)
def test_quanzhou_2_of_the_table(fee: str, status: str, amount: int) -> None:
    facts: dict[str, object] = {"enterprise.annual_cloud_fee": fee}
    result = one("quanzhou", "2", facts)
    assert (result.status, yuan(result)) == (status, amount)
    result = one("quanzhou", "2", {**facts, "enterprise.is_pilot": True})
    assert (result.status, yuan(result)) == (APPLIES if amount else REFUSED, amount)


@pytest.mark.parametrize(
    ("revenue", "status", "amount"),
    [
        ("3000000", REFUSED, 0),
        ("3000000.01", APPLIES, 200_000),
        ("20000000", APPLIES, 200_000),
        ("25000000", APPLIES, 400_000),
    ],
)
def test_quanzhou_18_of_the_table(revenue: str, status: str, amount: int) -> None:
    facts: dict[str, object] = {
        "enterprise.high_tech": "first",
        "enterprise.revenue_last_year": revenue,
    }
    result = one("quanzhou", "18", facts)
    assert (result.status, yuan(result), result.certainty) == (status, amount, "exact")
    if status == APPLIES:
        assert result.shares == {"city": amount * 50, "county": amount * 50}


PENGYANG_GOOD = {
    key: value
    for key, value in generate.PLACES["pengyang"].bases["7-1"].items()
    if not key.startswith("project.level") and key != "project.invested"
}


@pytest.mark.parametrize(
    ("before", "after", "invested", "status", "amount"),
    [
        (1, 2, "700000", APPLIES, 350_000),  # 70万 × 50 %
        (2, 2, "700000", REFUSED, 0),  # from two it must reach three
        (2, 3, "1000000", APPLIES, 400_000),  # 50万, at most 40万
    ],
)
def test_pengyang_of_the_table(
    before: int, after: int, invested: str, status: str, amount: int
) -> None:
    sparse: dict[str, object] = {
        "project.level_before": before,
        "project.level_after": after,
        "project.invested": invested,
    }
    result = one("pengyang", "7-1", {**PENGYANG_GOOD, **sparse})
    assert (result.status, yuan(result), result.certainty) == (status, amount, "at_most")
    result = one("pengyang", "7-1", sparse)
    assert yuan(result) == amount
    if status == APPLIES:
        assert result.status == UNDECIDED
        assert result.missing == frozenset(PENGYANG_GOOD)


@pytest.mark.parametrize(
    ("applied", "amount"),
    [
        ("2025-05-20", 500_000),  # 80万 × 70 % = 56万, at most 50万
        ("2025-06-10", 450_000),  # 80万 × 60 % = 48万, at most 45万
    ],
)
def test_hongsibu_of_the_table(applied: str, amount: int) -> None:
    facts: dict[str, object] = {
        "project.acceptance_applied_on": applied,
        "project.passed_first_time": True,
        "project.invested": "800000",
    }
    result = one("hongsibu", "2-2-4", facts)
    assert (result.status, yuan(result)) == (UNDECIDED, amount)
    assert result.missing == {"enterprise.is_pilot"}
    result = one("hongsibu", "2-2-4", {**facts, "enterprise.is_pilot": True})
    assert (result.status, yuan(result), result.certainty) == (APPLIES, amount, "discretion")


def test_zhongning_of_the_table() -> None:
    base = generate.PLACES["zhongning"].bases["1"]
    # 28万 - 70万 × 30 % = 7万 too much; 63万 × 60 % = 37.8万.
    assert yuan(one("zhongning", "1", base)) == 378_000
    assert yuan(one("zhongning", "1", base, hardware="trim")) == 378_000
    # The rest is 42万; hardware counts to 42万 × 3/7 = 18万; 60万 × 60 % = 36万.
    assert yuan(one("zhongning", "1", base, hardware="trim_to_fit")) == 360_000
    # 28万 is more than 21万: nothing.
    result = one("zhongning", "1", base, hardware="gate")
    assert (result.status, result.amount) == (REFUSED, 0)


# ---------------------------------------------------------------- worked by hand


@pytest.mark.parametrize(
    ("place", "clause", "facts", "readings", "status", "amount"),
    [
        # Level two caps at 20万, level four at 50万; 0.03 元 × 50 % = 1.5 fen, down to 1.
        ("quanzhou", "1", {"project.level_after": 2}, {}, APPLIES, 200_000),
        ("quanzhou", "1", {"project.level_after": 4}, {}, APPLIES, 400_000),
        ("quanzhou", "1", {"project.level_after": 1}, {}, REFUSED, 0),
        ("quanzhou", "1", {"project.eligible_spend": "0.03"}, {}, APPLIES, 0.01),
        # 1000万 × 10 % = 100万; 6000万 × 10 % = 600万 against 200, 250, 500万.
        ("quanzhou", "3", {}, {}, APPLIES, 1_000_000),
        ("quanzhou", "3", {"project.equipment_investment": "60000000"}, {}, APPLIES, 2_000_000),
        ("quanzhou", "3", {"county.tech_upgrade_rate": None}, {}, UNDECIDED, None),
        # 1234567.89 × 10 % = 123456.789, down to the fen.
        ("quanzhou", "4", {}, {}, APPLIES, 123_456.78),
        (
            "quanzhou",
            "4",
            {"project.industrial_internet_demo": False},
            {"park_demo": "required"},
            REFUSED,
            0,
        ),
        # 2 × 10万 + 1 × 20万; then 5 scenes each: 30万 + 60万.
        ("quanzhou", "5", {}, {}, APPLIES, 400_000),
        (
            "quanzhou",
            "5",
            {"enterprise.provincial_scenes": 5, "enterprise.national_scenes": 5},
            {},
            APPLIES,
            900_000,
        ),
        ("quanzhou", "5", {"enterprise.national_scenes": None}, {}, UNDECIDED, None),
        ("quanzhou", "6", {}, {}, APPLIES, 1_500_000),
        ("quanzhou", "6", {}, {"demo_factory_both": "highest"}, APPLIES, 1_000_000),
        (
            "quanzhou",
            "6",
            {"enterprise.provincial_demo_factory": None},
            {"demo_factory_both": "highest"},
            APPLIES,
            1_000_000,
        ),
        # 100000.19 × 5 % = 5000.0095; 200000.01 × 30 % = 60000.003.
        ("quanzhou", "12", {}, {}, APPLIES, 5_000),
        ("quanzhou", "13", {}, {}, APPLIES, 60_000),
        ("quanzhou", "13", {"project.design_voucher_used": True}, {}, REFUSED, 0),
        # 30万 - 20万 received before; a city centre gets its 20万 whatever came before.
        ("quanzhou", "15", {}, {}, APPLIES, 100_000),
        ("quanzhou", "15", {"enterprise.design_centre_received": "400000"}, {}, APPLIES, 0),
        (
            "quanzhou",
            "15",
            {"enterprise.design_centre": "city", "enterprise.design_centre_received": None},
            {},
            APPLIES,
            200_000,
        ),
        # Recognised again: 10万 if revenue passes 300万.
        (
            "quanzhou",
            "18",
            {"enterprise.high_tech": "renewed", "enterprise.revenue_last_year": None},
            {},
            UNDECIDED,
            100_000,
        ),
        ("quanzhou", "19", {}, {}, APPLIES, 99_999.99),
        ("quanzhou", "21", {"county.listed_events": 3}, {}, APPLIES, 1_500_000),
        # Batch two: 63万 × 55 % = 34.65万. There is no batch three.
        ("zhongning", "1", {"project.batch": 2}, {}, APPLIES, 346_500),
        ("zhongning", "1", {"project.batch": 3}, {}, REFUSED, 0),
        ("zhongning", "1", {"project.level_before": 2}, {}, REFUSED, 0),
        ("zhongning", "1", {"project.hardware_spend": None}, {}, UNDECIDED, None),
        (
            "zhongning",
            "1",
            {"project.hardware_spend": None},
            {"hardware": "gate"},
            UNDECIDED,
            420_000,
        ),
        ("pengyang", "7-1", {"enterprise.registered_on": "2025-01-01"}, {}, APPLIES, 350_000),
        ("pengyang", "7-1", {"enterprise.registered_on": "2025-01-02"}, {}, REFUSED, 0),
        ("pengyang", "7-1", {"project.same_kind_funded": True}, {}, REFUSED, 0),
        ("pengyang", "7-2", {}, {}, APPLIES, 100_000),
        ("pengyang", "7-2", {"project.tasks_completed": False}, {}, REFUSED, 0),
        ("pengyang", "7-3", {}, {}, APPLIES, 200_000),
        ("pengyang", "7-3", {"fund.total_allocated": "1999999.99"}, {}, REFUSED, 0),
        # Not at the first attempt: the second stage, or nothing.
        ("hongsibu", "2-2-4", {"project.passed_first_time": False}, {}, APPLIES, 450_000),
        (
            "hongsibu",
            "2-2-4",
            {"project.passed_first_time": False},
            {"not_first_time": "nothing"},
            REFUSED,
            0,
        ),
        (
            "hongsibu",
            "2-2-4",
            {"project.acceptance_applied_on": "2025-05-31"},
            {"end_of_may": "exclusive"},
            APPLIES,
            450_000,
        ),
        # 1000000.01 × 33.33 % = 333300.003333.
        ("hongsibu", "2-3-4", {}, {}, APPLIES, 333_300),
        # 42 projects of 宁东 in 2026: 1512万.
        ("yinchuan", "annex2", {"region.completed_projects": 42}, {}, APPLIES, 15_120_000),
    ],
)
def test_by_hand(
    place: str,
    clause: str,
    facts: dict[str, object],
    readings: dict[str, str],
    status: str,
    amount: float | None,
) -> None:
    base = generate.PLACES[place].bases[clause]
    result = one(place, clause, {**base, **facts}, **readings)
    assert (result.status, yuan(result)) == (status, amount)


def test_pengyang_levels_three_and_four() -> None:
    same = {"project.level_before": 4, "project.level_after": 4, "project.invested": "700000"}
    assert one("pengyang", "7-1", {**PENGYANG_GOOD, **same}).status == APPLIES
    strict = one("pengyang", "7-1", {**PENGYANG_GOOD, **same}, level_four="must_rise")
    assert strict.status == REFUSED


def test_a_year_from_a_leap_day_ends_on_the_last_of_february() -> None:
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert years_after(date(2027, 2, 28), 1) == date(2028, 2, 28)


def test_the_loan_band_is_inclusive() -> None:
    for rate, status in (
        ("2.99%", CHECK_BAD),
        ("3%", CHECK_GOOD),
        ("3.3%", CHECK_GOOD),
        ("3.31%", CHECK_BAD),
    ):
        assert one("zhongning", "2", {"loan.annual_rate": rate}).status == status
    assert one("zhongning", "2", {}).status == UNDECIDED


def test_shares_never_lose_a_fen() -> None:
    for fen in range(200):
        parts = quanzhou.three_one_one(fen)
        assert sum(parts.values()) == fen
        assert parts["city"] == parts["county"] == fen // 5
        halves = quanzhou_more.half_and_half(fen)
        assert sum(halves.values()) == fen
        assert 0 <= halves["city"] - halves["county"] <= 1


# ---------------------------------------------------------------- stacking


def test_of_the_subsidies_only_the_highest_counts() -> None:
    # （一） 30万, （二） 1.8万, （七） 10万: 40万.
    facts: dict[str, object] = {
        **generate.PLACES["quanzhou"].bases["1"],
        "enterprise.annual_cloud_fee": "60000",
        "enterprise.new_mode_benchmark": True,
    }
    # If it also held that 5G factory 10万, reviewed title 5万 and chain award 30万: 85万.
    result = quanzhou.decide(facts, TODAY, {})
    assert (result.total, result.total_if) == (40_000_000, 85_000_000)
    # Without knowing whether it is a pilot nothing is certain, and the same would follow.
    facts["enterprise.is_pilot"] = None
    result = quanzhou.decide(facts, TODAY, {})
    assert (result.total, result.total_if) == (0, 85_000_000)


def test_quality_awards_end_at_seventy() -> None:
    # 2 × 30 + 15 + 1 = 76万, at most 70万; the rebuilding itself comes on top: 37.8万.
    facts: dict[str, object] = {
        **generate.PLACES["zhongning"].bases["1"],
        "enterprise.chain_cases": 2,
        "enterprise.is_benchmark": True,
        "enterprise.deep_cloud_use": True,
    }
    assert zhongning.decide(facts, TODAY, {}).total == 70_000_000 + 37_800_000


def test_a_countys_event_grant_is_not_the_applicants() -> None:
    result = quanzhou.decide({"county.listed_events": 2}, TODAY, {})
    assert result.clauses["21"].amount == 100_000_000
    assert result.total == 0

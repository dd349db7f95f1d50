"""Relations that must hold whatever the case, and the generators themselves."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from tests.oracle import generate
from tests.oracle.all_places import DECIDE
from tests.oracle.base import (
    APPLIES,
    CHECK_BAD,
    CHECK_GOOD,
    REFUSED,
    UNDECIDED,
    Outcome,
    some,
)
from tests.oracle.places_ningxia import PY_BASE, PY_NO, PY_YES

TODAY = date(2026, 1, 1)


def one(place: str, clause: str, facts: dict[str, object], **readings: str) -> Outcome:
    return DECIDE[place](facts, TODAY, readings).clauses[clause]


@pytest.mark.parametrize(
    ("place", "clause", "key"),
    [
        ("quanzhou", "1", "project.eligible_spend"),
        ("quanzhou", "2", "enterprise.annual_cloud_fee"),
        ("quanzhou", "3", "project.equipment_investment"),
        ("quanzhou", "4", "project.it_investment"),
        ("quanzhou", "12", "project.ai_product_spend"),
        ("quanzhou", "13", "project.design_contract_spend"),
        ("quanzhou", "19", "enterprise.tech_service_spend_this_year"),
        ("zhongning", "1", "project.invested"),
        ("pengyang", "7-1", "project.invested"),
        ("hongsibu", "2-2-4", "project.invested"),
        ("hongsibu", "2-3-4", "project.platform_investment"),
    ],
)
def test_more_money_never_pays_less(place: str, clause: str, key: str) -> None:
    rng = Random(f"{place}/{clause}")
    base = generate.PLACES[place].bases[clause]
    for _ in range(300):
        low = rng.randrange(10 ** rng.randint(1, 10))
        high = low + rng.randrange(1, 10 ** rng.randint(1, 9))
        less = one(place, clause, {**base, key: generate.yuan(low)}).amount
        more = one(place, clause, {**base, key: generate.yuan(high)}).amount
        assert less is not None and more is not None
        assert less <= more
        assert place != "pengyang" or 2 * more <= high


@pytest.mark.parametrize("place", DECIDE)
def test_learning_a_fact_never_overturns_a_decision(place: str) -> None:
    """What is decided stays decided, with its amount; what is missing is really unknown."""
    for index in range(400):
        case = generate.random_case(place, 5, index)
        whole = DECIDE[place](case.facts, case.as_of, case.readings)
        rng = Random(index)
        fewer = {key: value for key, value in case.facts.items() if rng.random() < 0.7}
        part = DECIDE[place](fewer, case.as_of, case.readings)
        for name, before in part.clauses.items():
            after = whole.clauses[name]
            assert not any(fewer.get(key) is not None for key in before.missing)
            assert (before.status == UNDECIDED) == bool(before.missing)
            if before.status != UNDECIDED:
                assert after == before
            elif before.amount is not None and after.status == APPLIES:
                assert after.amount == before.amount
        assert part.total <= part.total_if


@pytest.mark.parametrize("place", DECIDE)
def test_every_missing_fact_is_enough_when_given(place: str) -> None:
    """Giving all facts named as missing decides every clause that they are named for."""
    values = {
        key: generate.random_value(Random(1), field, 1.0)
        for key, field in generate.PLACES[place].fields.items()
    }
    for index in range(300):
        case = generate.random_case(place, 6, index)
        facts = dict(case.facts)
        for _ in range(3):  # a selector that becomes known may ask for one fact more
            result = DECIDE[place](facts, case.as_of, case.readings)
            missing = {key for outcome in result.clauses.values() for key in outcome.missing}
            facts.update({key: values[key] for key in missing})
        assert not missing


def test_order_of_or_does_not_matter() -> None:
    for left in (True, False, None):
        for right in (True, False, None):
            assert some(left, right) is some(right, left)


@pytest.mark.parametrize("place", DECIDE)
def test_cases_are_the_same_for_the_same_seed(place: str) -> None:
    for index in range(20):
        assert generate.random_case(place, 9, index) == generate.random_case(place, 9, index)
    assert generate.random_case(place, 9, 1) != generate.random_case(place, 9, 2)


@pytest.mark.parametrize("place", DECIDE)
def test_generated_cases_reach_every_status(place: str) -> None:
    seen: set[tuple[str, str]] = set()
    for index in range(1500):
        case = generate.random_case(place, 3, index)
        result = DECIDE[place](case.facts, case.as_of, case.readings)
        seen |= {(name, outcome.status) for name, outcome in result.clauses.items()}
    for name in DECIDE[place]({}, TODAY, {}).clauses:
        wanted = {APPLIES, REFUSED, UNDECIDED}
        if (place, name) == ("zhongning", "2"):
            wanted = {CHECK_GOOD, CHECK_BAD, UNDECIDED}
        elif place == "yinchuan":
            wanted = {APPLIES, UNDECIDED}
        assert {status for clause, status in seen if clause == name} == wanted


@pytest.mark.parametrize("key", [*PY_YES, *PY_NO])
def test_each_condition_of_articles_8_and_10_alone_decides(key: str) -> None:
    """Turned the wrong way nothing is paid, also when all else is unknown; unknown, it is named."""
    wrong = {key: key in PY_NO}
    assert one("pengyang", "7-1", PY_BASE).status == APPLIES
    assert one("pengyang", "7-1", {**PY_BASE, **wrong}).status == REFUSED
    assert one("pengyang", "7-1", {**wrong}).status == REFUSED
    silent = one("pengyang", "7-1", {**PY_BASE, key: None})
    assert silent.status == UNDECIDED
    assert silent.missing == {key}
    assert silent.amount == 35_000_000


@pytest.mark.parametrize(
    ("place", "clause", "before"), [("zhongning", "1", 1), ("pengyang", "7-1", 2)]
)
def test_a_higher_level_afterwards_never_pays_less(place: str, clause: str, before: int) -> None:
    base = {**generate.PLACES[place].bases[clause], "project.level_before": before}
    paid = [one(place, clause, {**base, "project.level_after": n}).amount for n in range(5)]
    known = [amount for amount in paid if amount is not None]
    assert len(known) == 5 and known == sorted(known) and known[0] < known[-1]


def test_quanzhou_never_pays_more_than_half_and_level_never_lowers() -> None:
    base = generate.PLACES["quanzhou"].bases["1"]
    for fen in (1, 2, 3, 39_999_999, 40_000_001, 99_999_999, 100_000_001, 10**12):
        facts = {**base, "project.eligible_spend": generate.yuan(fen)}
        paid = [one("quanzhou", "1", {**facts, "project.level_after": n}).amount for n in range(5)]
        known = [amount for amount in paid if amount is not None]
        assert known == sorted(known) and 2 * known[-1] <= fen


@pytest.mark.parametrize("place", DECIDE)
def test_boundaries_step_by_single_fen(place: str) -> None:
    """Around every threshold the fen before, the threshold and the fen after are all there."""
    seen: dict[str, set[object]] = {}
    for case in generate.boundaries(place):
        for key, value in case.facts.items():
            seen.setdefault(key, set()).add(value)
    for key, field in generate.PLACES[place].fields.items():
        wanted = [value for value in generate.edge_values(field) if value is not None]
        assert set(wanted) <= seen.get(key, set()), key

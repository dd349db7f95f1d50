"""泉州（五）–（二十一）: bonuses, design and AI, innovation, events."""

from __future__ import annotations

from fractions import Fraction

from tests.oracle.base import (
    AT_MOST,
    EXACT,
    WAN,
    Amount,
    Condition,
    Facts,
    Outcome,
    at_least,
    every,
    is_one,
    more_than,
    negate,
    settle,
    some,
)

PILOT = "enterprise.is_pilot"


def half_and_half(fen: int) -> dict[str, int]:
    """市、县 1:1; an odd fen goes to the first."""
    county = fen // 2
    return {"city": fen - county, "county": county}


def pilot(f: Facts) -> Condition:
    return f.flag(PILOT), (PILOT,)


def must(f: Facts, key: str) -> Condition:
    return f.flag(key), (key,)


def when(truth: bool | None, wan: int) -> int | None:
    """A fixed sum if so, nothing if not, unknown if unknown."""
    if truth is None:
        return None
    return wan * WAN if truth else 0


def plus(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def one_of(f: Facts, key: str, wan: dict[str, int], certainty: str = EXACT) -> Outcome:
    """A fixed sum by the grade in `key`; grade "none" does not apply."""
    grade = f.text(key)
    amount = None if grade is None else (0 if grade == "none" else wan[grade] * WAN)
    granted = None if grade is None else grade != "none"
    return settle(f, [(granted, (key,))], amount, (key,), certainty)


def clause_5(f: Facts) -> Outcome:
    """（五）: 10万 a provincial scene up to 30万, 20万 a national one up to 60万."""
    keys = ("enterprise.provincial_scenes", "enterprise.national_scenes")
    provincial, national = f.count(keys[0]), f.count(keys[1])
    amount: Amount = None
    if provincial is not None and national is not None:
        amount = min(10 * WAN * provincial, 30 * WAN) + min(20 * WAN * national, 60 * WAN)
    listed = some(at_least(provincial, 1), at_least(national, 1))
    return settle(f, [pilot(f), (listed, keys)], amount, keys, EXACT)


def clause_6(f: Facts, both: str) -> Outcome:
    """（六）: 50万 for a provincial demonstration factory, 100万 for a national one."""
    keys = ("enterprise.provincial_demo_factory", "enterprise.national_demo_factory")
    provincial, national = f.flag(keys[0]), f.flag(keys[1])
    needs: tuple[str, ...] = keys
    if both == "both":
        amount = plus(when(provincial, 50), when(national, 100))
    elif both == "highest":
        if national is None:
            amount, needs = None, (keys[1],)
        else:
            amount = 100 * WAN if national else when(provincial, 50)
    else:
        raise ValueError(both)
    return settle(f, [pilot(f), (some(provincial, national), keys)], amount, needs, EXACT)


def pilot_bonus(f: Facts, key: str) -> Outcome:
    """（七）, （八）: 10万 on top of what the province gives."""
    return settle(f, [pilot(f), must(f, key)], 10 * WAN, (), EXACT)


def clause_9_first(f: Facts) -> Outcome:
    """（九）, first recognised: little giant 50万, provincial specialised 10万."""
    keys = ("enterprise.little_giant", "enterprise.specialised_sme")
    giant, specialised = is_one(f.text(keys[0]), "first"), is_one(f.text(keys[1]), "first")
    amount = plus(when(giant, 50), when(specialised, 10))
    return settle(f, [pilot(f), (some(giant, specialised), keys)], amount, keys, EXACT)


def clause_9_again(f: Facts) -> Outcome:
    """（九）, reviewed or recognised again: 5万 for the enterprise, once."""
    keys = ("enterprise.little_giant", "enterprise.specialised_sme")
    again = some(is_one(f.text(keys[0]), "renewed"), is_one(f.text(keys[1]), "renewed"))
    return settle(f, [pilot(f), (again, keys)], 5 * WAN, (), EXACT)


def clause_10(f: Facts) -> Outcome:
    """（十）: chain leaders, leading firms and vendors whose chain transformation works, 30万."""
    conditions = [must(f, "enterprise.chain_award")]
    return settle(f, conditions, 30 * WAN, (), AT_MOST, None, "chain_leader")


def clause_11(f: Facts) -> Outcome:
    """（十一）: 10万 for each excellent AI scene of the city."""
    key = "enterprise.city_ai_scenes"
    scenes = f.count(key)
    amount = None if scenes is None else scenes * 10 * WAN
    return settle(f, [(at_least(scenes, 1), (key,))], amount, (key,), EXACT)


def clause_12(f: Facts) -> Outcome:
    """（十二）: 5 % of a listed AI product that is in real use, at most 10万."""
    key = "project.ai_product_spend"
    spend = f.money(key)
    amount = None if spend is None else min(spend * 5 / 100, Fraction(10 * WAN))
    conditions = [
        pilot(f),
        must(f, "project.ai_product_listed"),
        must(f, "project.ai_product_in_use"),
    ]
    return settle(f, conditions, amount, (key,), AT_MOST)


def clause_13(f: Facts) -> Outcome:
    """（十三）: 30 % of an industrial design contract in production, at most 30万, no voucher."""
    key, voucher = "project.design_contract_spend", "project.design_voucher_used"
    spend = f.money(key)
    amount = None if spend is None else min(spend * 30 / 100, Fraction(30 * WAN))
    conditions = [
        pilot(f),
        must(f, "project.design_in_production"),
        (negate(f.flag(voucher)), (voucher,)),
    ]
    return settle(f, conditions, amount, (key,), AT_MOST)


def clause_14_laboratory(f: Facts) -> Outcome:
    """（十四）: newly recognised key laboratory."""
    return one_of(f, "enterprise.key_lab", {"provincial": 50, "national": 150})


def clause_14_centre(f: Facts) -> Outcome:
    """（十四）: newly recognised enterprise technology centre."""
    grades = {"city": 30, "provincial": 80, "national": 150}
    return one_of(f, "enterprise.tech_centre", grades)


def clause_15(f: Facts) -> Outcome:
    """（十五）: industrial design centre; the two higher grades only make up the difference."""
    key, received_key = "enterprise.design_centre", "enterprise.design_centre_received"
    grade, received = f.text(key), f.money(received_key)
    amount: Amount = None
    needs: tuple[str, ...] = (key,)
    if grade == "none":
        amount = 0
    elif grade == "city":
        amount = 20 * WAN
    elif grade in ("provincial", "national"):
        needs = (received_key,)
        if received is not None:
            whole = 30 * WAN if grade == "provincial" else 50 * WAN
            amount = max(whole - received, Fraction(0))
    granted = None if grade is None else grade != "none"
    return settle(f, [(granted, (key,))], amount, needs, EXACT)


def clause_16(f: Facts) -> Outcome:
    """（十六）: research institute of class A or B."""
    return one_of(f, "enterprise.research_institute", {"class_a": 50, "class_b": 20})


def clause_17(f: Facts) -> Outcome:
    """（十七）: 5G innovation centre."""
    return one_of(f, "enterprise.centre_5g", {"provincial": 50, "national": 100})


def clause_18(f: Facts) -> Outcome:
    """（十八）: high-tech enterprise with more than 300万 or 2000万 last year."""
    key, revenue_key = "enterprise.high_tech", "enterprise.revenue_last_year"
    kind, revenue = f.text(key), f.money(revenue_key)
    amount: Amount = None
    needs: tuple[str, ...] = (key,)
    if kind == "none":
        amount = 0
    elif kind == "renewed":
        amount = 10 * WAN
    elif kind == "first":
        needs = (revenue_key,)
        if revenue is not None:
            amount = 40 * WAN if revenue > 2000 * WAN else 20 * WAN
    conditions: list[Condition] = [
        (is_one(kind, "first", "renewed"), (key,)),
        (more_than(revenue, 300 * WAN), (revenue_key,)),
    ]
    return settle(f, conditions, amount, needs, EXACT, half_and_half)


def clause_19(f: Facts) -> Outcome:
    """（十九）: 30 % of bought technology services, at most 50万 a year."""
    key = "enterprise.tech_service_spend_this_year"
    spend = f.money(key)
    amount = None if spend is None else min(spend * 30 / 100, Fraction(50 * WAN))
    fit = every(f.flag("enterprise.is_sme"), f.flag("enterprise.tech_service_eligible"))
    keys = ("enterprise.is_sme", "enterprise.tech_service_eligible")
    return settle(f, [(fit, keys)], amount, (key,), AT_MOST)


def clause_21(f: Facts) -> Outcome:
    """（二十一）: each event on the city's plan at most 50万, to the county."""
    key = "county.listed_events"
    events = f.count(key)
    amount = None if events is None else events * 50 * WAN
    return settle(f, [(at_least(events, 1), (key,))], amount, (key,), AT_MOST, None, "county")

"""泉州市推动中小企业数字化转型试点城市工作若干措施（征求意见稿）: all clauses, and stacking.

（一）–（四） are here; the bonuses and （十二）–（二十一） are in `quanzhou_more`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from tests.oracle import quanzhou_more as more
from tests.oracle.base import (
    AT_MOST,
    WAN,
    Condition,
    Facts,
    OracleResult,
    Outcome,
    at_least,
    counted,
    more_than,
    settle,
)

PILOT = "enterprise.is_pilot"

SUBSIDIES = ("1", "2", "3", "4", "12", "13")


def three_one_one(fen: int) -> dict[str, int]:
    """中央、市、县 3:1:1; the fen that cannot be divided go to the first."""
    fifth = fen // 5
    return {"central": fen - 2 * fifth, "city": fifth, "county": fifth}


def clause_1(f: Facts) -> Outcome:
    """（一）: half of the spend on software, cloud and gateways, capped by the level reached."""
    level_key, spend_key = "project.level_after", "project.eligible_spend"
    level, spend = f.count(level_key), f.money(spend_key)
    amount: Fraction | None = None
    if level is not None and spend is not None:
        if level == 2:
            cap = 20 * WAN
        elif level == 3:
            cap = 30 * WAN
        elif level == 4:
            cap = 50 * WAN
        else:
            cap = 0
        amount = min(spend * 50 / 100, Fraction(cap))
    conditions: list[Condition] = [
        (f.flag(PILOT), (PILOT,)),
        (at_least(level, 2), (level_key,)),
    ]
    return settle(f, conditions, amount, (spend_key, level_key), AT_MOST, three_one_one)


def clause_2(f: Facts) -> Outcome:
    """（二）: yearly cloud fee above 5万, 30 % of it, at most 10万."""
    key = "enterprise.annual_cloud_fee"
    fee = f.money(key)
    amount = None if fee is None else min(fee * 30 / 100, Fraction(10 * WAN))
    conditions: list[Condition] = [
        (f.flag(PILOT), (PILOT,)),
        (more_than(fee, 5 * WAN), (key,)),
    ]
    return settle(f, conditions, amount, (key,), AT_MOST)


def clause_3(f: Facts) -> Outcome:
    """（三）: equipment by the county's rate; the city's part is capped."""
    invested_key, rate_key = "project.equipment_investment", "county.tech_upgrade_rate"
    class_key = "enterprise.leader_class"
    invested, rate, leader = f.money(invested_key), f.ratio(rate_key), f.text(class_key)
    amount: Fraction | None = None
    if invested is not None and rate is not None and leader is not None:
        cap = {"none": 200, "city_leader": 250, "standard_park": 500}[leader] * WAN
        amount = min(invested * rate, Fraction(cap))
    needs = (invested_key, rate_key, class_key)
    return settle(f, [(f.flag(PILOT), (PILOT,))], amount, needs, AT_MOST)


def clause_4(f: Facts, park_demo: str) -> Outcome:
    """（四）: an enterprise in a park, 10 % of hardware and software, at most 100万 a project."""
    park, invested_key = "enterprise.in_park", "project.it_investment"
    demo = "project.industrial_internet_demo"
    conditions: list[Condition] = [(f.flag(park), (park,))]
    if park_demo == "required":
        conditions.append((f.flag(demo), (demo,)))
    elif park_demo != "not_required":
        raise ValueError(park_demo)
    invested = f.money(invested_key)
    amount = None if invested is None else min(invested * 10 / 100, Fraction(100 * WAN))
    return settle(f, conditions, amount, (invested_key,), AT_MOST, more.half_and_half)


def decide(facts: Mapping[str, object], as_of: date, readings: Mapping[str, str]) -> OracleResult:
    """（一） to （二十一）, then （二十五） to （二十七）; the day does not matter here."""
    f = Facts(facts)
    clauses = {
        "1": clause_1(f),
        "2": clause_2(f),
        "3": clause_3(f),
        "4": clause_4(f, readings.get("park_demo", "not_required")),
        "5": more.clause_5(f),
        "6": more.clause_6(f, readings.get("demo_factory_both", "both")),
        "7": more.pilot_bonus(f, "enterprise.new_mode_benchmark"),
        "8": more.pilot_bonus(f, "enterprise.factory_5g"),
        "9-1": more.clause_9_first(f),
        "9-2": more.clause_9_again(f),
        "10": more.clause_10(f),
        "11": more.clause_11(f),
        "12": more.clause_12(f),
        "13": more.clause_13(f),
        "14-1": more.clause_14_laboratory(f),
        "14-2": more.clause_14_centre(f),
        "15": more.clause_15(f),
        "16": more.clause_16(f),
        "17": more.clause_17(f),
        "18": more.clause_18(f),
        "19": more.clause_19(f),
        "21": more.clause_21(f),
    }

    def total(hopeful: bool) -> int:
        # （二十五）: of the subsidies for one project the highest; everything else adds up.
        subsidies = [counted(clauses[name], hopeful) for name in SUBSIDIES]
        others = [counted(clauses[name], hopeful) for name in clauses if name not in SUBSIDIES]
        return max(subsidies) + sum(others)

    return OracleResult(clauses, total(False), total(True))

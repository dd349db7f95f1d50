"""泉州: facts, thresholds and the base from which each clause's boundaries are walked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from random import Random

from tests.oracle.domain import (
    LARGEST,
    WAN,
    Corner,
    Count,
    Facts,
    Field,
    Money,
    Name,
    Place,
    Ratio,
    met_at,
    no,
    yes,
    yuan,
)

PILOT = "enterprise.is_pilot"
GRADES = ("none", "provincial", "national")
RENEWAL = ("none", "first", "renewed")

FIELDS: dict[str, Field] = {
    **yes(PILOT, "enterprise.in_park", "project.industrial_internet_demo"),
    **yes("enterprise.provincial_demo_factory", "enterprise.national_demo_factory"),
    **yes("enterprise.new_mode_benchmark", "enterprise.factory_5g", "enterprise.chain_award"),
    **yes("project.ai_product_listed", "project.ai_product_in_use"),
    **yes("project.design_in_production", "enterprise.is_sme", "enterprise.tech_service_eligible"),
    **no("project.design_voucher_used"),
    "project.level_after": Count(0, 4),
    "project.eligible_spend": Money((40 * WAN, 60 * WAN, 80 * WAN, 100 * WAN)),
    "enterprise.annual_cloud_fee": Money((5 * WAN, *met_at(10 * WAN, 3, 10), 40 * WAN)),
    "project.equipment_investment": Money((1000 * WAN, 2000 * WAN, 2500 * WAN, 5000 * WAN)),
    "county.tech_upgrade_rate": Ratio((0, 333, 1000, 10_000)),
    "enterprise.leader_class": Name(("none", "city_leader", "standard_park")),
    "project.it_investment": Money((500 * WAN, 1000 * WAN)),
    "enterprise.provincial_scenes": Count(0, 5),
    "enterprise.national_scenes": Count(0, 5),
    "enterprise.little_giant": Name(RENEWAL),
    "enterprise.specialised_sme": Name(RENEWAL),
    "enterprise.city_ai_scenes": Count(0, 4),
    "project.ai_product_spend": Money((200 * WAN,)),
    "project.design_contract_spend": Money((100 * WAN,)),
    "enterprise.key_lab": Name(GRADES),
    "enterprise.tech_centre": Name(("none", "city", "provincial", "national")),
    "enterprise.design_centre": Name(("none", "city", "provincial", "national")),
    "enterprise.design_centre_received": Money((20 * WAN, 30 * WAN, 50 * WAN), 10_000 * WAN),
    "enterprise.research_institute": Name(("none", "class_a", "class_b")),
    "enterprise.centre_5g": Name(GRADES),
    "enterprise.high_tech": Name(RENEWAL),
    "enterprise.revenue_last_year": Money((300 * WAN, 2000 * WAN)),
    "enterprise.tech_service_spend_this_year": Money(met_at(50 * WAN, 3, 10)),
    "county.listed_events": Count(0, 3),
}

BASES: dict[str, Facts] = {
    "1": {PILOT: True, "project.level_after": 3, "project.eligible_spend": "800000"},
    "2": {PILOT: True, "enterprise.annual_cloud_fee": "60000"},
    "3": {
        PILOT: True,
        "project.equipment_investment": "10000000",
        "county.tech_upgrade_rate": "10%",
        "enterprise.leader_class": "none",
    },
    "4": {
        "enterprise.in_park": True,
        "project.it_investment": "1234567.89",
        "project.industrial_internet_demo": True,
    },
    "5": {PILOT: True, "enterprise.provincial_scenes": 2, "enterprise.national_scenes": 1},
    "6": {
        PILOT: True,
        "enterprise.provincial_demo_factory": True,
        "enterprise.national_demo_factory": True,
    },
    "7": {PILOT: True, "enterprise.new_mode_benchmark": True},
    "8": {PILOT: True, "enterprise.factory_5g": True},
    "9": {
        PILOT: True,
        "enterprise.little_giant": "first",
        "enterprise.specialised_sme": "renewed",
    },
    "10": {"enterprise.chain_award": True},
    "11": {"enterprise.city_ai_scenes": 2},
    "12": {
        PILOT: True,
        "project.ai_product_listed": True,
        "project.ai_product_in_use": True,
        "project.ai_product_spend": "100000.19",
    },
    "13": {
        PILOT: True,
        "project.design_in_production": True,
        "project.design_voucher_used": False,
        "project.design_contract_spend": "200000.01",
    },
    "14-1": {"enterprise.key_lab": "provincial"},
    "14-2": {"enterprise.tech_centre": "city"},
    "15": {
        "enterprise.design_centre": "provincial",
        "enterprise.design_centre_received": "200000",
    },
    "16": {"enterprise.research_institute": "class_a"},
    "17": {"enterprise.centre_5g": "national"},
    "18": {"enterprise.high_tech": "first", "enterprise.revenue_last_year": "3000000.01"},
    "19": {
        "enterprise.is_sme": True,
        "enterprise.tech_service_eligible": True,
        "enterprise.tech_service_spend_this_year": "333333.33",
    },
    "21": {"county.listed_events": 1},
}

CAPS = {"none": 200 * WAN, "city_leader": 250 * WAN, "standard_park": 500 * WAN}


def entangle(rng: Random, facts: Facts, as_of: date) -> None:
    """Equipment at the fen where rate × equipment meets its ceiling; a tie among subsidies."""
    rate, leader = facts.get("county.tech_upgrade_rate"), facts.get("enterprise.leader_class")
    if isinstance(rate, str) and isinstance(leader, str) and rng.random() < 0.5:
        share = round(float(rate[:-1]) * 100)
        if share > 0 and facts.get("project.equipment_investment") is not None:
            fen = CAPS[leader] * 10_000 // share + rng.choice((-1, 0, 1))
            facts["project.equipment_investment"] = yuan(min(fen, LARGEST))
    fee = facts.get("enterprise.annual_cloud_fee")
    if fee is not None and rng.random() < 0.1:
        # 30 % of 20万 = 50 % of 12万 = 5 % of 120万 = 6万
        facts["enterprise.annual_cloud_fee"] = "200000"
        facts["project.eligible_spend"] = "120000"
        facts["project.ai_product_spend"] = "1200000"


def corners() -> Iterator[Corner]:
    """Everything at once, with the subsidies one fen apart and each of them unknown in turn."""
    day = date(2026, 1, 1)
    whole: Facts = {}
    for base in BASES.values():
        whole.update(base)
    yield day, whole
    yield day, {}
    for key in whole:
        yield day, {other: value for other, value in whole.items() if other != key}
    spends = ("project.eligible_spend", "enterprise.annual_cloud_fee", "project.it_investment")
    # 50 %, 30 % and 10 % of these are all 9万; ±2 fen breaks the tie on either side.
    ties = (18 * WAN, 30 * WAN, 90 * WAN)
    for steps in product((-20, 0, 20), repeat=3):
        moved = {key: yuan(tie + step) for key, tie, step in zip(spends, ties, steps, strict=True)}
        only = {PILOT: True, "project.level_after": 2, "enterprise.in_park": True, **moved}
        yield day, only
        for unknown in (PILOT, "enterprise.in_park", "project.level_after"):
            yield day, {key: value for key, value in only.items() if key != unknown}


QUANZHOU = Place(
    FIELDS,
    {"park_demo": ("not_required", "required"), "demo_factory_both": ("both", "highest")},
    ("4", "6"),
    BASES,
    entangle,
    corners,
)

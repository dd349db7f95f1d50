"""The reference: the clauses row by row, as a clerk would do them with the documents on the desk.

Nothing here is optimised or shared with an engine. Amounts are whole fen and rates are fractions
written as the documents write them; `a * 60 // 100` is 60 % of a, rounded down to the fen.
"""

from datetime import date

from benchmarks.data import Row

WAN = 10_000 * 100  # one 万元 in fen
FIRST_STAGE_ENDS = (date(2025, 5, 31) - date(1970, 1, 1)).days


def decide(row: Row) -> dict[str, int]:
    paid = {
        "qz_1": qz_1(row),
        "qz_2": qz_2(row),
        "qz_3": qz_3(row),
        "qz_4": qz_4(row),
        "qz_5": qz_5(row),
        "qz_18": qz_18(row),
        "zn_1": zn_1(row),
        "py_7_1": py_7_1(row),
        "hs": hs(row),
    }
    paid["qz_total"] = qz_total(paid)
    paid.update(qz1_shares(paid["qz_1"]))
    return paid


def qz_1(row: Row) -> int:
    if not row["enterprise.is_pilot"]:
        return 0
    level = row["project.level_after"]
    if level < 2:
        return 0
    cap = {2: 20 * WAN, 3: 30 * WAN, 4: 50 * WAN}[level]
    return min(row["project.eligible_spend"] * 50 // 100, cap)


def qz_2(row: Row) -> int:
    fee = row["enterprise.annual_cloud_fee"]
    if not row["enterprise.is_pilot"] or fee <= 5 * WAN:
        return 0
    return min(fee * 30 // 100, 10 * WAN)


def qz_3(row: Row) -> int:
    if not row["enterprise.is_pilot"]:
        return 0
    cap = (200 * WAN, 250 * WAN, 500 * WAN)[row["enterprise.leader_class"]]
    investment = row["project.equipment_investment"]
    return min(investment * row["county.tech_upgrade_rate_bp"] // 10_000, cap)


def qz_4(row: Row) -> int:
    if not row["enterprise.in_park"]:
        return 0
    return min(row["project.it_investment"] * 10 // 100, 100 * WAN)


def qz_5(row: Row) -> int:
    if not row["enterprise.is_pilot"]:
        return 0
    provincial = min(row["enterprise.provincial_scenes"] * 10 * WAN, 30 * WAN)
    national = min(row["enterprise.national_scenes"] * 20 * WAN, 60 * WAN)
    return provincial + national


def qz_18(row: Row) -> int:
    revenue = row["enterprise.revenue_last_year"]
    if row["enterprise.high_tech"] == 1:
        if revenue > 2000 * WAN:
            return 40 * WAN
        if revenue > 300 * WAN:
            return 20 * WAN
        return 0
    if row["enterprise.high_tech"] == 2 and revenue > 300 * WAN:
        return 10 * WAN
    return 0


def zn_1(row: Row) -> int:
    before, after = row["project.level_before"], row["project.level_after"]
    if not ((before < 2 and after >= 2) or (before == 2 and after >= 3)):
        return 0
    # All in hundredths of a fen: 30 % of the project is then a whole number.
    invested = 100 * row["project.invested"]
    hardware_allowed = 30 * row["project.invested"]
    too_much = max(0, 100 * row["project.hardware_spend"] - hardware_allowed)
    base = invested - too_much
    if row["project.batch"] == 1:
        return min(base * 60 // (100 * 100), 50 * WAN)
    return min(base * 55 // (100 * 100), 45 * WAN)


def py_7_1(row: Row) -> int:
    if not row["project.accepted"]:
        return 0
    before, after = row["project.level_before"], row["project.level_after"]
    if not ((before < 2 and after >= 2) or (before >= 2 and after >= 3)):
        return 0
    return min(row["project.invested"] * 50 // 100, 40 * WAN)


def hs(row: Row) -> int:
    if not row["project.accepted"]:
        return 0
    in_time = row["project.acceptance_applied_on"] <= FIRST_STAGE_ENDS
    if in_time and row["project.passed_first_time"]:
        return min(row["project.invested"] * 70 // 100, 50 * WAN)
    return min(row["project.invested"] * 60 // 100, 45 * WAN)


def qz_total(paid: dict[str, int]) -> int:
    subsidy = max(paid["qz_1"], paid["qz_2"], paid["qz_3"], paid["qz_4"])
    return subsidy + paid["qz_5"] + paid["qz_18"]


def qz1_shares(paid: int) -> dict[str, int]:
    city = paid // 5
    county = paid // 5
    return {"qz1_central": paid - city - county, "qz1_city": city, "qz1_county": county}

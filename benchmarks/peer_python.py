"""Plain Python: one function, a dictionary of facts in, a dictionary of amounts out."""

from collections.abc import Sequence

import numpy as np

from benchmarks.data import Columns, Row, as_rows
from benchmarks.engines import BulkMode, CaseMode, same
from benchmarks.workload import HS_LAST_DAY, OUTPUTS


def decide(row: Row) -> dict[str, int]:
    before, after = row["project.level_before"], row["project.level_after"]
    qz_1 = qz_2 = qz_3 = qz_4 = qz_5 = qz_18 = zn_1 = py_7_1 = hs = 0
    if row["enterprise.is_pilot"]:
        if after >= 2:
            cap = 20_000_000 if after == 2 else 30_000_000 if after == 3 else 50_000_000
            half = row["project.eligible_spend"] // 2
            qz_1 = half if half < cap else cap
        fee = row["enterprise.annual_cloud_fee"]
        if fee > 5_000_000:
            qz_2 = fee * 3 // 10 if fee < 33_333_334 else 10_000_000
        leader = row["enterprise.leader_class"]
        cap = 200_000_000 if leader == 0 else 250_000_000 if leader == 1 else 500_000_000
        part = row["project.equipment_investment"] * row["county.tech_upgrade_rate_bp"] // 10_000
        qz_3 = part if part < cap else cap
        scenes = row["enterprise.provincial_scenes"]
        qz_5 = 10_000_000 * scenes if scenes < 3 else 30_000_000
        scenes = row["enterprise.national_scenes"]
        qz_5 += 20_000_000 * scenes if scenes < 3 else 60_000_000
    if row["enterprise.in_park"]:
        investment = row["project.it_investment"]
        qz_4 = investment // 10 if investment < 1_000_000_000 else 100_000_000
    high_tech = row["enterprise.high_tech"]
    if high_tech:
        revenue = row["enterprise.revenue_last_year"]
        if revenue > 300_000_000:
            first = 40_000_000 if revenue > 2_000_000_000 else 20_000_000
            qz_18 = first if high_tech == 1 else 10_000_000
    invested = row["project.invested"]
    if (after >= 2) if before < 2 else (before == 2 and after >= 3):
        base_tenths = 10 * invested
        over = 10 * row["project.hardware_spend"] - 3 * invested
        if over > 0:
            base_tenths -= over
        if row["project.batch"] == 1:
            zn_1 = min(base_tenths * 3 // 50, 50_000_000)
        else:
            zn_1 = min(base_tenths * 11 // 200, 45_000_000)
    if row["project.accepted"]:
        if after >= (2 if before < 2 else 3):
            py_7_1 = invested // 2 if invested < 80_000_000 else 40_000_000
        if row["project.acceptance_applied_on"] <= HS_LAST_DAY and row["project.passed_first_time"]:
            hs = min(invested * 7 // 10, 50_000_000)
        else:
            hs = min(invested * 3 // 5, 45_000_000)
    fifth = qz_1 // 5
    return {
        "qz_1": qz_1,
        "qz_2": qz_2,
        "qz_3": qz_3,
        "qz_4": qz_4,
        "qz_5": qz_5,
        "qz_18": qz_18,
        "zn_1": zn_1,
        "py_7_1": py_7_1,
        "hs": hs,
        "qz_total": max(qz_1, qz_2, qz_3, qz_4) + qz_5 + qz_18,
        "qz1_central": qz_1 - 2 * fifth,
        "qz1_city": fifth,
        "qz1_county": fifth,
    }


def to_columns(answers: Sequence[dict[str, int]]) -> Columns:
    return {name: np.array([answer[name] for answer in answers], np.int64) for name in OUTPUTS}


BULK = (
    BulkMode(
        name="loop",
        prepare=as_rows,
        run=lambda rows: [decide(row) for row in rows],
        to_columns=to_columns,
    ),
)
CASE = (CaseMode(name="plain", prepare=same, run=decide, to_amounts=same),)

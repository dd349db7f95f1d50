"""NumPy: whole columns in one thread, and the same in cache-sized blocks on all cores."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.data import Columns
from benchmarks.engines import BulkMode, same
from benchmarks.workload import FEN_PER_WAN, HS_LAST_DAY, OUTPUTS

WAN = FEN_PER_WAN
# 16,384 rows: the temporaries of one clause fit the second-level cache.
BLOCK_ROWS = 16_384
_QZ_3_CAPS = np.array([200 * WAN, 250 * WAN, 500 * WAN])
_QZ_1_CAPS = np.array([0, 0, 20 * WAN, 30 * WAN, 50 * WAN])


def decide(c: Columns) -> Columns:
    out = _quanzhou(c) | _ningxia(c)
    subsidy = np.maximum(np.maximum(out["qz_1"], out["qz_2"]), out["qz_3"])
    out["qz_total"] = np.maximum(subsidy, out["qz_4"]) + out["qz_5"] + out["qz_18"]
    out["qz1_city"] = out["qz_1"] // 5
    out["qz1_county"] = out["qz1_city"].copy()
    out["qz1_central"] = out["qz_1"] - 2 * out["qz1_city"]
    return out


def _quanzhou(c: Columns) -> Columns:
    pilot = c["enterprise.is_pilot"]
    # Levels 0 and 1 have a cap of nothing, which is their gate.
    tier = _QZ_1_CAPS[c["project.level_after"]]
    fee = c["enterprise.annual_cloud_fee"]
    equipment = c["project.equipment_investment"] * c["county.tech_upgrade_rate_bp"] // 10_000
    reach = _QZ_3_CAPS[c["enterprise.leader_class"]]
    provincial = np.minimum(c["enterprise.provincial_scenes"], 3).astype(np.int64)
    national = np.minimum(c["enterprise.national_scenes"], 3).astype(np.int64)
    revenue = c["enterprise.revenue_last_year"]
    above = (revenue > 300 * WAN).astype(np.int64)
    first = above + (revenue > 2_000 * WAN)
    high_tech = c["enterprise.high_tech"]
    return {
        "qz_1": pilot * np.minimum(c["project.eligible_spend"] // 2, tier),
        "qz_2": (pilot & (fee > 5 * WAN)) * np.minimum(fee * 3 // 10, 10 * WAN),
        "qz_3": pilot * np.minimum(equipment, reach),
        "qz_4": c["enterprise.in_park"] * np.minimum(c["project.it_investment"] // 10, 100 * WAN),
        "qz_5": pilot * (provincial * (10 * WAN) + national * (20 * WAN)),
        "qz_18": (high_tech == 1) * first * (20 * WAN) + (high_tech == 2) * above * (10 * WAN),
    }


def _ningxia(c: Columns) -> Columns:
    before, after = c["project.level_before"], c["project.level_after"]
    invested, accepted = c["project.invested"], c["project.accepted"]
    base_tenths = np.minimum(10 * invested, 13 * invested - 10 * c["project.hardware_spend"])
    up_to_two = (before < 2) & (after >= 2)
    to_three = after >= 3
    first_stage = c["project.passed_first_time"] & (
        c["project.acceptance_applied_on"] <= HS_LAST_DAY
    )
    zn = np.where(
        c["project.batch"] == 1,
        np.minimum(base_tenths * 3 // 50, 50 * WAN),
        np.minimum(base_tenths * 11 // 200, 45 * WAN),
    )
    hs = np.where(
        first_stage,
        np.minimum(invested * 7 // 10, 50 * WAN),
        np.minimum(invested * 3 // 5, 45 * WAN),
    )
    return {
        "zn_1": (up_to_two | ((before == 2) & to_three)) * zn,
        "py_7_1": (accepted & (up_to_two | ((before >= 2) & to_three)))
        * np.minimum(invested // 2, 40 * WAN),
        "hs": accepted * hs,
    }


_POOL = ThreadPoolExecutor(os.cpu_count())


def _decide_blocks(columns: Columns) -> Columns:
    rows = len(columns["enterprise.is_pilot"])
    out = {name: np.empty(rows, np.int64) for name in OUTPUTS}

    def block(start: int) -> None:
        part = slice(start, start + BLOCK_ROWS)
        for name, values in decide({key: column[part] for key, column in columns.items()}).items():
            out[name][part] = values

    # NumPy releases the interpreter lock inside each operation.
    list(_POOL.map(block, range(0, rows, BLOCK_ROWS)))
    return out


BULK = (
    BulkMode(name="whole", prepare=same, run=decide, to_columns=same),
    BulkMode(name="blocks", prepare=same, run=_decide_blocks, to_columns=same),
)

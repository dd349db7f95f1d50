"""The work that every engine of the benchmark has to do, fixed once: columns in, columns out.

Eleven pieces of four policy documents. `CLAUSES` says what each output column holds and is the
text that counts; `reference.py` is its straight-line reading row by row, and `peer_*.py` are the
engines that are compared on it.

Units: money in fen (int64), dates in days since 1970-01-01 (int32), levels 0 to 4 (int8), rates in
1/10000. Nothing is unknown in these columns, and hardware is never more than the whole project;
unknown facts are a matter of the engine's own tests.

Rounding: "不超过 x%" is paid at x%. Each clause is an exact rational number of fen that is rounded
down once, after all its percentages have been applied. Caps are whole yuan.

Readings taken where the documents are open:

* ZN, "其中硬件占比不超过试点项目总价的 30%": what is above 30 % is trimmed from the base.
* HS, "2025年5月底前": 31 May counts. Who applied before, but did not pass first time, is paid as
  second stage, because the document asks both of the first.
* QZ (三): the city's part only, at the county's rate.
* QZ (二十五): everything concerns one project, so of (一) to (四) the largest counts.
"""

from typing import Final

import numpy as np

# 100亿元, above any SME; every product of the clauses fits int64 a thousand times over.
MONEY_MAX_FEN: Final = 10**12
FEN_PER_WAN: Final = 1_000_000
# 2025-05-31, the last day of the first stage in Hongsibu.
HS_LAST_DAY: Final = 20239

LEADER_NONE: Final = 0  # 普通企业
LEADER_CITY: Final = 1  # 市级产业龙头
LEADER_STANDARD_PARK: Final = 2  # 标准化园区入园
HIGH_TECH_NONE: Final = 0
HIGH_TECH_FIRST: Final = 1  # 首次认定
HIGH_TECH_RENEWED: Final = 2  # 重新认定

# Fact key to column type. The order is the order in which rows and columns are written everywhere.
FACTS: Final[dict[str, np.dtype]] = {
    "enterprise.is_pilot": np.dtype(np.bool_),
    "project.eligible_spend": np.dtype(np.int64),
    "project.level_after": np.dtype(np.int8),
    "enterprise.annual_cloud_fee": np.dtype(np.int64),
    "project.equipment_investment": np.dtype(np.int64),
    "county.tech_upgrade_rate_bp": np.dtype(np.int16),
    "enterprise.leader_class": np.dtype(np.int8),
    "enterprise.in_park": np.dtype(np.bool_),
    "project.it_investment": np.dtype(np.int64),
    "enterprise.provincial_scenes": np.dtype(np.int16),
    "enterprise.national_scenes": np.dtype(np.int16),
    "enterprise.high_tech": np.dtype(np.int8),
    "enterprise.revenue_last_year": np.dtype(np.int64),
    "project.batch": np.dtype(np.int8),
    "project.level_before": np.dtype(np.int8),
    "project.invested": np.dtype(np.int64),
    "project.hardware_spend": np.dtype(np.int64),
    "project.acceptance_applied_on": np.dtype(np.int32),
    "project.passed_first_time": np.dtype(np.bool_),
    "project.accepted": np.dtype(np.bool_),
}

# Output column to its meaning. 万 is 万元; every amount is 0 where its gate is not met.
CLAUSES: Final[dict[str, str]] = {
    "qz_1": """QZ 一(一) 数字化改造补助. Gate: is_pilot and level_after >= 2. Amount: 50 % of
        eligible_spend, at most 20万 at level 2, 30万 at level 3, 50万 at level 4.""",
    "qz_2": """QZ 一(二) 上云补助. Gate: is_pilot and annual_cloud_fee > 5万 (exactly 5万 is not
        above). Amount: 30 % of the fee, at most 10万.""",
    "qz_3": """QZ 一(三) 技术改造补助. Gate: is_pilot. Amount: equipment_investment x the county's
        rate, at most 200万; 250万 for 市级产业龙头; 500万 in a 标准化园区.""",
    "qz_4": """QZ 一(四) 园区企业补助. Gate: in_park. Amount: 10 % of it_investment, at most
        100万.""",
    "qz_5": """QZ 二(五) 智能制造优秀场景. Gate: is_pilot. Amount: 10万 x provincial_scenes, at most
        30万, plus 20万 x national_scenes, at most 60万.""",
    "qz_18": """QZ 四(十八) 高新技术企业. First recognition: 40万 if revenue > 2000万, 20万 if
        revenue > 300万. Renewed: 10万 if revenue > 300万. The limits themselves are not above.""",
    "zn_1": """ZN 一(一) 分批投入补助. Gate: level_before < 2 and level_after >= 2, or level_before
        = 2 and level_after >= 3. Base: invested - max(0, hardware_spend - 30 % of invested).
        Amount: batch 1 60 % of the base, at most 50万; batch 2 55 %, at most 45万.""",
    "py_7_1": """PY 办法第七条(一). Gate: accepted, and level_before < 2 and level_after >= 2, or
        level_before >= 2 and level_after >= 3. Amount: 50 % of invested, at most 40万.""",
    "hs": """HS 二(二)4. Gate: accepted. Amount: applied on or before 2025-05-31 and passed first
        time 70 % of invested, at most 50万; otherwise 60 %, at most 45万.""",
    "qz_total": """QZ 六(二十五)-(二十七). The largest of (一) to (四), plus (五), plus (十八).""",
    "qz1_central": """QZ 一(一), 中央:市:县 3:1:1. What city and county leave, so that no fen is
        lost.""",
    "qz1_city": """A fifth of qz_1, rounded down.""",
    "qz1_county": """A fifth of qz_1, rounded down.""",
}
OUTPUTS: Final = tuple(CLAUSES)
# What "decisions per second" multiplies rows by: nine clauses, the stacking, the split.
CLAUSES_PER_ROW: Final = 11

"""OpenFisca-core, with its integers widened to 64 bits.

As shipped, an OpenFisca `int` is int32 and a `float` is float32: amounts in fen then wrap or lose
digits silently (more than a third of company totals were wrong when this was measured). To compare
speed and not errors, `int` is patched to int64 before any variable is declared. Nothing else is
changed. Columns are handed over as int64 already, so that no conversion is timed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder  # type: ignore[import-untyped]
from openfisca_core.taxbenefitsystems import TaxBenefitSystem  # type: ignore[import-untyped]
from openfisca_core.variables import Variable  # type: ignore[import-untyped]
from openfisca_core.variables.config import VALUE_TYPES  # type: ignore[import-untyped]

from benchmarks.data import Columns, Row
from benchmarks.engines import BulkMode, CaseMode
from benchmarks.workload import FACTS, FEN_PER_WAN, HS_LAST_DAY, OUTPUTS

VALUE_TYPES[int]["dtype"] = np.int64

WAN = FEN_PER_WAN
PERIOD = "2025"
COMPANY = build_entity(key="company", plural="companies", label="", is_person=True)


def _name(fact: str) -> str:
    return fact.replace(".", "_")


def qz_1(company: Any, period: Any) -> Any:
    level = company("project_level_after", period)
    cap = np.where(level == 2, 20 * WAN, np.where(level == 3, 30 * WAN, 50 * WAN))
    half = company("project_eligible_spend", period) // 2
    return company("enterprise_is_pilot", period) * (level >= 2) * np.minimum(half, cap)


def qz_2(company: Any, period: Any) -> Any:
    fee = company("enterprise_annual_cloud_fee", period)
    gate = company("enterprise_is_pilot", period) & (fee > 5 * WAN)
    return gate * np.minimum(fee * 3 // 10, 10 * WAN)


def qz_3(company: Any, period: Any) -> Any:
    leader = company("enterprise_leader_class", period)
    cap = np.array([200 * WAN, 250 * WAN, 500 * WAN])[leader]
    rate_bp = company("county_tech_upgrade_rate_bp", period)
    part = company("project_equipment_investment", period) * rate_bp // 10_000
    return company("enterprise_is_pilot", period) * np.minimum(part, cap)


def qz_4(company: Any, period: Any) -> Any:
    tenth = company("project_it_investment", period) // 10
    return company("enterprise_in_park", period) * np.minimum(tenth, 100 * WAN)


def qz_5(company: Any, period: Any) -> Any:
    provincial = np.minimum(company("enterprise_provincial_scenes", period) * 10 * WAN, 30 * WAN)
    national = np.minimum(company("enterprise_national_scenes", period) * 20 * WAN, 60 * WAN)
    return company("enterprise_is_pilot", period) * (provincial + national)


def qz_18(company: Any, period: Any) -> Any:
    high_tech = company("enterprise_high_tech", period)
    revenue = company("enterprise_revenue_last_year", period)
    tier = (revenue > 300 * WAN).astype(np.int64) + (revenue > 2_000 * WAN)
    return (high_tech == 1) * tier * (20 * WAN) + (high_tech == 2) * (tier > 0) * (10 * WAN)


def zn_1(company: Any, period: Any) -> Any:
    before = company("project_level_before", period)
    after = company("project_level_after", period)
    invested = company("project_invested", period)
    over = 10 * company("project_hardware_spend", period) - 3 * invested
    base_tenths = 10 * invested - np.maximum(over, 0)
    paid = np.where(
        company("project_batch", period) == 1,
        np.minimum(base_tenths * 3 // 50, 50 * WAN),
        np.minimum(base_tenths * 11 // 200, 45 * WAN),
    )
    return (((before < 2) & (after >= 2)) | ((before == 2) & (after >= 3))) * paid


def py_7_1(company: Any, period: Any) -> Any:
    before = company("project_level_before", period)
    after = company("project_level_after", period)
    rose = ((before < 2) & (after >= 2)) | ((before >= 2) & (after >= 3))
    half = np.minimum(company("project_invested", period) // 2, 40 * WAN)
    return company("project_accepted", period) * rose * half


def hs(company: Any, period: Any) -> Any:
    invested = company("project_invested", period)
    first_stage = (company("project_acceptance_applied_on", period) <= HS_LAST_DAY) & company(
        "project_passed_first_time", period
    )
    paid = np.where(
        first_stage,
        np.minimum(invested * 7 // 10, 50 * WAN),
        np.minimum(invested * 3 // 5, 45 * WAN),
    )
    return company("project_accepted", period) * paid


def qz_total(company: Any, period: Any) -> Any:
    subsidy = np.maximum(
        np.maximum(company("qz_1", period), company("qz_2", period)),
        np.maximum(company("qz_3", period), company("qz_4", period)),
    )
    return subsidy + company("qz_5", period) + company("qz_18", period)


def qz1_city(company: Any, period: Any) -> Any:
    return company("qz_1", period) // 5


def qz1_county(company: Any, period: Any) -> Any:
    return company("qz1_city", period)


def qz1_central(company: Any, period: Any) -> Any:
    return company("qz_1", period) - 2 * company("qz1_city", period)


FORMULAS: tuple[Callable[[Any, Any], Any], ...] = (
    qz_1,
    qz_2,
    qz_3,
    qz_4,
    qz_5,
    qz_18,
    zn_1,
    py_7_1,
    hs,
    qz_total,
    qz1_city,
    qz1_county,
    qz1_central,
)


def _variable(name: str, value_type: type, **more: Any) -> type[Variable]:
    """OpenFisca reads a variable from the attributes of a class of that name, not from bases."""
    shared = {"value_type": value_type, "entity": COMPANY, "definition_period": DateUnit.YEAR}
    return type(name, (Variable,), shared | more)


def _build_system() -> TaxBenefitSystem:
    system = TaxBenefitSystem([COMPANY])
    for fact, dtype in FACTS.items():
        system.add_variable(_variable(_name(fact), bool if dtype == np.bool_ else int))
    for formula in FORMULAS:
        system.add_variable(_variable(formula.__name__, int, formula=formula))
    return system


SYSTEM = _build_system()
Native = dict[str, np.ndarray]


def _native(columns: Columns) -> Native:
    return {
        _name(fact): column if column.dtype == np.bool_ else column.astype(np.int64)
        for fact, column in columns.items()
    }


def _calculate(native: Native, *, trace: bool = False) -> Columns:
    rows = len(native["enterprise_is_pilot"])
    simulation = SimulationBuilder().build_default_simulation(SYSTEM, rows)
    simulation.trace = trace
    for name, column in native.items():
        simulation.set_input(name, PERIOD, column)
    return {name: simulation.calculate(name, PERIOD) for name in OUTPUTS}


def _native_row(row: Row) -> Native:
    return _native({fact: np.array([row[fact]], FACTS[fact]) for fact in FACTS})


def _amounts(columns: Columns) -> dict[str, int]:
    return {name: int(column[0]) for name, column in columns.items()}


BULK = (
    BulkMode(name="int64", prepare=_native, run=_calculate, to_columns=lambda columns: columns),
)
CASE = (
    CaseMode(name="calculate", prepare=_native_row, run=_calculate, to_amounts=_amounts),
    CaseMode(
        name="calculate_trace",
        prepare=_native_row,
        run=lambda native: _calculate(native, trace=True),
        to_amounts=_amounts,
    ),
)

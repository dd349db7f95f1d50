"""zen-engine (GoRules): the clauses as one expression node of a decision model.

Measured choices, all in zen's favour: a static loader (a decision made with `create_decision` is
five times slower, as it is prepared again on each call), flat keys, ternaries instead of `min`, no
output node. Its best bulk mode is a loop node that receives many companies in one context; 1,000
at a time is faster than 10,000, so both are shown. Numbers are decimals inside, hence exact.
"""

from typing import TYPE_CHECKING, Any

from zen import ZenEngine

from benchmarks.data import Columns, Row, as_rows
from benchmarks.engines import BulkMode, CaseMode
from benchmarks.peer_python import to_columns
from benchmarks.workload import FACTS, HS_LAST_DAY, OUTPUTS

if TYPE_CHECKING:
    from zen import DecisionEvaluateOptions

TRACED: "DecisionEvaluateOptions" = {"trace": True}


def _least(amount: str, cap: str) -> str:
    return f"({amount} < {cap} ? {amount} : {cap})"


def _quanzhou() -> dict[str, str]:
    after, leader = "project_level_after", "enterprise_leader_class"
    fee, revenue = "enterprise_annual_cloud_fee", "enterprise_revenue_last_year"
    half = "floor(project_eligible_spend / 2)"
    tier = f"({after} == 2 ? 20000000 : {after} == 3 ? 30000000 : 50000000)"
    part = "floor(project_equipment_investment * county_tech_upgrade_rate_bp / 10000)"
    reach = f"({leader} == 2 ? 500000000 : {leader} == 1 ? 250000000 : 200000000)"
    provincial = _least("enterprise_provincial_scenes * 10000000", "30000000")
    national = _least("enterprise_national_scenes * 20000000", "60000000")
    high_tech = "enterprise_high_tech"
    first = f"({revenue} > 2000000000 ? 40000000 : {revenue} > 300000000 ? 20000000 : 0)"
    renewed = f"{high_tech} == 2 and {revenue} > 300000000 ? 10000000 : 0"
    tenth = _least("project_it_investment * 0.1", "100000000")
    pilot = "enterprise_is_pilot"
    return {
        "qz_1": f"{pilot} and {after} >= 2 ? {_least(half, tier)} : 0",
        "qz_2": f"{pilot} and {fee} > 5000000 ? floor({_least(f'{fee} * 0.3', '10000000')}) : 0",
        "qz_3": f"{pilot} ? {_least(part, reach)} : 0",
        "qz_4": f"enterprise_in_park ? floor({tenth}) : 0",
        "qz_5": f"{pilot} ? {provincial} + {national} : 0",
        "qz_18": f"{high_tech} == 1 ? {first} : {renewed}",
    }


def _ningxia() -> dict[str, str]:
    before, after = "project_level_before", "project_level_after"
    invested, hardware = "project_invested", "project_hardware_spend"
    up_to_two = f"{before} < 2 and {after} >= 2"
    zn_gate = f"({up_to_two} or {before} == 2 and {after} >= 3)"
    py_gate = f"({up_to_two} or {before} >= 2 and {after} >= 3)"
    batch_1 = _least("$.zn_base * 0.6", "50000000")
    batch_2 = _least("$.zn_base * 0.55", "45000000")
    early = f"project_acceptance_applied_on <= {HS_LAST_DAY} and project_passed_first_time"
    stage_1 = _least(f"{invested} * 0.7", "50000000")
    stage_2 = _least(f"{invested} * 0.6", "45000000")
    half = _least(f"{invested} * 0.5", "40000000")
    trimmed = f"{invested} * 1.3 - {hardware}"
    return {
        "zn_base": f"{hardware} > {invested} * 0.3 ? {trimmed} : {invested}",
        "zn_1": f"{zn_gate} ? floor(project_batch == 1 ? {batch_1} : {batch_2}) : 0",
        "py_7_1": f"project_accepted and {py_gate} ? floor({half}) : 0",
        "hs": f"project_accepted ? floor({early} ? {stage_1} : {stage_2}) : 0",
    }


def _expressions() -> dict[str, str]:
    return {
        **_quanzhou(),
        **_ningxia(),
        "qz_total": "max([$.qz_1, $.qz_2, $.qz_3, $.qz_4]) + $.qz_5 + $.qz_18",
        "qz1_city": "floor($.qz_1 / 5)",
        "qz1_county": "$.qz1_city",
        "qz1_central": "$.qz_1 - 2 * $.qz1_city",
    }


def _model(*, loop: bool) -> dict[str, Any]:
    """A graph of an input node and one expression node; `loop` runs it over a list of companies."""
    place = "companies" if loop else None
    content = {
        "expressions": [
            {"id": key, "key": key, "value": value} for key, value in _expressions().items()
        ],
        "passThrough": False,
        "inputField": place,
        "outputPath": place,
        "executionMode": "loop" if loop else "single",
    }
    at = {"x": 0, "y": 0}
    return {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": at, "content": {}},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "position": at,
                "content": content,
            },
        ],
        "edges": [{"id": "edge", "sourceId": "in", "targetId": "rules", "type": "edge"}],
    }


ENGINE = ZenEngine(
    {
        "loader": {
            "type": "static",
            "content": {"one": _model(loop=False), "many": _model(loop=True)},
        }
    }
)
_NAMES = {fact: fact.replace(".", "_") for fact in FACTS}


def _native_row(row: Row) -> dict[str, int]:
    return {name: row[fact] for fact, name in _NAMES.items()}


def _native_rows(columns: Columns) -> list[dict[str, int]]:
    return [_native_row(row) for row in as_rows(columns)]


def _run_rows(rows: list[dict[str, int]]) -> list[dict[str, int]]:
    return [ENGINE.evaluate("one", row)["result"] for row in rows]


def _run_loop(rows: list[dict[str, int]], at_once: int) -> list[dict[str, int]]:
    answers: list[dict[str, int]] = []
    for start in range(0, len(rows), at_once):
        context = {"companies": rows[start : start + at_once]}
        answers += ENGINE.evaluate("many", context)["result"]["companies"]
    return answers


def _amounts(response: Any) -> dict[str, int]:
    result = response["result"]
    return {name: int(result[name]) for name in OUTPUTS}


BULK = (
    BulkMode(name="rows", prepare=_native_rows, run=_run_rows, to_columns=to_columns),
    BulkMode(
        name="loop_1k",
        prepare=_native_rows,
        run=lambda rows: _run_loop(rows, 1_000),
        to_columns=to_columns,
    ),
    BulkMode(
        name="loop_10k",
        prepare=_native_rows,
        run=lambda rows: _run_loop(rows, 10_000),
        to_columns=to_columns,
    ),
)
CASE = (
    CaseMode(
        name="expression",
        prepare=_native_row,
        run=lambda context: ENGINE.evaluate("one", context),
        to_amounts=_amounts,
    ),
    CaseMode(
        name="expression_trace",
        prepare=_native_row,
        run=lambda context: ENGINE.evaluate("one", context, TRACED),
        to_amounts=_amounts,
    ),
)

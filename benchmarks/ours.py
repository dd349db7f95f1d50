"""The engine under test: five packs bound, nothing written by hand but the names of the columns.

What the workload does not ask (is the firm a legal person, has it paid its taxes, …) is fixed to
the value that lets the clause apply. Two columns need a word:

* The county's rate in 1/10000 is the pack's `county.tech_upgrade_rate` as it is stored.
* In Hongsibu the pack counts "passed first time" as passed; the workload asks for `accepted` alone.
  A project that has not passed cannot have passed first time, so the pack is given both together.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from benchmarks.data import Columns, Row
from benchmarks.workload import FACTS, OUTPUTS
from shuzhuan.engine import money
from shuzhuan.engine.policy.decision import shares_of
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings.kernel import Arena, Kernel, Part, Wanted, kernel_for
from shuzhuan.engine.policy.readings.single import Outcome, Slots

AS_OF = date(2025, 12, 1)
# place -> its clauses, and the columns of their amounts
CLAUSES = {
    "quanzhou": {"1": "qz_1", "2": "qz_2", "3": "qz_3", "4": "qz_4", "5": "qz_5", "18": "qz_18"},
    "zhongning": {"1": "zn_1"},
    "pengyang": {"7-1": "py_7_1"},
    "hongsibu": {"2-2-4": "hs"},
}
FIXED = {
    "quanzhou": {},
    "zhongning": {"enterprise.is_pilot": 1, "project.is_only_project": 1},
    "pengyang": {
        "enterprise.is_sme": 1,
        "enterprise.registered_here": 1,
        "enterprise.is_legal_person": 1,
        "enterprise.registered_on": (date(2015, 1, 1) - date(1970, 1, 1)).days,
        "enterprise.lawful_tax_compliant": 1,
        "enterprise.finance_sound": 1,
        "enterprise.bad_credit": 0,
        "enterprise.in_leading_industry": 1,
        "enterprise.willing_and_ready": 1,
        "enterprise.is_pilot": 1,
        "enterprise.on_abnormal_list": 0,
        "enterprise.on_dishonest_list": 0,
        "enterprise.on_procurement_blacklist": 0,
        "enterprise.major_accident_3y": 0,
        "enterprise.illegal_3y": 0,
        "project.tasks_completed": 1,
        "project.false_materials": 0,
        "project.same_kind_funded": 0,
        "enterprise.refused_supervision": 0,
    },
    "hongsibu": {"enterprise.is_pilot": 1},
}
PROGRAMS: dict[str, Program] = {
    place: Library.load().get(place).bind(AS_OF, fixed=FIXED[place], clauses=list(clauses))
    for place, clauses in CLAUSES.items()
}
PARTS = [Part(program, f"{place}.") for place, program in PROGRAMS.items()]
KNOWN = frozenset(fact.key for program in PROGRAMS.values() for fact in program.facts)
NAMES = {
    f"{place}.{clause}.amount": name
    for place, clauses in CLAUSES.items()
    for clause, name in clauses.items()
} | {
    "quanzhou.total": "qz_total",
    "quanzhou.1.share.central": "qz1_central",
    "quanzhou.1.share.city": "qz1_city",
    "quanzhou.1.share.county": "qz1_county",
}
ONLY: dict[str, Any] = {
    "status": False,
    "shares": frozenset({"quanzhou.1"}),
    "total": frozenset({"quanzhou."}),
    "total_if": False,
}
TYPES = {key: dtype.name for key, dtype in FACTS.items() if dtype != np.bool_} | {
    "county.tech_upgrade_rate": FACTS["county.tech_upgrade_rate_bp"].name
}
# Polars recycles the memory of its results as well.
MEMORY = Arena()


def _kernel(reasons: str) -> Kernel:
    return kernel_for(PARTS, KNOWN, frozenset(), Wanted(reasons=reasons, **ONLY), TYPES)


def _columns(columns: Columns) -> Columns:
    given = dict(columns)
    given["county.tech_upgrade_rate"] = given.pop("county.tech_upgrade_rate_bp")
    return given


def _run(columns: Columns, reasons: str) -> Columns:
    passed = np.logical_and(columns["project.passed_first_time"], columns["project.accepted"])
    given = {**columns, "project.passed_first_time": passed}
    found = _kernel(reasons).run(given, arena=MEMORY)
    return {NAMES.get(name, name.replace(".", "_")): column for name, column in found.items()}


def prepare_bulk(columns: Columns) -> Columns:
    """Names only; the arrays are taken as they are."""
    return _columns(columns)


def bulk(columns: Columns) -> Columns:
    return _run(columns, "no")


def bulk_with_reasons(columns: Columns) -> Columns:
    return _run(columns, "packed")


# -- one company ------------------------------------------------------------------------

Cases = tuple[Slots, ...]
_SINGLES = [program.decider.single for program in PROGRAMS.values()]
_EXPLAINERS = [program.decider.explainer for program in PROGRAMS.values()]
_ORDER = [CLAUSES[place][c.id] for place, program in PROGRAMS.items() for c in program.computed]
_QZ_1 = next(c.shares for c in PROGRAMS["quanzhou"].computed if c.shares is not None)


def prepare_case(row: Row) -> Cases:
    """The facts as the engine holds them after parsing: one tuple of integers per place."""
    given: dict[str, Any] = {key: int(value) for key, value in row.items()}
    given["county.tech_upgrade_rate"] = given.pop("county.tech_upgrade_rate_bp")
    given["project.passed_first_time"] &= given["project.accepted"]
    return tuple(single.case(given) for single in _SINGLES)


def case(cases: Cases) -> Mapping[str, int]:
    amounts: list[int] = []
    totals = []
    for single, slots in zip(_SINGLES, cases, strict=True):
        outcomes, total, _ = single.amounts(slots)
        amounts += [outcome[1] for outcome in outcomes]
        totals.append(total)
    return _amounts(amounts, totals[0], shares_of(_QZ_1, amounts[0]))


def case_trace(cases: Cases) -> tuple[list[Any], dict[str, int]]:
    """Per place: status, amount, reason and every step of each clause, and totals; the shares."""
    traces = [single.trace(slots) for single, slots in zip(_SINGLES, cases, strict=True)]
    return traces, shares_of(_QZ_1, traces[0][0][0][1])


def trace_amounts(trace: tuple[list[Any], dict[str, int]]) -> Mapping[str, int]:
    traces, shares = trace
    outcomes: list[Outcome] = [outcome for each in traces for outcome in each[0]]
    return _amounts([outcome[1] for outcome in outcomes], traces[0][1], shares)


def case_chinese(cases: Cases) -> str:
    """Every clause with what was seen and how it was computed, the shares and the total."""
    lines: list[str] = []
    totals = []
    for single, explainer, slots in zip(_SINGLES, _EXPLAINERS, cases, strict=True):
        outcomes, total, _ = single.trace(slots)
        totals.append((outcomes[0][1], total))
        lines += explainer.texts(slots, outcomes)
    amount, total = totals[0]
    shares = shares_of(_QZ_1, amount)
    parts = "，".join([name + money.format_cn(shares[party]) for party, name, _ in _QZ_1.parts])
    lines.append(f"（一）由{parts}分担；泉州各条按叠加规则合计{money.format_cn(total)}。")
    return "\n".join(lines)


def _amounts(amounts: list[int], total: int, shares: dict[str, int]) -> dict[str, int]:
    found = dict(zip(_ORDER, amounts, strict=True))
    found["qz_total"] = total
    found["qz1_central"] = shares["central"]
    found["qz1_city"] = shares["city"]
    found["qz1_county"] = shares["county"]
    return found


assert set(NAMES.values()) == set(OUTPUTS)

"""银川市中小企业数字化转型城市试点工作方案: only 附件2 carries a sum, as an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tests.oracle.base import DISCRETION, WAN, Facts, OracleResult, counted, settle


def decide(facts: Mapping[str, object], as_of: date, readings: Mapping[str, str]) -> OracleResult:
    """附件2 and its 备注: 8388万 for 233 and 3708万 for 103 finished projects, 36万 each."""
    f = Facts(facts)
    key = "region.completed_projects"
    finished = f.count(key)
    amount = None if finished is None else finished * 36 * WAN
    clauses = {"annex2": settle(f, [], amount, (key,), DISCRETION, None, "county")}
    total = sum(counted(outcome, False) for outcome in clauses.values())
    total_if = sum(counted(outcome, True) for outcome in clauses.values())
    return OracleResult(clauses, total, total_if)

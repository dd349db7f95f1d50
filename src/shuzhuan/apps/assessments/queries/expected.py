"""What a plan is expected to bring: level by the indicator set, subsidy by the place's policy pack.

For planning only. The subsidy is a ceiling on the supposition that the work is done as planned and
accepted; what decides it later is the acceptance grading and the audited investment.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from shuzhuan.apps.assessments.models import Assessment, Measure, MeasureKind, Plan
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries import archive as archives
from shuzhuan.apps.enterprises.queries.facts import facts_of
from shuzhuan.apps.enterprises.queries.places import packs_at
from shuzhuan.engine.grading import Answers, Result, grade, show_milli, with_answer
from shuzhuan.engine.grading.compare import Comparison, ScenarioChange, compare
from shuzhuan.engine.money import format_plain
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.policy.program import Clause
from shuzhuan.engine.policy.tree import facts_of as facts_in

# What the money may be spent on (PY 第十六条); other costs are the enterprise's own.
ELIGIBLE = frozenset({MeasureKind.SOFTWARE, MeasureKind.CLOUD, MeasureKind.DEVICE})
SPEND = ("project.invested", "project.eligible_spend")
HARDWARE = "project.hardware_spend"
# Supposed in every plan, and said so beside the figure: diagnosis and plan come before the pilot
# list is drawn up (PY 三（一）).
SUPPOSED: Mapping[str, object] = {
    "enterprise.is_pilot": True,
    "project.accepted": True,
    "project.tasks_completed": True,
}
SUPPOSED_TEXT = "纳入试点、按计划完成任务并通过验收"
NO_CLAUSE = "当地的政策文件没有按投资额补助的条款。"
# What the enterprise declares of itself is not shown to whoever writes its plan.
DECLARED = frozenset(
    {
        "enterprise.lawful_tax_compliant",
        "enterprise.finance_sound",
        "enterprise.bad_credit",
        "enterprise.on_abnormal_list",
        "enterprise.on_dishonest_list",
        "enterprise.on_procurement_blacklist",
        "enterprise.major_accident_3y",
        "enterprise.illegal_3y",
        "enterprise.refused_supervision",
        "project.same_kind_funded",
        "project.false_materials",
    }
)


@dataclass(frozen=True, slots=True)
class Subsidy:
    """The clause that pays by investment. ``fen`` None: not computable, ``why`` says so.

    ``steps``: how the amount comes about; ``missing``: what is not known yet; ``failed``: what
    does not hold. ``decision``: the policy engine's whole decision in its canonical form.
    """

    fen: int | None
    why: str = ""
    document: str = ""
    title: str = ""
    cite: str = ""
    steps: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """All figures of a plan. Points in thousandths, money in fen."""

    before: Result
    after: Result
    change: Comparison
    cost_fen: int
    eligible_fen: int
    subsidy: Subsidy

    @property
    def points(self) -> str:
        return show_milli(self.after.points_milli.low)

    @property
    def gained(self) -> str:
        return show_milli(self.after.points_milli.low - self.before.points_milli.low)

    @property
    def raised(self) -> list[ScenarioChange]:
        """Scenarios that the plan raises."""
        return [one for one in self.change.scenarios if one.change]


def expected(
    diagnosis: Assessment, measures: Iterable[Measure], enterprise: Enterprise, today: date
) -> Expected:
    """Compute level and subsidy of these measures over the diagnosis."""
    rows = list(measures)
    before, after = _levels(diagnosis, rows)
    eligible = _eligible(rows)
    project = {
        **SUPPOSED,
        **dict.fromkeys(SPEND, format_plain(eligible)),
        HARDWARE: format_plain(_eligible(rows, {MeasureKind.DEVICE})),
        "project.level_before": before.level.low,
        "project.level_after": after.level.low,
    }
    cost = sum(row.cost_fen for row in rows)
    subsidy = _subsidy(enterprise, project, today)
    return Expected(before, after, compare(before, after), cost, eligible, subsidy)


def as_submitted(plan: Plan, measures: Iterable[Measure]) -> Expected:
    """The figures of a plan that was handed over, as they were stored then."""
    rows = list(measures)
    before, after = _levels(plan.diagnosis, rows)
    subsidy = Subsidy(plan.expected_subsidy_fen, "" if plan.decision else NO_CLAUSE)
    if plan.decision:
        subsidy = _told(plan.decision)
    change = compare(before, after)
    return Expected(before, after, change, plan.cost_fen, _eligible(rows), subsidy)


def _levels(diagnosis: Assessment, rows: list[Measure]) -> tuple[Result, Result]:
    indicators = reading.indicator_set(diagnosis)
    return reading.result(diagnosis), grade(indicators, _after(diagnosis, rows))


def _eligible(rows: Iterable[Measure], kinds: Collection[str] = ELIGIBLE) -> int:
    return sum(row.cost_fen for row in rows if row.kind in kinds)


def _after(diagnosis: Assessment, measures: Iterable[Measure]) -> Answers:
    """The answers of the diagnosis with every target in its place."""
    indicators, answers = reading.indicator_set(diagnosis), reading.answers(diagnosis)
    for row in measures:
        if row.item and row.target:
            answers = with_answer(indicators, answers, row.item, json.loads(row.target))
    return answers


def _subsidy(enterprise: Enterprise, project: Mapping[str, object], today: date) -> Subsidy:
    """The clause of the nearest pack whose amount reads the investment."""
    packs = packs_at(enterprise.place)
    archive = archives.load(enterprise, today)
    for pack in packs:
        if not _by_investment(pack.bind(today).computed):
            continue
        known = facts_of(archive, pack)
        facts = {key: value for key, value in known.items() if key not in DECLARED}
        facts |= {key: value for key, value in project.items() if key in pack.facts}
        decision = pack.bind(today).decider.decide(facts)
        return _told(decision.canonical().decode())
    return Subsidy(None, NO_CLAUSE if packs else "当地还没有政策文件。")


def _told(stored: str) -> Subsidy:
    """The clause by investment of a stored decision; the best one where there are several."""
    decision = json.loads(stored)
    pack = Library.load().get(decision["pack"]["id"])
    wanted = _by_investment(pack.bind(date.fromisoformat(decision["as_of"])).computed)
    found = [clause for clause in decision["clauses"] if clause["id"] in wanted]
    if not found:
        return Subsidy(None, NO_CLAUSE, decision=stored)
    best = max(found, key=lambda clause: clause["amount_fen"] or 0)
    why = "资料不足，还算不出金额。" if best["amount_fen"] is None else ""
    if best["status"] == "不适用":
        why = "按现在的方案不符合这一条。"
    return Subsidy(
        best["amount_fen"],
        why,
        pack.source.pack.document.title,
        best["title"],
        best["cite"],
        tuple(best["steps"]),
        tuple(pack.facts[key].label for key in best["missing"] if key in pack.facts),
        tuple(one["text"] for one in best["conditions"] if one["state"] is False),
        stored,
    )


def _by_investment(clauses: Iterable[Clause]) -> set[str]:
    """Ids of the clauses that pay enterprises by what they invested."""
    return {
        clause.id
        for clause in clauses
        if clause.amount is not None
        and clause.payee == "enterprise"
        and any(fact.key in SPEND for fact in facts_in(clause.amount))
    }

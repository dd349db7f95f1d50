"""A document and its clauses, arranged for readers. Each part only when the pack has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from shuzhuan.apps.policies.queries.tables import Table, budget_table, target_table, wan
from shuzhuan.apps.policies.wording import Wording
from shuzhuan.apps.policies.words import (
    ACTORS,
    CERTAINTY,
    CERTAINTY_NOTE,
    KINDS,
    PAYEES,
    PER,
    STACKING,
    bounded,
    time_limit,
)
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.policy.pack import Pack


@dataclass(frozen=True)
class ClauseRow:
    """A clause in the list of its document."""

    model: Any
    kind_name: str
    computed: bool
    brief: str


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str
    rows: tuple[ClauseRow, ...]


@dataclass(frozen=True)
class Part:
    """An entry of the table of contents."""

    anchor: str
    title: str
    count: int = 0


@dataclass(frozen=True)
class Condition:
    parts: tuple[str, ...]
    cite: str
    written: str


@dataclass(frozen=True)
class Group:
    title: str
    cite: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Param:
    label: str
    value: str
    rows: tuple[tuple[str, str], ...]
    dated: tuple[tuple[date, str], ...]
    on: str


@dataclass(frozen=True)
class Rule:
    """The rule of a clause in readable Chinese."""

    groups: tuple[Group, ...]
    conditions: tuple[Condition, ...]
    checks: tuple[Condition, ...]
    params: tuple[Param, ...]
    steps: tuple[tuple[str, str, str], ...]  # label, in words, as written
    amount: str
    amount_rows: tuple[tuple[str, str], ...]
    written: str
    certainty: str
    certainty_note: str
    payee: str
    shares: str
    share_cite: str
    instalments: tuple[tuple[str, str, str], ...]
    quota: str


def sections(pack: Pack) -> list[Section]:
    """Clauses under their headings, in the order of the document."""
    grouped: dict[str, list[ClauseRow]] = {}
    for model in pack.source.clauses:
        row = ClauseRow(model, KINDS[model.kind], model.amount is not None, _brief(model))
        grouped.setdefault(model.section or "条款", []).append(row)
    return [
        Section(f"s{at}", title, tuple(rows)) for at, (title, rows) in enumerate(grouped.items(), 1)
    ]


def _brief(model: Any) -> str:
    """Certainty and kind of a money clause in a few words."""
    if model.amount is None:
        return "核对" if model.checks else ""
    return CERTAINTY[model.certainty]


def contents(pack: Pack, found: list[Section]) -> list[Part]:
    """The parts that the document's page has."""
    source, head = pack.source, pack.source.pack
    process, targets = source.process, source.targets
    parts = [Part("identity", "文件信息")]
    parts += [Part(s.anchor, s.title, len(s.rows)) for s in found]
    for present, anchor, title in (
        (head.conditions, "conditions", "申报条件"),
        (head.readings, "readings", "口径"),
        (head.stacking, "stacking", "叠加规则"),
        (head.funds, "funds", "资金用途"),
        (process and (process.steps or process.time_limits), "process", "办理流程与时限"),
        (process and process.papers, "papers", "材料"),
        (targets and (targets.tables or targets.goals), "targets", "绩效目标"),
        (source.budget and (source.budget.lines or source.budget.sources), "budget", "资金概算"),
        (source.workplan and (source.workplan.phases or source.workplan.tasks), "workplan", "推进计划"),
        (source.organization and (source.organization.task_force or source.organization.duties),
         "organization", "组织分工"),
        (head.document.notes, "notes", "读者须知"),
    ):  # fmt: skip
        if present:
            parts.append(Part(anchor, title))
    return parts


def groups(pack: Pack, only: tuple[str, ...] | None = None) -> tuple[Group, ...]:
    """The named sets of conditions."""
    words = Wording(pack, None)
    return tuple(
        Group(g.title, g.cite or "", tuple(_condition(words, c) for c in g.all))
        for g in pack.source.pack.conditions
        if only is None or g.id in only
    )


def _condition(words: Wording, model: Any) -> Condition:
    return Condition(tuple(words.tests(model.test)), model.cite or "", model.test)


def rule(pack: Pack, model: Any) -> Rule | None:
    """The rule of a clause; None when the clause is only for reading."""
    if model.amount is None and not model.checks:
        return None
    words = Wording(pack, model)
    shares = model.shares
    quota = model.quota
    conditions = tuple(_condition(words, c) for c in model.when)
    certainty = model.certainty or ""
    return Rule(
        groups=groups(pack, model.requires) if model.requires else (),
        conditions=tuple(c for c in conditions if c.parts),
        checks=tuple(_condition(words, c) for c in model.checks),
        params=tuple(_param(words, p) for p in (*pack.source.pack.params, *model.params)),
        steps=tuple((s.label, words.text(s.value), _flat(s.value)) for s in model.let),
        amount=words.text(model.amount) if model.amount else "",
        amount_rows=tuple(words.rows(model.amount)) if model.amount else (),
        written=_flat(model.amount or ""),
        certainty=CERTAINTY.get(certainty, ""),
        certainty_note=CERTAINTY_NOTE.get(certainty, ""),
        payee=PAYEES.get(model.payee or "", ""),
        shares=_shares(shares) if shares else "",
        share_cite=(shares.cite or "") if shares else "",
        instalments=tuple(
            (i.name, words.text(i.amount) if i.amount else "余下的部分",
             "、".join(words.tests(i.when)) if i.when else "")
            for i in model.instalments
        ),
        quota=f"{PER[quota.per]}共{quota.count}{quota.unit}" if quota else "",
    )  # fmt: skip


def _flat(formula: str) -> str:
    return " ".join(formula.split())


def _param(words: Wording, model: Any) -> Param:
    dated = tuple((d.from_, words.text(d.value)) for d in model.dated or ())
    rows = tuple(words.rows(model.value)) if model.value else ()
    value = words.text(model.value) if model.value and not rows else ""
    return Param(model.label, value, rows, dated, words.text(model.on) if model.on else "")


def _shares(shares: Any) -> str:
    names = "、".join(part.name for part in shares.parts)
    weights = ":".join(str(part.weight) for part in shares.parts)
    text = f"{names}按 {weights} 分担"
    for floor in shares.floors:
        name = next(p.name for p in shares.parts if p.party == floor.party)
        text += f"，{name}至少承担{format_cn(floor.amount)}"
    return text


def exclusions(pack: Pack, clause_id: str) -> list[dict[str, Any]]:
    """What stacking says of a clause: with which others, and how."""
    titles = {c.id: c for c in pack.source.clauses}
    found = []
    for model in pack.source.pack.stacking:
        if clause_id in model.clauses:
            others = [titles[c] for c in model.clauses if c != clause_id]
            found.append({"rule": model, "name": STACKING[model.rule], "others": others})
    return found


def stacking(pack: Pack) -> list[dict[str, Any]]:
    """All stacking rules with their clauses."""
    titles = {c.id: c for c in pack.source.clauses}
    return [
        {"rule": m, "name": STACKING[m.rule], "clauses": [titles[c] for c in m.clauses]}
        for m in pack.source.pack.stacking
    ]


def readings(pack: Pack, clause_id: str | None = None) -> list[Any]:
    """The register of readings, of one clause or of all."""
    return [r for r in pack.source.pack.readings if clause_id is None or r.clause == clause_id]


def process(pack: Pack) -> dict[str, Any] | None:
    """Steps, reviews, publicity, limits and papers in words."""
    model = pack.source.process
    if model is None:
        return None
    papers = {p.id: p.name for p in model.papers}
    steps = [
        {
            "name": s.name,
            "actor": ACTORS.get(s.actor, s.actor),
            "cite": s.cite,
            "optional": s.optional,
            "papers": [papers.get(p, p) for p in s.papers],
        }
        for s in model.steps
    ]
    limits = [
        (t.name, time_limit(t.value, t.unit, t.bound), t.effect or "", t.cite)
        for t in model.time_limits
    ]
    limits += [
        (p.name, time_limit(p.days, p.unit, p.bound),
         f"公示{'、'.join(p.fields)}" if p.fields else "", p.cite)
        for p in model.publicity
    ]  # fmt: skip
    return {"steps": steps, "limits": limits, "papers": model.papers, "rules": model.rules,
            "reviews": model.reviews}  # fmt: skip


def targets(pack: Pack) -> dict[str, Any] | None:
    """Target tables, then goals by their time."""
    model = pack.source.targets
    if model is None:
        return None
    from shuzhuan.apps.policies.queries.tables import number  # noqa: PLC0415

    goals = [
        (g.text, bounded(number(g.value), g.unit, g.bound), str(g.by or ""), g.cite)
        for g in model.goals
    ]
    return {"tables": [target_table(t) for t in model.tables], "goals": goals}


def budget(pack: Pack) -> dict[str, Any] | None:
    """Sources, ratio rules and the table of lines."""
    model = pack.source.budget
    if model is None:
        return None
    numbers = {c.id: c.number for c in pack.source.clauses}
    table: Table | None = budget_table(model, numbers)
    rules = [(r.text, _ratio(r), r.cite) for r in model.rules]
    sources = [(s.name, wan(s.amount), s.cite) for s in model.sources]
    return {"table": table, "rules": rules, "sources": sources, "total": wan(model.total)}


def _ratio(rule_model: Any) -> str:
    percent = rule_model.ratio * 100
    text = str(percent.numerator) if percent.denominator == 1 else f"{float(percent):g}"
    return bounded(text, "%", rule_model.bound)


def workplan(pack: Pack) -> dict[str, Any] | None:
    """Phases and tasks with what can be counted."""
    model = pack.source.workplan
    if model is None:
        return None
    tasks = [
        {
            "no": t.no,
            "work": t.work,
            "due": str(t.due or ""),
            "units": "、".join(t.units),
            "measures": [f"{m.text}{bounded(str(m.value), m.unit, m.bound)}" for m in t.measures],
            "cite": t.cite,
        }
        for t in model.tasks
    ]
    phases = [(p.name, str(p.from_ or ""), str(p.to or ""), p.work, p.cite) for p in model.phases]
    return {"phases": phases, "tasks": tasks}


def neighbours(pack: Pack, clause_id: str) -> tuple[Any, Any]:
    """The clauses before and after."""
    clauses = list(pack.source.clauses)
    at = next(i for i, c in enumerate(clauses) if c.id == clause_id)
    before = clauses[at - 1] if at else None
    return before, clauses[at + 1] if at + 1 < len(clauses) else None

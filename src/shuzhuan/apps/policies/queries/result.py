"""A decision arranged for readers: the total first, then clauses by status, each with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shuzhuan.apps.policies.answers import short
from shuzhuan.apps.policies.case import Case
from shuzhuan.apps.policies.words import CERTAINTY, CERTAINTY_NOTE, KINDS, PAYEES, PER
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.policy.decision import ClauseResult, ConditionResult, Decision
from shuzhuan.engine.policy.facts import FactDef

APPLIES, OPEN, NOT = "applicable", "undetermined", "not_applicable"
_STATUS = {
    "适用": APPLIES, "符合": APPLIES, "资料不足": OPEN, "不适用": NOT, "不符合": NOT,
}  # fmt: skip


@dataclass(frozen=True)
class Share:
    """Who pays which part; ``start`` and ``width`` are thousandths of the bar."""

    name: str
    fen: int
    start: int
    width: int
    order: int


@dataclass(frozen=True)
class Option:
    label: str
    why: str
    query: str
    chosen: bool


@dataclass(frozen=True)
class ReadingChoice:
    """A place where the text can be read in more than one way."""

    id: str
    question: str
    cite: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> Option:
        return next(o for o in self.options if o.chosen)


@dataclass(frozen=True)
class ClauseView:
    """One clause of the result."""

    result: ClauseResult
    model: Any
    kind: str
    kind_name: str
    payee: str
    qualifier: str
    note: str
    counted: bool
    paid: bool  # 适用 and not dropped by stacking
    shares: tuple[Share, ...]
    readings: tuple[ReadingChoice, ...]
    notes: tuple[str, ...]
    quota: str

    @property
    def id(self) -> str:
        return self.result.id

    @property
    def has_amount(self) -> bool:
        return self.result.clause.amount is not None

    @property
    def amount_fen(self) -> int | None:
        return self.result.amount_fen if self.kind != NOT else None

    @property
    def amount_cn(self) -> str:
        return "" if self.amount_fen is None else format_cn(self.amount_fen)

    @property
    def reasons(self) -> list[ConditionResult]:
        """The conditions that fail."""
        tested = (*self.result.conditions, *self.result.checks)
        return [c for c in tested if c.state is False]

    @property
    def conditions(self) -> tuple[ConditionResult, ...]:
        return self.result.conditions

    @property
    def checks(self) -> tuple[ConditionResult, ...]:
        return self.result.checks

    @property
    def missing(self) -> tuple[FactDef, ...]:
        return self.result.missing


@dataclass(frozen=True)
class Answer:
    """One answer in the summary."""

    fact: FactDef
    text: str


@dataclass(frozen=True)
class ResultView:
    """The whole result."""

    decision: Decision
    qualifier: str
    note: str
    total_fen: int | None
    total_cn: str
    more_fen: int | None
    applicable: tuple[ClauseView, ...]
    undetermined: tuple[ClauseView, ...]
    not_applicable: tuple[ClauseView, ...]
    answers: tuple[Answer, ...]
    readings: tuple[ReadingChoice, ...] = field(default=())
    for_enterprises: bool = True

    @property
    def more_cn(self) -> str:
        return "" if self.more_fen is None else format_cn(self.more_fen)

    @property
    def stacking(self) -> tuple[Any, ...]:
        return self.decision.stacking

    @property
    def notices(self) -> tuple[str, ...]:
        return self.decision.notices


def decide(case: Case) -> Decision:
    """What the engine says of a case."""
    return case.program.decider.decide_values(case.values)


def view(case: Case, decision: Decision | None = None) -> ResultView:
    """Arrange the decision of a case."""
    decision = decision or decide(case)
    dropped = {clause for note in decision.stacking for clause in note.dropped}
    models = {model.id: model for model in case.pack.source.clauses}
    choices = reading_choices(case)
    clauses = [
        _clause(result, models[result.id], dropped, decision, choices)
        for result in decision.results
    ]
    paid = [c for c in clauses if c.counted and c.paid and c.amount_fen]
    qualifier = _weakest(paid)
    more = decision.total_if_fen
    return ResultView(
        decision=decision,
        qualifier=CERTAINTY[qualifier],
        note=CERTAINTY_NOTE[qualifier],
        total_fen=decision.total_fen,
        total_cn="" if decision.total_fen is None else format_cn(decision.total_fen),
        more_fen=more if more != decision.total_fen else None,
        applicable=tuple(c for c in clauses if c.kind == APPLIES),
        undetermined=tuple(c for c in clauses if c.kind == OPEN),
        not_applicable=tuple(c for c in clauses if c.kind == NOT),
        answers=tuple(Answer(fact, short(fact, raw)) for fact, raw in case.known),
        readings=tuple(choices.values()),
        for_enterprises=any(c.counted for c in clauses),
    )


def _clause(
    result: ClauseResult,
    model: Any,
    dropped: set[str],
    decision: Decision,
    choices: dict[str, ReadingChoice],
) -> ClauseView:
    clause = result.clause
    certainty = clause.certainty if clause.amount is not None else ""
    kind = _STATUS[result.status]
    quota = model.quota
    return ClauseView(
        result=result,
        model=model,
        kind=kind,
        kind_name=KINDS[clause.kind],
        payee=PAYEES.get(clause.payee or "", ""),
        qualifier=CERTAINTY.get(certainty, ""),
        note=CERTAINTY_NOTE.get(certainty, ""),
        counted=clause.counts,
        paid=kind == APPLIES and result.id not in dropped,
        shares=share_views(result),
        readings=tuple(choices[r] for r, _, _ in result.readings if r in choices),
        notes=tuple(
            note.text
            for note in decision.stacking
            if result.id in (*note.kept, *note.dropped) and len(note.kept + note.dropped) > 1
        ),
        quota=f"{PER[quota.per]}共{quota.count}{quota.unit}" if quota else "",
    )


def _weakest(clauses: Sequence[ClauseView]) -> str:
    """A sum is only as certain as its least certain part; without parts it is a ceiling."""
    found = {c.result.clause.certainty for c in clauses}
    for certainty in ("discretion", "at_most", "exact"):
        if certainty in found:
            return certainty
    return "at_most"


def share_views(result: ClauseResult) -> tuple[Share, ...]:
    """The shares with their places on a bar of 1000."""
    if result.shares is None or not result.amount_fen or result.clause.shares is None:
        return ()
    names = {party: name for party, name, _ in result.clause.shares.parts}
    views, before = [], 0
    for order, (party, fen) in enumerate(result.shares.items()):
        start = before * 1000 // result.amount_fen
        before += fen
        width = before * 1000 // result.amount_fen - start
        views.append(Share(names[party], fen, start, width, order))
    return tuple(views)


def reading_choices(case: Case) -> dict[str, ReadingChoice]:
    """Every reading of the pack with a link to each alternative."""
    found = {}
    for model in case.pack.source.pack.readings:
        chosen = case.readings.get(model.id, model.default)
        found[model.id] = ReadingChoice(
            model.id,
            model.question,
            model.cite,
            tuple(
                Option(o.label, o.why, case.with_reading(model.id, o.id).query(), o.id == chosen)
                for o in model.options
            ),
        )
    return found

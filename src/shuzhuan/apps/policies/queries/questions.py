"""Which question the person sees next, and how far along they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shuzhuan.apps.policies.case import Case
from shuzhuan.apps.policies.words import SOURCES
from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.questions import open_questions

HINT_CLAUSES = 3


@dataclass(frozen=True)
class Choice:
    """One button: what is sent and what is read."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class QuestionView:
    """One question with the right input."""

    fact: FactDef
    choices: tuple[Choice, ...]
    clauses: tuple[Any, ...]  # models of the clauses that wait for the answer
    source: str

    @property
    def more_clauses(self) -> int:
        return max(0, len(self.clauses) - HINT_CLAUSES)

    @property
    def first_clauses(self) -> tuple[Any, ...]:
        return self.clauses[:HINT_CLAUSES]


@dataclass(frozen=True)
class Progress:
    """``open`` counts what may still matter without the skipped ones."""

    answered: int
    open: int
    skipped: tuple[FactDef, ...]
    previous: FactDef | None

    @property
    def total(self) -> int:
        return self.answered + self.open + len(self.skipped)


def next_question(case: Case, asked: str) -> tuple[QuestionView | None, Progress]:
    """The question to show: the one asked for, else the engine's first that was not skipped."""
    ranked = open_questions(case.program, case.values)
    waiting = {question.fact.key: question.clauses for question in ranked}
    ranked.sort(key=lambda question: case.focus not in question.clauses)  # else the engine's order
    fresh = [q.fact for q in ranked if q.fact.key not in case.skipped]
    declared = case.program.declared
    skipped = tuple(declared[key] for key in case.skipped if key in waiting)
    fact = declared.get(asked)
    if fact is None:
        fact = fresh[0] if fresh else None
    progress = Progress(len(case.raw), len(fresh), skipped, _previous(case, asked))
    if fact is None:
        return None, progress
    clauses = waiting.get(fact.key) or tuple(
        c.id for c in case.program.computed if any(f.key == fact.key for f in c.facts)
    )
    return question_view(case, fact, clauses), progress


def _previous(case: Case, asked: str) -> FactDef | None:
    """The answer before the one on the page."""
    keys = list(case.raw)
    if asked in keys:
        keys = keys[: keys.index(asked)]
    return case.program.declared[keys[-1]] if keys else None


def question_view(case: Case, fact: FactDef, clauses: tuple[str, ...]) -> QuestionView:
    """The input that fits the fact."""
    models = {model.id: model for model in case.pack.source.clauses}
    return QuestionView(
        fact,
        choices(fact, case.values.get(fact.key)),
        tuple(models[clause] for clause in clauses),
        SOURCES.get(fact.source, ""),
    )


def choices(fact: FactDef, known: object) -> tuple[Choice, ...]:
    """Buttons for facts with few values; none for those that are typed."""
    if fact.kind == "bool":
        return (Choice("true", "是", known == 1), Choice("false", "否", known == 0))
    if fact.kind == "enum":
        return tuple(
            Choice(code, fact.names[at], known == at) for at, code in enumerate(fact.codes)
        )
    if fact.kind == "int" and fact.names and len(fact.names) == fact.hi - fact.lo + 1:
        return tuple(Choice(str(v), name, known == v) for v, name in sorted(fact.names.items()))
    return ()

"""Trace → Chinese that a clerk can read out to an applicant.

For each (clause, status, reason code) the phrases are compiled once into a function that
only fills in values; after that an explanation costs a few microseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from shuzhuan.engine.money import format_cn

from ..facts import FactDef, date_text, ratio_text, time_text
from ..program import Clause, Program
from ..tree import MAYBE, UNKNOWN, Const, Fact
from .evaluate import Evaluation
from .phrases import Phrase, Phrases, Place, decode, money_text, number_text, yes_no
from .single import NO, OPEN, Outcome, Slots, steps_of

NOT_GIVEN = "（未填）"
STATUS = ("不适用", "适用", "资料不足")
CHECK_STATUS = ("不符合", "符合", "资料不足")
_CERTAINTY = {"exact": "给予", "at_most": "最高", "discretion": "原则上最高"}
_BY_THE_OFFICE = "，由主管部门核定"

Fill = Callable[[Slots, tuple[int, ...]], tuple[tuple[str, ...], tuple[str, ...]]]
Brief = Callable[[Slots, tuple[int, ...], int, str], str]


def amount_text(clause: Clause, fen: int) -> str:
    """A ceiling is never worded as a promise."""
    lead, tail = _around(clause)
    return f"{lead}{format_cn(fen)}{tail}"


def render(phrase: Phrase, seen: Evaluation) -> str:
    """A phrase of a single case, filled in without compiling it."""
    return "".join(p if isinstance(p, str) else _shown(p, seen) for p in phrase)


def _shown(place: Place, seen: Evaluation) -> str:
    node, value = place.node, seen.value(place.node)
    if value is None:
        return NOT_GIVEN
    if isinstance(node, Fact):
        return yes_no(node.fact, value) if place.phrase else node.fact.show(value)
    return step_formatter(node.type.kind, node.den, node.type.unit)(value)


class _Source(str):
    """A piece of a phrase that is already source."""

    __slots__ = ()


class Explainer:
    """Explanations of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._clauses = program.computed
        self._slots = {fact.key: at for at, fact in enumerate(program.facts)}
        self._steps = [{id(n): i for i, n in enumerate(steps_of(c))} for c in self._clauses]
        self._briefs: list[dict[int, Brief]] = [{} for _ in self._clauses]
        self._fills: list[dict[int, Fill]] = [{} for _ in self._clauses]

    def texts(self, case: Slots, outcomes: tuple[Outcome, ...]) -> list[str]:
        """One paragraph per computed clause, for a case in which nothing is missing or all is said."""
        briefs = self._briefs
        result = []
        for at, (status, amount, reason, steps) in enumerate(outcomes):
            brief = briefs[at].get(reason * 3 + status) or self._brief(at, status, reason)
            result.append(brief(case, steps, amount, ""))
        return result

    def text(self, at: int, case: Slots, outcome: Outcome, missing: str) -> str:
        """The paragraph of one clause; ``missing`` lists what is not known, ready to print."""
        status, amount, reason, steps = outcome
        brief = self._briefs[at].get(reason * 3 + status) or self._brief(at, status, reason)
        return brief(case, steps, amount, missing)

    def parts(
        self, at: int, case: Slots, outcome: Outcome
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Text of each condition, and the sentences of the sum (empty when 不适用)."""
        status, amount, reason, steps = outcome
        fill = self._fills[at].get(reason * 3 + status) or self._fill(at, status, reason)
        conditions, sums = fill(case, steps)
        return conditions, () if amount == UNKNOWN else sums

    # -- compilation --------------------------------------------------------------

    def _phrases(
        self, at: int, status: int, reason: int
    ) -> tuple[list[Phrase], list[Phrase], list[int]]:
        clause = self._clauses[at]
        states, branches = decode(clause, reason)
        phrases = Phrases(branches, self._program.declared)
        tested = [phrases.condition(c, states[i]) for i, c in enumerate(clause.tested)]
        if status != NO and clause.amount is not None:
            phrases.amount(clause)
        return tested, phrases.steps, [states[i] for i in range(len(clause.tested))]

    def _fill(self, at: int, status: int, reason: int) -> Fill:
        tested, steps, _ = self._phrases(at, status, reason)
        names = self._names()
        conditions = "".join(f"{self._joined(at, p, names)}, " for p in tested)
        sums = "".join(f"{self._joined(at, p, names)}, " for p in steps)
        fill: Fill = self._compiled(f"lambda f, v: (({conditions}), ({sums}))", names)
        self._fills[at][reason * 3 + status] = fill
        return fill

    def _brief(self, at: int, status: int, reason: int) -> Brief:
        clause = self._clauses[at]
        tested, steps, states = self._phrases(at, status, reason)
        names = self._names()
        head = f"{clause.number}{clause.title}："
        words = CHECK_STATUS if clause.amount is None else STATUS
        body: Phrase = [head, words[status]]
        if status == NO:
            body += [
                "。",
                *_listed([p for p, s in zip(tested, states, strict=True) if s == 0]),
                "。",
            ]
            return self._kept(at, status, reason, self._joined(at, body, names), names)
        if clause.amount is not None and status != OPEN:
            lead, tail = _around(clause)
            body += [f"，{lead}", _Source("yuan(a)"), f"{tail}。"]
        elif status == OPEN:
            names["lacking"] = _lacking(clause)
            body.append(_Source("lacking(m, a)" if clause.amount is not None else "lacking(m, U)"))
        else:
            body.append("。")
        holds = [
            p
            for p, s, c in zip(tested, states, clause.tested, strict=True)
            if s == 1 and not isinstance(c.node, Const)
        ]
        if holds:
            body += [*_listed(holds), "。"]
        told: Phrase = [*_listed(steps), "。"] if steps else []
        if status != OPEN:
            return self._kept(at, status, reason, self._joined(at, body + told, names), names)
        source = self._joined(at, body, names)
        if told:  # a sum that waits for its inputs has nothing to tell yet
            source += f" + ({self._joined(at, told, names)} if a != U else '')"
        return self._kept(at, status, reason, source, names)

    def _kept(self, at: int, status: int, reason: int, source: str, names: dict[str, Any]) -> Brief:
        brief: Brief = self._compiled(f"lambda f, v, a, m: {source}", names)
        self._briefs[at][reason * 3 + status] = brief
        return brief

    def _names(self) -> dict[str, Any]:
        return {"yuan": format_cn, "U": UNKNOWN, "NONE": NOT_GIVEN, "ABOUT": "约"}

    @staticmethod
    def _compiled(source: str, names: dict[str, Any]) -> Any:
        return eval(compile(source, "<说明>", "eval"), names)  # noqa: S307 - our own generated text

    def _joined(self, at: int, phrase: Phrase, names: dict[str, Any]) -> str:
        """Source of an f-string for the phrase."""
        body = ""
        for piece in phrase:
            if isinstance(piece, _Source):
                body += "{" + piece + "}"
            elif isinstance(piece, Place):
                body += "{" + self._place(at, piece, names) + "}"
            else:
                body += (
                    piece.replace("\\", "\\\\")
                    .replace("{", "{{")
                    .replace("}", "}}")
                    .replace('"', '\\"')
                )
        return f'f"{body}"'

    def _place(self, at: int, place: Place, names: dict[str, Any]) -> str:
        node = place.node
        if isinstance(node, Fact):
            value = f"f[{self._slots[node.fact.key]}]" if node.fact.key in self._slots else "U"
            if node.type.kind == "money":
                return _money_source(value, 1)
            formatter = phrase_formatter(node.fact) if place.phrase else fact_formatter(node.fact)
            return f"{self._named(names, formatter)}({value})"
        value = f"v[{self._steps[at][id(node)]}]"
        if node.type.kind == "money":
            return _money_source(value, node.den)
        return f"{self._named(names, step_formatter(node.type.kind, node.den, node.type.unit))}({value})"

    @staticmethod
    def _named(names: dict[str, Any], function: Callable[[int], str]) -> str:
        name = f"g{len(names)}"
        names[name] = function
        return name


def _listed(phrases: list[Phrase]) -> Phrase:
    result: Phrase = []
    for at, phrase in enumerate(phrases):
        result += ["；"] if at else []
        result += phrase
    return result


def _around(clause: Clause) -> tuple[str, str]:
    """The words before and after the amount."""
    if clause.kind == "estimate":
        return "估算", ""
    return _CERTAINTY[clause.certainty], _BY_THE_OFFICE if clause.certainty == "discretion" else ""


def _lacking(clause: Clause) -> Callable[[str, int], str]:
    def text(missing: str, amount: int) -> str:
        start = f"，还需要：{missing}。" if missing else "。"
        if amount == UNKNOWN:
            return start
        return f"{start}若条件都成立，{amount_text(clause, amount)}。"

    return text


def fact_formatter(fact: FactDef) -> Callable[[int], str]:
    """Show a fact's value; small domains are tabled."""
    unknown = MAYBE if fact.kind == "bool" else UNKNOWN
    if fact.kind in ("bool", "enum", "int") and fact.hi - fact.lo <= 100:
        table = {value: fact.show(value) for value in range(fact.lo, fact.hi + 1)}
        table[unknown] = NOT_GIVEN
        return table.__getitem__
    show = fact.show
    if fact.kind == "ratio":
        show = partial(ratio_text, den=fact.den)
    elif fact.kind == "date":
        show = date_text
    return lambda value: NOT_GIVEN if value == unknown else show(value)


def phrase_formatter(fact: FactDef) -> Callable[[int], str]:
    """Tell a yes-or-no fact by its own phrase."""
    table = {0: yes_no(fact, 0), 1: yes_no(fact, 1), MAYBE: fact.label + NOT_GIVEN}
    return table.__getitem__


def step_formatter(kind: str, den: int, unit: str) -> Callable[[int], str]:
    """Show a computed value of a kind and denominator."""
    show: dict[str, Callable[[int], str]] = {
        "money": lambda value: money_text(value, den),
        "ratio": lambda value: ratio_text(value, den),
        "date": date_text,
        "datetime": time_text,
        "int": lambda value: number_text(value, den) + unit,
    }
    text = show[kind]
    return lambda value: NOT_GIVEN if value == UNKNOWN else text(value)


def _money_source(value: str, den: int) -> str:
    """Source of ``money_text``, inline: amounts are most of an explanation's time."""
    if den == 1:
        return f"NONE if {value} == U else yuan({value})"
    known = f"yuan({value} // {den}) if {value} % {den} == 0 else ABOUT + yuan({value} // {den})"
    return f"NONE if {value} == U else {known}"

"""Typed tree → pieces of Chinese: what a condition saw and how a sum was made.

A piece is either text or a place for a value (a fact of the case or a step of the
trace). Which branch was taken comes from the reason code, so the pieces of one
(clause, reason) pair are the same for every case and are compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..facts import FactDef, date_text, ratio_text, time_text
from ..program import Clause, Condition
from ..tree import (
    Aggregate,
    Arith,
    Between,
    Choice,
    Compare,
    Const,
    Extreme,
    Fact,
    Field,
    Member,
    Named,
    Node,
    Not,
    Shift,
    Year,
    facts_of,
    strip,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A value to be filled in: ``node`` is a Fact or a step of the trace.

    ``phrase``: a yes-or-no fact is told by its own phrase (属于试点企业) instead of 是 or 否.
    """

    node: Node
    phrase: bool = False


Piece = str | Place
Phrase = list[Piece]
_PLACE = re.compile(r"\{([a-z0-9_.]+)\}")
_WORDS = {  # operator -> (when it holds, when it does not), for amounts and counts
    ">=": ("达到", "未达到"),
    ">": ("超过", "未超过"),
    "<=": ("不超过", "超过"),
    "<": ("低于", "不低于"),
    "==": ("等于", "不等于"),
    "!=": ("不等于", "等于"),
}
_TIME_WORDS = {
    ">=": ("不早于", "早于"),
    ">": ("晚于", "不晚于"),
    "<=": ("不晚于", "晚于"),
    "<": ("早于", "不早于"),
    "==": ("是", "不是"),
    "!=": ("不是", "是"),
}


def show_const(node: Const) -> str:
    """A constant as a reader sees it."""
    if node.fact is not None:
        return node.fact.show(node.value)
    match node.type.kind:
        case "money":
            return money_text(node.value, node.den)
        case "ratio":
            return ratio_text(node.value, node.den)
        case "date":
            return date_text(node.value)
        case "datetime":
            return time_text(node.value)
        case "bool":
            return "是" if node.value else "否"
    return number_text(node.value, node.den) + node.type.unit


def money_text(numerator: int, den: int) -> str:
    """Exact where it is whole fen; otherwise the fen below, marked 约 (nothing is rounded by this)."""
    from shuzhuan.engine.money import format_cn  # noqa: PLC0415 - keeps import of the package light

    fen, rest = divmod(numerator, den)
    return ("约" if rest else "") + format_cn(fen)


def number_text(numerator: int, den: int) -> str:
    """A whole number, or the fraction as it is."""
    whole, rest = divmod(numerator, den)
    return str(whole) if rest == 0 else f"{numerator}/{den}"


def decode(clause: Clause, reason: int) -> tuple[dict[int, int], dict[int, int]]:
    """A reason code → state of each condition (0, 1, 2) and the branch of each choice by node id."""
    states: dict[int, int] = {}
    branches: dict[int, int] = {}
    for digit in clause.digits:
        value = reason // digit.weight % digit.radix
        if digit.node is None:
            states[digit.condition] = value
        else:
            branches[id(digit.node)] = value
    for at, condition in enumerate(clause.tested):
        if isinstance(condition.node, Const):
            states[at] = condition.node.value
    return states, branches


class Phrases:
    """Writes the phrases of one clause; ``facts`` resolve the places in authors' own phrases."""

    def __init__(self, branches: Mapping[int, int], facts: Mapping[str, FactDef]) -> None:
        self._branches, self._facts = branches, facts
        self._told: set[int] = set()
        self.steps: list[Phrase] = []

    # -- conditions ---------------------------------------------------------------

    def condition(self, condition: Condition, state: int) -> Phrase:
        """What the condition saw. ``state`` 2 (unknown) names what would have to be known."""
        authored = condition.say if state == 1 else condition.fail
        if authored and state != 2:
            return self._authored(authored)
        return self._test(condition.node, state)

    def _authored(self, text: str) -> Phrase:
        phrase: Phrase = []
        for at, part in enumerate(_PLACE.split(text)):
            if at % 2 == 0:
                phrase.append(part)
            else:
                fact = self._facts[part]
                phrase.append(Place(fact_place(fact)))
        return phrase

    def _test(self, node: Node, state: int) -> Phrase:
        if state == 2:
            return ["还不能判断：", *self._seen(node)]
        match node:
            case Fact():
                return [yes_no(node.fact, state)]
            case Const() if node.fact is not None:
                return [yes_no(node.fact, state)]
            case Not():
                return self._test(node.operand, 1 - state)
            case Compare():
                return self._compare(node, state)
            case Member():
                listed = "、".join(_choice_text(node.operand, c) for c in node.choices)
                return [
                    *self.label(node.operand),
                    *self.value(node.operand),
                    "，属于" if state else "，不属于",
                    listed,
                ]
            case Choice():
                taken = self._branches.get(id(node))
                if taken is not None and taken < len(node.values):
                    return self._test(node.values[taken], state)
        return [*self._seen(node), "，符合" if state else "，不符合"]

    def _compare(self, node: Compare, state: int) -> Phrase:
        words = _TIME_WORDS if "date" in node.left.type.kind else _WORDS
        if node.left.type.kind == "enum":
            words = {"==": ("是", "不是"), "!=": ("不是", "是")}
        word = words[node.op][0 if state else 1]
        bound = self.value(node.right)
        if isinstance(strip(node.right), Const) and isinstance(node.left, Fact | Field):
            const = strip(node.right)
            assert isinstance(const, Const)
            bound = [_choice_text(node.left, const.value)] if node.left.den == const.den else bound
        elif not isinstance(strip(node.right), Const):
            bound = [*self.label(node.right), *bound]
        return [*self.label(node.left), *self.value(node.left), "，", word, *bound]

    def _seen(self, node: Node) -> Phrase:
        """What every fact behind a test says: yes-or-no facts by their phrase, others by value."""
        phrase: Phrase = []
        for at, fact in enumerate(facts_of(node)):
            phrase += ["、"] if at else []
            told = fact.kind in ("bool", "list")  # the phrase of a bool holds its label already
            phrase += [] if fact.kind == "bool" else [fact.label]
            phrase += [] if fact.kind == "list" else [Place(fact_place(fact), phrase=told)]
        return phrase

    # -- values ---------------------------------------------------------------------

    def value(self, node: Node) -> Phrase:
        """The bare value."""
        inner = strip(node)
        if isinstance(inner, Const):
            return [show_const(inner)]
        return [Place(inner)]

    def label(self, node: Node) -> Phrase:
        """The words before the value; a table's row name comes before its label (三级上限)."""
        if isinstance(node, Named):
            return [self._row(node.inner) + node.label]
        if isinstance(node, Fact | Field):
            return [node.fact.label]
        if isinstance(node, Const) and node.fact is not None:
            return [node.fact.label]
        if isinstance(node, Choice):
            return [self._row(node)]
        if isinstance(node, Arith):
            return [*self._formula(node), "="]
        return []

    def _row(self, node: Node) -> str:
        taken = self._branches.get(id(node)) if isinstance(node, Choice) else None
        if (
            isinstance(node, Choice)
            and node.labels
            and taken is not None
            and taken < len(node.labels)
        ):
            return node.labels[taken]
        return ""

    def _reference(self, node: Node) -> Phrase:
        """A value with its label, for use inside a formula."""
        inner = strip(node)
        if isinstance(inner, Const) and inner.fact is None:
            return [show_const(inner)]
        if isinstance(node, Arith):
            return self.value(node)
        return [*self.label(node), *self.value(node)]

    def _formula(self, node: Arith) -> Phrase:
        sign = {"*": "×", "+": "+", "-": "-"}[node.op]
        left, right = node.left, node.right
        if (
            node.op == "*"
            and isinstance(strip(left), Const)
            and not isinstance(strip(right), Const)
        ):
            left, right = right, left  # 70万元×30%, whichever way round it was written
        first = (
            self._formula(left)
            if isinstance(left, Arith) and node.op == left.op
            else self._reference(left)
        )
        factor = strip(right)
        divided = isinstance(factor, Const) and factor.type.kind == "int" and factor.den != 1
        if node.op == "*" and divided and isinstance(factor, Const) and factor.value == 1:
            return [*first, "÷", str(factor.den)]
        return [*first, sign, *self._reference(right)]

    # -- the sum ------------------------------------------------------------------------

    def amount(self, clause: Clause) -> None:
        """Fill ``steps`` with the sentences of the sum, in the order in which it is done."""
        assert clause.amount is not None
        told = len(self._told)
        last = self._sentence(clause.amount)
        if not (isinstance(clause.amount, Named) and len(self._told) > told):
            self.steps.append(last)

    def _tell(self, node: Named) -> None:
        """A named step gets its own sentence the first time it is used."""
        if id(node) in self._told or self._looked_up(node.inner):
            return
        self._told.add(id(node))
        self.steps.append([f"{node.label}：", *self._sentence(node.inner)])

    def _looked_up(self, node: Node) -> bool:
        """Constants and rows of a table are told where they are used, not before."""
        if isinstance(node, Choice) and node.labels:
            taken = self._branches.get(id(node), len(node.values))
            return taken < len(node.values) and self._looked_up(strip(node.values[taken]))
        return isinstance(node, Const | Fact)

    def _sentence(self, node: Node) -> Phrase:
        """One sentence that ends in the node's value; nested steps are told first."""
        match node:
            case Named():
                self._tell(node)
                return [*self.label(node), *self.value(node)]
            case Extreme():
                return self._extreme(node)
            case Choice():
                return self._chosen(node)
            case Arith():
                self._before(node)
                return [*self._formula(node), "=", *self.value(node)]
            case Aggregate():
                return [f"{node.items.fact.label}中符合条件的合计", *self.value(node)]
            case Shift() | Between() | Year():
                return self.value(node)
        return self._reference(node)

    def _before(self, node: Arith) -> None:
        """Operands that are themselves more than a value get a sentence of their own."""
        for side in (node.left, node.right):
            if isinstance(side, Named):
                self._tell(side)
            elif isinstance(side, Arith) and side.op == node.op:
                self._before(side)
            elif isinstance(side, Arith | Extreme | Choice | Aggregate):
                self.steps.append(self._sentence(side))

    def _extreme(self, node: Extreme) -> Phrase:
        taken = self._branches.get(id(node), len(node.args))
        bounds = [a for a in node.args if _is_bound(a)]
        others = [a for a in node.args if not _is_bound(a)]
        if len(bounds) != 1 or len(others) != 1 or taken >= len(node.args):
            return self._several(node)
        bound, other = bounds[0], others[0]
        told = self._sentence(other)
        at_bound = node.args[taken] is bound
        zero = strip(bound)
        if isinstance(zero, Const) and zero.value == 0 and not isinstance(bound, Named):
            return [*told, "，不足0的按0计"] if at_bound else told
        word = ("超过", "不超过") if node.op == "min" else ("低于", "不低于")
        phrase: Phrase = [
            *told,
            "，",
            word[0 if at_bound else 1],
            *self.label(bound),
            *self.value(bound),
        ]
        return [*phrase, *(["，取", *self.value(bound)] if at_bound else [])]

    def _several(self, node: Extreme) -> Phrase:
        parts: Phrase = []
        for at, arg in enumerate(node.args):
            parts += ["、"] if at else []
            parts += self._sentence(arg)
        return [*parts, "，取最小的" if node.op == "min" else "，取最大的", *self.value(node)]

    def _chosen(self, node: Choice) -> Phrase:
        taken = self._branches.get(id(node), len(node.values))
        if taken >= len(node.values):
            return ["还不能判断用哪一档：", *self._seen(node.tests[0])]
        value = node.values[taken]
        if node.selector is not None:
            chosen = [*self.label(node.selector), *self.value(node.selector)]
            return [*chosen, "，对应", *self._sentence(value)]
        last = taken == len(node.tests)  # the else row: say why the row before it did not hold
        because = self._test(node.tests[-1], 0) if last else self._test(node.tests[taken], 1)
        plain = isinstance(strip(value), Const | Fact)
        return [*because, "，取" if plain else "，", *self._sentence(value)]


def _is_bound(node: Node) -> bool:
    inner = strip(node)
    return isinstance(inner, Const) or (isinstance(node, Named) and isinstance(inner, Choice))


def yes_no(fact: FactDef, state: int) -> str:
    if state:
        return fact.yes or f"{fact.label}：是"
    return fact.no or f"{fact.label}：否"


def _choice_text(node: Node, value: int) -> str:
    inner = strip(node)
    if isinstance(inner, Fact | Field | Const) and inner.fact is not None:
        return inner.fact.show(value)
    return f"{value}{node.type.unit}"


def fact_place(fact: FactDef) -> Fact:
    from ..check import fact_type  # noqa: PLC0415 - phrases must not pull the checker in at import

    return Fact(fact_type(fact), fact.den, fact.lo, fact.hi, fact)

"""Typed tree → statements of a vectorising loop: no branch, 32 bits wherever the ranges prove it.

The compiler turns ``a if c else b`` on plain variables into a select, and divides by a
constant with a multiplication, but only for unsigned 32-bit numbers does it do eight or
sixteen rows at once. So every number carries its range; ``U`` is uint32, ``I`` int64, ``L``
uint64, and each operation is cast again, because uint32 * uint32 would become uint64.

Unknown is not a value here: ``known`` tells it beside the number, and a truth value is a
pair (certainly true, certainly false). What is certain without looking at the row
is decided while printing, so a column without gaps costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import gcd

from ..facts import FactDef
from ..tree import (
    Arith,
    Between,
    Choice,
    Compare,
    Const,
    Extreme,
    Fact,
    Logic,
    Member,
    Named,
    Node,
    Not,
    Shift,
    Year,
    strip,
)
from .kernel_reach import Reach, constants, is_number, peeled

U32 = 2**32
YES, NO = "True", "False"
_FEW = 4


class Unsupported(Exception):
    """A tree that no kernel is written for; the message names what it is about."""


@dataclass(frozen=True, slots=True)
class Number:
    """A variable or literal and its bounds. ``narrow``: it is a uint32, else an int64."""

    text: str
    lo: int
    hi: int
    narrow: bool

    @property
    def wide(self) -> str:
        return f"I({self.text})" if self.narrow else self.text


@dataclass(frozen=True, slots=True)
class Truth:
    """``no`` is the opposite of ``yes`` unless the value can be unknown."""

    yes: str
    no: str


def literal(value: int) -> Number:
    narrow = 0 <= value < U32
    return Number(f"U({value})" if narrow else f"I({value})", value, value, narrow)


def both(*parts: str) -> str:
    """All of the conditions; constants are folded."""
    kept = list(dict.fromkeys(p for p in parts if p != YES))
    return NO if NO in kept else " & ".join(kept) or YES


def either(*parts: str) -> str:
    kept = list(dict.fromkeys(p for p in parts if p != NO))
    return YES if YES in kept else " | ".join(kept) or NO


def opposite(part: str) -> str:
    return {YES: NO, NO: YES}.get(part) or f"(not {part})"


class Body:
    """The loop body of one clause. ``known``, ``gaps``: keys of columns without and with gaps.

    Facts in neither are unknown for everyone. ``arrays`` collects the arrays that are read.
    """

    def __init__(
        self, names: Mapping[str, str], known: Collection[str], gaps: Collection[str], reach: Reach
    ) -> None:
        self.lines: list[str] = []
        self.arrays: dict[str, None] = {}
        self._names, self._known, self._gaps, self._reach = names, known, gaps, reach
        self._numbers: dict[tuple[int | str, int, int], Number] = {}
        self._truths: dict[int | str, Truth] = {}
        self._certain: dict[int, str] = {}
        self._count = 0

    # -- statements -----------------------------------------------------------------

    def keep(self, text: str, prefix: str = "v") -> str:
        """A variable that holds ``text``."""
        self._count += 1
        name = f"{prefix}{self._count}"
        self.lines.append(f"{name} = {text}")
        return name

    def condition(self, text: str) -> str:
        """A condition as a name; constants and names stay as they are."""
        return text if text.isidentifier() else self.keep(text, "b")

    def number(self, text: str, lo: int, hi: int, *, narrow: bool) -> Number:
        return Number(self.keep(f"U({text})" if narrow else text), lo, hi, narrow)

    def cut(self, value: Number, reach: int | None) -> Number:
        """Cut at its reach and narrowed, where a 64-bit number then fits 32 bits."""
        if value.narrow or value.lo < 0:
            return value
        if value.hi < U32:
            return self.number(value.text, value.lo, value.hi, narrow=True)
        if reach is None or not 0 <= reach < U32:
            return value
        return self.number(f"min({value.text}, I({reach}))", value.lo, reach, narrow=True)

    def times(self, value: Number, factor: int) -> Number:
        if factor == 1:
            return value
        if value.lo == value.hi:
            return literal(value.lo * factor)
        lo, hi = sorted((value.lo * factor, value.hi * factor))
        if value.narrow and factor > 0 and hi < U32:
            return self.number(f"{value.text} * U({factor})", lo, hi, narrow=True)
        return self.number(f"{value.wide} * I({factor})", lo, hi, narrow=False)

    def same_width(self, *values: Number) -> tuple[list[str], bool]:
        narrow = all(v.narrow for v in values)
        return [v.text if narrow else v.wide for v in values], narrow

    def pick(self, test: str, first: Number, second: Number) -> Number:
        """``first`` where ``test`` holds, else ``second``."""
        if test in (YES, NO):
            return first if test == YES else second
        texts, narrow = self.same_width(first, second)
        lo, hi = min(first.lo, second.lo), max(first.hi, second.hi)
        name = self.keep(f"{texts[0]} if {self.condition(test)} else {texts[1]}")
        return Number(name, lo, hi, narrow)

    def best(self, op: str, values: list[Number]) -> Number:
        texts, narrow = self.same_width(*values)
        result = texts[0]
        for text in texts[1:]:
            result = f"{op}({result}, {text})"
        ends = min if op == "min" else max
        lo, hi = ends(v.lo for v in values), ends(v.hi for v in values)
        return Number(self.keep(result), lo, hi, narrow)

    def less(self, first: Number, second: Number, op: str = "<") -> str:
        texts, _ = self.same_width(first, second)
        return self.keep(f"{texts[0]} {op} {texts[1]}", "b")

    # -- facts ------------------------------------------------------------------------

    def _array(self, prefix: str, fact: FactDef) -> str:
        name = prefix + self._names[fact.key]
        self.arrays.setdefault(name)
        return f"{name}[i]"

    def _fact(self, node: Fact) -> Number:
        fact = node.fact
        if fact.key not in self._known and fact.key not in self._gaps:
            return literal(fact.lo)  # nobody will look at it
        reach = self._reach.of(node)
        text = self._array("x", fact)
        if fact.lo >= 0 and fact.hi < U32:
            value = self.number(text, fact.lo, fact.hi, narrow=True)
            if reach is None or reach >= fact.hi:
                return value
            return Number(self.keep(f"min({value.text}, U({reach}))"), fact.lo, reach, True)
        return self.cut(self.number(f"I({text})", fact.lo, fact.hi, narrow=False), reach)

    def _has(self, fact: FactDef) -> str:
        """Whether the fact of this row is known."""
        if fact.key in self._known:
            return YES
        return self._array("k", fact) if fact.key in self._gaps else NO

    # -- what is known ------------------------------------------------------------------

    def known(self, node: Node) -> str:
        """The condition under which a number is known."""
        key = id(node)
        if key not in self._certain:
            self._certain[key] = self.condition(self._known_of(node))
        return self._certain[key]

    def _known_of(self, node: Node) -> str:
        match node:
            case Fact():
                return self._has(node.fact)
            case Choice():
                result = self.known(node.values[-1])
                for test, value in reversed(list(zip(node.tests, node.values, strict=False))):
                    truth, inner = self.truth(test), self.known(value)
                    if inner == result == YES:
                        result = self._known_part(test)
                        continue
                    taken = self.condition(both(truth.yes, inner))
                    result = self.condition(either(taken, self.condition(both(truth.no, result))))
                return result
        return both(*(self._known_part(child) for child in node.children()))

    def _known_part(self, node: Node) -> str:
        if is_number(node):
            return self.known(node)
        truth = self.truth(node)
        return self.condition(either(truth.yes, truth.no)) if self.open(node) else YES

    def open(self, node: Node) -> bool:
        """Whether a truth value can be unknown."""
        truth = self.truth(node)
        return truth.no != opposite(truth.yes)

    # -- truth values ----------------------------------------------------------------------

    def truth(self, node: Node) -> Truth:
        key = Reach.key(node)
        if key not in self._truths:
            self._truths[key] = self._truth_of(node)
        return self._truths[key]

    def _certainly(self, text: str, known: str = YES) -> Truth:
        """A condition that can be trusted where ``known`` holds."""
        if known == YES:
            name = self.condition(text)
            return Truth(name, opposite(name))
        name = self.condition(text)
        yes = self.condition(both(known, name))
        return Truth(yes, self.condition(both(known, opposite(name))))

    def _truth_of(self, node: Node) -> Truth:  # noqa: PLR0911 - one per kind of node
        match node:
            case Const():
                return Truth(YES, NO) if node.value else Truth(NO, YES)
            case Fact():
                has = self._has(node.fact)
                if has == NO:
                    return Truth(NO, NO)
                return self._certainly(self._array("x", node.fact), self.condition(has))
            case Named():
                return self.truth(node.inner)
            case Not():
                inner = self.truth(node.operand)
                if not self.open(node.operand):
                    name = self.condition(inner.no)
                    return Truth(name, opposite(name))
                return Truth(inner.no, inner.yes)
            case Logic():
                return self._logic(node)
            case Compare():
                known = self.condition(both(self.known(node.left), self.known(node.right)))
                return self._certainly(self._compare(node), known)
            case Member():
                return self._member(node)
            case Choice():
                return self._chosen_truth(node)
        raise Unsupported(f"{type(node).__name__} is not a condition that a kernel can test")

    def _logic(self, node: Logic) -> Truth:
        truths = [self.truth(arg) for arg in node.args]
        if not any(self.open(arg) for arg in node.args):
            join = both if node.op == "and" else either
            name = self.condition(join(*(t.yes for t in truths)))
            return Truth(name, opposite(name))
        join, other = (both, either) if node.op == "and" else (either, both)
        yes = self.condition(join(*(self.condition(t.yes) for t in truths)))
        return Truth(yes, self.condition(other(*(self.condition(t.no) for t in truths))))

    def _compare(self, node: Compare) -> str:
        left = self.times(self.value(node.left), node.scales[0])
        right = self.times(self.value(node.right), node.scales[1])
        return self.less(left, right, node.op)

    def _member(self, node: Member) -> Truth:
        if not is_number(node.operand):
            operand = self.truth(node.operand)
            known = self._known_part(node.operand)
            yes = either(*(operand.yes if choice else operand.no for choice in node.choices))
            return self._certainly(yes, known)
        value = self.value(node.operand)
        tests = [self.less(value, literal(choice), "==") for choice in node.choices]
        return self._certainly(either(*tests), self.known(node.operand))

    def _chosen_truth(self, node: Choice) -> Truth:
        result = self.truth(node.values[-1])
        is_open = any(self.open(n) for n in (*node.tests, *node.values))
        for test, value in reversed(list(zip(node.tests, node.values, strict=False))):
            taken, inner = self.truth(test), self.truth(value)
            parts = []
            for one, other in ((inner.yes, result.yes), (inner.no, result.no)):
                here = self.condition(both(taken.yes, one))
                parts.append(self.condition(either(here, self.condition(both(taken.no, other)))))
            result = Truth(*parts) if is_open else Truth(parts[0], opposite(parts[0]))
        return result

    # -- numbers ---------------------------------------------------------------------------

    def value(self, node: Node) -> Number:
        """The numerator of ``node``: exact below its reach, at least the reach above it."""
        key = (Reach.key(node), 1, 1)
        if key not in self._numbers:
            writer = _NUMBERS.get(type(node))
            if writer is None:
                raise Unsupported(
                    f"{type(node).__name__} is not a number that a kernel can compute"
                )
            self._numbers[key] = writer(self, node)
        return self._numbers[key]

    def quotient(self, node: Node, factor: int, divisor: int) -> Number:
        """``node * factor // divisor``, divided as far inside as it is exact."""
        common = gcd(factor, divisor)
        factor, divisor = factor // common, divisor // common
        key = (Reach.key(node), factor, divisor)
        if key not in self._numbers:
            self._numbers[key] = self._quotient(node, factor, divisor)
        return self._numbers[key]

    def _quotient(self, node: Node, factor: int, divisor: int) -> Number:
        match node:
            case Const():
                return literal(node.value * factor // divisor)
            case Named():
                return self.quotient(node.inner, factor, divisor)
            case Extreme() if all(arg.lo >= 0 for arg in node.args):
                parts = zip(node.args, node.scales, strict=True)
                return self.best(
                    node.op, [self.quotient(arg, factor * s, divisor) for arg, s in parts]
                )
            case Choice():
                scales = [factor * scale for scale in node.scales]
                return self._choose(
                    node, lambda at: self.quotient(node.values[at], scales[at], divisor)
                )
            case Arith() if node.op == "*" and divisor > 1:
                for one, other in ((node.left, node.right), (node.right, node.left)):
                    inner = strip(other)
                    if isinstance(inner, Const) and inner.value > 0:
                        return self.quotient(one, factor * inner.value, divisor)
                    if isinstance(inner, Choice) and _is_table(inner):
                        return self._by_table(one, inner, factor, divisor)
        return self.divided(self.value(node), factor, divisor)

    def _by_table(self, node: Node, table: Choice, factor: int, divisor: int) -> Number:
        """A product with a rate from a table: one division by a constant for every rate."""

        def row(at: int) -> Number:
            rate = (constants(table.values[at]) or (0,))[0] * table.scales[at]
            return literal(0) if rate == 0 else self.quotient(node, factor * rate, divisor)

        return self._choose(table, row)

    def divided(self, value: Number, factor: int, divisor: int) -> Number:
        if divisor == 1:
            return self.times(value, factor)
        lo, hi = value.lo * factor // divisor, value.hi * factor // divisor
        if value.lo < 0:
            text = f"{value.wide} * I({factor}) // I({divisor})"
            return self.number(text, lo, hi, narrow=False)
        fits = value.narrow and divisor < U32
        if fits and value.hi * factor < U32:
            product = self.times(value, factor).text
            return self.number(f"{product} // U({divisor})", lo, hi, narrow=True)
        if fits and hi < U32 and (divisor - 1) * factor < U32:
            # p*x//q == p*(x//q) + p*(x%q)//q for every x >= 0
            whole = self.keep(f"U({value.text} // U({divisor}))")
            rest = self.keep(f"U({value.text} - U({whole} * U({divisor})))")
            part = self.keep(f"U(U({rest} * U({factor})) // U({divisor}))")
            return self.number(f"U({whole} * U({factor})) + {part}", lo, hi, narrow=True)
        text = f"I(L({value.text}) * L({factor}) // L({divisor}))"
        return self.cut(self.number(text, lo, hi, narrow=False), None)

    def _choose(self, node: Choice, row: Callable[[int], Number]) -> Number:
        result = row(len(node.values) - 1)
        for at in reversed(range(len(node.tests))):
            result = self.pick(self.truth(node.tests[at]).yes, row(at), result)
        return result

    def _arith(self, node: Arith) -> Number:
        left = self.times(self.value(node.left), node.scales[0])
        right = self.times(self.value(node.right), node.scales[1])
        if node.op == "*":
            ends = [a * b for a in (left.lo, left.hi) for b in (right.lo, right.hi)]
        elif node.op == "+":
            ends = [left.lo + right.lo, left.hi + right.hi]
        else:
            ends = [left.lo - right.hi, left.hi - right.lo]
        lo, hi = min(ends), max(ends)
        narrow = left.narrow and right.narrow and lo >= 0 and hi < U32
        if narrow:
            return self.number(f"{left.text} {node.op} {right.text}", lo, hi, narrow=True)
        result = self.number(f"{left.wide} {node.op} {right.wide}", lo, hi, narrow=False)
        return self.cut(result, self._reach.of(node))

    def _best(self, node: Extreme) -> Number:
        parts = zip(node.args, node.scales, strict=True)
        result = self.best(node.op, [self.times(self.value(arg), s) for arg, s in parts])
        return self.cut(result, self._reach.of(node))

    def _choice(self, node: Choice) -> Number:
        return self._choose(
            node, lambda at: self.times(self.value(node.values[at]), node.scales[at])
        )

    def _shift(self, node: Shift) -> Number:
        day, amount = self.value(node.operand), self.value(node.amount)
        if node.unit == "days":
            return self.number(f"{day.wide} + {amount.wide}", node.lo, node.hi, narrow=False)
        text = f"add_months({day.wide}, {amount.wide})"
        return self.number(text, node.lo, node.hi, narrow=False)

    def _between(self, node: Between) -> Number:
        left, right = self.value(node.left), self.value(node.right)
        return self.number(f"{right.wide} - {left.wide}", node.lo, node.hi, narrow=False)

    def _year(self, node: Year) -> Number:
        day = self.value(node.operand)
        return self.number(f"year_of({day.wide})", node.lo, node.hi, narrow=False)

    # -- which argument won ---------------------------------------------------------------

    def better(self, node: Extreme, first: int, second: int) -> str:
        """Whether argument ``second`` is strictly better than argument ``first``."""
        a, b = node.args[first], node.args[second]
        x, p = peeled(a)
        bounds = constants(b)
        if bounds is not None and p * node.scales[first] > 1:
            # c < p*x exactly where x > c//p: no product of the large number is needed.
            limit = self.quotient(b, node.scales[second], p * node.scales[first])
            if node.op == "min":
                return self.less(limit, self.value(x))
            if all(c * node.scales[second] % (p * node.scales[first]) == 0 for c in bounds):
                return self.less(self.value(x), limit)  # c > p*x exactly where x < c/p
        scaled_a = self.times(self.value(a), node.scales[first])
        scaled_b = self.times(self.value(b), node.scales[second])
        return self.less(scaled_b, scaled_a, "<" if node.op == "min" else ">")


def _is_table(node: Choice) -> bool:
    """A few rates, none negative: dividing once for each is cheaper than a 64-bit division."""
    rates = [strip(value) for value in node.values]
    plain = all(isinstance(rate, Const) and rate.value >= 0 for rate in rates)
    return plain and len(rates) <= _FEW


_NUMBERS: dict[type[Node], Callable[[Body, Node], Number]] = {
    Const: lambda body, node: literal(node.value),  # type: ignore[attr-defined]
    Fact: Body._fact,  # type: ignore[dict-item]
    Named: lambda body, node: body.value(node.inner),  # type: ignore[attr-defined]
    Arith: Body._arith,  # type: ignore[dict-item]
    Extreme: Body._best,  # type: ignore[dict-item]
    Choice: Body._choice,  # type: ignore[dict-item]
    Shift: Body._shift,  # type: ignore[dict-item]
    Between: Body._between,  # type: ignore[dict-item]
    Year: Body._year,  # type: ignore[dict-item]
}

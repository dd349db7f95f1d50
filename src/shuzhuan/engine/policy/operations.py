"""Typed nodes from typed nodes: the algebra of types, units, denominators and ranges.

Every function checks its operands and raises FormulaError with the given offset; what
is constant is computed at once, so no reading ever sees it.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from math import lcm

from .syntax import FormulaError
from .tree import (
    BOOL,
    LIMIT,
    MONEY,
    RATIO,
    Arith,
    Choice,
    Compare,
    Const,
    Extreme,
    Logic,
    Node,
    Type,
    strip,
)

NUMBERS = ("money", "ratio", "int")
ORDERED = (*NUMBERS, "date", "datetime")
HOLDS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def constant(value: int, type_: Type, den: int = 1) -> Const:
    """A known value: ``value / den`` in the unit of its type."""
    return Const(type_, den, value, value, value)


def same(left: Type, right: Type) -> bool:
    """Whether two types may be added and compared; a plain number goes with every unit."""
    if left.kind != right.kind:
        return False
    return left.unit == right.unit or "" in (left.unit, right.unit)


def joined(left: Type, right: Type) -> Type:
    """The type of two that are ``same``: the one that names a unit."""
    return left if left.unit else right


def bounded(node: Node, offset: int) -> Node:
    """The node, refused when its range leaves 64 bits."""
    if node.lo <= -LIMIT or node.hi >= LIMIT:
        raise FormulaError(
            offset,
            "这一步可能超出 64 位整数",
            "请在 facts.yaml 里缩小有关事实的 min、max，或减少比例的小数位",
        )
    return node


def scaled(nodes: list[Node], scales: tuple[int, ...], offset: int) -> None:
    """Refuse operands that leave 64 bits when brought to a common denominator.

    The bounds of the result do not show it: min(a, b) may be small where a alone overflows.
    """
    for node, scale in zip(nodes, scales, strict=True):
        if max(abs(node.lo), abs(node.hi)) * scale >= LIMIT:
            raise FormulaError(
                offset,
                "这一步可能超出 64 位整数",
                "请在 facts.yaml 里缩小有关事实的 min、max，或减少比例的小数位",
            )


def logic(op: str, args: list[Node]) -> Node:
    """``and`` / ``or`` of conditions, constants folded."""
    decisive = 0 if op == "and" else 1
    kept = [a for a in args if not isinstance(a, Const)]
    if any(isinstance(a, Const) and a.value == decisive for a in args):
        return constant(decisive, BOOL)
    if not kept:
        return constant(1 - decisive, BOOL)
    return kept[0] if len(kept) == 1 else Logic(BOOL, 1, 0, 1, op, tuple(kept))


def add(left: Node, right: Node, op: str, offset: int) -> Node:
    """Sum (``op`` is "+") or difference of one type, on the common denominator."""
    if not same(left.type, right.type):
        raise FormulaError(
            offset,
            f"{left.type.cn}和{right.type.cn}不能相{'加' if op == '+' else '减'}",
            "单位相同才能相加减；比例要先乘上金额",
        )
    den = lcm(left.den, right.den)
    scales = (den // left.den, den // right.den)
    sign = 1 if op == "+" else -1
    ends = (right.lo * scales[1] * sign, right.hi * scales[1] * sign)
    lo, hi = left.lo * scales[0] + min(ends), left.hi * scales[0] + max(ends)
    type_ = joined(left.type, right.type)
    if isinstance(left, Const) and isinstance(right, Const):
        return constant(lo, type_, den)
    scaled([left, right], scales, offset)
    return bounded(Arith(type_, den, lo, hi, op, left, right, scales), offset)


def multiply(left: Node, right: Node, offset: int) -> Node:
    """Product; money by money and unit by unit have no meaning."""
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"money"}:
        raise FormulaError(offset, "金额乘金额没有意义", "金额只能乘比例或个数")
    if kinds == {"int"} and left.type.unit and right.type.unit:
        raise FormulaError(
            offset, f"{left.type.cn}乘{right.type.cn}没有意义", "个数只能乘没有单位的数、金额或比例"
        )
    if "money" in kinds:
        type_ = MONEY
    elif "ratio" in kinds:
        type_ = RATIO
    else:
        type_ = joined(left.type, right.type)
    ends = [a * b for a in (left.lo, left.hi) for b in (right.lo, right.hi)]
    den = left.den * right.den
    if isinstance(left, Const) and isinstance(right, Const):
        exact = Fraction(left.value * right.value, den)
        return constant(exact.numerator, type_, exact.denominator)
    return bounded(Arith(type_, den, min(ends), max(ends), "*", left, right, (1, 1)), offset)


def divide(left: Node, right: Node, offset: int) -> Node:
    """Quotient by a positive whole constant; it becomes part of the denominator, exactly."""
    divisor = strip(right)
    if not isinstance(divisor, Const) or divisor.type.kind != "int" or divisor.value <= 0:
        raise FormulaError(
            offset, "除数只能是大于零的整数常数", "两个事实相比请改成乘法，如 a <= 30% * b"
        )
    exact = Fraction(divisor.den, divisor.value)
    part = constant(exact.numerator, Type("int"), exact.denominator)
    return multiply(left, part, offset)


def compare(op: str, left: Node, right: Node, offset: int) -> Node:
    """Comparison of two operands that were checked to have one type, on the common denominator."""
    den = lcm(left.den, right.den)
    scales = (den // left.den, den // right.den)
    for side, scale in ((left, scales[0]), (right, scales[1])):
        if max(abs(side.lo), abs(side.hi)) * scale >= LIMIT:
            raise FormulaError(offset, "比较的一边可能超出 64 位整数", "请缩小有关事实的 min、max")
    if isinstance(left, Const) and isinstance(right, Const):
        return constant(int(HOLDS[op](left.value * scales[0], right.value * scales[1])), BOOL)
    return Compare(BOOL, 1, 0, 1, op, left, right, scales)


def extreme(op: str, args: list[Node], offset: int) -> Node:
    """The smallest or the largest (``op`` is "min" or "max") of ordered operands of one type."""
    type_ = common_type(args, offset)
    if type_.kind not in ORDERED:
        raise FormulaError(offset, f"{type_.cn}没有大小", f"{op} 只用于金额、比例、个数、日期")
    pick = min if op == "min" else max
    den = lcm(*(a.den for a in args))
    scales = tuple(den // a.den for a in args)
    lo = pick(a.lo * s for a, s in zip(args, scales, strict=True))
    hi = pick(a.hi * s for a, s in zip(args, scales, strict=True))
    if all(isinstance(a, Const) for a in args):
        return constant(lo, type_, den)
    scaled(args, scales, offset)
    return bounded(Extreme(type_, den, lo, hi, op, tuple(args), scales), offset)


def common_type(nodes: list[Node], offset: int) -> Type:
    """The one type of all operands."""
    type_ = nodes[0].type
    for node in nodes[1:]:
        if not same(type_, node.type):
            raise FormulaError(
                offset,
                f"各项的类型不一样：{type_.cn}和{node.type.cn}",
                "各项要同为金额、同为比例或同一单位",
            )
        type_ = joined(type_, node.type)
    return type_


def choice(
    tests: list[Node],
    values: list[Node],
    offset: int,
    selector: Node | None = None,
    labels: tuple[str, ...] = (),
) -> Node:
    """The first value whose test holds, else the last; constant tests are decided here."""
    type_ = common_type(values, offset)
    kept_tests: list[Node] = []
    kept_values: list[Node] = []
    kept_labels: list[str] = []
    names = labels or ("",) * len(values)
    for test, value, label in zip([*tests, constant(1, BOOL)], values, names, strict=True):
        if isinstance(test, Const) and test.value == 0:
            continue
        kept_values.append(value)
        kept_labels.append(label)
        if isinstance(test, Const):
            break
        kept_tests.append(test)
    if len(kept_values) == 1:
        return kept_values[0]
    den = lcm(*(v.den for v in kept_values))
    scales = tuple(den // v.den for v in kept_values)
    lo = min(v.lo * s for v, s in zip(kept_values, scales, strict=True))
    hi = max(v.hi * s for v, s in zip(kept_values, scales, strict=True))
    return bounded(
        Choice(
            type_,
            den,
            lo,
            hi,
            tuple(kept_tests),
            tuple(kept_values),
            scales,
            selector,
            tuple(kept_labels) if labels else (),
        ),
        offset,
    )

"""Syntax tree → typed tree: names, types, units and ranges, all checked before any case is seen.

What is constant is computed here once (options of a reading, dated parameters, fixed
facts, literal sums), so the readings behind only see what varies.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from . import dates, syntax
from .facts import FactDef
from .operations import (
    HOLDS,
    NUMBERS,
    add,
    bounded,
    choice,
    common_type,
    compare,
    constant,
    divide,
    extreme,
    logic,
    multiply,
    same,
)
from .syntax import FormulaError
from .tree import (
    BOOL,
    DATE,
    DATETIME,
    ENUM,
    MONEY,
    RATIO,
    Aggregate,
    Between,
    Const,
    Fact,
    Field,
    Logic,
    Member,
    Node,
    Not,
    Shift,
    Type,
    Year,
    strip,
)


class ConsequenceError(FormulaError):
    """Follows from a mistake that has been reported already; not worth a second report."""


BROKEN = Node(BOOL, 1, 0, 0)
"""Stands in a scope for a name whose own formula is wrong."""

MAX_SHIFT = 40_000  # days or months: a century of days


@dataclass(slots=True)
class Scope:
    """What a formula may name, and the choices under which it is bound."""

    facts: Mapping[str, FactDef]
    names: dict[str, Node]
    readings: Mapping[str, tuple[str, ...]]  # id -> option ids
    chosen: Mapping[str, str]
    today: int
    fixed: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, FactDef] = field(default_factory=dict)
    readings_used: dict[str, None] = field(default_factory=dict)
    uses: Mapping[int, Mapping[str, None]] = field(default_factory=dict)  # readings behind a name


def elaborate(expr: syntax.Expr, scope: Scope, want: Type | None = None) -> Node:
    """The typed node of ``expr``. Raises FormulaError. ``want`` is the type the place demands."""
    node = _ELABORATE[type(expr)](expr, scope)
    if want is not None and not same(node.type, want):
        raise FormulaError(
            expr.offset, f"这里要{want.cn}，算式却得出{node.type.cn}", "请检查运算和单位"
        )
    return node


def fact_type(fact: FactDef) -> Type:
    """The type of a fact; only a count has a unit of its own."""
    return Type(fact.kind, fact.unit if fact.kind == "int" else "")


def fact_node(fact: FactDef, scope: Scope) -> Node:
    """A fact within a formula: a constant where a reading or a place fixes it."""
    if fact.key in scope.fixed:
        value = scope.fixed[fact.key]
        return Const(fact_type(fact), fact.den, value, value, value, fact)
    return Fact(fact_type(fact), fact.den, fact.lo, fact.hi, fact)


def _literal(expr: syntax.Literal, scope: Scope) -> Node:
    value = expr.value
    match expr.kind:
        case "money":
            return constant(int(value), MONEY)  # type: ignore[arg-type]
        case "ratio":
            assert isinstance(value, Fraction)
            return constant(value.numerator, RATIO, value.denominator)
        case "int":
            return bounded(constant(int(value), Type("int")), expr.offset)  # type: ignore[arg-type]
        case "date":
            return constant(dates.days(value), DATE)  # type: ignore[arg-type]
        case "datetime":
            return constant(dates.seconds(value), DATETIME)  # type: ignore[arg-type]
        case "bool":
            return constant(int(bool(value)), BOOL)
    raise FormulaError(
        expr.offset,
        f"'{value}' 单独出现没有意义",
        "枚举的值只能与事实比较，如 enterprise.high_tech == 'first'",
    )


def _name(expr: syntax.Name, scope: Scope) -> Node:
    path = expr.path
    if path in scope.fields:
        fact = scope.fields[path]
        return Field(fact_type(fact), fact.den, fact.lo, fact.hi, fact)
    if path in scope.names:
        named = scope.names[path]
        if named is BROKEN:
            raise ConsequenceError(expr.offset, f"{path} 本身有错", "先改正它")
        scope.readings_used.update(scope.uses.get(id(named), {}))
        return named
    if path in scope.facts:
        fact = scope.facts[path]
        if fact.kind == "list":
            raise FormulaError(
                expr.offset, f"{fact.label}是明细，不能直接用", "请用 sum(…) 或 count(…)"
            )
        return fact_node(fact, scope)
    if path == "today":
        return constant(scope.today, DATE)
    known = [*scope.fields, *scope.names, *scope.facts, "today"]
    near = difflib.get_close_matches(path, known, n=1)
    what = "事实" if "." in path else "参数或中间步骤"
    if near:
        hint = f"是否想写 {near[0]}？"
    elif any(path in fact.codes for fact in (*scope.facts.values(), *scope.fields.values())):
        hint = f"选项要加引号：'{path}'"
    else:
        hint = "先在 facts.yaml 声明事实，或在 params、let 里定义名字"
    raise FormulaError(expr.offset, f"没有 {path} 这个{what}", hint)


def _unary(expr: syntax.Unary, scope: Scope) -> Node:
    operand = elaborate(expr.operand, scope)
    if expr.op == "not":
        _need_bool(operand, expr.operand.offset)
        if isinstance(operand, Const):
            return constant(1 - operand.value, BOOL)
        return Not(BOOL, 1, 0, 1, operand)
    if operand.type.kind not in NUMBERS:
        raise FormulaError(
            expr.offset, f"负号不能用于{operand.type.cn}", "负号只用于金额、比例、个数"
        )
    return multiply(constant(-1, Type("int")), operand, expr.offset)


def _need_bool(node: Node, offset: int) -> None:
    if node.type.kind != "bool":
        raise FormulaError(offset, f"这里要一个条件，却是{node.type.cn}", "请写成比较，如 … >= 2")


def _binary(expr: syntax.Binary, scope: Scope) -> Node:
    if expr.op in ("and", "or"):
        return _logic(expr, scope)
    if expr.op in HOLDS:
        return _compare(expr, scope)
    left, right = elaborate(expr.left, scope), elaborate(expr.right, scope)
    for side, source in ((left, expr.left), (right, expr.right)):
        if side.type.kind not in NUMBERS:
            hint = "日期请用 add_days、add_months、days_between" if "date" in side.type.kind else ""
            raise FormulaError(source.offset, f"{side.type.cn}不能参加 {expr.op} 运算", hint)
    if expr.op == "*":
        return multiply(left, right, expr.offset)
    if expr.op == "/":
        return divide(left, right, expr.offset)
    return add(left, right, expr.op, expr.offset)


def _logic(expr: syntax.Binary, scope: Scope) -> Node:
    args: list[Node] = []
    for side in (expr.left, expr.right):
        node = elaborate(side, scope)
        _need_bool(node, side.offset)
        if isinstance(node, Logic) and node.op == expr.op:
            args.extend(node.args)
        else:
            args.append(node)
    return logic(expr.op, args)


# How a constant of each type is written, for the hint of a comparison that cannot be made.
_SPELLING = {
    "money": "，金额写成 5万元",
    "ratio": "，比例写成 50%",
    "date": "，日期写成 2025-05-31",
    "datetime": "，时间写成 2025-05-31T18:00",
    "enum": "，选项写成 'first'",
}


def _compare(expr: syntax.Binary, scope: Scope) -> Node:
    left, right = _sides(expr.left, expr.right, scope)
    if not same(left.type, right.type):
        raise FormulaError(
            expr.offset,
            f"{left.type.cn}和{right.type.cn}不能比较",
            f"两边的类型和单位要一样{_SPELLING.get(left.type.kind, '')}",
        )
    kind = left.type.kind
    if kind == "bool":
        raise FormulaError(expr.offset, "是否类的事实不用比较", "直接写事实，否定写 not 事实")
    if kind == "enum" and expr.op not in ("==", "!="):
        raise FormulaError(expr.offset, "选项没有大小", "请写 == 或 in [...]")
    return compare(expr.op, left, right, expr.offset)


def _sides(first: syntax.Expr, second: syntax.Expr, scope: Scope) -> tuple[Node, Node]:
    """Both sides of a comparison; quoted text takes its meaning from the enum beside it."""
    if isinstance(first, syntax.Literal) and first.kind == "text":
        right = elaborate(second, scope)
        return _code(first, right), right
    left = elaborate(first, scope)
    if isinstance(second, syntax.Literal) and second.kind == "text":
        return left, _code(second, left)
    return left, elaborate(second, scope)


def _code(expr: syntax.Expr, beside: Node) -> Const:
    inner = strip(beside)
    fact = inner.fact if isinstance(inner, Fact | Field | Const) else None
    if not isinstance(expr, syntax.Literal) or expr.kind != "text" or beside.type.kind != "enum":
        raise FormulaError(
            expr.offset, f"文字不能与{beside.type.cn}比较", "引号里的文字只用于选项类的事实"
        )
    codes = fact.codes if fact else ()
    if expr.value in codes:
        return constant(codes.index(str(expr.value)), ENUM)
    listed = "、".join(codes)
    raise FormulaError(
        expr.offset,
        f"{fact.label if fact else ''}没有 '{expr.value}' 这个选项",
        f"可选的有 {listed}",
    )


def _member(expr: syntax.Member, scope: Scope) -> Node:
    operand = elaborate(expr.operand, scope)
    values = [_key(choice, operand, scope) for choice in expr.choices]
    if isinstance(operand, Const):
        return constant(int(operand.value in values), BOOL)
    return Member(BOOL, 1, 0, 1, operand, tuple(values))


def _key(expr: syntax.Expr, beside: Node, scope: Scope) -> int:
    """The constant that a row of ``by`` or a choice of ``in`` stands for."""
    if beside.type.kind == "enum":
        return _code(expr, beside).value
    node = strip(elaborate(expr, scope))
    if not isinstance(node, Const) or not same(node.type, beside.type) or node.den != beside.den:
        raise FormulaError(expr.offset, f"这里要一个{beside.type.cn}的常数", "表的左列只能写常数")
    return node.value


def _call(expr: syntax.Call, scope: Scope) -> Node:
    args = [elaborate(arg, scope) for arg in expr.args]
    at = [arg.offset for arg in expr.args]
    match expr.name:
        case "min" | "max":
            return extreme(expr.name, args, expr.offset)
        case "if":
            _need_bool(args[0], at[0])
            return choice([args[0]], args[1:], expr.offset)
        case "add_days" | "add_months":
            return _shift(expr, args)
        case "days_between":
            _need_dates(args, at)
            lo, hi = args[1].lo - args[0].hi, args[1].hi - args[0].lo
            return Between(Type("int", "天"), 1, lo, hi, args[0], args[1])
    _need_dates(args, at)
    lo, hi = dates.year_of(args[0].lo), dates.year_of(args[0].hi)
    return Year(Type("int", "年"), 1, lo, hi, args[0])


def _need_dates(args: list[Node], offsets: list[int]) -> None:
    for arg, offset in zip(args, offsets, strict=True):
        if arg.type != DATE:
            raise FormulaError(offset, f"这里要日期，却是{arg.type.cn}", "日期写成 2025-05-31")


def _shift(expr: syntax.Call, args: list[Node]) -> Node:
    _need_dates(args[:1], [expr.args[0].offset])
    unit = "days" if expr.name == "add_days" else "months"
    amount = args[1]
    if (
        amount.type.kind != "int"
        or amount.den != 1
        or max(abs(amount.lo), abs(amount.hi)) > MAX_SHIFT
    ):
        raise FormulaError(
            expr.args[1].offset, "第二个参数应当是不超过 40000 的整数", "如 add_days(日期, 30)"
        )
    if unit == "days":
        lo, hi = args[0].lo + amount.lo, args[0].hi + amount.hi
    else:
        lo = dates.add_months(args[0].lo, amount.lo)
        hi = dates.add_months(args[0].hi, amount.hi)
    if isinstance(args[0], Const) and isinstance(amount, Const):
        return constant(lo, DATE)
    return Shift(DATE, 1, lo, hi, args[0], amount, unit)


def _table(expr: syntax.Table, scope: Scope) -> Node:
    if expr.name == "reading":
        return _reading(expr, scope)
    if expr.name == "by":
        return _by(expr, scope)
    if expr.otherwise is None:
        raise FormulaError(expr.offset, "case 没有写 else", "在最后加 else -> 0元 或相应的值")
    tests = [elaborate(key, scope) for key, _ in expr.rows]
    for test, (key, _) in zip(tests, expr.rows, strict=True):
        _need_bool(test, key.offset)
    values = [elaborate(value, scope) for _, value in expr.rows]
    return choice(tests, [*values, elaborate(expr.otherwise, scope)], expr.offset)


def _by(expr: syntax.Table, scope: Scope) -> Node:
    assert expr.head is not None
    selector = elaborate(expr.head, scope)
    if selector.type.kind not in ("int", "enum") or selector.den != 1:
        raise FormulaError(
            expr.head.offset,
            f"不能按{selector.type.cn}查表",
            "按范围分档请用 case(… -> …, else -> …)",
        )
    keys = [_key(key, selector, scope) for key, _ in expr.rows]
    for at, (key, (source, _)) in enumerate(zip(keys, expr.rows, strict=True)):
        if key in keys[:at]:
            raise FormulaError(source.offset, "表里有重复的一行", "每个值只写一行")
        if not selector.lo <= key <= selector.hi and not isinstance(selector, Const):
            raise FormulaError(
                source.offset, "这一行永远用不到：超出事实的范围", "请检查事实的 min、max"
            )
    values = [elaborate(value, scope) for _, value in expr.rows]
    if expr.otherwise is not None:
        values.append(elaborate(expr.otherwise, scope))
    elif not isinstance(selector, Const):
        gap = next((k for k in range(selector.lo, selector.hi + 1) if k not in keys), None)
        if gap is not None:
            raise FormulaError(
                expr.offset,
                f"表没有写 {_shown(selector, gap)} 这一行",
                "补上这一行，或在最后加 else -> …",
            )
    labels = tuple(_shown(selector, key) for key in keys)
    if expr.otherwise is not None:
        labels += ("其他",)
    else:
        keys = keys[:-1]
    tests = [compare("==", selector, constant(key, selector.type), expr.offset) for key in keys]
    return choice(tests, values, expr.offset, selector, labels)


def _shown(selector: Node, key: int) -> str:
    inner = strip(selector)
    if isinstance(inner, Fact | Field | Const) and inner.fact:
        return inner.fact.show(key)
    return f"{key}{selector.type.unit}"


def _reading(expr: syntax.Table, scope: Scope) -> Node:
    if not isinstance(expr.head, syntax.Name) or expr.head.path not in scope.readings:
        raise FormulaError(
            expr.offset, "reading 的第一个参数应当是口径的 id", "先在 pack.yaml 的 readings 里登记"
        )
    reading = expr.head.path
    options = scope.readings[reading]
    rows: dict[str, Node] = {}
    for key, value in expr.rows:
        if not isinstance(key, syntax.Name) or key.path not in options:
            raise FormulaError(
                key.offset, f"口径 {reading} 没有这个选项", f"可选的有 {'、'.join(options)}"
            )
        rows[key.path] = elaborate(value, scope)
    missing = [o for o in options if o not in rows]
    if missing or expr.otherwise is not None:
        raise FormulaError(
            expr.offset, f"口径 {reading} 的选项没有写全", f"缺少 {'、'.join(missing)}，且不用 else"
        )
    common_type(list(rows.values()), expr.offset)
    scope.readings_used[reading] = None
    return rows[scope.chosen[reading]]


def _aggregate(expr: syntax.Aggregate, scope: Scope) -> Node:
    fact = scope.facts.get(expr.items.path)
    if fact is None or fact.kind != "list":
        raise FormulaError(
            expr.items.offset,
            f"{expr.items.path} 不是明细类的事实",
            "sum、count 只用于 type: list 的事实",
        )
    if scope.fields:
        raise FormulaError(expr.offset, "明细里不能再套明细", "请用 let 拆开")
    inner = Scope(
        scope.facts, scope.names, scope.readings, scope.chosen, scope.today, scope.fixed,
        {f.key: f for f in fact.fields}, scope.readings_used, scope.uses,
    )  # fmt: skip
    where = None
    if expr.where is not None:
        where = elaborate(expr.where, inner)
        _need_bool(where, expr.where.offset)
    items = Fact(Type("list"), 1, 0, fact.hi, fact)
    if expr.item is None:
        return Aggregate(Type("int"), 1, 0, fact.hi, items, None, where, fact.fields)
    item = elaborate(expr.item, inner)
    if item.type.kind not in NUMBERS:
        raise FormulaError(expr.item.offset, f"{item.type.cn}不能相加", "sum 只加金额、比例、个数")
    lo, hi = min(0, item.lo) * fact.hi, max(0, item.hi) * fact.hi
    return bounded(
        Aggregate(item.type, item.den, lo, hi, items, item, where, fact.fields), expr.offset
    )


_ELABORATE: dict[type[syntax.Expr], Callable[[Any, Scope], Node]] = {
    syntax.Literal: _literal,
    syntax.Name: _name,
    syntax.Unary: _unary,
    syntax.Binary: _binary,
    syntax.Member: _member,
    syntax.Call: _call,
    syntax.Table: _table,
    syntax.Aggregate: _aggregate,
}

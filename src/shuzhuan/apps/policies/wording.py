"""Formula → Chinese: the rule beside the clause, for readers who do not read formulas.

Works on the syntax tree, so that names become labels and nothing has been folded away.
The result explains; only the engine computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from shuzhuan.engine.money import format_cn
from shuzhuan.engine.policy import syntax
from shuzhuan.engine.policy.facts import FactDef, ratio_text
from shuzhuan.engine.policy.pack import Pack

_NUMBER = {
    "==": "等于", "!=": "不等于", "<": "低于", "<=": "不超过", ">": "超过", ">=": "达到",
}  # fmt: skip
_TIME = {
    "==": "是", "!=": "不是", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于",
}  # fmt: skip
_NAMED = {"==": "是", "!=": "不是", "<": "低于", "<=": "不高于", ">": "高于", ">=": "达到"}
_SIGNS = {"*": " × ", "/": " ÷ ", "+": " + ", "-": " − "}
_LISTED_MAX = 4
_NOTHING = {"0元", "0%"}
_TIGHT = {"*", "/"}


class Wording:
    """Words for the formulas of one clause under the readings that are in force."""

    def __init__(self, pack: Pack, clause: Any, readings: Mapping[str, str] | None = None) -> None:
        self._pack = pack
        self._readings = {**pack.defaults, **(readings or {})}
        self._labels = {p.name: p.label for p in pack.source.pack.params}
        if clause is not None:
            self._labels |= {p.name: p.label for p in clause.params}
            self._labels |= {s.name: s.label for s in clause.let}
        self._items: Mapping[str, FactDef] = {}

    def text(self, formula: str) -> str:
        """A value or a test in words."""
        text = self._value(self._pack.parsed(formula))
        whole = text.startswith("〔") and text.endswith("〕") and text.count("〔") == 1
        return text[1:-1] if whole else text

    def tests(self, formula: str) -> list[str]:
        """A test as the list of what must hold: the parts of an ``and`` one by one."""
        found: list[str] = []
        pending = [self._chosen(self._pack.parsed(formula))]
        while pending:
            expr = pending.pop(0)
            if isinstance(expr, syntax.Binary) and expr.op == "and":
                pending = [self._chosen(expr.left), self._chosen(expr.right), *pending]
            else:
                found.append(self._value(expr))
        return [text for text in found if text != "是"]  # a reading that asks for nothing

    def rows(self, formula: str) -> list[tuple[str, str]]:
        """The rows of a table of values (二级 → 20万元); empty when it is not a table."""
        expr = self._chosen(self._pack.parsed(formula))
        if not isinstance(expr, syntax.Table) or expr.name == "reading":
            return []
        fact = self._fact(expr.head) if expr.head is not None else None
        rows = [(self._value(key, fact), self._value(value)) for key, value in expr.rows]
        if expr.otherwise is not None and (rest := self._value(expr.otherwise)) not in _NOTHING:
            rows.append(("其他", rest))
        return rows

    # -- the tree ------------------------------------------------------------------

    def _chosen(self, expr: syntax.Expr) -> syntax.Expr:
        """Replace a reading by the option in force."""
        while isinstance(expr, syntax.Table) and expr.name == "reading":
            assert isinstance(expr.head, syntax.Name)
            option = self._readings[expr.head.path]
            expr = next(v for k, v in expr.rows if isinstance(k, syntax.Name) and k.path == option)
        return expr

    def _fact(self, expr: syntax.Expr | None) -> FactDef | None:
        if isinstance(expr, syntax.Name):
            return self._items.get(expr.path) or self._pack.facts.get(expr.path)
        return None

    def _value(  # noqa: PLR0911 - one line per kind of expression
        self, expr: syntax.Expr, beside: FactDef | None = None
    ) -> str:
        expr = self._chosen(expr)
        match expr:
            case syntax.Literal():
                return _literal(expr, beside)
            case syntax.Name():
                return self._name(expr)
            case syntax.Unary(op="not"):
                return self._negated(expr.operand)
            case syntax.Unary():
                return f"−{self._value(expr.operand)}"
            case syntax.Binary():
                return self._binary(expr)
            case syntax.Member():
                fact = self._fact(expr.operand)
                listed = "、".join(self._value(c, fact) for c in expr.choices)
                return f"{self._value(expr.operand)}是{listed}之一"
            case syntax.Call():
                return self._call(expr)
            case syntax.Table():
                return self._table(expr)
        return self._aggregate(expr)

    def _name(self, expr: syntax.Name) -> str:
        if expr.path == "today":
            return "测算日期"
        if expr.path in self._items:
            return self._items[expr.path].label
        if expr.path in self._labels:
            return self._labels[expr.path]
        fact = self._pack.facts[expr.path]
        return (fact.yes or fact.label) if fact.kind == "bool" else fact.label

    def _negated(self, operand: syntax.Expr) -> str:
        fact = self._fact(self._chosen(operand))
        if fact is not None:
            return fact.no or f"不是：{fact.label}"
        return f"不属于（{self._value(operand)}）"

    def _binary(self, expr: syntax.Binary) -> str:
        if expr.op in ("and", "or"):
            word = "，并且" if expr.op == "and" else "，或者"
            return f"{self._side(expr.left, expr.op)}{word}{self._side(expr.right, expr.op)}"
        if expr.op in _NUMBER:
            fact = self._fact(expr.left)
            if expr.op == "!=" and (others := _others(fact, expr.right)):
                return f"{self._value(expr.left)}是{others}"
            words = _NUMBER
            if fact is not None and fact.kind in ("date", "datetime"):
                words = _TIME
            elif fact is not None and (fact.names or fact.kind == "enum"):
                words = _NAMED
            right = self._value(expr.right, fact)
            return f"{self._value(expr.left)}{words[expr.op]}{right}"
        left, right = self._operand(expr.left, expr.op), self._operand(expr.right, expr.op)
        return f"{left}{_SIGNS[expr.op]}{right}"

    def _side(self, expr: syntax.Expr, op: str) -> str:
        expr = self._chosen(expr)
        text = self._value(expr)
        mixed = isinstance(expr, syntax.Binary) and expr.op in ("and", "or") and expr.op != op
        return f"（{text}）" if mixed else text

    def _operand(self, expr: syntax.Expr, op: str) -> str:
        expr = self._chosen(expr)
        text = self._value(expr)
        sums = isinstance(expr, syntax.Binary) and expr.op in ("+", "-") and op in _TIGHT
        return f"（{text}）" if sums else text

    def _call(self, expr: syntax.Call) -> str:
        args = [self._value(arg) for arg in expr.args]
        match expr.name:
            case "min" | "max":
                if expr.name == "max" and args[-1] == "0元":
                    return f"（{args[0]}，不足0的按0计）"
                if expr.name == "min" and len(args) == 2 and isinstance(expr.args[1], syntax.Name):  # noqa: PLR2004
                    return f"〔{args[0]}，不超过{args[1]}〕"
                word = "较小" if expr.name == "min" else "较大"
                word = word if len(args) == 2 else f"最{word[-1]}"  # noqa: PLR2004
                return f"〔{'〕与〔'.join(args)}〕中{word}的"
            case "if":
                return f"{args[0]}的，为{args[1]}；否则为{args[2]}"
            case "add_days":
                return f"{args[0]}之后{args[1]}日"
            case "add_months":
                return f"{args[0]}之后{args[1]}个月"
            case "days_between":
                return f"从{args[0]}到{args[1]}的天数"
        return f"{args[0]}的年份"

    def _table(self, expr: syntax.Table) -> str:
        fact = self._fact(expr.head)
        parts = [f"{self._value(k, fact)}的取{self._value(v)}" for k, v in expr.rows]
        if expr.otherwise is not None and self._value(expr.otherwise) not in _NOTHING:
            parts.append(f"其他取{self._value(expr.otherwise)}")
        head = f"按{self._value(expr.head)}：" if expr.head is not None else ""
        return head + "，".join(parts)

    def _aggregate(self, expr: syntax.Aggregate) -> str:
        fact = self._pack.facts[expr.items.path]
        outer, self._items = self._items, {f.key: f for f in fact.fields}
        where = f"中{self._value(expr.where)}的" if expr.where is not None else ""
        item = f"{self._value(expr.item)}合计" if expr.item is not None else "笔数"
        self._items = outer
        return f"{fact.label}{where}{item}"


def _others(fact: FactDef | None, excluded: syntax.Expr) -> str:
    """``!= 'none'`` as what remains: 国家级或省级. Empty when that is no short list."""
    if fact is None or fact.kind != "enum" or not isinstance(excluded, syntax.Literal):
        return ""
    rest = [fact.names[at] for at, code in enumerate(fact.codes) if code != excluded.value]
    return "或".join(rest) if len(rest) <= _LISTED_MAX else ""


def _literal(expr: syntax.Literal, beside: FactDef | None) -> str:
    value = expr.value
    if beside is not None and beside.kind == "enum" and value in beside.codes:
        return beside.names[beside.codes.index(str(value))]
    match expr.kind:
        case "money":
            return format_cn(int(value))  # type: ignore[arg-type]
        case "ratio":
            assert isinstance(value, Fraction)
            return ratio_text(value.numerator, value.denominator)
        case "bool":
            return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日 {value.hour}:{value.minute:02}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if beside is not None and beside.kind == "int" and isinstance(value, int):
        return beside.show(value)
    return str(value)

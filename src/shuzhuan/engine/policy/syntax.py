"""Formula text → syntax tree. Knows spelling, nothing of types, units or facts.

The grammar is in ``docs/policy-language.md`` section 2. Every node keeps the
offset of its first character, so that later errors can point into the YAML file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

MAX_FORMULA_CHARS = 4_000
MAX_DEPTH = 60


class FormulaError(Exception):
    """A mistake in a formula: ``message`` and ``hint`` are Chinese, ``offset`` counts characters."""

    def __init__(self, offset: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset, self.message, self.hint = offset, message, hint


@dataclass(frozen=True, slots=True)
class Literal:
    """``kind``: money (fen), ratio, int, date, datetime, text or bool."""

    offset: int
    kind: str
    value: Fraction | int | str | bool | date | datetime


@dataclass(frozen=True, slots=True)
class Name:
    offset: int
    path: str


@dataclass(frozen=True, slots=True)
class Unary:
    offset: int
    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    offset: int
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Member:
    """``x in ['a', 'b']``."""

    offset: int
    operand: Expr
    choices: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """min, max, if and the date functions: plain arguments."""

    offset: int
    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """case, by and reading: ``head`` and rows of ``key -> value``; ``otherwise`` is the else row."""

    offset: int
    name: str
    head: Expr | None
    rows: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``sum(list, item where condition)`` and ``count(list where condition)``."""

    offset: int
    name: str
    items: Name
    item: Expr | None
    where: Expr | None


Expr = Literal | Name | Unary | Binary | Member | Call | Table | Aggregate

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)
  | (?P<date>\d{4}-\d{2}-\d{2})
  | (?P<money>(?:0|[1-9]\d*)(?:\.\d+)?(?:亿元|万元|元))
  | (?P<ratio>(?:0|[1-9]\d*)(?:\.\d+)?%)
  | (?P<int>0|[1-9]\d*)(?![.\w\u4e00-\u9fff])
  | (?P<text>'[^']*')
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<op>->|==|!=|<=|>=|[-+*/<>(),\[\]])
    """,
    re.VERBOSE | re.ASCII,  # a full-width digit is not a digit here
)
_MONEY_UNIT = {"亿元": 10_000_000_000, "万元": 1_000_000, "元": 100}
_WORDS = {"and", "or", "not", "in", "where", "else", "true", "false"}
_TABLES = {"case", "by", "reading"}
_AGGREGATES = {"sum", "count"}
CALLS = {"min": (2, 20), "max": (2, 20), "if": (3, 3), "add_days": (2, 2), "add_months": (2, 2)}
CALLS |= {"days_between": (2, 2), "year": (1, 1)}
_COMMON_SLIPS = {
    "=": ("等号写成了 =", "比较相等请写 =="),
    "&": ("不认识的符号 &", "并且请写 and"),
    "|": ("不认识的符号 |", "或者请写 or"),
    "!": ("不认识的符号 !", "不等于请写 !=，否定请写 not"),
    '"': ("文字用了双引号", "枚举的值请用单引号，如 'first'"),
    "'": ("引号没有配对", "在选项的后面补上 '"),
    "%": ("百分号前缺少数字", "比例请写成 50%"),
    "，": ("用了全角逗号", "请用半角逗号 ,"),
    "（": ("用了全角括号", "请用半角括号 ( )"),
    "）": ("用了全角括号", "请用半角括号 ( )"),
    "×": ("不认识的符号 ×", "乘号请写 *"),
    "÷": ("不认识的符号 ÷", "除号请写 /"),
    "≥": ("不认识的符号 ≥", "请写 >="),
    "≤": ("不认识的符号 ≤", "请写 <="),
    ":": ("不认识的符号 :", "对应关系请写 ->，如 2 -> 20万元"),
    "{": ("不认识的符号 {", "查表请写 by(事实, 值 -> 金额, else -> 金额)"),
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse(text: str) -> Expr:
    """Parse one formula. Raises FormulaError with the offset of the mistake."""
    if len(text) > MAX_FORMULA_CHARS:
        raise FormulaError(0, f"算式超过 {MAX_FORMULA_CHARS} 个字符", "请用 let 拆成几步")
    if not text.strip():
        raise FormulaError(0, "算式是空的", "请写一个算式，如 project.invested * 50%")
    parser = _Parser(_tokenize(text), len(text))
    expr = parser.expression(0)
    parser.expect_end()
    return expr


def _tokenize(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _bad_character(text, at)
        kind = match.lastgroup or ""
        if kind != "space":
            word = match.group()
            if kind == "name" and word in _WORDS:
                kind = "word"
            tokens.append(_Token(kind, word, at))
        at = match.end()
    return tokens


def _bad_character(text: str, at: int) -> FormulaError:
    rest = re.match(r"[0-9.]+[^\s,()]*", text[at:])
    if rest:
        return FormulaError(
            at,
            f"看不懂的数字 {rest.group()}",
            "金额带单位（20万元），比例带百分号（50%），整数不带小数点",
        )
    words = re.match(r"[\u4e00-\u9fff]+", text[at:])
    if words:
        hint = "写事实的 key，或 params、let 里的名字"
        return FormulaError(at, f"算式里写了文字“{words.group()}”", hint)
    if "０" <= text[at] <= "９":
        return FormulaError(at, f"用了全角数字 {text[at]}", "请用半角数字")
    message, hint = _COMMON_SLIPS.get(text[at], (f"不认识的符号 {text[at]}", "请对照文档第 2 节"))
    return FormulaError(at, message, hint)


# Binding power of the binary operators; a comparison may not be chained.
_POWER = {"or": 1, "and": 2, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4}
_POWER |= {"+": 5, "-": 5, "*": 6, "/": 6}
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">=", "in"}


class _Parser:
    """Precedence climbing over the tokens of one formula."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens, self._at, self._end = tokens, 0, _Token("end", "", length)
        self._depth = 0

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else self._end

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._peek().text == text and self._peek().kind in ("op", "word"):
            self._at += 1
            return True
        return False

    def _expect(self, text: str, hint: str) -> None:
        token = self._peek()
        if not self._accept(text):
            found = f"却是 {token.text}" if token.text else "算式却结束了"
            raise FormulaError(token.offset, f"这里应当是 {text}，{found}", hint)

    def expect_end(self) -> None:
        token = self._peek()
        if token.kind != "end":
            hint = "两个值之间缺少运算符，或括号不配对"
            if token.text in ("AND", "OR", "NOT", "IN"):
                hint = f"用小写：{token.text.lower()}"
            raise FormulaError(token.offset, f"多出来的 {token.text}", hint)

    def expression(self, power: int) -> Expr:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError(
                self._peek().offset, f"括号嵌套超过 {MAX_DEPTH} 层", "请用 let 拆成几步"
            )
        left = self._prefix()
        while (op := self._peek().text) in _POWER and self._peek().kind in ("op", "word"):
            if _POWER[op] < power:
                break
            left = self._infix(left, op)
        self._depth -= 1
        return left

    def _infix(self, left: Expr, op: str) -> Expr:
        token = self._next()
        if op == "in":
            result: Expr = Member(token.offset, left, self._choices())
        else:
            result = Binary(token.offset, op, left, self.expression(_POWER[op] + 1))
        if op in _COMPARISONS and self._peek().text in _COMPARISONS:
            raise FormulaError(self._peek().offset, "比较不能连写", "请写成 a <= x and x <= b")
        return result

    def _choices(self) -> tuple[Expr, ...]:
        self._expect("[", "in 的右边写方括号，如 in ['a', 'b']")
        choices = [self._prefix()]
        while self._accept(","):
            choices.append(self._prefix())
        self._expect("]", "方括号没有合上")
        return tuple(choices)

    def _prefix(self) -> Expr:
        token = self._next()
        if token.text == "not" and token.kind == "word":
            return Unary(token.offset, "not", self.expression(3))
        if token.text == "-" and token.kind == "op":
            return Unary(token.offset, "-", self.expression(7))
        if token.text == "(" and token.kind == "op":
            inner = self.expression(0)
            self._expect(")", "括号没有合上")
            return inner
        if token.kind == "name":
            return self._name(token)
        return _literal(token)

    def _name(self, token: _Token) -> Expr:
        if self._peek().text != "(":
            return Name(token.offset, token.text)
        self._at += 1
        if token.text in _TABLES:
            return self._table(token)
        if token.text in _AGGREGATES:
            return self._aggregate(token)
        if token.text not in CALLS:
            known = "、".join(sorted({*CALLS, *_TABLES, *_AGGREGATES}))
            raise FormulaError(token.offset, f"没有 {token.text} 这个函数", f"可用的有 {known}")
        args = [self.expression(0)]
        while self._accept(","):
            args.append(self.expression(0))
        self._expect(")", f"{token.text}( 没有合上")
        low, high = CALLS[token.text]
        if not low <= len(args) <= high:
            need = str(low) if low == high else f"{low} 到 {high}"
            message = f"{token.text} 要 {need} 个参数，给了 {len(args)} 个"
            raise FormulaError(token.offset, message, "对照政策语言第 2 节补上或删去")
        return Call(token.offset, token.text, tuple(args))

    def _table(self, token: _Token) -> Table:
        head: Expr | None = None
        if token.text != "case":
            head = self.expression(0)
            self._expect(",", f"{token.text}( 之后先写对象，再写逗号和各行")
        rows: list[tuple[Expr, Expr]] = []
        otherwise: Expr | None = None
        while True:
            if self._accept("else"):
                self._expect("->", "else 后面写 -> 和值")
                otherwise = self.expression(0)
                break
            key = self.expression(0)
            self._expect("->", "每一行写成 条件或值 -> 结果")
            rows.append((key, self.expression(0)))
            if not self._accept(","):
                break
        self._expect(")", f"{token.text}( 没有合上；else 必须是最后一行")
        return Table(token.offset, token.text, head, tuple(rows), otherwise)

    def _aggregate(self, token: _Token) -> Aggregate:
        items = self._next()
        if items.kind != "name":
            raise FormulaError(
                items.offset,
                f"{token.text}( 之后应当是明细的名字",
                "如 sum(project.invoices, amount)",
            )
        item: Expr | None = None
        if token.text == "sum":
            self._expect(",", "sum 要写明加什么，如 sum(project.invoices, amount)")
            item = self.expression(0)
        where = self.expression(0) if self._accept("where") else None
        self._expect(")", f"{token.text}( 没有合上")
        return Aggregate(token.offset, token.text, Name(items.offset, items.text), item, where)


def _literal(token: _Token) -> Literal:
    text, at = token.text, token.offset
    try:
        match token.kind:
            case "money":
                unit = next(u for u in ("亿元", "万元", "元") if text.endswith(u))
                fen = Fraction(text[: -len(unit)]) * _MONEY_UNIT[unit]
                if fen.denominator != 1:
                    raise FormulaError(at, f"{text} 不是整数分", "金额最小到 0.01元")
                return Literal(at, "money", int(fen))
            case "ratio":
                return Literal(at, "ratio", Fraction(text[:-1]) / 100)
            case "int":
                return Literal(at, "int", int(text))
            case "date":
                return Literal(at, "date", date.fromisoformat(text))
            case "datetime":
                return Literal(at, "datetime", datetime.fromisoformat(text))
            case "text":
                return Literal(at, "text", text[1:-1])
            case "word" if text in ("true", "false"):
                return Literal(at, "bool", text == "true")
    except ValueError:
        raise FormulaError(
            at, f"{text} 不是有效的日期或时间", "日期写成 2025-05-31，时间写成 2025-05-31T18:00"
        ) from None
    if token.kind == "end":
        raise FormulaError(at, "算式没有写完", "运算符后面缺少一个值")
    raise FormulaError(at, f"{text} 不该出现在这里", "这里应当是一个值、事实或函数")

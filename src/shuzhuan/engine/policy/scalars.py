"""Scalar types of the YAML forms: text in, exact value out, Chinese reasons when refused.

Every type is an ``Annotated`` for pydantic whose validator takes the text that
``source`` read. The JSON schema beside each describes what an editor sees, where
YAML 1.2 has already turned some of the text into numbers and truth values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from shuzhuan.engine import money

MAX_TEXT = 4_000
_WORD_TYPES = ["string", "number", "boolean"]


class Month(NamedTuple):
    """A year and a month (2025-07), when a plan names no day."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def refusal(message: str, hint: str = "", key: str | None = None) -> PydanticCustomError:
    """A Chinese reason for pydantic to carry.

    A mapping that is refused names its ``key`` at fault (``dated.1.from`` further down,
    empty for the mapping as a whole); a scalar names none.
    """
    context = {"message": message, "hint": hint, "key": key}
    return PydanticCustomError("policy", "{message}", context)


def reason(error: ValueError) -> tuple[str, str]:
    """Message and hint of a refused scalar, whether it was refused here or by ``money``."""
    if isinstance(error, PydanticCustomError):
        context = error.context or {}
        return str(context["message"]), str(context["hint"])
    message, _, hint = str(error).partition("，")
    return message, hint


def _word(value: object, wanted: str) -> str:
    """The text of a scalar; ``wanted`` describes it in messages."""
    if isinstance(value, str):
        return value
    if value is None:
        raise refusal("不能写 null", f"应当是{wanted}")
    found = "列表" if isinstance(value, list | tuple) else "映射"
    hint = f"应当是{wanted}"
    if isinstance(value, dict):
        hint += "；文字里有“: ”或以 { 开头时要加双引号"
    raise refusal(f"这里写成了{found}", hint)


def _text(value: object) -> str:
    text = _word(value, "文字").strip()
    if not text:
        raise refusal("文字是空的", "写上内容，或删去这个键")
    if len(text) > MAX_TEXT:
        raise refusal(f"文字超过 {MAX_TEXT} 字", "概括后再写")
    return text


def _formula(value: object) -> str:
    text = _word(value, "算式")
    if not text.strip():
        raise refusal("算式是空的", "写上算式，如 project.eligible_spend * 50%")
    if len(text) > MAX_TEXT:
        raise refusal(f"算式超过 {MAX_TEXT} 字", "用 let 拆成几步")
    return text


def _unit(value: object) -> str:
    return _word(value, '单位，没有单位写 ""').strip()


def _pattern(wanted: str, expression: str, hint: str) -> Callable[[object], str]:
    compiled = re.compile(expression)

    def check(value: object) -> str:
        text = _word(value, wanted)
        if not compiled.fullmatch(text):
            raise refusal(f"“{text[:40]}”不是{wanted}", hint)
        return text

    return check


def _bool(value: object) -> bool:
    text = _word(value, "true 或 false")
    if text not in ("true", "false"):
        raise refusal(f"“{text[:40]}”不是 true 或 false", "是写 true，否写 false")
    return text == "true"


def parse_int(value: object) -> int:
    """A whole number of at most 15 digits; ValueError (PydanticCustomError) otherwise."""
    text = _word(value, "整数")
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text) or text == "-0":
        raise refusal(f"“{text[:40]}”不是整数", "只写数字，如 3，不带单位、逗号和小数点")
    return int(text)


def _natural(value: object) -> int:
    number = parse_int(value)
    if number < 1:
        raise refusal(f"{number} 太小", "应当是大于零的整数")
    return number


def _number(value: object) -> Decimal:
    text = _word(value, "数字")
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?", text):
        raise refusal(f"“{text[:40]}”不是数字", "只写数字，如 300 或 12.5，单位写在 unit 里")
    return Decimal(text)


def parse_percent(value: object) -> Fraction:
    """``50%`` → 1/2, exact; ValueError (PydanticCustomError) otherwise."""
    return Fraction(_percent_points(value)) / 100


def _percent_points(value: object) -> Decimal:
    text = _word(value, "百分数")
    if not re.fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?%", text):
        raise refusal(f"“{text[:40]}”不是百分数", "写成数字加 %，如 50% 或 3.3%")
    return Decimal(text[:-1])


def parse_money(value: object) -> int:
    """Fen of ``20万元``; ValueError (PydanticCustomError) otherwise."""
    text = _word(value, "金额，如 20万元")
    try:
        return money.parse_literal(text)
    except money.MoneyError as error:
        raise refusal(*reason(error)) from None


def parse_date(value: object) -> date:
    """``2025-05-31``; ValueError (PydanticCustomError) otherwise."""
    text = _word(value, "日期，如 2025-05-31")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise refusal(f"“{text[:40]}”不是日期", "写成 2025-05-31 的样子")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refusal(f"没有 {text} 这一天", "检查月份和日") from None


def parse_datetime(value: object) -> datetime:
    """``2025-05-31T18:00`` or with seconds; ValueError (PydanticCustomError) otherwise."""
    text = _word(value, "时间，如 2025-05-31T18:00:00")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", text):
        raise refusal(f"“{text[:40]}”不是时间", "写成 2025-05-31T18:00:00 的样子")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise refusal(f"没有 {text} 这个时间", "检查月份、日和时刻") from None


def _month_or_date(value: object) -> Month | date:
    text = _word(value, "月份或日期，如 2025-12")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return parse_date(text)
    match = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if match is None:
        raise refusal(f"“{text[:40]}”不是月份或日期", "写成 2025-12 或 2025-12-31")
    return Month(int(match.group(1)), int(match.group(2)))


def _schema(wanted: str, **schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"description": wanted, **schema})


_ID_HINT = "小写字母开头，只用小写字母、数字和 _，如 pilot"
_SLUG = r"[a-z][a-z0-9_]{0,49}"
_KEY = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"
_CLAUSE = r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
_PACK = r"[a-z][a-z0-9_-]{0,49}"

Text = Annotated[
    str, PlainValidator(_text), _schema("文字", type=_WORD_TYPES, minLength=1, maxLength=MAX_TEXT)
]
Unit = Annotated[str, PlainValidator(_unit), _schema("单位", type="string")]
Formula = Annotated[str, PlainValidator(_formula), _schema("算式", type=_WORD_TYPES, minLength=1)]
Slug = Annotated[
    str,
    PlainValidator(_pattern("标识", _SLUG, _ID_HINT)),
    _schema("标识", type="string", pattern=f"^{_SLUG}$"),
]
FactKey = Annotated[
    str,
    PlainValidator(_pattern("事实的 key", _KEY, "小写，至少一个点，如 project.level_after")),
    _schema("事实的 key", type="string", pattern=f"^{_KEY}$"),
]
ClauseId = Annotated[
    str,
    PlainValidator(_pattern("条款 id", _CLAUSE, '只用字母、数字和 -，如 "9-1"')),
    _schema("条款 id", type=["string", "integer"], pattern=f"^{_CLAUSE}$"),
]
PackId = Annotated[
    str,
    PlainValidator(_pattern("政策包 id", _PACK, "小写字母开头，只用小写字母、数字、_ 和 -")),
    _schema("政策包 id", type="string", pattern=f"^{_PACK}$"),
]
Version = Annotated[
    str,
    PlainValidator(_pattern("版本号", r"[0-9]+\.[0-9]+\.[0-9]+", "三个数，如 1.0.0")),
    _schema("版本号", type="string", pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$"),
]
PlaceCode = Annotated[
    str,
    PlainValidator(
        _pattern("行政区划代码", r"[0-9]{6}|[0-9]{9}|[0-9]{12}", '六位数字，如 "350500"')
    ),
    _schema("行政区划代码", type=["string", "integer"]),
]
Bool = Annotated[bool, PlainValidator(_bool), _schema("true 或 false", type="boolean")]
Int = Annotated[int, PlainValidator(parse_int), _schema("整数", type="integer")]
Natural = Annotated[
    int, PlainValidator(_natural), _schema("大于零的整数", type="integer", minimum=1)
]
Number = Annotated[Decimal, PlainValidator(_number), _schema("数字", type="number")]
Percent = Annotated[
    Fraction,
    PlainValidator(parse_percent),
    _schema("百分数，如 50%", type="string", pattern=r"^[0-9]+(\.[0-9]+)?%$"),
]
PercentPoints = Annotated[
    Decimal,
    PlainValidator(_percent_points),
    _schema(
        "百分数，保留文件印的小数位，如 82.00%", type="string", pattern=r"^[0-9]+(\.[0-9]+)?%$"
    ),
]
Money = Annotated[
    int,
    PlainValidator(parse_money),
    _schema("金额，如 20万元", type="string", pattern=r"^-?[0-9]+(\.[0-9]+)?(元|万元|亿元)$"),
]
Date = Annotated[
    date,
    PlainValidator(parse_date),
    _schema("日期，如 2025-05-31", type="string", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
]
DateTime = Annotated[
    datetime,
    PlainValidator(parse_datetime),
    _schema("北京时间，如 2025-05-31T18:00:00", type="string"),
]
MonthOrDate = Annotated[
    Month | date,
    PlainValidator(_month_or_date),
    _schema("月份或日期，如 2025-12", type="string", pattern="^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"),
]

"""What a person types → the strict form of a fact.

People write 80万, 800,000 or ８０; the reading is unambiguous, so it is accepted and read
back to them. What could mean two things is refused with an example. Exact throughout.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from shuzhuan.engine.money import format_cn, format_yuan
from shuzhuan.engine.policy.facts import FactDef

TYPED_CHARS_MAX = 200
TABLE_CHARS_MAX = 20_000
UNITS = {"yuan": ("元", 1), "wan": ("万元", 10_000)}
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)(亿元?|万元?|元)?")
_COMMAS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?:[^0-9]|$))")
_SCALES = {"亿": 100_000_000, "万": 10_000, "元": 1}
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_CLOCK = re.compile(r"(.+?)[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_YES = {"是", "有", "对", "true", "yes"}
_NO = {"否", "没有", "无", "不是", "false", "no"}


def parse_answer(fact: FactDef, typed: str, unit: str = "yuan") -> object:
    """The JSON form of what was typed. Raises ValueError with a Chinese message."""
    limit = TABLE_CHARS_MAX if fact.kind == "list" else TYPED_CHARS_MAX
    if len(typed) > limit:
        raise ValueError(f"内容太长，最多 {limit} 个字")
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        raise ValueError("还没有填写；不清楚的可以选“不知道，先跳过”")
    if fact.kind == "list":
        return _items(fact, text)
    entry = _one(fact, text, unit)
    return fact.raw(fact.parse(entry))


def _one(fact: FactDef, text: str, unit: str) -> object:
    match fact.kind:
        case "money":
            return _money(text, unit)
        case "int":
            return _whole(fact, text)
        case "ratio":
            return _ratio(text)
        case "date":
            return _date(text)
        case "datetime":
            return _moment(text)
        case "bool":
            return _bool(text)
    return _code(fact, text)


def _money(text: str, unit: str) -> str:
    bare = _COMMAS.sub("", text.replace(" ", ""))
    match = _AMOUNT.fullmatch(bare)
    if match is None:
        raise ValueError("请只填数字，例如 800000，或者写 80万")
    written = match.group(2)
    scale = _SCALES[written[0]] if written else UNITS.get(unit, UNITS["yuan"])[1]
    whole, _, decimals = match.group(1).partition(".")
    if len(whole) > 15 or len(decimals) > 12:  # noqa: PLR2004 - far beyond any amount
        raise ValueError("数字太长，请检查")
    yuan = Decimal(match.group(1)) * scale
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise ValueError("金额最多到分，请不要超过两位小数（按元计）")
    return f"{int(fen) // 100}.{int(fen) % 100:02}"


def _whole(fact: FactDef, text: str) -> int:
    for value, name in fact.names.items():
        if text == name:
            return value
    bare = text.removesuffix(fact.unit) if fact.unit else text
    if not re.fullmatch(r"-?[0-9]{1,15}", bare):
        raise ValueError("请填整数，例如 3")
    return int(bare)


def _ratio(text: str) -> str:
    bare = text.replace(" ", "").removesuffix("%")
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,12})?", bare):
        raise ValueError("请填百分数，例如 3.2 或 3.2%")
    whole, _, decimals = bare.partition(".")
    decimals = decimals.rstrip("0")
    return f"{int(whole)}{'.' + decimals if decimals else ''}%"


def _date(text: str) -> str:
    match = _DAY.fullmatch(text.replace(" ", ""))
    if match is None:
        raise ValueError("日期请写成 2025-05-20")
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"


def _moment(text: str) -> str:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError("时间请写成 2025-05-20 17:00")
    second = f":{match[4]}" if match[4] else ":00"
    return f"{_date(match[1])}T{int(match[2]):02}:{match[3]}{second}"


def _bool(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError("请选“是”或“否”")


def _code(fact: FactDef, text: str) -> str:
    for at, code in enumerate(fact.codes):
        if text in (code, fact.names[at]):
            return code
    raise ValueError(f"请从这几项里选：{'、'.join(fact.names.values())}")


def _items(fact: FactDef, text: str) -> list[dict[str, object]]:
    """One item a line, fields in the declared order, as pasted from a sheet or split by commas."""
    items = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        cells = [c.strip() for c in re.split(r"\t|[,，](?![0-9]{3}(?:[^0-9]|$))", line)]
        if len(cells) != len(fact.fields):
            names = "、".join(f.label for f in fact.fields)
            raise ValueError(f"第 {number} 行应当有 {len(fact.fields)} 项：{names}")
        item: dict[str, object] = {}
        for field, cell in zip(fact.fields, cells, strict=True):
            try:
                item[field.key] = field.raw(field.parse(_one(field, cell, "yuan")))
            except ValueError as error:
                raise ValueError(f"第 {number} 行的{field.label}：{error}") from None
        items.append(item)
    fact.parse(items)
    return items


def read_back(fact: FactDef, raw: object) -> str:
    """What was understood, for the reader: 80万元（800,000.00 元）."""
    value = fact.parse(raw)
    if isinstance(value, tuple):
        return f"{len(value)} 行明细"
    if fact.kind == "money" and value >= 1_000_000:  # noqa: PLR2004 - one 万元
        short = format_cn(value)
        return f"{format_yuan(value)} 元" + (
            f"，即 {short}" if "万" in short or "亿" in short else ""
        )
    if fact.kind == "money":
        return f"{format_yuan(value)} 元"
    return fact.show(value)


def short(fact: FactDef, raw: object) -> str:
    """An answer in a list of answers."""
    value = fact.parse(raw)
    return f"{len(value)} 行明细" if isinstance(value, tuple) else fact.show(value)


def typed_form(fact: FactDef, raw: object) -> str:
    """A known answer as it stands in the input when it is changed."""
    if isinstance(raw, list):
        return "\n".join("，".join(str(v) for v in item.values()) for item in raw)
    text = str(raw)
    if fact.kind == "money":
        return text.removesuffix(".00")
    if fact.kind == "datetime":
        return text.replace("T", " ")
    return text

"""One cell of a table → the internal integer of a fact, as strictly as ``facts`` reads JSON.

This is the rule; ``columns.convert`` does the plain forms of whole columns at once and
asks here about every other cell. A cell is what a workbook or a CSV file holds: text,
number, truth value, date, time. An empty cell is unknown and never comes here.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from fractions import Fraction

from shuzhuan.engine import money

from . import dates
from .facts import FactDef, Value

UNITS = {"元": 100, "万元": 1_000_000}  # fen per unit of a money column
WAN_DECIMALS = 6  # of an amount in 万元 that is whole fen
TRUE_WORDS = ("是", "true", "TRUE", "True")
FALSE_WORDS = ("否", "false", "FALSE", "False")
_PRECISION = 4 * 2.0**-52  # a spreadsheet keeps 15 digits; what differs beyond is not typed
_WAN = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]+))?")
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]+))?%")
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_TIME = re.compile(r"(.{8,10})[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_FAULTS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA")


def parse_cell(fact: FactDef, cell: object, unit: str = "") -> Value:
    """The value of a cell that is not empty. ``unit``: of a money column, 元 unless said.

    Raises ValueError with a Chinese message that says what to write instead.
    """
    if isinstance(cell, str) and cell in _FAULTS:
        raise ValueError(f"公式出错（{cell}），请改成值")
    if fact.kind == "list":
        return _list(fact, cell)
    value = _PARSERS[fact.kind](fact, cell, unit)
    if not fact.lo <= value <= fact.hi:
        shown, least, most = fact.show(value), fact.show(fact.lo), fact.show(fact.hi)
        raise ValueError(f"{shown}不在允许的范围 {least} 至 {most}")
    return value


def shown(cell: object) -> str:
    """A cell as a message quotes it."""
    if isinstance(cell, bool):
        text = "TRUE" if cell else "FALSE"
    elif isinstance(cell, float):
        text = str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else f"{cell:.15g}"
    else:
        text = str(cell)
    return f"“{text if len(text) <= 40 else text[:40] + '…'}”"  # noqa: PLR2004


def whole(number: float, parts: int) -> int | None:
    """``number`` in ``parts`` of one, when it is a whole count of them; None otherwise.

    The binary noise of a calculation in a spreadsheet (0.1+0.2) is not taken for digits.
    """
    if not -(2.0**62) < number * parts < 2.0**62:
        return None
    count = round(Fraction(number) * parts)
    return (
        count
        if abs(Fraction(count, parts) - Fraction(number)) <= _PRECISION * abs(number)
        else None
    )


def _number(cell: object) -> float | int | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    return None


def _money(fact: FactDef, cell: object, unit: str) -> int:
    scale = UNITS[unit or "元"]
    number = _number(cell)
    if number is not None:
        fen = whole(number, scale) if isinstance(number, float) else number * scale
        if fen is None:
            raise ValueError(f"{shown(cell)}不是整分，金额最小到分（0.01元）")
        return fen
    if not isinstance(cell, str):
        raise ValueError(f"{shown(cell)}不是金额，请写{unit or '元'}数，如 800000")
    if scale == UNITS["元"]:
        return money.parse_yuan(cell)
    match = _WAN.fullmatch(cell)
    if match is None:
        raise ValueError(f"{shown(cell)}不是金额，请写万元数，如 80 或 80.5")
    decimals = match.group(2) or ""
    if len(decimals) > WAN_DECIMALS:
        raise ValueError(f"{shown(cell)}的小数超过六位，金额最小到分")
    return int(match.group(1) + decimals.ljust(WAN_DECIMALS, "0"))


def _int(fact: FactDef, cell: object, unit: str) -> int:
    number = _number(cell)
    if number is not None:
        if isinstance(number, float) and (not number.is_integer() or abs(number) >= 2**53):
            raise ValueError(f"{shown(cell)}不是整数")
        return int(number)
    if isinstance(cell, str):
        named = [value for value, name in fact.names.items() if name == cell]
        if len(named) == 1:
            return named[0]
        if _INT.fullmatch(cell) and cell != "-0":
            return int(cell)
    if fact.names:
        listed = "、".join(fact.names.values())
        raise ValueError(f"{shown(cell)}不认识，可以写 {listed}，或写数字 {fact.lo} 至 {fact.hi}")
    raise ValueError(f"{shown(cell)}不是整数，只写数字，如 3，不带单位、逗号和小数点")


def _ratio(fact: FactDef, cell: object, unit: str) -> int:
    number = _number(cell)
    if number is not None:
        count = whole(float(number), fact.den)
        if count is None:
            digits = len(str(fact.den)) - 3
            raise ValueError(f"{shown(cell)}换成百分数后小数超过 {digits} 位")
        return count
    if isinstance(cell, str):
        match = _PERCENT.fullmatch(cell)
        if match is None:
            raise ValueError(f"{shown(cell)}不是比例，请写成百分数，如 3.3%")
        decimals, digits = match.group(2) or "", len(str(fact.den)) - 3
        if len(decimals) > digits:
            raise ValueError(f"{shown(cell)}的百分数最多 {digits} 位小数")
        return int(match.group(1) + decimals.ljust(digits, "0"))
    raise ValueError(f"{shown(cell)}不是比例，请写成百分数，如 3.3%")


def _bool(fact: FactDef, cell: object, unit: str) -> int:
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, str) and cell in (*TRUE_WORDS, *FALSE_WORDS):
        return int(cell in TRUE_WORDS)
    raise ValueError(f"{shown(cell)}不认识，请写 是 或 否")


def _enum(fact: FactDef, cell: object, unit: str) -> int:
    if isinstance(cell, str):
        if cell in fact.codes:
            return fact.codes.index(cell)
        named = [value for value, name in fact.names.items() if name == cell]
        if len(named) == 1:
            return named[0]
    raise ValueError(f"{shown(cell)}不认识，应当是其中之一：{'、'.join(fact.names.values())}")


def _date(fact: FactDef, cell: object, unit: str) -> int:
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise ValueError(f"{shown(cell)}带有时刻，这里只写日期，如 2025-05-20")
        return dates.days(cell.date())
    if isinstance(cell, date):
        return dates.days(cell)
    if isinstance(cell, str):
        return dates.days(_day(cell))
    if _number(cell) is not None:
        raise ValueError(f"{shown(cell)}是数字，请把单元格设为日期格式，或写成 2025-05-20")
    raise ValueError(f"{shown(cell)}不是日期，请写成 2025-05-20")


def _day(text: str) -> date:
    match = _DATE.fullmatch(text)
    if match is None or (match.group(2) == "-" and len(text) != len("2025-05-20")):
        raise ValueError(f"{shown(text)}不是日期，请写成 2025-05-20 或 2025/5/20")
    try:
        return date(int(match.group(1)), int(match.group(3)), int(match.group(4)))
    except ValueError:
        raise ValueError(f"没有 {text} 这一天") from None


def _datetime(fact: FactDef, cell: object, unit: str) -> int:
    if isinstance(cell, datetime):
        if cell.microsecond:
            raise ValueError(f"{shown(cell)}精确到秒即可")
        return dates.seconds(cell)
    match = _TIME.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        # A date alone would be midnight, and a day's work too late or too early.
        raise ValueError(f"{shown(cell)}不是时间，请写成 2025-05-20 17:00（北京时间）")
    day, hour, minute, second = _day(match.group(1)), *(int(g or 0) for g in match.groups()[1:])
    try:
        return dates.seconds(datetime.combine(day, time(hour, minute, second)))
    except ValueError:
        raise ValueError(f"没有 {cell} 这个时间") from None


def _list(fact: FactDef, cell: object) -> Value:
    """Line items: JSON text in a workbook or CSV file, a list of structs in a Parquet file."""
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except ValueError:
            raise ValueError("明细要写成 JSON，如 [{…}, {…}]") from None
    return fact.parse(cell)


_PARSERS = {
    "bool": _bool,
    "int": _int,
    "money": _money,
    "ratio": _ratio,
    "date": _date,
    "datetime": _datetime,
    "enum": _enum,
}

"""Facts: what a policy asks about a case. Their types, their strict input form, how they are shown.

Inside the engine every value is an integer (fen, days, seconds, codes, parts of a
ratio); ``parse`` is the only way in and ``show`` the only way out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from shuzhuan.engine import money

from . import dates

Item = tuple[int | None, ...]
Value = int | tuple[Item, ...]
_RATIO_DIGITS_MAX = 9
_RATIO = re.compile(r"(0|[1-9]\d*)(?:\.(\d+))?%")


class FactError(Exception):
    """The facts given cannot be used; ``problems`` are (key, Chinese message)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("；".join(f"{key}：{message}" for key, message in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FactDef:
    """One declared fact. ``lo``..``hi`` bound the internal integer; ``den`` is a ratio's denominator."""

    key: str
    label: str
    ask: str
    kind: str
    unit: str
    lo: int
    hi: int
    den: int = 1
    names: Mapping[int, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    yes: str = ""
    no: str = ""
    source: str = ""
    personal: bool = False
    fields: tuple[FactDef, ...] = ()

    def parse(self, raw: object) -> Value:
        """Internal value of one JSON input. Raises ValueError with a Chinese message."""
        if self.kind == "list":
            return self._parse_items(raw)
        value = _PARSERS[self.kind](self, raw)
        if not self.lo <= value <= self.hi:
            raise ValueError(
                f"{self.show(value)}不在允许的范围 {self.show(self.lo)} 至 {self.show(self.hi)}"
            )
        return value

    def _parse_items(self, raw: object) -> tuple[Item, ...]:
        if not isinstance(raw, list):
            raise ValueError("应当是明细列表")
        if len(raw) > self.hi:
            raise ValueError(f"明细超过 {self.hi} 行")
        items = []
        for number, entry in enumerate(raw, 1):
            if not isinstance(entry, Mapping):
                raise ValueError(f"第 {number} 行应当是一组字段")
            unknown = set(entry) - {f.key for f in self.fields}
            if unknown:
                raise ValueError(
                    f"第 {number} 行有不认识的字段 {'、'.join(sorted(map(str, unknown)))}"
                )
            items.append(tuple(self._parse_field(f, entry.get(f.key), number) for f in self.fields))
        return tuple(items)

    def _parse_field(self, fact: FactDef, raw: object, number: int) -> int | None:
        if raw is None:
            return None
        try:
            value = fact.parse(raw)
        except ValueError as error:
            raise ValueError(f"第 {number} 行的{fact.label}：{error}") from None
        assert isinstance(value, int)
        return value

    def raw(self, value: Value) -> object:
        """The canonical JSON input form of an internal value."""
        if isinstance(value, tuple):
            return [
                {
                    f.key: None if v is None else f.raw(v)
                    for f, v in zip(self.fields, item, strict=True)
                }
                for item in value
            ]
        match self.kind:
            case "bool":
                return bool(value)
            case "money":
                return money.format_plain(value)
            case "ratio":
                return ratio_text(value, self.den)
            case "date":
                return dates.from_days(value).isoformat()
            case "datetime":
                return dates.from_seconds(value).isoformat()
            case "enum":
                return self.codes[value]
        return value

    def show(self, value: int) -> str:
        """What a reader sees: 30万元, 三级, 2025年5月31日, 是."""
        match self.kind:
            case "bool":
                return "是" if value else "否"
            case "money":
                return money.format_cn(value)
            case "ratio":
                return ratio_text(value, self.den)
            case "date":
                return date_text(value)
            case "datetime":
                return time_text(value)
            case "enum":
                return self.names[value]
        return self.names.get(value) or f"{value}{self.unit}"


@lru_cache(maxsize=4096)  # a population has few rates and days; writing one costs a microsecond
def ratio_text(numerator: int, den: int) -> str:
    """``330/10000`` → ``3.3%`` (den is a power of ten times 100, or any exact divisor of one)."""
    scaled = numerator * 100
    whole, rest = divmod(scaled, den)
    if rest == 0:
        return f"{whole}%"
    digits = f"{whole}."
    for _ in range(12):
        rest *= 10
        digits += str(rest // den)
        rest %= den
        if rest == 0:
            return digits + "%"
    return f"{numerator}/{den}"


@lru_cache(maxsize=4096)
def date_text(days: int) -> str:
    """Days since 1970-01-01 as 2026年5月1日."""
    value = dates.from_days(days)
    return f"{value.year}年{value.month}月{value.day}日"


def time_text(seconds: int) -> str:
    """Seconds since 1970-01-01T00:00 as 2026年5月1日 9:00, with seconds where there are any."""
    value = dates.from_seconds(seconds)
    clock = f"{value.hour}:{value.minute:02}" + (f":{value.second:02}" if value.second else "")
    return f"{value.year}年{value.month}月{value.day}日 {clock}"


def _bool(fact: FactDef, raw: object) -> int:
    if isinstance(raw, bool):
        return int(raw)
    raise ValueError("应当是 true 或 false")


def _int(fact: FactDef, raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    raise ValueError("应当是整数，不带引号和小数点")


def _money(fact: FactDef, raw: object) -> int:
    if not isinstance(raw, str):
        raise ValueError('金额应当是元的文字，如 "800000" 或 "3000000.01"')
    try:
        return money.parse_yuan(raw)
    except money.MoneyError as error:
        raise ValueError(str(error)) from None


def _ratio(fact: FactDef, raw: object) -> int:
    match = _RATIO.fullmatch(raw) if isinstance(raw, str) and raw.isascii() else None
    if match is None:
        raise ValueError('比例应当写成百分数文字，如 "3.3%"')
    whole, decimals = match.group(1), match.group(2) or ""
    digits = len(str(fact.den)) - 3
    if len(decimals) > digits or len(whole) > _RATIO_DIGITS_MAX:
        raise ValueError(f"百分数最多 {digits} 位小数")
    return int(whole + decimals.ljust(digits, "0"))


def _date(fact: FactDef, raw: object) -> int:
    if isinstance(raw, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
        try:
            return dates.days(date.fromisoformat(raw))
        except ValueError:
            raise ValueError(f"没有 {raw} 这一天") from None
    raise ValueError('日期应当写成 "2025-05-20"')


def _datetime(fact: FactDef, raw: object) -> int:
    if isinstance(raw, str) and re.fullmatch(
        r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", raw, re.ASCII
    ):
        try:
            return dates.seconds(datetime.fromisoformat(raw))
        except ValueError:
            raise ValueError(f"没有 {raw} 这个时间") from None
    raise ValueError('时间应当写成 "2025-05-20T17:00:00"（北京时间）')


def _enum(fact: FactDef, raw: object) -> int:
    if isinstance(raw, str) and raw in fact.codes:
        return fact.codes.index(raw)
    options = "、".join(f"{code}（{fact.names[i]}）" for i, code in enumerate(fact.codes))
    raise ValueError(f"应当是其中之一：{options}")


_PARSERS = {
    "bool": _bool,
    "int": _int,
    "money": _money,
    "ratio": _ratio,
    "date": _date,
    "datetime": _datetime,
    "enum": _enum,
}


def parse_facts(facts: Mapping[str, FactDef], raw: Mapping[str, object]) -> dict[str, Value]:
    """Internal values of all given facts; null means not given. Raises FactError naming every key."""
    problems: list[tuple[str, str]] = []
    values: dict[str, Value] = {}
    for key, entry in raw.items():
        fact = facts.get(key)
        if fact is None:
            problems.append((str(key), _no_such_fact(str(key), facts)))
        elif entry is not None:
            try:
                values[key] = fact.parse(entry)
            except ValueError as error:
                problems.append((key, f"{fact.label}：{error}"))
    if problems:
        raise FactError(problems)
    return values


def _no_such_fact(key: str, facts: Mapping[str, FactDef]) -> str:
    import difflib  # noqa: PLC0415 - only on the error path; keeps the command line quick to start

    near = difflib.get_close_matches(key, facts, n=1)
    return "没有这个事实" + (f"，是否想写 {near[0]}？" if near else "")

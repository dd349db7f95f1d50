"""Facts of test cases: the text of the YAML → the JSON values that ``facts.parse_facts`` takes.

The type comes from the fact, not from how YAML would read the text, so ``3`` is a
number for a count and ``800000`` an amount, quoted or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuzhuan.engine import money

from .complaints import choose
from .errors import Problem
from .places import describe
from .scalars import parse_date, parse_datetime, parse_int, parse_percent, reason
from .source import Document, Path, Plain

Found = list[tuple[Path, Problem]]


class CaseFacts:
    """Converts the facts of all cases; ``found`` holds what could not be converted."""

    def __init__(self, document: Document, models: Mapping[str, Any]) -> None:
        self.document, self.models = document, models
        self.found: Found = []

    def convert(self, case: int) -> dict[str, object]:
        """JSON values of the facts of one case; unknown keys are left to ``references``."""
        path: Path = ("cases", case, "facts")
        given = self.document.get(path)
        return {
            key: self._value(self.models[key], value, (*path, key))
            for key, value in (given.items() if isinstance(given, dict) else ())
            if key in self.models
        }

    def _value(self, model: Any, value: Plain, path: Path) -> object:
        if value is None:
            return None
        if model.type == "list":
            return self._items(model, value, path)
        if not isinstance(value, str):
            self._refuse(path, "应当是一个值", f"{model.label}是一个值，不是列表或映射")
            return None
        try:
            return _PARSERS[model.type](model, value)
        except ValueError as error:
            self._refuse(path, *reason(error))
            return None

    def _items(self, model: Any, value: Plain, path: Path) -> object:
        if not isinstance(value, list):
            self._refuse(path, "明细应当是列表", "每行一组字段，如 [{amount: 1000}]")
            return None
        if len(value) > model.max_items:
            message = f"明细有 {len(value)} 行，超过 {model.max_items} 行"
            self._refuse(path, message, "减少，或放大 max_items")
            return None
        return [self._item(model, item, (*path, at)) for at, item in enumerate(value)]

    def _item(self, model: Any, item: Plain, path: Path) -> object:
        fields = {field.key: field for field in model.fields}
        if not isinstance(item, dict):
            self._refuse(path, "应当是一组“键: 值”", f"可写的键：{'、'.join(fields)}")
            return None
        for name in item:
            if name not in fields:
                hint = choose(name, list(fields))
                self._refuse((*path, name), f"不认识的字段 {name}", hint, key=True)
        return dict(self._fields(fields, item, path))

    def _fields(
        self, fields: Mapping[str, Any], item: Mapping[str, Plain], path: Path
    ) -> Iterator[tuple[str, object]]:
        for name, value in item.items():
            if name in fields:
                yield name, self._value(fields[name], value, (*path, name))

    def _refuse(self, path: Path, message: str, hint: str, key: bool = False) -> None:
        position = self.document.at_key(path) if key else self.document.at(path)
        problem = Problem(position, describe(self.document, path), message, hint)
        self.found.append((path, problem))


def _in_range(model: Any, value: Any, shown: str) -> None:
    if not model.min <= value <= model.max:
        raise ValueError(f"{shown} 超出事实的范围，检查数字，或放宽事实的 min、max")


def _bool(_: Any, text: str) -> object:
    if text not in ("true", "false"):
        raise ValueError(f"“{text[:40]}”不是 true 或 false，是写 true，否写 false")
    return text == "true"


def _int(model: Any, text: str) -> object:
    value = parse_int(text)
    _in_range(model, value, text)
    return value


def _money(model: Any, text: str) -> object:
    _in_range(model, money.parse_yuan(text), f"{text} 元")
    return text


def _ratio(model: Any, text: str) -> object:
    value = parse_percent(text)
    _in_range(model, value, text)
    if value * 100 * 10**model.digits % 1:
        raise ValueError(f"{text} 的小数多于 {model.digits} 位，检查数字，或增加事实的 digits")
    return text


def _date(model: Any, text: str) -> object:
    _in_range(model, parse_date(text), text)
    return text


def _datetime(model: Any, text: str) -> object:
    _in_range(model, parse_datetime(text), text)
    return text


def _enum(model: Any, text: str) -> object:
    if text not in model.values:
        raise ValueError(f"没有“{text[:40]}”这个值，{choose(text, list(model.values))}")
    return text


_PARSERS = {
    "bool": _bool,
    "int": _int,
    "money": _money,
    "ratio": _ratio,
    "date": _date,
    "datetime": _datetime,
    "enum": _enum,
}

"""Which column is what: headers → facts and identity columns, by label or by key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shuzhuan.engine.policy.facts import FactDef

from .tables import header

NAME, CODE = "企业名称", "统一社会信用代码"
# Carried through or passed over; everything else must be a fact.
IDENTITY = (NAME, CODE)
PASSED_OVER = ("序号", "备注")


@dataclass(frozen=True, slots=True)
class Field:
    """A column that holds a fact. ``unit``: of amounts; "" is 元."""

    column: int
    header: str
    fact: FactDef
    unit: str


@dataclass(frozen=True, slots=True)
class Match:
    """``problems``: column and Chinese message."""

    fields: tuple[Field, ...]
    identity: Mapping[str, int]
    problems: tuple[tuple[int, str], ...]


def units(fact: FactDef) -> tuple[str, ...]:
    """What may stand in brackets after the label; the first is what the template prints."""
    match fact.kind:
        case "money":
            return ("元", "万元")
        case "int" if fact.unit and not fact.names:
            return (fact.unit,)
        case "ratio":
            return ("%",)
    return ()


def title(fact: FactDef, others: Iterable[FactDef]) -> str:
    """The header that the template prints: label and unit, or the key where labels are not unique."""
    if sum(header(other.label) == header(fact.label) for other in others) > 1:
        return fact.key
    unit = units(fact)[:1]
    return fact.label + (f"（{unit[0]}）" if unit else "")


def match_headers(headers: Sequence[str], declared: Mapping[str, FactDef]) -> Match:
    """Every header's meaning, or what is wrong with it."""
    known = dict(_headers(declared.values()))
    fields: list[Field] = []
    identity: dict[str, int] = {}
    problems: list[tuple[int, str]] = []
    taken: dict[str, str] = {}
    for at, name in enumerate(headers):
        if name in PASSED_OVER:
            continue
        meanings = known.get(name, [])
        if name in IDENTITY:
            key = name
        elif len(meanings) == 1:
            key = meanings[0][0].key
        else:
            problems.append((at, _unmatched(name, [fact for fact, _ in meanings], known)))
            continue
        if key in taken:
            problems.append((at, f"与前面的“{taken[key]}”是同一项，请只留一列"))
            continue
        taken[key] = name
        if name in IDENTITY:
            identity[name] = at
        else:
            fields.append(Field(at, name, *meanings[0]))
    return Match(tuple(fields), identity, tuple(problems))


def _headers(facts: Iterable[FactDef]) -> dict[str, list[tuple[FactDef, str]]]:
    """Header → facts and unit; several facts under one header cannot be told apart."""
    known: dict[str, list[tuple[FactDef, str]]] = {}
    for fact in facts:
        for name, unit in _spellings(fact):
            meanings = known.setdefault(header(name), [])
            if fact.key not in [other.key for other, _ in meanings]:
                meanings.append((fact, unit))
    return known


def _spellings(fact: FactDef) -> Iterator[tuple[str, str]]:
    for name in (fact.label, fact.key):
        yield name, ""
        for unit in units(fact):
            yield f"{name}（{unit}）", unit if fact.kind == "money" else ""


def _unmatched(name: str, meanings: Sequence[FactDef], known: Iterable[str]) -> str:
    if not name:
        return "这一列有内容但没有表头"
    if meanings:
        keys = "、".join(fact.key for fact in meanings)
        return f"表头“{name}”可以指几项，请改写成其中一个：{keys}"
    near = difflib.get_close_matches(name, [*IDENTITY, *known], n=1, cutoff=0.5)
    hint = f"，是否想写“{near[0]}”？" if near else "；不用的列请删去"
    return f"不认识表头“{name}”{hint}"

"""Random cases, random formulas, and the comparison of a columnar reading with one case at a time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from shuzhuan.engine.policy.decision import shares_of
from shuzhuan.engine.policy.facts import FactDef, Value
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings.single import compile_single
from shuzhuan.engine.policy.tree import UNKNOWN

Case = dict[str, Value | None]
Reading = Callable[..., pl.DataFrame]
ROUND_WAN = (5, 20, 30, 40, 60, 100, 300, 1000, 2000)  # amounts at which the documents change


def random_value(fact: FactDef, rng: random.Random, gaps: float) -> Value | None:
    """A permitted value, often on an edge; unknown with probability ``gaps``."""
    if rng.random() < gaps:
        return None
    if fact.kind == "list":
        count = rng.choice((0, 1, 2, 5))
        return tuple(tuple(_item(field, rng, gaps) for field in fact.fields) for _ in range(count))
    if rng.random() < 0.1:
        return rng.choice((fact.lo, fact.hi))
    if fact.kind == "money":
        near = rng.choice(ROUND_WAN) * 1_000_000 + rng.choice((-1, 0, 1))
        value = rng.choice((near, int(rng.lognormvariate(17, 3))))
    elif fact.kind in ("date", "datetime"):
        day = rng.choice((20238, 20239, 20240, rng.randint(19_500, 20_800)))
        value = day if fact.kind == "date" else day * 86_400 + rng.choice((0, 61_199, 61_200))
    else:
        value = rng.randint(fact.lo, min(fact.hi, fact.lo + 10_000))
    return max(fact.lo, min(fact.hi, value))


def _item(field: FactDef, rng: random.Random, gaps: float) -> int | None:
    value = random_value(field, rng, gaps / 4)
    assert not isinstance(value, tuple)
    return value


def random_cases(program: Program, count: int, gaps: float, seed: int) -> list[Case]:
    rng = random.Random(seed)
    return [
        {fact.key: random_value(fact, rng, gaps) for fact in program.facts} for _ in range(count)
    ]


def dtype_of(fact: FactDef) -> Any:
    if fact.kind == "list":
        return pl.List(pl.Struct({field.key: dtype_of(field) for field in fact.fields}))
    return pl.Boolean if fact.kind == "bool" else pl.Int64


def cell(fact: FactDef, value: Value | None) -> Any:
    if isinstance(value, tuple):
        return [
            {f.key: cell(f, v) for f, v in zip(fact.fields, item, strict=True)} for item in value
        ]
    return bool(value) if fact.kind == "bool" and value is not None else value


def frame_of(facts: Sequence[FactDef], cases: Sequence[Case]) -> pl.DataFrame:
    return pl.DataFrame(
        {fact.key: [cell(fact, case[fact.key]) for case in cases] for fact in facts},
        schema={fact.key: dtype_of(fact) for fact in facts},
    )


def expected(program: Program, cases: Sequence[Case]) -> Iterator[dict[str, int | None]]:
    """What one case at a time says, under the names of the columns."""
    single = compile_single(program)
    for case in cases:
        outcomes, total, total_if = single.amounts(
            single.case({k: v for k, v in case.items() if v is not None})
        )
        row: dict[str, int | None] = {"total": _known(total), "total_if": _known(total_if)}
        for clause, (status, amount, reason) in zip(program.computed, outcomes, strict=True):
            row[f"{clause.id}.status"] = status
            row[f"{clause.id}.amount"] = _known(amount)
            row[f"{clause.id}.reason"] = reason
            if clause.shares is not None and clause.amount is not None:
                split = {} if amount == UNKNOWN else shares_of(clause.shares, amount)
                for party, _, _ in clause.shares.parts:
                    row[f"{clause.id}.share.{party}"] = split.get(party)
        yield row


def _known(value: int) -> int | None:
    return None if value == UNKNOWN else value


def assert_same(program: Program, cases: Sequence[Case], reading: Reading) -> pl.DataFrame:
    """``reading`` gives for every case exactly what one case at a time gives."""
    frame = frame_of(program.facts, cases)
    got = reading(program, frame, reasons=True, shares=True)
    assert got.height == len(cases)
    for at, (want, row) in enumerate(zip(expected(program, cases), got.to_dicts(), strict=True)):
        wrong = {name: (want[name], row.get(name)) for name in want if want[name] != row.get(name)}
        assert not wrong, f"case {at} {cases[at]}: (single, columns) {wrong}"
        assert set(want) == set(row)
    return got


class Formulas:
    """Random formulas over the facts of ``kit.FACTS`` and some names, by type."""

    def __init__(self, rng: random.Random, names: Mapping[str, Sequence[str]]) -> None:
        self._rng, self._names = rng, names

    def make(self, kind: str, depth: int) -> str:
        leaves: dict[str, Sequence[str]] = {
            "money": ("t.spend", "t.other", "7万元", "0.03元", "t.count * 1万元"),
            "ratio": ("t.rate", "33.33%", "7%"),
            "int": ("t.count", "3"),
            "bool": ("t.yes", "t.no", "t.level >= 2", "t.kind in ['a', 'b']", "t.kind == 'none'"),
            "date": ("t.day", "2025-05-31", "today"),
        }
        if depth <= 0:
            return self._rng.choice((*leaves[kind], *self._names.get(kind, ())))
        return str(getattr(self, f"_{kind}")(depth - 1))

    def _branches(self, kind: str, depth: int) -> list[str]:
        make = self.make
        return [
            f"if({make('bool', depth)}, {make(kind, depth)}, {make(kind, depth)})",
            f"case({make('bool', depth)} -> {make(kind, depth)},"
            f" {make('bool', depth)} -> {make(kind, depth)}, else -> {make(kind, 0)})",
            f"by(t.level, 2 -> {make(kind, depth)}, 3 -> {make(kind, 0)}, else -> {make(kind, 0)})",
            f"by(t.kind, 'none' -> {make(kind, 0)}, 'a' -> {make(kind, 0)}, 'b' -> {make(kind, depth)})",
        ]

    def _money(self, depth: int) -> str:
        make = self.make
        return self._rng.choice(
            [
                f"min({make('money', depth)}, {make('money', depth)})",
                f"max({make('money', depth)}, {make('money', 0)}, {make('money', 0)})",
                f"({make('money', depth)}) * ({make('ratio', 0)})",
                f"({make('money', depth)} + {make('money', depth)})",
                f"max({make('money', depth)} - {make('money', depth)}, 0元)",
                f"({make('money', depth)}) / 7",
                "sum(t.lines, amount)",
                "sum(t.lines, amount where kind == 'soft' and paid_on >= 2025-01-01)",
                f"sum(t.lines, min(amount, {make('money', 0)}) where paid_on <= {make('date', 0)})",
                "sum(t.lines, amount * t.rate where kind in ['hard'] or t.yes)",
                f"count(t.lines where amount >= {make('money', 0)}) * 1万元",
                f"sum(t.lines, 5元 where {make('bool', 0)})",
                "sum(t.lines, 0.03元)",
                "days_between(t.day, today) * 1元 * 0 + 2元",
                *self._branches("money", depth),
            ]
        )

    def _ratio(self, depth: int) -> str:
        return self._rng.choice(self._branches("ratio", depth))

    def _int(self, depth: int) -> str:
        return self._rng.choice([f"min(t.count, {self.make('int', depth)})", "t.count * 3"])

    def _bool(self, depth: int) -> str:
        make = self.make
        return self._rng.choice(
            [
                f"({make('bool', depth)} and {make('bool', depth)})",
                f"({make('bool', depth)} or {make('bool', depth)})",
                f"(not {make('bool', depth)})",
                f"{make('money', depth)} >= {make('money', 0)}",
                f"{make('money', 0)} * 30% < {make('money', depth)}",
                f"{make('date', depth)} <= {make('date', depth)}",
                f"year({make('date', depth)}) == 2025",
                f"days_between({make('date', 0)}, {make('date', depth)}) > 30",
                f"{make('int', depth)} != 2",
                "t.moment <= 2025-05-31T17:00",
                "t.yes in [true]",
                *self._branches("bool", depth),
            ]
        )

    def _date(self, depth: int) -> str:
        make = self.make
        return self._rng.choice(
            [
                f"add_months({make('date', depth)}, {self._rng.choice((1, 12, -1, 25))})",
                f"add_months({make('date', 0)}, t.count)",
                f"add_days({make('date', depth)}, 30)",
                f"min({make('date', depth)}, {make('date', 0)})",
                f"if({make('bool', depth)}, {make('date', 0)}, {make('date', 0)})",
            ]
        )


def random_clauses(rng: random.Random, count: int) -> tuple[str, str]:
    """Text of ``count`` clauses, and of a pack with stacking rules over them."""
    clauses, money = [], []
    for at in range(count):
        name = f"c{at}"
        plain = Formulas(rng, {})
        named = Formulas(rng, {"money": ("cap", "base"), "bool": ("flag",), "ratio": ("rate",)})
        tests = Formulas(rng, {"money": ("cap",), "bool": ("flag",), "ratio": ("rate",)})
        floors = "floors: [{party: county, amount: 2万元}]" if at % 2 else ""
        clauses.append(
            f"""
- id: {name}
  number: （{at}）
  cite: 第{at}条
  title: 试验{at}
  summary: 试验
  kind: subsidy
  payee: enterprise
  certainty: at_most
  when:
    - {{id: first, test: "{tests.make("bool", 2)}"}}
    - {{id: second, test: "{tests.make("bool", rng.choice((0, 1, 2)))}"}}
  params:
    - {{name: cap, label: 上限, value: "{plain.make("money", 1)}"}}
    - {{name: flag, label: 情形, value: "{plain.make("bool", 1)}"}}
    - {{name: rate, label: 比例, value: "{plain.make("ratio", 1)}"}}
  let:
    - {{name: base, label: 基数, value: "{tests.make("money", 2)}"}}
  amount: "max({named.make("money", 2)}, 0元)"
  shares:
    cite: 第{at}条
    parts: [{{party: city, name: 市, weight: 3}}, {{party: county, name: 县, weight: 2}}]
    remainder: city
    {floors}
"""
        )
        money.append(name)
    rng.shuffle(money)
    some, more = sorted(money[:4]), sorted(money[2:6])
    limit = Formulas(rng, {}).make("money", 1)
    pack = f"""
stacking:
  - {{id: one, rule: exclusive, clauses: [{", ".join(some)}], cite: 一, say: 取高}}
  - {{id: two, rule: ceiling, clauses: [{", ".join(more)}], limit: "{limit}", cite: 二, say: 封顶}}
  - {{id: three, rule: exclusive, clauses: [{", ".join(money[-3:])}], cite: 三, say: 取高}}
"""
    return "".join(clauses), pack

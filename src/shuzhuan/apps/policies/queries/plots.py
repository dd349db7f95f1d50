"""How the amount of a clause moves with its main fact, computed by the engine itself.

A sweep over the main fact (the first amount of money that the sum reads), one line for each
value of the facts that choose a rate or a cap. Facts that cannot be swept stop the drawing:
a picture that leaves something out would mislead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any

from shuzhuan.apps.policies.words import CERTAINTY
from shuzhuan.engine.policy.bind import BindError
from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.policy.program import Clause
from shuzhuan.engine.policy.readings.evaluate import Evaluation
from shuzhuan.engine.policy.tree import Compare, Const, Fact, facts_of, strip, walk

SERIES_MAX = 6
VALUES_MAX = 8
NAME_CHARS_MAX = 5
STEPS = 10
WAN = 1_000_000  # fen
JUMP = 10_000  # fen; a slope moves by a fen or so from one fen to the next
# Ends of the axis in 万元 that make ten even steps which people can read.
AXES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True)
class Plot:
    """Rows of a table and, when something is swept, the lines of a drawing in 万元."""

    title: str
    column: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    times: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    qualifier: str
    note: str
    source: str

    @property
    def drawn(self) -> bool:
        return bool(self.times)


@lru_cache(maxsize=1024)
def _plot(pack: Pack, clause_id: str, today: date) -> Plot | None:
    try:
        program = pack.bind(today)
    except BindError:
        return None
    clause = next((c for c in program.clauses if c.id == clause_id), None)
    if clause is None or clause.amount is None:
        return None
    facts = facts_of(clause.amount)
    money = [f for f in facts if f.kind == "money"]
    sweeping = [f for f in facts if f.kind != "money"]
    levels = [_values(clause, fact) for fact in sweeping]
    if not facts or any(not values for values in levels):
        return None
    combos = [
        dict(zip((f.key for f in sweeping), values, strict=True)) for values in product(*levels)
    ]
    if money:
        return _swept(clause, money, combos, sweeping)
    return _table(clause, combos, sweeping)


def plot(pack: Pack, model: Any, today: date) -> Plot | None:
    """The drawing or table of a clause; None where none would help."""
    return _plot(pack, model.id, today) if model.amount is not None else None


def _values(clause: Clause, fact: FactDef) -> list[int]:
    """The values of a fact that make a difference."""
    if fact.kind in ("bool", "enum") or fact.names:
        values = list(range(fact.lo, fact.hi + 1))
        return values if len(values) <= VALUES_MAX else []
    if fact.kind == "int":
        return [v for v in (1, 2, 3, 5) if fact.lo <= v <= fact.hi]
    if fact.kind in ("date", "datetime"):
        bounds = sorted(set(_bounds(clause, fact)))
        found = {v for b in bounds for v in (b, b + 1)}
        return sorted(found) if len(found) <= VALUES_MAX else []
    return []


def _bounds(clause: Clause, fact: FactDef) -> Iterator[int]:
    for root in clause.nodes():
        for node in walk(root):
            if isinstance(node, Compare):
                left, right = strip(node.left), strip(node.right)
                if (
                    isinstance(left, Fact)
                    and left.fact.key == fact.key
                    and isinstance(right, Const)
                ):
                    yield right.value


def _amount(clause: Clause, values: dict[str, int]) -> int | None:
    """Fen of the clause when its other conditions hold; None when these values exclude it."""
    seen = Evaluation(values)
    if any(seen.value(condition.node) == 0 for condition in clause.tested):
        return None
    assert clause.amount is not None
    value = seen.value(clause.amount)
    return None if value is None else value // clause.amount.den


def _label(facts: list[FactDef], combo: dict[str, int]) -> str:
    return "，".join(_value_label(f, combo[f.key], len(facts) > 1) for f in facts)


def _value_label(fact: FactDef, value: int, among: bool) -> str:
    """One value; among several facts it needs the fact's name beside it."""
    if fact.kind == "bool":
        return (fact.yes or fact.label) if value else (fact.no or f"不是{fact.label}")
    if fact.kind in ("date", "datetime"):
        return f"{fact.label}为{fact.show(value)}"
    return f"{fact.label}{fact.show(value)}" if among else fact.show(value)


def _swept(
    clause: Clause,
    money: list[FactDef],
    combos: list[dict[str, int]],
    sweeping: list[FactDef],
) -> Plot | None:
    main, rest = money[0], {f.key: f.lo for f in money[1:]}
    live = [c for c in combos if _reach(clause, main, {**c, **rest})]
    named: dict[tuple[int | None, ...], tuple[str, dict[str, int]]] = {}
    if not live:
        return None
    if jumps := _jumps(clause, main, [{**c, **rest} for c in live]):
        return _stepped(clause, main, rest, live, sweeping, jumps)
    top = _axis(clause, main, [{**c, **rest} for c in live])
    if top is None:
        return None
    points = [top * step // STEPS for step in range(STEPS + 1)]
    for combo in live:
        line = tuple(_amount(clause, {**combo, **rest, main.key: p * WAN}) for p in points)
        if line in named:  # values that make no difference share a line
            named[line] = ("其他情形", combo)
        else:
            named[line] = (_label(sweeping, combo) or "金额", combo)
    if len(named) > SERIES_MAX:
        return None
    ordered = sorted(named.items(), key=lambda item: -(item[0][-1] or 0))
    series = tuple(
        (_short(label, at), tuple(None if fen is None else fen / WAN for fen in line))
        for at, (line, (label, _)) in enumerate(ordered)
    )
    rows = tuple(
        (f"{point:,}", tuple(line[at] for line, _ in ordered))
        for at, point in enumerate(points) if point
    )  # fmt: skip
    fixed = "、".join(f"{f.label}按{f.show(f.lo)}" for f in money[1:])
    return Plot(
        title=f"{main.label}和金额",
        column=f"{main.label}（万元）",
        headers=tuple(_header(label, at) for at, (_, (label, _)) in enumerate(ordered)),
        rows=rows,
        times=tuple(f"{p:,}" for p in points),
        series=series,
        qualifier=CERTAINTY[clause.certainty],
        note=f"其他条件都成立时；{fixed}。" if fixed else "其他条件都成立时。",
        source=f"{clause.cite}，由平台按规则逐点计算",
    )


def _jumps(clause: Clause, main: FactDef, combos: list[dict[str, int]]) -> list[tuple[int, int]]:
    """Where the amount jumps: the last value below and the first above. A line would hide it."""
    found = set()
    for bound in set(_bounds(clause, main)):
        for low in (bound - 1, bound):
            for combo in combos:
                pair = [_amount(clause, {**combo, main.key: v}) for v in (low, low + 1)]
                if pair[0] is not None and pair[1] is not None and abs(pair[1] - pair[0]) > JUMP:
                    found.add((low, bound))
    return sorted(found)


def _stepped(
    clause: Clause,
    main: FactDef,
    rest: dict[str, int],
    live: list[dict[str, int]],
    sweeping: list[FactDef],
    jumps: list[tuple[int, int]],
) -> Plot:
    """A table with one row for each side of every jump."""
    over = ["超过" if low == bound else "达到" for low, bound in jumps]
    under = ["不超过" if low == bound else "低于" for low, bound in jumps]
    points = [(f"{under[0]}{main.show(jumps[0][1])}", jumps[0][0])]
    for at, (low, bound) in enumerate(jumps):
        label = f"{over[at]}{main.show(bound)}"
        if at + 1 < len(jumps):
            label += f"、{under[at + 1]}{main.show(jumps[at + 1][1])}"
        points.append((label, low + 1))
    rows = tuple(
        (label, tuple(_amount(clause, {**c, **rest, main.key: value}) for c in live))
        for label, value in points
    )
    return Plot(
        title="不同情形的金额",
        column=main.label,
        headers=tuple(_label(sweeping, c) or "金额" for c in live),
        rows=rows,
        times=(),
        series=(),
        qualifier=CERTAINTY[clause.certainty],
        note="其他条件都成立时，单位：元。",
        source=f"{clause.cite}，由平台按规则逐项计算",
    )


def _short(label: str, at: int) -> str:
    """A name that fits at the end of a line; a long one becomes a number that the table explains."""
    return label if len(label) <= NAME_CHARS_MAX else "①②③④⑤⑥"[at]


def _header(label: str, at: int) -> str:
    return label if len(label) <= NAME_CHARS_MAX else f"{'①②③④⑤⑥'[at]} {label}"


def _reach(clause: Clause, main: FactDef, values: dict[str, int]) -> bool:
    return any(_amount(clause, {**values, main.key: p * WAN}) for p in AXES)


def _axis(clause: Clause, main: FactDef, combos: list[dict[str, int]]) -> int | None:
    """The end of the axis: where nothing grows any more, or a hundred 万元 when it always does."""
    for top in AXES[2:]:
        if top * 10 * WAN > main.hi:
            return None
        far = [_amount(clause, {**c, main.key: top * 10 * WAN}) for c in combos]
        near = [_amount(clause, {**c, main.key: top * WAN * 8 // 10}) for c in combos]
        if far == near:
            return top
    return 100


def _table(clause: Clause, combos: list[dict[str, int]], sweeping: list[FactDef]) -> Plot | None:
    rows = []
    for combo in combos:
        fen = _amount(clause, combo)
        if fen:
            rows.append((_label(sweeping, combo), (fen,)))
    if len(rows) < 2 or len(rows) > 16:  # noqa: PLR2004 - one row says nothing, many are no help
        return None
    return Plot(
        title="不同情形的金额",
        column="、".join(f.label for f in sweeping),
        headers=("金额（元）",),
        rows=tuple(rows),
        times=(),
        series=(),
        qualifier=CERTAINTY[clause.certainty],
        note="其他条件都成立时。",
        source=f"{clause.cite}，由平台按规则逐项计算",
    )

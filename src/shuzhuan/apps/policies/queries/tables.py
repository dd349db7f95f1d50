"""Targets and budgets of a pack as tables for readers, with their sums checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

FEN_PER_WAN = 1_000_000


@dataclass(frozen=True)
class Head:
    label: str
    span: int
    unit: str = ""


@dataclass(frozen=True)
class Line:
    name: str
    unit: str
    cells: tuple[str, ...]
    strong: bool = False
    note: str = ""


@dataclass(frozen=True)
class Table:
    """``upper`` is a second header row above ``heads``; empty when one row is enough."""

    title: str
    cite: str
    corner: str
    upper: tuple[Head, ...]
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: tuple[Line, ...] = ()
    unit: str = ""
    checked: str = ""
    mismatches: tuple[str, ...] = ()


def number(value: Any) -> str:
    """A figure as printed; nothing stands for nothing known."""
    if value is None:
        return "—"
    exact = Fraction(str(value))
    if exact.denominator == 1:
        return f"{int(exact):,}"
    return f"{float(exact):,}"


def target_table(model: Any) -> Table:
    """By industry: indicators down, periods across. By region: regions down, indicators across."""
    by_region = any(column.region for column in model.columns)
    checked, mismatches = _check_sums(model)
    if by_region:
        return _by_region(model, checked, mismatches)
    upper, heads = _headers(model.columns)
    units = {row.unit for row in model.rows}
    lines = tuple(
        Line(row.name, row.unit, tuple(number(v) for v in row.values)) for row in model.rows
    )
    unit = next(iter(units)) if len(units) == 1 else ""
    return Table(
        model.title, model.cite, "指标", upper, heads, lines, (), unit, checked, mismatches
    )


def _headers(columns: Sequence[Any]) -> tuple[tuple[Head, ...], tuple[str, ...]]:
    """Periods above, industries below; one row when there are no industries."""
    if not any(column.industry for column in columns):
        return (), tuple(_period(c.period) for c in columns)
    upper: list[Head] = []
    for column in columns:
        label = _period(column.period)
        if upper and upper[-1].label == label:
            upper[-1] = Head(label, upper[-1].span + 1)
        else:
            upper.append(Head(label, 1))
    return tuple(upper), tuple(column.industry or "合计" for column in columns)


def _period(text: str) -> str:
    return f"{text}年" if text.isdigit() else text


def _by_region(model: Any, checked: str, mismatches: tuple[str, ...]) -> Table:
    regions = list(dict.fromkeys(column.region for column in model.columns))
    periods = list(dict.fromkeys(column.period for column in model.columns))
    at = {(c.region, c.period): index for index, c in enumerate(model.columns)}
    shown = [
        (row, period)
        for row in model.rows
        for period in periods
        if any(row.values[at[r, period]] is not None for r in regions if (r, period) in at)
    ]
    upper: list[Head] = []
    for row, _ in shown:
        if upper and upper[-1].label == row.name:
            upper[-1] = Head(row.name, upper[-1].span + 1, row.unit)
        else:
            upper.append(Head(row.name, 1, row.unit))
    lines = tuple(
        Line(
            region,
            "",
            tuple(
                number(row.values[at[region, period]]) if (region, period) in at else "—"
                for row, period in shown
            ),
            strong=region == "合计",
        )
        for region in regions
    )
    heads = tuple(_period(period) for _, period in shown)
    return Table(
        model.title, model.cite, "地区", tuple(upper), heads,
        tuple(x for x in lines if not x.strong), tuple(x for x in lines if x.strong),
        "", checked, mismatches,
    )  # fmt: skip


def _check_sums(model: Any) -> tuple[str, tuple[str, ...]]:
    """Compare every total with its parts."""
    at = {column.id: index for index, column in enumerate(model.columns)}
    label = {
        c.id: " ".join(filter(None, (_period(c.period), c.industry, c.region)))
        for c in model.columns
    }
    mismatches, compared = [], 0
    for row in model.rows:
        for check in model.sums:
            parts = [row.values[at[part]] for part in check.parts]
            total = row.values[at[check.total]]
            if total is None or any(part is None for part in parts):
                continue
            compared += 1
            found = sum(Fraction(str(part)) for part in parts)
            if found != Fraction(str(total)):
                mismatches.append(
                    f"{row.name}：{label[check.total]}印的是{number(total)}，分列相加是{number(found)}"
                )
    text = f"核对了 {compared} 处合计" if compared else ""
    return text, tuple(mismatches)


def wan(fen: int | None) -> str:
    """An amount of a budget in 万元, exact."""
    if fen is None:
        return "—"
    whole, rest = divmod(fen, FEN_PER_WAN)
    return f"{whole:,}" + (f".{rest:06}".rstrip("0") if rest else "")


def budget_table(budget: Any, numbers: dict[str, str]) -> Table | None:
    """Lines by direction with subtotals; amounts in 万元."""
    if budget is None or not budget.lines:
        return None
    sources = [s for s in budget.sources if any(s.id in x.amounts for x in budget.lines)]
    subtotals = {s.group: s for s in budget.subtotals}
    lines: list[Line] = []
    for group in dict.fromkeys(line.group for line in budget.lines):
        members = [line for line in budget.lines if line.group == group]
        if len(members) > 1 or group in subtotals:
            lines.append(_subtotal(group, members, sources, subtotals.get(group)))
        for line in members:
            clauses = "、".join(numbers[c] for c in line.clauses if c in numbers)
            cells = tuple(wan(line.amounts.get(s.id)) for s in sources)
            lines.append(Line(line.name, clauses, (*cells, wan(_total(line)))))
    foot: tuple[Line, ...] = ()
    if budget.total is not None:
        cells = tuple(wan(s.amount) for s in sources)
        foot = (Line("总计", "", (*cells, wan(budget.total)), strong=True),)
    mismatches = _budget_mismatches(budget, sources)
    return Table(
        "资金概算", budget.lines[0].cite, "使用方向", (), (*(s.name for s in sources), "合计"),
        tuple(lines), foot, "万元", "核对了各行、小计和总计", mismatches,
    )  # fmt: skip


def _total(line: Any) -> int | None:
    if line.total is not None:
        return int(line.total)
    return sum(line.amounts.values()) if line.amounts else None


def _subtotal(group: str, members: list[Any], sources: list[Any], printed: Any) -> Line:
    amounts = (
        printed.amounts
        if printed is not None
        else {s.id: sum(m.amounts.get(s.id, 0) for m in members) for s in sources}
    )
    known = [t for t in map(_total, members) if t is not None]
    total = printed.total if printed is not None else (sum(known) if known else None)
    return Line(group, "", (*(wan(amounts.get(s.id)) for s in sources), wan(total)), strong=True)


def _budget_mismatches(budget: Any, sources: list[Any]) -> tuple[str, ...]:
    found = []
    for line in budget.lines:
        if line.total is not None and line.amounts and sum(line.amounts.values()) != line.total:
            found.append(
                f"{line.name}：合计印的是{wan(line.total)}，各来源相加是{wan(sum(line.amounts.values()))}"
            )
    for sub in budget.subtotals:
        members = [x for x in budget.lines if x.group == sub.group]
        added = sum(_total(x) or 0 for x in members)
        if sub.total is not None and added != sub.total:
            found.append(f"{sub.group}：小计印的是{wan(sub.total)}，各行相加是{wan(added)}")
    totals = [t for t in map(_total, budget.lines) if t is not None]
    if budget.total is not None and sources and sum(totals) != budget.total:
        found.append(f"总计印的是{wan(budget.total)}，各行相加是{wan(sum(totals))}")
    return tuple(found)

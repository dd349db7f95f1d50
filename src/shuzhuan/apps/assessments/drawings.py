"""The charts of one assessment: pages, PDF and Word show these and no others."""

from __future__ import annotations

from collections.abc import Sequence

from shuzhuan.engine import charts
from shuzhuan.engine.charts import Chart
from shuzhuan.engine.grading import IndicatorSet, Result
from shuzhuan.engine.grading.model import POINT_MILLI, numeral
from shuzhuan.engine.grading.result import LevelCheck

RADAR_AXES = range(3, 25)
"""A radar with fewer axes is no figure, with more it cannot be read."""

_FEN_PER_YUAN = 100
_CONDITIONS = {"points": "总分（分）", "binding": "其中约束性（个）"}


def points(milli: int) -> float:
    """Points as the charts draw them; only for drawing."""
    return milli / POINT_MILLI


def scenario_radar(
    result: Result,
    name: str,
    other: tuple[str, Sequence[int]] | None = None,
    *,
    key: str = "scenarios",
    source: str = "",
) -> Chart | None:
    """Level of every scenario, ``other`` (in the same order) as a dashed outline; None without."""
    if len(result.scenarios) not in RADAR_AXES:
        return None
    top = float(result.counts[-1].level) if result.counts else 0.0
    series: list[tuple[str, Sequence[float]]] = [(name, [s.level or 0 for s in result.scenarios])]
    if other is not None:
        series.append((other[0], list(other[1])))
    axes = [(scenario.name, top) for scenario in result.scenarios]
    return charts.radar(key, "应用场景等级", "级", axes, series, source=source)


def dimension_bars(result: Result, *, key: str = "dimensions", source: str = "") -> Chart:
    """Points of every dimension in the track of its full points."""
    values = [
        (one.title, points(one.points_milli.low), points(one.max_milli))
        for one in result.dimensions
    ]
    return charts.fills(
        key, "各维度得分", "分", values, columns=("维度", "得分", "满分"), source=source
    )


def level_gap(check: LevelCheck, *, key: str = "gap", source: str = "") -> Chart:
    """What the conditions of one level ask for, and what is there."""
    values: list[tuple[str, float, float]] = []
    for one in check.conditions:
        name = _CONDITIONS.get(one.kind, f"{numeral(check.at)}级及以上场景（个）")
        found, needed = float(one.found.low), float(one.needed)
        if one.kind == "points":
            found, needed = points(one.found.low), points(one.needed)
        values.append((name, found, needed))
    title = f"与{check.name}的条件比"
    columns = ("条件", "现有", "要求")
    return charts.fills(key, title, "见各行", values, columns=columns, source=source)


def cost_shares(
    costs: Sequence[tuple[str, int]], *, key: str = "costs", source: str = ""
) -> Chart | None:
    """Cost of a plan by kind, fen in, 元 drawn; None when nothing costs anything."""
    parts = [(name, fen / _FEN_PER_YUAN) for name, fen in costs if fen]
    if not parts:
        return None
    return charts.shares(key, "预计投入的构成", "元", parts, source=source)


def level_counts(result: Result, *, key: str = "counts", source: str = "") -> Chart | None:
    """How many scenarios stand at each level; None for a set without scenarios."""
    if not result.scenarios:
        return None
    levels = range(result.counts[-1].level + 1)
    total = float(len(result.scenarios))
    values = [
        (f"{numeral(n)}级", float(sum((s.level or 0) == n for s in result.scenarios)), total)
        for n in levels
    ]
    columns = ("等级", "场景", "全部")
    return charts.fills(key, "各等级的场景个数", "个", values, columns=columns, source=source)


def before_after(before: Result, after: Result, *, key: str = "change", source: str = "") -> Chart:
    """Points of every dimension before and after; only for two results of the same set."""
    values = [
        (one.title, points(one.points_milli.low), points(other.points_milli.low))
        for one, other in zip(before.dimensions, after.dimensions, strict=True)
    ]
    return charts.pairs(
        key, "改造前后各维度得分", "分", ("改造前", "改造后"), values, source=source
    )


def best_check(result: Result, indicators: IndicatorSet) -> LevelCheck:
    """The conditions of the next level, or of the highest when it is reached."""
    return result.checks[min(result.level.low, len(indicators.levels) - 1)]

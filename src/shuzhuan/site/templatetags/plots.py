"""Drawings for the pages of apps: they hold the figures, the one option builder is here."""

from __future__ import annotations

from typing import Any

from django import template

from shuzhuan.engine import charts

register = template.Library()


@register.inclusion_tag("shell/chart.html")
def line_plot(plot: Any, key: str) -> dict[str, Any]:
    """Draw ``plot.series`` over ``plot.times``."""
    drawing = charts.lines(key, plot.title, "万元", plot.times, plot.series, source=plot.source)
    return {"chart": drawing}


@register.inclusion_tag("shell/chart.html")
def bar_plot(plot: Any, key: str) -> dict[str, Any]:
    """Compare ``plot.values`` by name, the largest first."""
    return {"chart": charts.bars(key, plot.title, plot.unit, plot.values, source=plot.source)}


@register.inclusion_tag("shell/chart.html")
def column_plot(plot: Any, key: str) -> dict[str, Any]:
    """``plot.values`` as the parts of one sum, in their own order."""
    drawn = [pair for pair in plot.values if pair[1]]
    return {"chart": charts.shares(key, plot.title, plot.unit, drawn, source=plot.source)}


@register.inclusion_tag("shell/chart.html")
def count_plot(plot: Any, key: str) -> dict[str, Any]:
    """Counts over time; ``plot`` names its own unit."""
    drawing = charts.lines(
        key, plot["title"], plot["unit"], plot["times"], plot["series"], source=plot["source"]
    )
    return {"chart": drawing}

"""Drawings for the pages of apps: they hold the figures, the one option builder is here."""

from __future__ import annotations

from typing import Any

from django import template

from shuzhuan.site import charts

register = template.Library()


@register.inclusion_tag("shell/chart.html")
def line_plot(plot: Any, key: str) -> dict[str, Any]:
    """Draw ``plot.series`` over ``plot.times``."""
    drawing = charts.lines(key, plot.title, "万元", plot.times, plot.series, source=plot.source)
    return {"chart": drawing}

"""How levels and points are written on pages that show many of them."""

from __future__ import annotations

from django import template

from shuzhuan.engine.grading import show_milli
from shuzhuan.engine.grading.model import numeral

register = template.Library()


@register.filter
def level_text(level: int | None) -> str:
    """``2`` → ``二级``, ``0`` → ``无等级``, nothing known → ``—``."""
    if level is None:
        return "—"
    return f"{numeral(level)}级" if level else "无等级"


@register.filter
def points(milli: int | None) -> str:
    """Thousandths of a point as points: ``45500`` → ``45.5``."""
    return "—" if milli is None else show_milli(milli)

"""Figures in the list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

register = template.Library()
_HUNDRED = 100


@register.filter
def figure(value: Any) -> str:
    """A count or an amount in 万元: thousands separated, decimals only where they say something."""
    if isinstance(value, Decimal):
        return f"{value:,.0f}" if abs(value) >= _HUNDRED else f"{value:,.2f}"
    return f"{value:,}"


@register.filter
def at(names: dict[int, str], key: int) -> str:
    """The entry of a mapping."""
    return names.get(key, "")

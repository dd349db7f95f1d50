"""Filters of the policy pages."""

from __future__ import annotations

from django import template

from shuzhuan.apps.policies.case import Case
from shuzhuan.engine.money import format_cn

register = template.Library()


@register.filter
def asking(case: Case, key: str) -> str:
    """The address of one question of a case; a skipped one is skipped no longer."""
    return case.query(("ask", key), without=key if key in case.skipped else "")


@register.filter
def answering_back(case: Case, key: str) -> str:
    """As ``asking``, but the answer leads to the result."""
    return case.query(("ask", key), ("to", "result"), without=key if key in case.skipped else "")


@register.filter
def cn(fen: int | None) -> str:
    """An amount as it is spoken: 30万元."""
    return "—" if fen is None else format_cn(fen)


@register.filter
def tenths(thousandths: int) -> str:
    """A place on a bar as a percentage for a drawing: 333 → 33.3%."""
    return f"{thousandths / 10:g}%"

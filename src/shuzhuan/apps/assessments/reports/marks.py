"""Marks that a report must carry, such as that its figures are made up for a rehearsal.

The apps above this one know which data are synthetic; they register here.
"""

from __future__ import annotations

from collections.abc import Callable

from shuzhuan.apps.enterprises.models import Enterprise

Marker = Callable[[Enterprise], str]
_markers: list[Marker] = []


def marked_by(rule: Marker) -> Marker:
    """Register what a report about an enterprise must say of its data; empty for nothing."""
    _markers.append(rule)
    return rule


def marks_of(enterprise: Enterprise) -> list[str]:
    """Every mark, once."""
    return list(dict.fromkeys(mark for rule in _markers if (mark := rule(enterprise))))

"""What was typed into the form of an item, shown again when it cannot be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.http import QueryDict

from shuzhuan.apps.assessments.queries import entries as listing


def typed(entry: listing.Entry, posted: QueryDict) -> listing.Entry:
    """The entry with what was just typed, so that nothing is lost."""
    picked = posted.getlist("option")
    values: Mapping[str, str] = {
        name: posted.get(name, "") for name in ("percent", "part", "whole", "points")
    }
    choices = tuple(replace(choice, checked=choice.key in picked) for choice in entry.choices)
    return replace(entry, choices=choices, values=values)

"""The pilot list on a day, and how it came to be so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.models import PilotEntry

PAGE_ROWS = 100  # most places print their whole list
CHANGES_MAX = 200
MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Change:
    """Somebody came or went."""

    on: date
    entry: PilotEntry
    came: bool

    @property
    def reason(self) -> str:
        return self.entry.entered_reason if self.came else self.entry.left_reason

    @property
    def by(self) -> str:
        return str(self.entry.entered_by if self.came else self.entry.left_by or "")


def on_day(actor: Actor, day: date) -> QuerySet[PilotEntry]:
    """Who was on the list at the end of a day, the longest first."""
    rows = visible(actor, PilotEntry).filter(entered_on__lte=day)
    return (
        rows.filter(Q(left_on__isnull=True) | Q(left_on__gt=day))
        .select_related("enterprise", "entered_by")
        .defer("enterprise__size_explanation")
        .order_by("entered_on", "pk")
    )


def changes(actor: Actor, day: date) -> list[Change]:
    """The latest comings and goings up to a day."""
    rows = visible(actor, PilotEntry).select_related("enterprise", "entered_by", "left_by")
    came = rows.filter(entered_on__lte=day).order_by("-entered_on", "-pk")[:CHANGES_MAX]
    went = rows.filter(left_on__lte=day).order_by("-left_on", "-pk")[:CHANGES_MAX]
    found = [Change(entry.entered_on, entry, came=True) for entry in came]
    found += [Change(entry.left_on, entry, came=False) for entry in went if entry.left_on]
    found.sort(key=lambda change: (change.on, change.entry.pk), reverse=True)
    return found[:CHANGES_MAX]


def sizes(actor: Actor, day: date) -> list[tuple[str, int]]:
    """How many stood on the list at the end of each of the last months."""
    months = []
    year, month = day.year, day.month
    for _ in range(MONTHS_SHOWN):
        months.append((year, month))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    spans = list(visible(actor, PilotEntry).values_list("entered_on", "left_on"))
    found = []
    for year, month in reversed(months):
        following = date(year + month // 12, month % 12 + 1, 1)
        count = sum(
            1 for came, went in spans if came < following and (not went or went >= following)
        )
        found.append((f"{year}-{month:02}", count))
    return found

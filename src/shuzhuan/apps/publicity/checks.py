"""What the nightly check looks at: stored ends and counts against what they should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from shuzhuan.apps.publicity import period
from shuzhuan.apps.publicity.models import ObjectionState, Publicity, State


@dataclass(frozen=True, slots=True)
class Difference:
    """A running publicity whose stored end is not what the calendar of today says."""

    publicity: Publicity
    ends_on: date
    provisional: bool

    def __str__(self) -> str:
        stored = f"{self.publicity.ends_on}{'（暂定）' if self.publicity.provisional else ''}"
        counted = f"{self.ends_on}{'（暂定）' if self.provisional else ''}"
        return f"{self.publicity.number}：存的是 {stored}，按现在的日历是 {counted}"


def differences() -> list[Difference]:
    """Running publicities that ``recompute`` would change; nothing is written."""
    found = []
    for row in Publicity.objects.filter(state=State.RUNNING).select_related("place"):
        end = period.recounted(row)
        if (end.day, end.provisional) != (row.ends_on, row.provisional):
            found.append(Difference(row, end.day, end.provisional))
    return found


def miscounted() -> list[Publicity]:
    """Publicities whose stored count of open objections is not the number of open objections."""
    opened = Count("items__objections", filter=Q(items__objections__state=ObjectionState.OPEN))
    return list(Publicity.objects.annotate(real=opened).exclude(real=F("objections_open")))

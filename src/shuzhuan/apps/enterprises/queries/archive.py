"""One archive, read whole in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.http import Http404

from shuzhuan.apps.access import prepared
from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.models import (
    CloudUse,
    Declaration,
    Enterprise,
    EnterpriseYear,
    PilotEntry,
    Qualification,
)
from shuzhuan.apps.enterprises.sections import SECTIONS, Section


@dataclass(frozen=True)
class Progress:
    """How far a section is filled."""

    section: Section
    filled: int
    wanted: int

    @property
    def done(self) -> bool:
        return self.filled >= self.wanted

    @property
    def percent(self) -> int:
        return self.filled * 100 // self.wanted


@dataclass(frozen=True)
class Archive:
    """An enterprise with all rows of its archive; ``today`` is the day asked about."""

    enterprise: Enterprise
    today: date

    @cached_property
    def years(self) -> list[EnterpriseYear]:
        return sorted(self.enterprise.years.all(), key=lambda row: row.year)

    @cached_property
    def qualifications(self) -> list[Qualification]:
        """Those that have not been withdrawn, the newest first."""
        rows = [q for q in self.enterprise.qualifications.all() if q.withdrawn_at is None]
        return sorted(rows, key=lambda row: (row.granted_on, row.pk), reverse=True)

    @cached_property
    def valid(self) -> list[Qualification]:
        """Those in force today."""
        return [
            q for q in self.qualifications if q.expires_on is None or q.expires_on >= self.today
        ]

    @cached_property
    def declaration(self) -> Declaration | None:
        return next((d for d in self.enterprise.declarations.all() if d.is_current), None)

    @cached_property
    def cloud_uses(self) -> list[CloudUse]:
        return sorted(self.enterprise.cloud_uses.all(), key=lambda row: row.slot)

    @cached_property
    def pilot_entries(self) -> list[PilotEntry]:
        rows = self.enterprise.pilot_entries.all()
        return sorted(rows, key=lambda row: row.entered_on, reverse=True)

    @cached_property
    def open_entry(self) -> PilotEntry | None:
        return next((entry for entry in self.pilot_entries if entry.left_on is None), None)

    @cached_property
    def progress(self) -> list[Progress]:
        return [
            Progress(section, *section.progress(section.load(self.enterprise)))
            for section in SECTIONS.values()
        ]


_ROWS = ("years", "qualifications", "declarations", "cloud_uses", "pilot_entries")


def load(enterprise: Enterprise, today: date) -> Archive:
    """Read every row of an archive that the caller may see whole."""
    prepared.prefetch(enterprise, _ROWS)
    return Archive(enterprise, today)


def own_enterprise(actor: Actor) -> Enterprise:
    """The archive of the enterprise that the actor works for. Raises Http404."""
    rows = visible(actor, Enterprise).select_related("place", "park")
    found = rows.filter(party_id=actor.party_id).first() if actor.party_id else None
    if found is None:
        raise Http404
    return found

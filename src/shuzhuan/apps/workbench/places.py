"""The places of an officer: read once for a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.engine.policy.pack import Library


@dataclass(frozen=True)
class Places:
    """``below``: the officer's region and all below; ``packs``: what runs there or above."""

    region: Region
    below: tuple[Region, ...]
    packs: tuple[str, ...]

    @cached_property
    def names(self) -> dict[int, str]:
        return {region.pk: region.name for region in self.below}

    @cached_property
    def by_id(self) -> dict[int, Region]:
        return {region.pk: region for region in self.below}

    @cached_property
    def parks(self) -> list[Region]:
        return [region for region in self.below if region.level == Level.PARK]

    @cached_property
    def counties(self) -> list[Region]:
        return [region for region in self.below if region.level == Level.COUNTY]

    @cached_property
    def one_county(self) -> bool:
        """Whether a column with the place would say the same in every row."""
        return len(self.counties) <= 1

    @cached_property
    def industries(self) -> list[str]:
        """Pilot industries that the documents in force list."""
        library = Library.load()
        found: dict[str, None] = {}
        for name in self.packs:
            if name in library.ids:
                found.update(dict.fromkeys(library.get(name).source.pack.document.industries))
        return list(found)

    def within(self, region: Region) -> list[int]:
        """Ids of a region and everything below it."""
        return [each.pk for each in self.below if each.path.startswith(region.path)]


def places_of(actor: Actor) -> Places:
    """One statement: what lies below the officer, and the packs of what lies above."""
    above = [code for code in actor.region_path.split("/") if code]
    rows = list(
        Region.objects.filter(Q(path__startswith=actor.region_path) | Q(code__in=above)).order_by(
            "path"
        )
    )
    below = tuple(row for row in rows if row.path.startswith(actor.region_path))
    packs = tuple(dict.fromkeys(row.pack for row in rows if row.pack))
    return Places(next(row for row in below if row.pk == actor.region_id), below, packs)

"""What a place offers to an archive: its packs, pilot industries and parks."""

from __future__ import annotations

from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.engine.policy.pack import Library, Pack


def packs_at(place: Region) -> list[Pack]:
    """The packs in force for a place: its own first, then those of the places above it."""
    codes = [code for code in place.path.split("/") if code]
    rows = Region.objects.filter(code__in=codes).exclude(pack="").order_by("-path")
    library = Library.load()
    return [library.get(region.pack) for region in rows if region.pack in library.ids]


def industries_at(place: Region) -> list[str]:
    """Pilot industries that the documents of the place list."""
    found: dict[str, None] = {}
    for pack in packs_at(place):
        found.update(dict.fromkeys(pack.source.pack.document.industries))
    return list(found)


def parks_at(place: Region) -> list[tuple[int, str]]:
    """Parks in the place; the place itself when it is one."""
    rows = Region.objects.filter(level=Level.PARK, path__startswith=place.path)
    return list(rows.order_by("path").values_list("id", "name"))

"""Indicator sets in use: which one holds where, and those that ship with the product."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.models import PublishedSet, SetState
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.grading import IndicatorSet, dump_set, shipped_sets

MANUFACTURING = "制造业"
INSTALLER = Actor(name="安装程序")


def fill(row: PublishedSet, indicators: IndicatorSet) -> None:
    """Put a set into its row: the document and every column that is taken from it."""
    row.set_id, row.version = indicators.id, indicators.version
    row.title, row.sector = indicators.title, indicators.sector
    row.document = dump_set(indicators)
    row.sha256 = indicators.ref.digest
    row.figures_sha256 = indicators.figures_digest
    row.has_unverified = bool(unverified_marks(indicators))


def unverified_marks(indicators: IndicatorSet) -> list[str]:
    """Every mark of something that has not been compared with the official text."""
    marks = [
        *(part.unverified for part in indicators.dimensions),
        *(part.unverified for part in indicators.levels),
        *(part.unverified for part in indicators.questions),
        *(option.unverified for _, option in indicators.unverified_options),
        *(part.unverified for part in indicators.scenarios),
    ]
    return [mark for mark in marks if mark]


def ensure_shipped() -> int:
    """Store the shipped sets that are not stored yet; returns how many were. Safe to repeat."""
    stored = set(
        PublishedSet.objects.filter(place__isnull=True).values_list("set_id", "version", "sha256")
    )
    absent = [s for s in shipped_sets().values() if (s.id, s.version, s.ref.digest) not in stored]
    if not absent:
        return 0
    taken = {(set_id, version) for set_id, version, _ in stored}
    added = 0
    with transaction.atomic():
        for indicators in absent:
            if (indicators.id, indicators.version) in taken:
                message = f"{indicators.ref} shipped twice with different content"
                raise RuntimeError(message)  # whoever changes a shipped set gives it a new version
            added += _ship(indicators)
    return added


def _ship(indicators: IndicatorSet) -> bool:
    row = PublishedSet(state=SetState.PUBLISHED, published_at=timezone.now())
    fill(row, indicators)
    # Two processes may start at once: the second one finds the row of the first.
    PublishedSet.objects.bulk_create([row], ignore_conflicts=True)
    kept = PublishedSet.objects.get(
        place__isnull=True, set_id=indicators.id, version=indicators.version
    )
    record("ship_indicator_set", INSTALLER, kept, detail={"set": str(indicators.ref)})
    return True


def current_set(place: Region, sector: str = MANUFACTURING) -> PublishedSet:
    """The set that a sheet begun now is answered under.

    The newest published one of the nearest region from ``place`` upwards, else the newest one that
    ships. Raises ValidationError where nothing covers the sector.
    """
    ensure_shipped()
    published = _published(place).filter(sector=sector)
    nearest = (
        published.filter(place__isnull=False)
        .select_related("place")
        .order_by("-place__path", "-published_at", "-pk")
        .first()
    )
    # A path is longer the nearer it is, and sorts after the paths that it begins with.
    found = nearest or published.filter(place__isnull=True).order_by("-set_id", "-pk").first()
    if found is None:
        raise ValidationError(f"还没有适用于“{sector}”的评测指标集，请联系主管部门发布。")
    return found


def comparable_set(place: Region, before: PublishedSet) -> PublishedSet:
    """The set for a sheet that is compared with one under ``before``: the figures are the same.

    The current one if it is only worded differently, else one with those figures that is still
    published. Where there is none any more, the current one: the two are then not compared.
    """
    now = current_set(place, before.sector)
    if now.figures_sha256 == before.figures_sha256:
        return now
    same = _published(place).filter(figures_sha256=before.figures_sha256, sector=before.sector)
    return same.order_by("-published_at", "-pk").first() or now


def sectors(place: Region) -> list[str]:
    """The sectors that a sheet can be begun for in a place; manufacturing stands first."""
    found = _published(place).order_by("sector").values_list("sector", flat=True).distinct()
    return sorted(found, key=lambda sector: (sector != MANUFACTURING, sector))


def _published(place: Region) -> QuerySet[PublishedSet]:
    """What ships, and what was published for the place or above it."""
    near = Q(place__isnull=True) | Q(place__code__in=place.path.strip("/").split("/"))
    return PublishedSet.objects.filter(near, state=SetState.PUBLISHED)

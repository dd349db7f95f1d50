"""Who sees what of the working place: officers, and only what was done where they work."""

from __future__ import annotations

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.workbench.models import (
    BulkItem,
    BulkRun,
    ImportItem,
    ImportRun,
    SavedView,
    SearchEntry,
)


@scoped(SearchEntry)
def search_entries(actor: Actor) -> Q:
    return Q(place_id__in=actor.place_ids) if actor.role in OFFICERS else NOTHING


@scoped(SavedView)
def saved_views(actor: Actor) -> Q:
    """Own ones, and those that a colleague of the same office shares."""
    if actor.role not in OFFICERS or actor.user_id is None:
        return NOTHING
    return Q(place_id=actor.region_id) & (Q(user_id=actor.user_id) | Q(shared=True))


def _of_the_office(actor: Actor) -> Q:
    """Runs of the own office; a list of the city holds enterprises that a county may not see."""
    if actor.role not in OFFICERS or actor.region_id is None:
        return NOTHING
    return Q(place_id=actor.region_id)


scoped(ImportRun)(_of_the_office)
scoped(BulkRun)(_of_the_office)


@scoped(ImportItem)
def import_items(actor: Actor) -> Q:
    return Q(place_id__in=actor.place_ids) if actor.role in OFFICERS else NOTHING


@scoped(BulkItem)
def bulk_items(actor: Actor) -> Q:
    return Q(place_id__in=actor.place_ids) if actor.role in OFFICERS else NOTHING

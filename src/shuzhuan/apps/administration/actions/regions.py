"""The tree of places, by the system administrator."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.regions.models import Region


def _require(actor: Actor, region: Region) -> None:
    if actor.role != Role.SYSTEM_ADMIN or region.pk not in actor.place_ids:
        raise PermissionDenied


@transaction.atomic
def add_region(
    actor: Actor, parent: Region, *, code: str, name: str, level: str, pack: str = ""
) -> Region:
    """Add a place below one of the actor's. Raises ValidationError."""
    _require(actor, parent)
    region = Region(code=code, name=name, level=level, parent=parent, pack=pack)
    region.path = f"{parent.path}{code}/"
    region.full_clean()
    region.save()
    detail = {"code": code, "name": name, "level": level, "pack": pack}
    record("administration.add_region", actor, region, place_id=region.pk, detail=detail)
    return region


@transaction.atomic
def change_region(actor: Actor, region: Region, *, name: str, pack: str) -> None:
    """Change the name and the policy pack of a place; code, level and parent stay for ever."""
    _require(actor, region)
    before = {"name": region.name, "pack": region.pack}
    region.name, region.pack = name, pack
    region.full_clean()
    region.save(update_fields=["name", "pack"])
    detail = {"before": before, "after": {"name": name, "pack": pack}}
    record("administration.change_region", actor, region, place_id=region.pk, detail=detail)

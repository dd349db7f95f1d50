"""Reading the records of bodies, and what the packs' conditions say of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import mask_id_number, opened
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened as wall_opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.enterprises.queries.places import packs_at
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.vendors.body_facts import CONDITIONS, FACT_PREFIX, GROUP
from shuzhuan.apps.vendors.models import BodyRecord
from shuzhuan.engine.policy.groups import check_group

ROWS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition. ``state`` None: the body has not answered."""

    state: bool | None
    text: str
    cite: str


@dataclass(frozen=True, slots=True)
class Check:
    """What one document asks of a body."""

    document: str
    lines: tuple[ConditionLine, ...]

    @property
    def said(self) -> str:
        states = [line.state for line in self.lines]
        if False in states:
            return "不符合"
        return "资料不足" if None in states else "符合"


def own_record(actor: Actor) -> tuple[Party, BodyRecord | None]:
    """The actor's body and its record, if it has written one. Raises Http404 for nobody's."""
    party = Party.objects.filter(pk=actor.party_id or 0).select_related("place").first()
    if party is None:
        raise Http404
    return party, visible(actor, BodyRecord).filter(party=party).first()


def records(actor: Actor, page: str | None) -> Page[BodyRecord]:
    """Bodies registered in the actor's places or working there, by name."""
    with wall_opened("the records of bodies that work in a place"):
        rows = visible(actor, BodyRecord).select_related("party", "place")
        rows = rows.order_by("party__name", "pk")
        found = Paginator(rows, ROWS_ON_A_PAGE).get_page(page)
        found.object_list = list(found.object_list)
    return found


def record_or_404(actor: Actor, pk: int) -> BodyRecord:
    """One record, or the same 404 as for a missing one."""
    with wall_opened("the record of a body that works in a place"):
        rows = visible(actor, BodyRecord).select_related("party", "place", "updated_by")
        found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def masked_controller(row: BodyRecord | None) -> str:
    """The number of the controlling person as it may be shown."""
    return "" if row is None else mask_id_number(opened(row, "controller_id"))


def masked_name(row: BodyRecord) -> str:
    """The name of the controlling person for others: its first sign."""
    name = opened(row, "controller_name")
    return f"{name[0]}**" if name else ""


def checks(row: BodyRecord | None, place: Region, today: date) -> list[Check]:
    """The conditions for bodies of every document in force for a place."""
    if row is None:
        return []
    known = {f"{FACT_PREFIX}{name}": getattr(row, name) for name in CONDITIONS}
    found = []
    for pack in packs_at(place):
        if all(group.id != GROUP for group in pack.source.pack.conditions):
            continue
        facts = {key: v for key, v in known.items() if v is not None and key in pack.facts}
        lines = tuple(
            ConditionLine(one.state, one.text, one.cite)
            for one in check_group(pack, GROUP, today, facts)
        )
        found.append(Check(pack.source.pack.document.title, lines))
    return found

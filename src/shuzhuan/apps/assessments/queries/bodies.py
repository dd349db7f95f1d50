"""Find a body to ask, wherever it is registered: name, code and category, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.vendors.models import BodyRecord

FOUND_MAX = 20
QUERY_CHARS_MAX = 64
KINDS = (PartyKind.VENDOR, PartyKind.AGENCY)


@dataclass(frozen=True, slots=True)
class Body:
    """What an office elsewhere may know of a body before it asks it."""

    pk: int
    name: str
    uscc: str
    category: str


def search(text: str) -> list[Body]:
    """Bodies by a part of the name or of the code; none for an empty text."""
    words = " ".join(text.split())[:QUERY_CHARS_MAX]
    if not words:
        return []
    wanted = Q(name__icontains=words) | Q(uscc__istartswith=words)
    with opened("find a body to ask, in any place"):
        rows = list(Party.objects.filter(wanted, kind__in=KINDS).order_by("name")[:FOUND_MAX])
        records = BodyRecord.objects.filter(party_id__in=[row.pk for row in rows])
        categories = {row.party_id: row.get_category_display() for row in records}
    return [
        Body(row.pk, row.name, row.uscc, categories.get(row.pk) or row.get_kind_display())
        for row in rows
    ]


def body(pk: int) -> Party | None:
    """A body by its id, in any place; None for whoever is no body."""
    with opened("the body that is asked, in any place"):
        return Party.objects.filter(pk=pk, kind__in=KINDS).first()

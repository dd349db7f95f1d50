"""The packs as the site reads them: loaded once, found by place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.policies.words import LEVELS
from shuzhuan.engine.policy.pack import Library, Pack


@dataclass(frozen=True)
class DocumentCard:
    """One document in a list."""

    place: str
    name: str
    level: str
    title: str
    issuer: str
    number: str
    status: str
    expired: bool
    valid_from: date | None
    valid_to: date | None
    validity_note: str
    clauses: int
    money_clauses: int
    computes: bool

    @property
    def in_force(self) -> bool:
        return self.status == "有效" and not self.expired


def library() -> Library:
    """All packs that ship with the program."""
    return Library.load()


def pack_or_404(place: str) -> Pack:
    """The pack of a place; an unknown place is a missing page."""
    try:
        return library().get(place)
    except KeyError:
        raise Http404 from None


def clause_or_404(pack: Pack, clause_id: str) -> Any:
    """The model of one clause."""
    for model in pack.source.clauses:
        if model.id == clause_id:
            return model
    raise Http404


@lru_cache(maxsize=512)
def card(pack: Pack, today: date) -> DocumentCard:
    """A document's head on a day."""
    source = pack.source.pack
    document = source.document
    clauses = pack.source.clauses
    return DocumentCard(
        place=pack.id,
        name=source.place.name,
        level=LEVELS[source.place.level],
        title=document.title,
        issuer=document.issuer,
        number=document.number or "",
        status=document.status,
        expired=document.valid_to is not None and today > document.valid_to,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        validity_note=document.validity_note or "",
        clauses=len(clauses),
        money_clauses=sum(1 for c in clauses if c.amount is not None),
        computes=any(c.amount is not None and c.kind != "estimate" for c in clauses),
    )


def cards(today: date | None = None) -> list[DocumentCard]:
    """All documents, those for enterprises to compute with first, then by administrative code."""
    day = today or timezone.localdate()
    packs = sorted(library().places.values(), key=lambda p: p.source.pack.place.code or p.id)
    return sorted((card(pack, day) for pack in packs), key=lambda c: not c.computes)

"""Who may see a document: its owner, whom the owner lets in, and the government of its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

from django.db.models import Model, Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.accounts.roles import BODIES, GOVERNMENT, PARTIES
from shuzhuan.apps.evidence.models import Document, DocumentVersion, Link, View

# Parties whose documents a vendor or an agency may open, by consent or because it was asked to
# visit. The apps above this one fill it in; until they do, everybody sees only their own.
Opened = Callable[[Actor], Q]
_opened: list[Opened] = []


def opened_by_consent(rule: Opened) -> Opened:
    """Register what opens documents: actor → Q on ``Party``. Several rules add up."""
    _opened.append(rule)
    return rule


def opened_parties(actor: Actor) -> Q:
    """Q on ``Party`` for those who let the actor's body in."""
    if actor.role not in BODIES or actor.party_id is None:
        return NOTHING
    return reduce(or_, (rule(actor) for rule in _opened), NOTHING)


# Who else may add to the documents of a party: a body on site photographs what it found there.
Adding = Callable[[Actor, int], bool]
_adding: list[Adding] = []


def added_by(rule: Adding) -> Adding:
    """Register who may add documents to a party: (actor, id of the party) → yes or no."""
    _adding.append(rule)
    return rule


def may_add(actor: Actor, owner_id: int) -> bool:
    """Whether the actor may store documents of this party: the own one, or as registered."""
    if actor.user_id is None or actor.party_id is None:
        return False
    return actor.party_id == owner_id or any(rule(actor, owner_id) for rule in _adding)


def _documents(actor: Actor, prefix: str = "") -> Q:
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids) & _kept(prefix)
    if actor.role not in PARTIES or actor.party_id is None:
        return NOTHING
    own = Q(owner_id=actor.party_id)
    if actor.role not in BODIES:
        return own
    others = Party.objects.filter(opened_parties(actor)).values("pk")
    return own | (Q(owner_id__in=others) & _kept(prefix))


def _kept(prefix: str) -> Q:
    """Not withdrawn, or used somewhere: what was filed stays readable where it was filed."""
    linked = Link.objects.filter(ended_at__isnull=True).values("document_id")
    return Q(**{f"{prefix}withdrawn_at__isnull": True}) | Q(**{f"{prefix}pk__in": linked})


@scoped(Document)
def documents(actor: Actor) -> Q:
    return _documents(actor)


def _parts(model: type[Model]) -> None:
    scoped(model)(lambda actor: _documents(actor, "document__"))


_parts(DocumentVersion)
_parts(Link)


@scoped(View)
def views(actor: Actor) -> Q:
    """Who looked is for the owner alone."""
    if actor.role in PARTIES and actor.party_id is not None:
        return Q(owner_id=actor.party_id)
    return NOTHING

"""Who works on publicities: the office that publishes. What everybody reads is in ``queries``."""

from __future__ import annotations

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import OFFICERS, PARTIES
from shuzhuan.apps.publicity.models import (
    Objection,
    ObjectionFile,
    Publicity,
    PublicityItem,
)


def _of_office(actor: Actor) -> Q:
    if actor.role not in OFFICERS or actor.region_id is None:
        return NOTHING
    return Q(place_id=actor.region_id)


def _of_office_or_party(actor: Actor) -> Q:
    if actor.role in PARTIES and actor.party_id is not None:
        return Q(party_id=actor.party_id)
    return _of_office(actor)


@scoped(Publicity)
def publicities(actor: Actor) -> Q:
    """Those of the own office: nobody closes or hears in another one's name."""
    return _of_office(actor)


@scoped(PublicityItem)
def items(actor: Actor) -> Q:
    """Those of the own office; an organisation's own people see the items about it."""
    return _of_office_or_party(actor)


@scoped(Objection)
def objections(actor: Actor) -> Q:
    """Those to the own office's items, and those that the own organisation made."""
    return _of_office_or_party(actor)


@scoped(ObjectionFile)
def files(actor: Actor) -> Q:
    """For the office that hears the objection alone."""
    return _of_office(actor)

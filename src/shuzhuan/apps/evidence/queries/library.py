"""Lists of documents, each in a fixed number of statements."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.accounts.roles import GOVERNMENT, PARTIES
from shuzhuan.apps.evidence.models import Document, Link, View
from shuzhuan.apps.evidence.scopes import opened_parties
from shuzhuan.apps.evidence.slots import SLOTS


def own(actor: Actor, slot: str = "", *, withdrawn: bool = False) -> QuerySet[Document]:
    """Documents of the actor's own party, the newest first."""
    rows = visible(actor, Document).filter(owner_id=actor.party_id)
    rows = rows.filter(withdrawn_at__isnull=not withdrawn)
    if slot in SLOTS:
        rows = rows.filter(slot=slot)
    return _counted(rows)


def of_party(actor: Actor, party_id: int) -> QuerySet[Document]:
    """Documents of a party that the actor may see, by their kind: for shelf and profile."""
    rows = visible(actor, Document).filter(owner_id=party_id)
    return _counted(rows).order_by("slot", "-updated_at", "-pk")


def shelf_owner(actor: Actor, party_id: int) -> Party:
    """The party whose documents the actor may see. Raises the same Http404 as for none."""
    rule = Q(pk__in=[])
    if actor.role in GOVERNMENT:
        rule = Q(place_id__in=actor.place_ids)
    elif actor.role in PARTIES and actor.party_id is not None:
        rule = Q(pk=actor.party_id) | opened_parties(actor)
    party = Party.objects.filter(rule, pk=party_id).select_related("place").first()
    if party is None:
        raise Http404
    return party


def _counted(rows: QuerySet[Document]) -> QuerySet[Document]:
    return (
        rows.select_related("current__blob", "created_by", "owner")
        .annotate(uses=_number(Link, ended_at__isnull=True), looks=_number(View))
        .order_by("-updated_at", "-pk")
    )


def _number(model: type[Link] | type[View], **condition: bool) -> Coalesce:
    """How many rows of a model a document has, as a sub-query, so that counts do not multiply."""
    rows = model._default_manager.filter(document_id=OuterRef("pk"), **condition)
    counted = rows.order_by().values("document_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)

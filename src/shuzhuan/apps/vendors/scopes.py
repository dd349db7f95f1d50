"""Who sees a consent, and which archives a live consent opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.access.wall import widened_by
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, Role
from shuzhuan.apps.enterprises.scopes import BASICS, FINANCE, opened_by_consent
from shuzhuan.apps.evidence.scopes import opened_by_consent as documents_opened_by_consent
from shuzhuan.apps.vendors.models import BodyRecord, Consent, ConsentState

DOCUMENTS, PROJECTS = "documents", "projects"
_PARTS = {
    BASICS: Q(),
    FINANCE: Q(sees_finance=True),
    DOCUMENTS: Q(sees_documents=True),
    PROJECTS: Q(sees_projects=True),
}


def live(part: str = BASICS) -> Q:
    """Consents in force today that name the part. Raises KeyError for an unknown part."""
    today = timezone.localdate()
    return _PARTS[part] & Q(state=ConsentState.GRANTED, valid_from__lte=today, valid_to__gte=today)


@opened_by_consent
def archives(actor: Actor, part: str) -> Q:
    """Archives whose enterprise has consented to the actor's vendor, today."""
    if actor.role != Role.VENDOR_STAFF or actor.party_id is None:
        return NOTHING
    opened = Consent.objects.filter(live(part), vendor_id=actor.party_id)
    return Q(party_id__in=opened.values("enterprise_id"))


@widened_by
def clients(actor: Actor) -> Iterable[int]:
    """The second wall lets a vendor through to the parties that have consented today."""
    if actor.role != Role.VENDOR_STAFF or actor.party_id is None:
        return ()
    rows = Consent.objects.filter(live(), vendor_id=actor.party_id)
    return [pk for pk in rows.values_list("enterprise_id", flat=True) if pk is not None]


@documents_opened_by_consent
def documents(actor: Actor) -> Q:
    """Parties whose documents the actor's vendor may open, today."""
    if actor.role != Role.VENDOR_STAFF or actor.party_id is None:
        return NOTHING
    opened = Consent.objects.filter(live(DOCUMENTS), vendor_id=actor.party_id)
    return Q(pk__in=opened.values("enterprise_id"))


@scoped(Consent)
def consents(actor: Actor) -> Q:
    """The two parties; government by the place of the enterprise."""
    if actor.role in ENTERPRISE and actor.party_id is not None:
        return Q(enterprise_id=actor.party_id)
    if actor.role == Role.VENDOR_STAFF and actor.party_id is not None:
        return Q(vendor_id=actor.party_id)
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    return NOTHING


# Bodies that work in an actor's places wherever they are registered. The apps above this one fill
# it in; whoever reads such a record looks across places on purpose (``wall.opened``).
Working = Callable[[Actor], Q]
_working: list[Working] = []


def works_here(rule: Working) -> Working:
    """Register who works in the places of an office: actor → Q on ``Party``. Rules add up."""
    _working.append(rule)
    return rule


@scoped(BodyRecord)
def body_records(actor: Actor) -> Q:
    """The body itself; officers where it is registered and where it works."""
    if actor.role in BODIES and actor.party_id is not None:
        return Q(party_id=actor.party_id)
    if actor.role in GOVERNMENT:
        here = Party.objects.filter(reduce(or_, (rule(actor) for rule in _working), NOTHING))
        return Q(place_id__in=actor.place_ids) | Q(party_id__in=here.values("pk"))
    return NOTHING

"""Ask for consent, grant it, refuse it, withdraw it. Only the enterprise can open its archive."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.actions.register_enterprise import checked_code
from shuzhuan.apps.vendors.models import Consent, ConsentState

OPEN = (ConsentState.REQUESTED, ConsentState.GRANTED)
PARTS = ("sees_finance", "sees_documents", "sees_projects")


@transaction.atomic
def request_consent(
    actor: Actor, uscc: str, purpose: str, parts: frozenset[str] = frozenset()
) -> Consent:
    """Ask the enterprise with this code. Raises ValidationError for a code that cannot be one.

    A vendor must not learn from the answer which enterprises keep an archive here, so a request
    to nobody is stored and shown like any other.
    """
    code = checked_code(uscc)
    purpose = purpose.strip()[:200]
    if not purpose:
        raise ValidationError({"purpose": "请写明为企业做什么，企业会看到这句话。"})
    with opened("find the enterprise that is asked"):
        enterprise = Party.objects.filter(kind=PartyKind.ENTERPRISE, uscc=code).first()
    place_id = enterprise.place_id if enterprise is not None else actor.region_id
    asked = {"uscc": code, "vendor_id": actor.party_id, "place_id": place_id}
    consent = Consent.objects.select_for_update(no_key=True).filter(**asked, state__in=OPEN).first()
    if consent is not None and _over(consent):  # it has run out; asking again starts a new one
        _close(consent, ConsentState.WITHDRAWN)
        consent = None
    if consent is None:
        consent = Consent.objects.create(
            **asked,
            enterprise=enterprise,
            state=ConsentState.REQUESTED,
            purpose=purpose,
            requested_by_id=user_of(actor),
            **{part: part in parts for part in PARTS},
        )
    record("request_consent", actor, consent, detail={"parts": sorted(parts)})
    return consent


@transaction.atomic
def grant_consent(
    actor: Actor, consent: Consent, valid_from: date, valid_to: date, parts: frozenset[str]
) -> Consent:
    """Open the archive, in these parts and for this time. Raises ValidationError."""
    consent = _own(actor, consent, ConsentState.REQUESTED, "这份申请已经答复过。")
    if valid_to < max(valid_from, timezone.localdate()):
        raise ValidationError({"valid_to": "截止日期不能早于今天，也不能早于起始日期。"})
    consent.state = ConsentState.GRANTED
    consent.valid_from, consent.valid_to = valid_from, valid_to
    for part in PARTS:
        setattr(consent, part, part in parts)
    consent.granted_by_id, consent.answered_at = user_of(actor), timezone.now()
    consent.save()
    detail = {"from": valid_from.isoformat(), "to": valid_to.isoformat(), "parts": sorted(parts)}
    record("grant_consent", actor, consent, detail=detail)
    return consent


@transaction.atomic
def refuse_consent(actor: Actor, consent: Consent) -> Consent:
    """Answer no. Raises ValidationError."""
    consent = _own(actor, consent, ConsentState.REQUESTED, "这份申请已经答复过。")
    consent.state, consent.answered_at = ConsentState.REFUSED, timezone.now()
    consent.save()
    record("refuse_consent", actor, consent)
    return consent


@transaction.atomic
def withdraw_consent(actor: Actor, consent: Consent) -> Consent:
    """Close the archive again, at once. The vendor may also give it back. Raises ValidationError."""
    consent = _own(actor, consent, ConsentState.GRANTED, "这份授权没有生效，不用撤回。")
    _close(consent, ConsentState.WITHDRAWN)
    consent.ended_by_id = user_of(actor)
    consent.save()
    record("withdraw_consent", actor, consent)
    return consent


def _own(actor: Actor, consent: Consent, state: str, otherwise: str) -> Consent:
    """The consent, locked, when the actor's party is in it and it is in this state."""
    found = Consent.objects.select_for_update(no_key=True).get(pk=consent.pk)
    parties = {found.enterprise_id}
    if state == ConsentState.GRANTED:
        parties.add(found.vendor_id)
    if actor.party_id is None or actor.party_id not in parties:
        raise PermissionDenied
    if found.state != state:
        raise ValidationError(otherwise)
    return found


def _over(consent: Consent) -> bool:
    return (
        consent.state == ConsentState.GRANTED
        and consent.valid_to is not None
        and consent.valid_to < timezone.localdate()
    )


def _close(consent: Consent, state: ConsentState) -> None:
    consent.state, consent.ended_at = state, timezone.now()
    consent.save()

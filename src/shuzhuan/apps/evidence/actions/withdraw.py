"""Take a document out of the library; what was used somewhere stays there."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.unmask import reason_of
from shuzhuan.apps.evidence.models import Document


@transaction.atomic
def withdraw_document(actor: Actor, document: Document, reason: str) -> Document:
    """Withdraw a document of the actor's own party, with a reason. No version is erased."""
    if actor.user_id is None or actor.party_id != document.owner_id:
        raise PermissionDenied
    kept = reason_of(reason)
    document = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    if document.withdrawn_at is None:
        document.withdrawn_at = timezone.now()
        document.withdrawn_by_id = actor.user_id
        document.withdrawn_reason = kept
        document.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        record("withdraw_document", actor, document, detail={"reason": kept})
    return document

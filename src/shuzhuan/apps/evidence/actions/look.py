"""Open a version: who looked is written before the first byte leaves."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.evidence.models import DocumentVersion, View


@transaction.atomic
def note_view(actor: Actor, version: DocumentVersion) -> View:
    """Record that the actor opens this version."""
    if actor.user_id is None or actor.role is None:
        raise PermissionDenied
    view = View.objects.create(
        place_id=version.place_id,
        owner_id=version.owner_id,
        version=version,
        document_id=version.document_id,
        user_id=actor.user_id,
        role=actor.role,
        party_id=actor.party_id,
    )
    record("view_document", actor, version.document, detail={"version": version.number})
    return view

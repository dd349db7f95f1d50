"""Use a document somewhere, or no longer; other apps call these with their own record."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.evidence.models import TITLE_CHARS_MAX, Document, Link


@transaction.atomic
def use_document(actor: Actor, document: Document, target: Model, label: str) -> Link:
    """Say that the current version of a document serves ``target`` (a saved row of any app)."""
    if actor.user_id is None:
        raise PermissionDenied
    document = visible(actor, Document).select_for_update(no_key=True).get(pk=document.pk)
    if document.withdrawn_at is not None or document.current_id is None:
        raise ValidationError("这份资料已经撤下，请换一份。")
    key = {"place_id": document.place_id, "document": document, "ended_at": None}
    link, made = Link.objects.get_or_create(
        **key,
        kind=target._meta.label_lower,
        object_id=target.pk,
        defaults={
            "owner_id": document.owner_id,
            "version_id": document.current_id,
            "label": label[:TITLE_CHARS_MAX],
            "created_by_id": actor.user_id,
        },
    )
    if made:
        detail = {"kind": link.kind, "object": link.object_id, "version": link.version_id}
        record("use_document", actor, document, detail=detail)
    return link


@transaction.atomic
def end_use(actor: Actor, link: Link) -> None:
    """Say that a document serves its purpose no more; that it once did is kept."""
    ended = Link.objects.filter(pk=link.pk, ended_at__isnull=True).update(ended_at=timezone.now())
    if ended:
        detail = {"kind": link.kind, "object": link.object_id}
        record("end_use", actor, link.document, detail=detail)

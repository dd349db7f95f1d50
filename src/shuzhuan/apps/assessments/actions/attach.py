"""Evidence for one item: a document of one's own library, used here."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.save_answer import row_of
from shuzhuan.apps.assessments.actions.writing import writable
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries.sheet import indicator_set, label_of
from shuzhuan.apps.evidence.actions.use import end_use, use_document
from shuzhuan.apps.evidence.models import Document, Link

DOCUMENTS_MAX = 20
KIND = Answer._meta.label_lower


@transaction.atomic
def attach(actor: Actor, assessment_pk: int, item: str, document: Document) -> Link:
    """Use a document as evidence of an item of a draft. Raises ValidationError."""
    sheet = writable(actor, assessment_pk)
    if document.owner_id not in _owners(actor, sheet):
        raise PermissionDenied
    row = row_of(actor, sheet, item)
    used = Link.objects.filter(
        place_id=document.place_id, kind=KIND, object_id=row.pk, ended_at__isnull=True
    )
    if used.count() >= DOCUMENTS_MAX:
        raise ValidationError(f"一项最多用{DOCUMENTS_MAX}份佐证。")
    label = label_of(indicator_set(sheet), item)
    return use_document(actor, document, row, f"{sheet.get_kind_display()} {label}")


@transaction.atomic
def detach(actor: Actor, assessment_pk: int, item: str, link_pk: int) -> None:
    """Use a document for an item no more; the document stays in the library."""
    sheet = writable(actor, assessment_pk)
    row = row_of(actor, sheet, item)
    link = Link.objects.filter(
        owner_id__in=_owners(actor, sheet),
        kind=KIND,
        object_id=row.pk,
        pk=link_pk,
        ended_at__isnull=True,
    ).first()
    if link is not None:
        end_use(actor, link)


def _owners(actor: Actor, sheet: Assessment) -> set[int | None]:
    """Whose documents may serve: the own ones, and on site those of the enterprise."""
    return {actor.party_id, sheet.enterprise.party_id}

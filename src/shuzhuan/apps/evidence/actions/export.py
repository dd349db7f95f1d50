"""Hand out the whole archive of an organisation, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.unmask import reason_of
from shuzhuan.apps.evidence import bundle
from shuzhuan.apps.evidence.models import DocumentVersion, View


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file on its way out."""

    name: str
    pieces: Iterator[bytes]


@transaction.atomic
def export_bundle(actor: Actor, owner: Party, reason: str) -> Bundle:
    """Record who takes what and why; the bytes follow. Raises ValidationError."""
    if actor.user_id is None or actor.role is None:
        raise PermissionDenied
    kept = reason_of(reason)
    versions = bundle.versions_of(actor, owner)
    if len(versions) > bundle.VERSIONS_MAX:
        raise ValidationError(f"资料超过 {bundle.VERSIONS_MAX} 个版本，请联系管理员分批导出。")
    detail = {"owner": owner.pk, "versions": len(versions), "reason": kept}
    record("export_bundle", actor, owner, detail=detail)
    if actor.party_id != owner.pk:
        View.objects.bulk_create(_view(actor, version) for version in versions)
    entries = bundle.entries_about({version.document_id for version in versions})
    day = timezone.localdate().isoformat()
    return Bundle(f"{owner.uscc}-{day}.zip", bundle.pieces(actor, owner, versions, entries))


def _view(actor: Actor, version: DocumentVersion) -> View:
    """The owner reads that the version was taken along."""
    assert actor.user_id is not None
    return View(
        place_id=version.place_id,
        owner_id=version.owner_id,
        version=version,
        document_id=version.document_id,
        user_id=actor.user_id,
        role=str(actor.role),
        party_id=actor.party_id,
    )

"""Take a file in: checked, stored durably, then named by a row, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.evidence.checks import Accepted, UploadRefused, inspect
from shuzhuan.apps.evidence.models import TITLE_CHARS_MAX, Blob, Document, DocumentVersion
from shuzhuan.apps.evidence.scopes import may_add
from shuzhuan.apps.evidence.slots import (
    DOCUMENTS_MAX,
    MIB,
    OWNER_BYTES_MAX,
    SLOTS,
    VERSIONS_MAX,
)
from shuzhuan.apps.evidence.store import Stored, StoreFull, store


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as it came: what it is called there, and its bytes."""

    name: str
    content: IO[bytes]


def upload_document(
    actor: Actor, owner: Party, slot: str, file: Incoming, title: str = ""
) -> Document:
    """Store a file as a new document of a party that the actor may add to. Raises UploadRefused."""
    if not may_add(actor, owner.pk):
        raise PermissionDenied
    if slot not in SLOTS:
        raise UploadRefused("slot", "请先选择资料的类别")
    accepted, stored = take(file, slot)
    return _add_document(actor, owner, slot, accepted, stored, title)


def upload_version(actor: Actor, document: Document, file: Incoming) -> DocumentVersion:
    """Store a file as the next version of a document of the actor's own party."""
    _require_own(actor, document.owner)
    accepted, stored = take(file, document.slot)
    return _add_next_version(actor, document, accepted, stored)


def _require_own(actor: Actor, owner: Party) -> None:
    if actor.user_id is None or actor.party_id is None or actor.party_id != owner.pk:
        raise PermissionDenied


def take(file: Incoming, slot: str) -> tuple[Accepted, Stored]:
    """Check the file, then make it durable; no row names it yet. Raises UploadRefused."""
    accepted = inspect(file.name, file.content, slot)
    try:
        return accepted, store().put(accepted.content)
    except StoreFull:
        raise UploadRefused("no-room", "服务器的存储空间满了，文件没有保存，请联系管理员") from None


@transaction.atomic
def _add_document(
    actor: Actor, owner: Party, slot: str, accepted: Accepted, stored: Stored, title: str
) -> Document:
    assert actor.user_id is not None
    owner = Party.objects.select_for_update(no_key=True).get(pk=owner.pk)
    _check_quota(owner, stored)
    _check_new(owner, slot, stored)
    now = timezone.now()
    document = Document.objects.create(
        place_id=owner.place_id,
        owner=owner,
        slot=slot,
        title=_title(title, accepted.name, slot),
        created_by_id=actor.user_id,
        updated_at=now,
    )
    version = _add_version(actor, document, accepted, stored)
    record("upload_document", actor, document, detail=_detail(version, stored))
    return document


@transaction.atomic
def _add_next_version(
    actor: Actor, document: Document, accepted: Accepted, stored: Stored
) -> DocumentVersion:
    owner = Party.objects.select_for_update(no_key=True).get(pk=document.owner_id)
    document = Document.objects.get(pk=document.pk)
    if document.withdrawn_at is not None:
        raise UploadRefused("withdrawn", "这份资料已经撤下，请作为新资料上传")
    if document.versions_count >= VERSIONS_MAX:
        raise UploadRefused("versions", f"一份资料最多 {VERSIONS_MAX} 个版本")
    current = document.current
    if current is not None and current.blob.sha256 == stored.sha256:
        raise UploadRefused("same", "与当前版本的内容完全相同，不需要再上传")
    _check_quota(owner, stored, new_document=False)
    version = _add_version(actor, document, accepted, stored)
    record("upload_version", actor, document, detail=_detail(version, stored))
    return version


def _add_version(
    actor: Actor, document: Document, accepted: Accepted, stored: Stored
) -> DocumentVersion:
    assert actor.user_id is not None
    blob, _ = Blob.objects.get_or_create(
        place_id=document.place_id,
        owner_id=document.owner_id,
        sha256=stored.sha256,
        defaults={"size_bytes": stored.size_bytes, "kind": accepted.kind.key},
    )
    number, now = document.versions_count + 1, timezone.now()
    version = DocumentVersion.objects.create(
        place_id=document.place_id,
        owner_id=document.owner_id,
        document=document,
        number=number,
        blob=blob,
        name=_name(document, number, accepted),
        original_name=accepted.name,
        uploaded_by_id=actor.user_id,
        uploaded_at=now,
    )
    document.versions_count, document.current, document.updated_at = number, version, now
    document.save(update_fields=["versions_count", "current", "updated_at"])
    return version


def _check_quota(owner: Party, stored: Stored, *, new_document: bool = True) -> None:
    """Called with the owner's row locked, so that two uploads cannot pass together."""
    rows = DocumentVersion.objects.filter(place_id=owner.place_id, owner=owner)
    used = rows.aggregate(total=Sum("blob__size_bytes"))["total"] or 0
    if used + stored.size_bytes > OWNER_BYTES_MAX:
        raise UploadRefused("quota", f"资料总量超过 {OWNER_BYTES_MAX // MIB} MB，请先整理")
    if new_document:
        count = Document.objects.filter(
            place_id=owner.place_id, owner=owner, withdrawn_at__isnull=True
        ).count()
        if count >= DOCUMENTS_MAX:
            raise UploadRefused("quota", f"资料已有 {DOCUMENTS_MAX} 份，请先撤下不用的")


def _check_new(owner: Party, slot: str, stored: Stored) -> None:
    """Uploaded once: the same file for the same purpose is used, not stored again."""
    same = Document.objects.filter(
        place_id=owner.place_id,
        owner=owner,
        slot=slot,
        withdrawn_at__isnull=True,
        current__blob__sha256=stored.sha256,
    ).first()
    if same is not None:
        reason = f"这个文件已经在资料库里：“{same.title}”，直接使用即可"
        raise UploadRefused("twice", reason, same.pk)


def _title(title: str, name: str, slot: str) -> str:
    wanted = " ".join(title.split()) or name.rpartition(".")[0] or SLOTS[slot].label
    return "".join(sign for sign in wanted if sign.isprintable())[:TITLE_CHARS_MAX]


def _name(document: Document, number: int, accepted: Accepted) -> str:
    """营业执照-12-v2.pdf: nothing of it comes from outside."""
    label = document.slot_info.label
    return f"{label}-{document.pk}-v{number}.{accepted.kind.extensions[0]}"


def _detail(version: DocumentVersion, stored: Stored) -> dict[str, object]:
    return {
        "slot": version.document.slot,
        "version": version.number,
        "sha256": stored.sha256,
        "bytes": stored.size_bytes,
    }

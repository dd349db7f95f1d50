"""What an objector attaches: checked like every upload, and only after everything else holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.evidence.actions.sweep import named_by
from shuzhuan.apps.evidence.actions.upload import Incoming, take
from shuzhuan.apps.evidence.checks import Accepted, UploadRefused
from shuzhuan.apps.evidence.slots import MIB
from shuzhuan.apps.evidence.store import Stored
from shuzhuan.apps.publicity.models import Objection, ObjectionFile, PublicityItem

SLOT = "certificate"
"""What a scan may be: PDF, JPG, PNG."""
FILES_MAX = 3
FILE_BYTES_MAX = 10 * MIB
SOURCE_FILES_DAILY_MAX = 15
"""Files from one address in 24 hours."""
PLACE_BYTES_DAILY_MAX = 1024 * MIB
"""What strangers may fill in 24 hours at one place, whatever their addresses."""
BY_HAND = "请不带附件提交，再按公示上的联系方式把材料交给受理单位。"
_DAY = timedelta(hours=24)

Taken = tuple[Accepted, Stored]


def require_room(item: PublicityItem, source: str, files: Sequence[Incoming]) -> None:
    """Refuse too many and too large before anybody reads them. Raises ValidationError."""
    if len(files) > FILES_MAX:
        raise ValidationError({"attachments": f"最多附 {FILES_MAX} 个文件，请合并或挑最要紧的。"})
    size = 0
    for file in files:
        here = file.content.seek(0, 2)
        if here > FILE_BYTES_MAX:
            text = f"“{_shown(file.name)}”超过 {FILE_BYTES_MAX // MIB} MB，请压缩后再选。"
            raise ValidationError({"attachments": text})
        size += here
    recent = ObjectionFile.objects.filter(objection__made_at__gt=timezone.now() - _DAY)
    if source:
        sent = recent.filter(objection__source=source).count()
        if sent + len(files) > SOURCE_FILES_DAILY_MAX:
            text = f"从这个网络 24 小时内最多收 {SOURCE_FILES_DAILY_MAX} 个附件。{BY_HAND}"
            raise ValidationError({"attachments": text})
    held = recent.filter(place_id=item.place_id).aggregate(total=Sum("size_bytes"))["total"] or 0
    if held + size > PLACE_BYTES_DAILY_MAX:
        raise ValidationError({"attachments": f"今天收到的附件已经很多。{BY_HAND}"})


def checked(files: Sequence[Incoming]) -> list[Taken]:
    """Check and store each; no row names them yet. Raises ValidationError with every mistake."""
    found: list[Taken] = []
    wrong = []
    for file in files:
        try:
            found.append(take(file, SLOT))
        except UploadRefused as error:
            wrong.append(f"“{_shown(file.name)}”：{error.reason}。")
    if wrong:
        raise ValidationError({"attachments": wrong})
    return found


def keep(objection: Objection, taken: Sequence[Taken]) -> None:
    """Name what was stored, in the transaction of the objection."""
    ObjectionFile.objects.bulk_create(
        ObjectionFile(
            place_id=objection.place_id, objection=objection, party_id=objection.party_id,
            position=position, sha256=stored.sha256, size_bytes=stored.size_bytes,
            kind=accepted.kind.key, original_name=accepted.name, created_at=objection.made_at,
            name=f"异议{objection.number}-附件{position}.{accepted.kind.extensions[0]}",
        )
        for position, (accepted, stored) in enumerate(taken, 1)
    )  # fmt: skip


@transaction.atomic
def note_opened(actor: Actor, file: ObjectionFile) -> None:
    """Put on record who opens it, before the first byte leaves."""
    if actor.user_id is None:
        raise Http404
    detail = {"number": file.objection.number, "file": file.position}
    record("view_objection_file", actor, file, detail=detail)


@named_by
def files_of_objections(names: list[str] | None) -> Iterable[str]:
    """Files of objections stay when the store is swept."""
    rows = ObjectionFile.objects.all()
    if names is not None:
        rows = rows.filter(sha256__in=names)
    return rows.values_list("sha256", flat=True).distinct().iterator()


def _shown(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable())[:80]

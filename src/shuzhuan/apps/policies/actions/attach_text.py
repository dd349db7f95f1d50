"""Attach the official wording of a document or clause; attaching again replaces it."""

from __future__ import annotations

import hashlib

from django.db import transaction

from shuzhuan.apps.policies.models import SOURCE_CHARS_MAX, OriginalText

TEXT_CHARS_MAX = 2_000_000


class AttachError(ValueError):
    """The text cannot be attached; the message is Chinese."""


@transaction.atomic
def attach_text(place: str, text: str, *, clause_id: str = "", source: str = "") -> OriginalText:
    """Store the wording."""
    clean = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not clean:
        raise AttachError("文件里没有文字")
    if len(clean) > TEXT_CHARS_MAX:
        raise AttachError(f"文字超过 {TEXT_CHARS_MAX:,} 个字，请确认是不是这份政策文件")
    found, _ = OriginalText.objects.update_or_create(
        place=place,
        clause_id=clause_id,
        defaults={
            "text": clean,
            "source": source[:SOURCE_CHARS_MAX],
            "digest": hashlib.sha256(clean.encode()).hexdigest(),
        },
    )
    return found

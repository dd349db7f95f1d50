"""Reading one sensitive value in the clear: with a reason, and on record: 查看完整号码."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.audit.actions import record

REASON_CHARS_MIN = 4
REASON_CHARS_MAX = 200


def reason_of(text: str) -> str:
    """The reason as it is kept. Raises ValidationError when it says nothing."""
    reason = " ".join(text.split())
    if len(reason) < REASON_CHARS_MIN:
        raise ValidationError(f"请写明原因，至少 {REASON_CHARS_MIN} 个字。")
    if len(reason) > REASON_CHARS_MAX:
        raise ValidationError(f"原因最多 {REASON_CHARS_MAX} 个字。")
    return reason


@transaction.atomic
def unmask(actor: Actor, target: Model, field: str, reason: str) -> str:
    """The whole value of one field of a row that the actor may see. Raises Http404 otherwise."""
    kept = reason_of(reason)
    if not isinstance(target._meta.get_field(field), EncryptedField):
        raise ValueError(f"{field} is not a sensitive field")
    row = get_visible(actor, type(target), pk=target.pk)
    record("unmask", actor, row, detail={"field": field, "reason": kept})
    return str(getattr(row, field) or "")

"""An officer looked at a doubtful grading and says what came of it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.assessments.models import DoubtKind, DoubtNote
from shuzhuan.apps.assessments.queries import doubts
from shuzhuan.apps.audit.actions import record

FINDING_CHARS_MAX = 500
GONE = "这条疑点已经变了：答卷或文件有更新。请看过现在的内容再记。"


@transaction.atomic
def note_doubt(actor: Actor, kind: str, key: str, finding: str) -> DoubtNote:
    """Record a look at one doubt with its finding. The grading itself stays as it is.

    Raises ValidationError, also where the doubt is not there (any more), and PermissionDenied.
    """
    if actor.role not in OFFICERS or actor.user_id is None:
        raise PermissionDenied
    finding = " ".join(finding.split())
    if not finding:
        raise ValidationError({"finding": "请写明核查结论。"})
    if len(finding) > FINDING_CHARS_MAX:
        raise ValidationError({"finding": f"结论最多 {FINDING_CHARS_MAX} 个字。"})
    if kind not in DoubtKind.values:
        raise ValidationError(GONE)
    found = [one for one in doubts.candidates(actor, DoubtKind(kind)) if one.key == key]
    shown = doubts.read(actor, found)
    if not shown:
        raise ValidationError(GONE)
    seen = shown[0]
    note = DoubtNote.objects.create(
        place_id=seen.sheet.place_id,
        enterprise_id=seen.sheet.enterprise_id,
        assessment=seen.sheet,
        other=seen.other,
        kind=kind,
        key=key,
        shown=seen.text[:500],
        finding=finding,
        by_id=actor.user_id,
    )
    detail = {"kind": kind, "key": key, "assessment": seen.sheet.pk, "finding": finding}
    record("note_doubt", actor, note, detail=detail)
    return note

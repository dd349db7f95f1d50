"""Answer an objection after it was looked into: 核查答复."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.publicity import hooks
from shuzhuan.apps.publicity.actions import messages
from shuzhuan.apps.publicity.actions.locked import officer_id, own_objection
from shuzhuan.apps.publicity.models import (
    FINDING_CHARS_MAX,
    KEY_CHARS_MAX,
    ItemState,
    Objection,
    ObjectionState,
)

FINDING_CHARS_MIN = 4


@transaction.atomic
def decide(actor: Actor, objection_pk: int, upheld: bool, finding: str, key: str) -> Objection:
    """Decide an objection once and for all; any officer of the place may, with a finding.

    ``key`` names the form that was sent: the same again gives the same answer. Raises
    ValidationError when it was decided before, Http404 for other places.
    """
    user_id = officer_id(actor)
    objection = own_objection(actor, objection_pk)
    key = key.strip()[:KEY_CHARS_MAX]
    if objection.state != ObjectionState.OPEN:
        if key and objection.decided_key == key:
            return objection  # the button was pressed twice
        raise ValidationError("这件异议已经答复过，不能再改。")
    item = objection.item
    publicity, now = item.publicity, timezone.now()
    objection.finding = _finding(finding)
    objection.state = ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED
    objection.decided_by_id, objection.decided_at, objection.decided_key = user_id, now, key
    objection.save(update_fields=["finding", "state", "decided_by", "decided_at", "decided_key"])
    item.objections_open -= 1
    if upheld and item.state == ItemState.RUNNING:
        item.state, item.changed_at = ItemState.UPHELD, now
    item.save(update_fields=["objections_open", "state", "changed_at"])
    publicity.objections_open -= 1
    publicity.save(update_fields=["objections_open"])
    detail = {"number": objection.number, "item": item.pk, "upheld": upheld}
    record("decide_objection", actor, objection, detail=detail)
    messages.objection_decided(objection)
    hooks.decided(actor, objection)
    return objection


def _finding(text: str) -> str:
    finding = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(finding) < FINDING_CHARS_MIN:
        raise ValidationError({"finding": "请写明核查了什么、结果怎样；提出人查得到这段话。"})
    if len(finding) > FINDING_CHARS_MAX:
        raise ValidationError({"finding": f"最多 {FINDING_CHARS_MAX} 个字。"})
    return finding

"""Find the answer to one's own objection, by its number and the code that was given: 查答复."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.publicity.actions.object import digest_of
from shuzhuan.apps.publicity.models import Objection

WHY = "an objector reads the answer with the code"
UNKNOWN = "没有找到。请核对异议编号和查询码；都对还是找不到，请按公示上的联系方式询问。"


def look_up(actor: Actor, number: str, code: str) -> Objection:
    """The objection with its item and publicity; every try is on record. Raises ValidationError."""
    with opened(WHY):
        rows = Objection.objects.select_related("item__publicity__place")
        digest = digest_of(code)
        found = rows.filter(number=number.strip(), reply_digest=digest).first() if digest else None
        with transaction.atomic():
            outcome = Outcome.REFUSED if found is None else Outcome.DONE
            record("look_up_answer", actor, found, outcome=outcome)
    if found is None:
        raise ValidationError(UNKNOWN)
    return found

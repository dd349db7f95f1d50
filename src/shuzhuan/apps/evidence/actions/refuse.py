"""A file that was not accepted leaves a row as well."""

from __future__ import annotations

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome


@transaction.atomic
def note_refusal(actor: Actor, code: str, size_bytes: int) -> None:
    """Record what kind of file was refused; its name and content are not kept."""
    detail = {"code": code, "bytes": size_bytes}
    record(
        "upload_refused",
        actor,
        place_id=actor.region_id,
        outcome=Outcome.REFUSED,
        detail=detail,
    )

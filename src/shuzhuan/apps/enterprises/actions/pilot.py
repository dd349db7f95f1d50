"""Enter and leave the pilot list, each with its reason; set what the survey found."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.models import Enterprise, PilotEntry, PilotState

REASON_CHARS_MAX = 200


@transaction.atomic
def enter_pilot(
    actor: Actor, enterprise: Enterprise, pack: str, entered_on: date, reason: str,
    batch: int | None = None,
) -> PilotEntry:  # fmt: skip
    """Put the enterprise on the pilot list of its place. Raises ValidationError."""
    reason = _reason(reason)
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    if enterprise.pilot_state == PilotState.IN:
        raise ValidationError("这家企业已经在试点名单里。")
    last = enterprise.pilot_entries.order_by("-left_on").first()
    if last is not None and last.left_on is not None and entered_on < last.left_on:
        raise ValidationError(f"进入日期不能早于上次退出的日期 {last.left_on}。")
    entry = PilotEntry.objects.create(
        place_id=enterprise.place_id,
        enterprise=enterprise,
        pack=pack,
        batch=batch,
        entered_on=entered_on,
        entered_reason=reason,
        entered_by_id=user_of(actor),
    )
    enterprise.pilot_state, enterprise.pilot_since = PilotState.IN, entered_on
    enterprise.save(update_fields=["pilot_state", "pilot_since", "updated_at"])
    detail = {"pack": pack, "on": entered_on.isoformat(), "reason": reason, "batch": batch}
    record("enter_pilot", actor, enterprise, detail=detail)
    return entry


@transaction.atomic
def leave_pilot(actor: Actor, enterprise: Enterprise, left_on: date, reason: str) -> PilotEntry:
    """Take the enterprise off the pilot list. Raises ValidationError."""
    reason = _reason(reason)
    entry = (
        PilotEntry.objects.select_for_update(no_key=True)
        .filter(place_id=enterprise.place_id, enterprise=enterprise, left_on__isnull=True)
        .first()
    )
    if entry is None:
        raise ValidationError("这家企业不在试点名单里。")
    if left_on < entry.entered_on:
        raise ValidationError("退出日期不能早于进入日期。")
    entry.left_on, entry.left_reason, entry.left_by_id = left_on, reason, user_of(actor)
    entry.save()
    enterprise.pilot_state, enterprise.pilot_since = PilotState.LEFT, None
    enterprise.save(update_fields=["pilot_state", "pilot_since", "updated_at"])
    detail = {"pack": entry.pack, "on": left_on.isoformat(), "reason": reason}
    record("leave_pilot", actor, enterprise, detail=detail)
    return entry


@transaction.atomic
def set_survey(
    actor: Actor, enterprise: Enterprise, willingness: int | None, readiness: int | None,
    note: str = "",
) -> None:  # fmt: skip
    """Write down what the survey found: 摸底."""
    enterprise.willingness, enterprise.readiness = willingness, readiness
    enterprise.survey_note = note.strip()[:500]
    enterprise.surveyed_on = timezone.localdate()
    enterprise.full_clean(exclude=["party", "place", "park"], validate_unique=False)
    enterprise.save()
    detail = {"willingness": willingness, "readiness": readiness}
    record("set_survey", actor, enterprise, detail=detail)


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError("请写明原因。")
    return text[:REASON_CHARS_MAX]

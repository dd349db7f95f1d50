"""End a publicity, or take something out of it: 结束, 撤销, 撤下."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.actions import settle
from shuzhuan.apps.publicity import hooks, period
from shuzhuan.apps.publicity.actions.locked import (
    officer_id,
    own_item,
    own_publicity,
    reason_of,
    require_running,
)
from shuzhuan.apps.publicity.models import ItemState, Publicity, PublicityItem, State


@transaction.atomic
def close(actor: Actor, publicity: Publicity) -> Publicity:
    """End a publicity whose period is over and whose objections are all answered.

    What nobody objected to with success has passed. Closing twice is closing once. Raises
    ValidationError before the period has ended and while an objection is open.
    """
    user_id = officer_id(actor)
    row = own_publicity(actor, publicity.pk)
    if row.state == State.CLOSED:
        return row
    require_running(row)
    if not row.is_over(timezone.localdate()):
        raise ValidationError(
            f"公示期到 {row.ends_on:%Y-%m-%d} 为止，当天仍可提异议，次日起才能结束。"
        )
    counted = period.recounted(row)
    if not counted.day < timezone.localdate():
        raise ValidationError(
            f"放假安排有变化，公示期应到 {counted.day:%Y-%m-%d}。请先重新推算截止日期。"
        )
    if row.objections_open:
        raise ValidationError(f"还有 {row.objections_open} 件异议没有答复，答复后才能结束。")
    now = timezone.now()
    running = PublicityItem.objects.filter(publicity=row, state=ItemState.RUNNING)
    passed = running.update(state=ItemState.PASSED, changed_at=now)
    row.state, row.closed_at, row.closed_by_id = State.CLOSED, now, user_id
    row.save(update_fields=["state", "closed_at", "closed_by"])
    settle(row)
    record("close_publicity", actor, row, detail={"number": row.number, "passed": passed})
    hooks.closed(actor, row)
    return row


def pass_item(item: PublicityItem) -> None:
    """Let one item go whose period ran, while objections to others of its publicity are heard.

    Part of the step of whoever published it, who has looked at the period. One statement, so an
    objection that comes in meanwhile is seen. Raises ValidationError then.
    """
    rows = PublicityItem.objects.filter(pk=item.pk)
    running = rows.filter(state=ItemState.RUNNING, objections_open=0)
    passed = running.update(state=ItemState.PASSED, changed_at=timezone.now())
    if not passed and not rows.filter(state=ItemState.PASSED).exists():
        raise ValidationError("这一项刚刚有了变动，请刷新页面，看过现在的情况再办。")


@transaction.atomic
def cancel(actor: Actor, publicity: Publicity, reason: str) -> Publicity:
    """Take a whole publicity back, with a reason that everybody can read; nothing of it passes.

    Raises ValidationError once some of it has passed: what follows from that stands.
    """
    user_id = officer_id(actor)
    kept = reason_of(reason)
    row = own_publicity(actor, publicity.pk)
    require_running(row)
    passed = PublicityItem.objects.filter(publicity=row, state=ItemState.PASSED).count()
    if passed:
        raise ValidationError(
            f"有 {passed} 项已经公示通过，不能整次撤销；其余各项有误的，请逐项撤下。"
        )
    row.state, row.cancelled_reason = State.CANCELLED, kept
    row.closed_at, row.closed_by_id = timezone.now(), user_id
    row.save(update_fields=["state", "cancelled_reason", "closed_at", "closed_by"])
    settle(row)
    record("cancel_publicity", actor, row, detail={"number": row.number, "reason": kept})
    hooks.cancelled(actor, row)
    return row


@transaction.atomic
def withdraw_item(actor: Actor, item: PublicityItem, reason: str) -> PublicityItem:
    """Take one item out of a running publicity, with a reason for the office's record."""
    user_id = officer_id(actor)
    kept = reason_of(reason)
    row = own_item(actor, item.pk)
    require_running(row.publicity)
    if row.state == ItemState.WITHDRAWN:
        raise ValidationError("这一项已经撤下，不用再办。")
    if row.state == ItemState.PASSED:
        raise ValidationError("这一项已经公示通过，不能再撤下。")
    row.state, row.withdrawn_reason, row.changed_at = ItemState.WITHDRAWN, kept, timezone.now()
    row.withdrawn_by_id = user_id
    row.save(update_fields=["state", "withdrawn_reason", "withdrawn_by", "changed_at"])
    detail = {"number": row.publicity.number, "position": row.position, "reason": kept}
    record("withdraw_publicity_item", actor, row, detail=detail)
    hooks.withdrawn(actor, row)
    return row

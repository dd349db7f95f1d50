"""Taking rows before they change, always in the same order: publicity, item, objection."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.publicity.models import (
    REASON_CHARS_MAX,
    Objection,
    Publicity,
    PublicityItem,
    State,
)


def officer_id(actor: Actor) -> int:
    """The key of the acting officer. Raises PermissionDenied for anybody else."""
    if actor.user_id is None or actor.role not in OFFICERS:
        raise PermissionDenied
    return actor.user_id


def own_publicity(actor: Actor, pk: int) -> Publicity:
    """One of the office's publicities, locked. Raises Http404."""
    row = visible(actor, Publicity).select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def own_item(actor: Actor, pk: int) -> PublicityItem:
    """One of the office's items with its publicity, both locked. Raises Http404."""
    found = visible(actor, PublicityItem).filter(pk=pk).values_list("publicity_id", flat=True)
    publicity = own_publicity(actor, found.first() or 0)
    item = PublicityItem.objects.select_for_update(no_key=True).get(pk=pk)
    item.publicity = publicity
    return item


def own_objection(actor: Actor, pk: int) -> Objection:
    """One objection to the office's items, locked with what it is about. Raises Http404."""
    found = visible(actor, Objection).filter(pk=pk).values_list("item_id", flat=True).first()
    item = own_item(actor, found or 0)
    objection = Objection.objects.select_for_update(no_key=True).get(pk=pk)
    objection.item = item
    return objection


def require_running(publicity: Publicity) -> None:
    """Raises ValidationError when the publicity has been closed or cancelled."""
    if publicity.state != State.RUNNING:
        raise ValidationError(f"这次公示{publicity.get_state_display()}，不能再办。")


def reason_of(text: str) -> str:
    """The reason as it is kept and shown. Raises ValidationError."""
    reason = " ".join(text.split())
    if not reason:
        raise ValidationError({"reason": "请写明原因。"})
    if len(reason) > REASON_CHARS_MAX:
        raise ValidationError({"reason": f"原因最多 {REASON_CHARS_MAX} 个字。"})
    return reason

"""Where one's mail goes: entered, confirmed by a link, changed, removed."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import opened
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.links import VALID, waiting
from shuzhuan.apps.inbox.models import MailAddress, Outgoing, OutgoingKind

CONFIRMATIONS_A_DAY = 5
NONCE_BYTES = 32
OFF = "本平台没有开通邮件，消息请在站内查看。"
SPENT = "这个链接已经用过、过期或被新的链接代替。请登录后在“邮件提醒”里重新填写地址。"


@transaction.atomic
def set_address(actor: Actor, address: str, wish: str) -> bool:
    """Keep the wish; for a new address send a link that confirms it and return True.

    The address confirmed before goes on receiving until then. Raises ValidationError while mail
    is off and after too many mails in a day.
    """
    if settings.MAIL is None:
        raise ValidationError(OFF)
    assert actor.user_id is not None
    MailAddress.objects.get_or_create(user_id=actor.user_id)
    row = MailAddress.objects.select_for_update(no_key=True).get(user_id=actor.user_id)
    row.wish = wish
    is_new = row.confirmed_at is None or opened(row, "address") != address
    if is_new:
        _limit(actor.user_id)
        now = timezone.now()
        row.pending, row.pending_until = address, now + VALID
        row.nonce = secrets.token_urlsafe(NONCE_BYTES)
        Outgoing.objects.create(
            user_id=actor.user_id, key=f"confirm:{row.nonce}", kind=OutgoingKind.CONFIRM
        )
    else:
        row.pending, row.nonce, row.pending_until = "", "", None
    row.save()
    record(
        "inbox.set_address",
        actor,
        row,
        place_id=actor.region_id,
        detail={"发送范围": row.get_wish_display(), "新地址": is_new},
    )
    return is_new


@transaction.atomic
def remove_address(actor: Actor) -> None:
    """Forget the address; what waits to be sent is dropped."""
    row = visible(actor, MailAddress).first()
    record("inbox.remove_address", actor, row, place_id=actor.region_id)
    if row is not None:
        row.delete()


@transaction.atomic
def confirm(token: str) -> MailAddress:
    """Confirm an address by its link. Raises ValidationError for one that does not work (any more).

    The conditional UPDATE decides: of two requests with the same link one wins.
    """
    row = waiting(token)
    live = MailAddress.objects.filter(nonce=row.nonce) if row is not None else None
    if row is None or live is None or not live.filter(pk=row.pk).update(nonce=""):
        raise ValidationError(SPENT)
    row.address, row.confirmed_at = opened(row, "pending"), timezone.now()
    row.pending, row.nonce, row.pending_until = "", "", None
    row.save()
    record("inbox.confirm_address", Actor(user_id=row.user_id, name=str(row.user)), row)
    return row


def _limit(user_id: int) -> None:
    """Nobody fills a stranger's letter-box from here."""
    since = timezone.now() - timedelta(days=1)
    asked = Outgoing.objects.filter(
        user_id=user_id, kind=OutgoingKind.CONFIRM, created_at__gt=since
    )
    if asked.count() >= CONFIRMATIONS_A_DAY:
        raise ValidationError({"address": "今天已经发过 5 封确认邮件，请明天再试。"})

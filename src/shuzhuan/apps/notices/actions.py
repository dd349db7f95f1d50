"""What an office does with its notices; every step is on record."""

from __future__ import annotations

import hashlib

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.notices.models import REASON_CHARS_MAX, Notice, State

CHANGED = "同事刚刚改过这份草稿。请复制您写的内容，重新打开草稿，再补进去。"
REPLACED = "已由新的版本代替"


@transaction.atomic
def write_draft(actor: Actor, kind: str, title: str, body: str) -> Notice:
    """Start a notice of the own office. Raises ValidationError."""
    if actor.user_id is None or actor.region_id is None or actor.role not in OFFICERS:
        raise PermissionDenied
    notice = Notice(place_id=actor.region_id, created_by_id=actor.user_id)
    _set(notice, kind, title, body)
    record("write_notice", actor, notice, detail=_what(notice))
    return notice


@transaction.atomic
def change_draft(actor: Actor, pk: int, seen: int, kind: str, title: str, body: str) -> Notice:
    """Save a draft again; ``seen`` is the saving that the person had before them."""
    notice = _locked(actor, pk)
    if notice.state != State.DRAFT:
        raise ValidationError("已经发布或作废的内容不能改动；要改请拟新的版本。")
    if notice.edits != seen:
        raise ValidationError(CHANGED)
    notice.edits += 1
    _set(notice, kind, title, body)
    record("change_notice", actor, notice, detail=_what(notice))
    return notice


@transaction.atomic
def publish(actor: Actor, pk: int, seen: int) -> Notice:
    """Show a draft to everybody; the version that it replaces is withdrawn with it."""
    notice = _locked(actor, pk)
    if notice.state == State.PUBLISHED:
        return notice  # the button was pressed twice
    if notice.state != State.DRAFT:
        raise ValidationError("已经作废的草稿不能发布，请另写一份。")
    if notice.edits != seen:
        raise ValidationError("同事刚刚改过这份草稿，请看过现在的内容再发布。")
    old = notice.replaces
    if old is not None:
        old = _locked(actor, old.pk)
        if old.state == State.PUBLISHED:
            _withdraw(old, REPLACED)
            record("withdraw_notice", actor, old, detail={"reason": REPLACED, "by": notice.pk})
    notice.published_at = timezone.now()
    notice.save(update_fields=["published_at", "updated_at"])
    record("publish_notice", actor, notice, detail=_what(notice))
    return notice


@transaction.atomic
def withdraw(actor: Actor, pk: int, reason: str) -> Notice:
    """Take a notice back, or discard a draft, with a reason. Raises ValidationError."""
    notice = _locked(actor, pk)
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError("请写明原因。")
    if len(reason) > REASON_CHARS_MAX:
        raise ValidationError(f"原因最多 {REASON_CHARS_MAX} 个字。")
    if notice.withdrawn_at is not None:
        raise ValidationError("已经撤回或作废，不用再办。")
    action = "withdraw_notice" if notice.published_at is not None else "discard_notice"
    _withdraw(notice, reason)
    record(action, actor, notice, detail={"reason": reason})
    return notice


@transaction.atomic
def new_version(actor: Actor, pk: int) -> Notice:
    """A draft that starts from a published notice and will replace it; the same one if begun."""
    old = _locked(actor, pk)
    if old.state != State.PUBLISHED or actor.user_id is None:
        raise ValidationError("只有已发布的内容可以拟新的版本。")
    begun = visible(actor, Notice).filter(replaces=old, withdrawn_at__isnull=True).first()
    if begun is not None:
        return begun
    notice = Notice(place_id=old.place_id, created_by_id=actor.user_id, replaces=old)
    _set(notice, old.kind, old.title, old.body)
    record("write_notice", actor, notice, detail={**_what(notice), "replaces": old.pk})
    return notice


def _locked(actor: Actor, pk: int) -> Notice:
    notice = visible(actor, Notice).select_for_update(no_key=True).filter(pk=pk).first()
    if notice is None:
        raise Http404
    return notice


def _set(notice: Notice, kind: str, title: str, body: str) -> None:
    notice.kind, notice.title = kind, " ".join(title.split())
    notice.body = "\n".join(line.rstrip() for line in body.strip().splitlines())
    notice.full_clean(exclude=["place", "created_by", "replaces"])
    notice.save()


def _withdraw(notice: Notice, reason: str) -> None:
    notice.withdrawn_at, notice.withdrawn_reason = timezone.now(), reason
    notice.save(update_fields=["withdrawn_at", "withdrawn_reason", "updated_at"])


def _what(notice: Notice) -> dict[str, object]:
    """Title and fingerprint of the words, so that the log proves what was said when."""
    words = f"{notice.kind}\n{notice.title}\n{notice.body}".encode()
    return {
        "title": notice.title,
        "edits": notice.edits,
        "sha256": hashlib.sha256(words).hexdigest(),
    }

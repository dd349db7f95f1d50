"""Say what is wrong with something published: 提出异议. Everybody may, under a real name."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import blind_index
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.evidence.actions.upload import Incoming
from shuzhuan.apps.publicity import hooks, period
from shuzhuan.apps.publicity.actions import attach, messages
from shuzhuan.apps.publicity.models import (
    KEY_CHARS_MAX,
    NAME_CHARS_MAX,
    TEXT_CHARS_MAX,
    ItemState,
    Objection,
    Publicity,
    PublicityItem,
    State,
)

WHY = "everybody may object to what was published"
ITEM_DAILY_MAX = 3
"""Objections to one item from one address in 24 hours."""
SOURCE_DAILY_MAX = 20
"""Objections from one address in 24 hours; a street may share one address."""
ITEM_OPEN_MAX = 200
"""Open objections to one item: above it somebody floods the office."""
NAME_CHARS_MIN, TEXT_CHARS_MIN = 2, 10
CODE_CHARS = 10
# Without the letters and digits that people mix up when they copy by hand.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_PHONE = re.compile(r"(?:\+?86)?(?:1\d{10}|0\d{9,11})")
_DAY = timedelta(hours=24)


def object_to(  # noqa: PLR0913 - the fields of the form, and where it came from
    actor: Actor, item_pk: int, name: str, contact: str, text: str, *, key: str,
    address: str = "", files: Sequence[Incoming] = (),
) -> Objection:  # fmt: skip
    """Receive an objection while the period runs, its last day included, by the local date.

    ``key`` names the form that was sent: the same again gives the same objection. ``address`` is
    the visitor's, of which only a keyed digest is kept. Raises ValidationError, Http404.
    """
    key = key.strip()[:KEY_CHARS_MAX]
    source = blind_index(address, "objection source")
    with opened(WHY):
        # Before the rows are locked: reading a file takes a while.
        taken = _taken(item_pk, (name, contact, text), key, source, files) if files else []
    with opened(WHY), transaction.atomic():
        found = PublicityItem.objects.filter(pk=item_pk).values_list("publicity_id", flat=True)
        publicity = (
            Publicity.objects.select_for_update(no_key=True).filter(pk=found.first() or 0).first()
        )
        if publicity is None:
            raise Http404
        item = PublicityItem.objects.select_for_update(no_key=True).get(pk=item_pk)
        item.publicity = publicity
        sent = Objection.objects.filter(place_id=item.place_id, item=item, key=key).first()
        if sent is not None:
            sent.item = item
            return sent
        _require_open(item)
        words = _checked(name, contact, text)
        _require_few(item, source)
        objection = _stored(actor, item, words, key or secrets.token_urlsafe(), source)
        attach.keep(objection, taken)
        detail = {
            "number": objection.number, "item": item.pk, "due_on": str(objection.due_on),
            "files": [stored.sha256 for _, stored in taken],
        }  # fmt: skip
        record("object_to_publicity", actor, objection, detail=detail)
        messages.objection_received(objection)
        hooks.objected(actor, objection)
        return objection


def _taken(
    item_pk: int, words: tuple[str, str, str], key: str, source: str, files: Sequence[Incoming]
) -> list[attach.Taken]:
    """Check and store the files, unless the objection is refused anyway or was received before."""
    item = PublicityItem.objects.select_related("publicity").filter(pk=item_pk).first()
    if item is None:
        raise Http404
    if Objection.objects.filter(place_id=item.place_id, item=item, key=key).exists():
        return []
    _require_open(item)
    _checked(*words)
    _require_few(item, source)
    attach.require_room(item, source, files)
    return attach.checked(files)


def _require_open(item: PublicityItem) -> None:
    publicity, today = item.publicity, timezone.localdate()
    if publicity.state != State.RUNNING:
        raise ValidationError(
            f"这次公示{publicity.get_state_display()}，不再接收异议。如有问题，请按公示上的联系方式反映。"
        )
    if today < publicity.starts_on:
        raise ValidationError(f"公示从 {publicity.starts_on:%Y-%m-%d} 开始，请到时再提。")
    if publicity.is_over(today):
        raise ValidationError(
            f"公示期已于 {publicity.ends_on:%Y-%m-%d} 结束，不再接收异议。"
            "如有问题，请按公示上的联系方式反映。"
        )
    if item.state == ItemState.WITHDRAWN:
        raise ValidationError("这一项已经撤下，不用再提异议。")
    if item.state == ItemState.PASSED:
        raise ValidationError(
            "这一项公示期满、已经通过，不再接收异议。如有问题，请按公示上的联系方式反映。"
        )


def _checked(name: str, contact: str, text: str) -> tuple[str, str, str]:
    """Name, contact and words as they are kept. Raises ValidationError with every mistake."""
    name, contact = " ".join(name.split()), contact.strip()
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    wrong: dict[str, str] = {}
    if not NAME_CHARS_MIN <= len(name) <= NAME_CHARS_MAX:
        wrong["name"] = "请写真实姓名或单位全称。"
    if not _reachable(contact):
        wrong["contact"] = "请写手机号、带区号的固定电话或电子邮箱，用来核实和答复。"
    if len(text) < TEXT_CHARS_MIN:
        wrong["text"] = f"请写明哪里有问题、依据是什么，至少 {TEXT_CHARS_MIN} 个字。"
    elif len(text) > TEXT_CHARS_MAX:
        wrong["text"] = f"最多 {TEXT_CHARS_MAX} 个字，现在是 {len(text)} 个字。"
    if wrong:
        raise ValidationError(wrong)
    return name, contact, text


def _reachable(contact: str) -> bool:
    if _PHONE.fullmatch(re.sub(r"[\s\-()（）]", "", contact)):
        return True
    try:
        validate_email(contact)
    except ValidationError:
        return False
    return True


def _require_few(item: PublicityItem, source: str) -> None:
    """Hold back whoever floods; people who share an address still get their turn."""
    if item.objections_open >= ITEM_OPEN_MAX:
        raise ValidationError("这一项待核查的异议已经很多，请按公示上的联系方式直接反映。")
    if not source:
        return
    recent = Objection.objects.filter(source=source, made_at__gt=timezone.now() - _DAY)
    if recent.filter(item=item).count() >= ITEM_DAILY_MAX:
        raise ValidationError(
            f"从这个网络 24 小时内对同一项最多提 {ITEM_DAILY_MAX} 次异议。"
            "请把内容并在一起，明天再提，或按公示上的联系方式反映。"
        )
    if recent.count() >= SOURCE_DAILY_MAX:
        raise ValidationError(
            f"从这个网络 24 小时内最多提 {SOURCE_DAILY_MAX} 次异议，请明天再提，"
            "或按公示上的联系方式反映。"
        )


def _stored(
    actor: Actor, item: PublicityItem, words: tuple[str, str, str], key: str, source: str
) -> Objection:
    publicity = item.publicity
    due = period.hearing_due(timezone.localdate(), publicity.hearing_days)
    publicity.objections_count += 1
    publicity.objections_open += 1
    publicity.save(update_fields=["objections_count", "objections_open"])
    item.objections_open += 1
    item.save(update_fields=["objections_open"])
    name, contact, text = words
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_CHARS))
    return Objection.objects.create(
        place_id=item.place_id, item=item, party_id=actor.party_id, key=key, source=source,
        number=f"{publicity.year}{publicity.serial:03d}-{publicity.objections_count:02d}",
        made_at=timezone.now(), from_name=name, contact=contact, text=text, due_on=due.day,
        due_provisional=due.provisional, reply_code=code, reply_digest=digest_of(code),
    )  # fmt: skip


def digest_of(code: str) -> str:
    """What a reply code is found by; hyphens, blanks and small letters do not matter."""
    return blind_index(code, "objection reply")

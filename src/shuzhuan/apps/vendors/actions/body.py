"""A body keeps its own record: 服务机构档案."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import blind_index, opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import BODIES
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.vendors.body_facts import CONDITIONS
from shuzhuan.apps.vendors.models import BodyCategory, BodyRecord

PURPOSE = "controller"
"""Digests of controlling persons are compared with each other and with nothing else."""

_NUMBER = re.compile(r"[0-9A-Z]{18}")
_CATEGORIES = {
    PartyKind.VENDOR: (BodyCategory.SCENARIO, BodyCategory.COMPREHENSIVE),
    PartyKind.AGENCY: (BodyCategory.AGENCY,),
}


@dataclass(frozen=True, slots=True)
class BodyText:
    """What was typed. ``controller_id`` empty keeps the stored number."""

    category: str
    conditions: Mapping[str, bool | None] = field(default_factory=dict)
    industries: str = ""
    introduction: str = ""
    controller_name: str = ""
    controller_id: str = ""


def categories_of(kind: str) -> tuple[BodyCategory, ...]:
    """What a vendor or an agency may call itself."""
    return _CATEGORIES.get(PartyKind(kind), ())


def digest_of(number: str) -> str:
    """The blind index by which two bodies under one hand are found."""
    return blind_index(number, PURPOSE)


@transaction.atomic
def save_body(actor: Actor, text: BodyText) -> BodyRecord:
    """Store the record of the actor's own body. Raises ValidationError naming the field."""
    if actor.role not in BODIES or actor.party_id is None:
        raise PermissionDenied
    party = Party.objects.select_for_update(no_key=True).get(pk=actor.party_id)
    if text.category not in categories_of(party.kind):
        raise ValidationError({"category": "请选择与本单位相符的类别。"})
    row = BodyRecord.objects.filter(place_id=party.place_id, party=party).first()
    row = row or BodyRecord(place_id=party.place_id, party=party)
    number = _number(text.controller_id) or opened(row, "controller_id")
    name = " ".join(text.controller_name.split())
    if bool(number) != bool(name):
        raise ValidationError({"controller_name": "实际控制人的姓名和证件号要一起填写。"})
    changed = [key for key, value in text.conditions.items() if getattr(row, key) != value]
    if row.controller_digest != digest_of(number):
        changed.append("controller")
    row.category = text.category
    for key in CONDITIONS:
        setattr(row, key, text.conditions.get(key))
    row.industries = " ".join(text.industries.split())
    row.introduction = text.introduction.replace("\r\n", "\n").strip()
    row.controller_name, row.controller_id = name, number
    row.controller_digest = digest_of(number)
    row.updated_at, row.updated_by_id = timezone.now(), user_of(actor)
    row.save()
    record("save_body", actor, row, detail={"changed": changed})
    return row


def _number(typed: str) -> str:
    """The number of an identity card or the code of an organisation, in its one form."""
    bare = "".join(unicodedata.normalize("NFKC", typed).split()).replace("-", "").upper()
    if bare and not _NUMBER.fullmatch(bare):
        message = "证件号应当是18位：身份证号，或者单位的统一社会信用代码。"
        raise ValidationError({"controller_id": message})
    return bare

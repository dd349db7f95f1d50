"""Open the archive of an enterprise under its 统一社会信用代码."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import (
    PARTY_NAME_CHARS_MAX,
    Membership,
    Party,
    PartyKind,
    User,
)
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions import summary
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.engine import uscc as codes

# Says that the code is taken, and neither by whom nor where.
TAKEN = (
    "这个统一社会信用代码已经登记过。如果是贵企业，请让已经开户的同事在“同事”页面邀请您；"
    "找不到同事的，请联系当地主管部门。"
)


@transaction.atomic
def register_enterprise(actor: Actor, uscc: str, name: str, place: Region) -> Enterprise:
    """Store party and archive. Raises ValidationError naming the field that is wrong."""
    code = checked_code(uscc)
    name = " ".join(name.split())
    if not name or len(name) > PARTY_NAME_CHARS_MAX:
        raise ValidationError({"name": "请填写营业执照上的企业名称。"})
    if place.level not in (Level.COUNTY, Level.PARK):
        raise ValidationError({"place": "请选择企业所在的县（市、区）或园区。"})
    with opened("a code is registered once, wherever"):
        taken = Party.objects.filter(kind=PartyKind.ENTERPRISE, uscc=code).exists()
    if taken:
        raise ValidationError({"uscc": TAKEN})
    try:
        with transaction.atomic():
            party = Party.objects.create(
                kind=PartyKind.ENTERPRISE, place=place, name=name, uscc=code
            )
    except IntegrityError:  # somebody was quicker
        raise ValidationError({"uscc": TAKEN}) from None
    enterprise = open_archive(party)
    record("register_enterprise", actor, enterprise, detail={"uscc": code})
    return enterprise


@transaction.atomic
def register_with_certifier(
    actor: Actor, uscc: str, name: str, place: Region, user: User
) -> Enterprise:
    """Register an enterprise by one of its own people, who becomes its certifier.

    ``user`` is new and not stored yet. Raises ValidationError naming the field that is wrong.
    """
    enterprise = register_enterprise(actor, uscc, name, place)
    user.save()
    Membership.objects.create(
        user=user,
        role=Role.ENTERPRISE_CERTIFIER,
        region=place,
        party_id=enterprise.party_id,
        user_kind=user.kind,
    )
    return enterprise


def open_archive(party: Party) -> Enterprise:
    """The empty archive of a party that has none yet. Belongs into a transaction."""
    enterprise = Enterprise(party=party, place=party.place, name=party.name, uscc=party.uscc)
    if party.place.level == Level.PARK:
        enterprise.park, enterprise.in_park = party.place, True
    summary.refresh_size(enterprise)
    enterprise.save()
    return enterprise


def checked_code(text: str) -> str:
    """The code in its one form: half-width capitals without blanks and hyphens.

    What keyboards do to it is undone, nothing else. Raises ValidationError that says what is wrong.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()
    problem = codes.problem(code)
    if problem is not None:
        raise ValidationError({"uscc": f"{problem}。"})
    return code

"""Inviting a person: an account without a pass-word, a role, and a link that works once."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.invented import WRONG, is_out_of_place
from shuzhuan.apps.accounts.models import Membership, Party, User, UserKind
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, Role
from shuzhuan.apps.administration.grants import require_may_grant
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.signin.actions.links import issue_link

LOGIN_NAME = re.compile(r"[\w.@-]{2,64}")
NOT_A_NAME = "登录名用 2 到 64 个文字、字母、数字或 . _ - @，不能有空格。"
TAKEN = "这个登录名已经有人使用，请换一个。"
KNOWN = "这个统一身份认证编号已经属于另一个账号。"


@transaction.atomic
def invite(
    actor: Actor,
    *,
    login_name: str,
    full_name: str,
    role: Role,
    region: Region,
    party: Party | None = None,
    external_id: str | None = None,
) -> tuple[Membership, str]:
    """Create a person with one role; return the membership and the token of the link.

    Security administrators invite into offices of their region; certifiers, vendors and agencies
    invite people of their own organisation. Raises PermissionDenied or ValidationError.
    """
    require_may_grant(actor, role, region, party)
    return admit(
        actor,
        login_name=login_name,
        full_name=full_name,
        role=role,
        region=region,
        party=party,
        external_id=external_id,
    )


def admit(
    actor: Actor,
    *,
    login_name: str,
    full_name: str,
    role: Role,
    region: Region,
    party: Party | None = None,
    external_id: str | None = None,
) -> tuple[Membership, str]:
    """The same without asking whether the actor may: for the founding of a platform only."""
    kind = UserKind(str(role)) if role in ADMINISTRATORS else UserKind.BUSINESS
    user = User(login_name=login_name, full_name=full_name, kind=kind)
    user.external_id = external_id or None
    user.set_unusable_password()
    if not LOGIN_NAME.fullmatch(login_name):
        raise ValidationError({"login_name": NOT_A_NAME})
    if is_out_of_place(login_name):
        raise ValidationError({"login_name": WRONG})
    if User.objects.filter(login_name=login_name).exists():
        raise ValidationError({"login_name": TAKEN})
    if user.external_id and User.objects.filter(external_id=user.external_id).exists():
        raise ValidationError({"external_id": KNOWN})
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:  # somebody was faster
        raise ValidationError({"login_name": TAKEN}) from error
    membership = Membership.objects.create(
        user=user,
        role=role,
        region=region,
        party=party,
        user_kind=kind,
        created_by_id=actor.user_id,
    )
    detail = {"user": user.pk, "role": str(role), "party": party.pk if party is not None else None}
    record("administration.invite", actor, membership, place_id=region.pk, detail=detail)
    return membership, issue_link(actor, user)

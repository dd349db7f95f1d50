"""Invite a colleague, end a colleague's membership: who works for the enterprise."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.administration.actions.invite import invite
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.models import Enterprise

COLLEAGUES_MAX = 50


@transaction.atomic
def invite_colleague(
    actor: Actor, enterprise: Enterprise, full_name: str, login_name: str, role: str
) -> tuple[Membership, str]:
    """Create the colleague's account with a role here; return it and the token of its link.

    The colleague sets the pass-word by the one-time link. Raises ValidationError.
    """
    if actor.party_id != enterprise.party_id:
        raise PermissionDenied
    if role not in ENTERPRISE:
        raise ValidationError({"role": "请选择填报人、审定人或财务。"})
    members = Membership.objects.filter(party_id=enterprise.party_id, is_active=True)
    if members.count() >= COLLEAGUES_MAX:
        raise ValidationError(f"一家企业最多{COLLEAGUES_MAX}个账号。")
    return invite(
        actor,
        login_name=login_name,
        full_name=full_name,
        role=Role(role),
        region=enterprise.place,
        party=enterprise.party,
    )


@transaction.atomic
def end_membership(actor: Actor, enterprise: Enterprise, member: Membership) -> None:
    """Take a colleague's role away; one certifier always stays. Raises ValidationError."""
    if enterprise.party_id not in {actor.party_id} & {member.party_id}:
        raise PermissionDenied
    others = Membership.objects.filter(
        party_id=enterprise.party_id, role=Role.ENTERPRISE_CERTIFIER, is_active=True
    ).exclude(pk=member.pk)
    if member.role == Role.ENTERPRISE_CERTIFIER and not others.exists():
        raise ValidationError("至少要留一位审定人。")
    Membership.objects.filter(pk=member.pk).update(is_active=False)
    record("end_membership", actor, enterprise, detail={"member": member.pk, "role": member.role})

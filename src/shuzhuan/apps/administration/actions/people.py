"""What the security administrator does with a person: roles, locks, sessions, links.

Every function takes people and memberships that are visible to the actor, and asks again.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Membership, User, UserKind
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, Role
from shuzhuan.apps.administration.grants import require_may_grant
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.signin.actions.links import issue_link
from shuzhuan.apps.signin.models import Guard, OneTimeLink, RecoveryCode, SecondFactor, Session

OWN = "不能改动自己的账号，请另一位安全管理员办理。"
LAST = "这是最后一位{label}，不能停用。请先邀请接替的人。"


def _require(actor: Actor, person: User) -> None:
    """Only a security administrator, only inside the region, never on the own account."""
    if actor.role != Role.SECURITY_ADMIN:
        raise PermissionDenied
    if not visible(actor, User).filter(pk=person.pk).exists():
        raise PermissionDenied
    if person.pk == actor.user_id:
        raise ValidationError(OWN)


def _require_successor(person: User, without: Membership | None = None) -> None:
    """One administrator of each kind stays, or nobody could let anybody in again."""
    held = Membership.objects.filter(user=person, is_active=True, role__in=ADMINISTRATORS)
    if without is not None:
        held = held.filter(pk=without.pk)
    for role in set(held.values_list("role", flat=True)):
        others = Membership.objects.filter(role=role, is_active=True, user__is_active=True)
        if not others.exclude(user=person).exists():
            raise ValidationError(LAST.format(label=Role(role).label))


@transaction.atomic
def grant(actor: Actor, person: User, role: Role, region: Region) -> Membership:
    """Give a person one more role in an office. Raises ValidationError."""
    _require(actor, person)
    require_may_grant(actor, role, region, None)
    fits = str(role) == person.kind if role in ADMINISTRATORS else person.kind == UserKind.BUSINESS
    if not fits:
        raise ValidationError({"role": "管理员与其他身份互相排斥，请另建一个账号。"})
    held = Membership.objects.filter(user=person, role=role, region=region, party=None).first()
    if held is not None and held.is_active:
        raise ValidationError({"role": "已经有这个身份。"})
    if held is None:
        held = Membership(user=person, role=role, region=region, user_kind=person.kind)
    held.is_active, held.created_by_id = True, actor.user_id
    held.save()
    detail = {"user": person.pk, "role": str(role)}
    record("administration.grant", actor, held, place_id=region.pk, detail=detail)
    return held


@transaction.atomic
def end_membership(actor: Actor, membership: Membership) -> None:
    """Take a role away; it ends with the person's next request."""
    _require(actor, membership.user)
    if membership.region_id not in actor.place_ids:
        raise PermissionDenied
    _require_successor(membership.user, membership)
    Membership.objects.filter(pk=membership.pk).update(is_active=False)
    detail = {"user": membership.user_id, "role": membership.role}
    record(
        "administration.end_membership",
        actor,
        membership,
        place_id=membership.region_id,
        detail=detail,
    )


@transaction.atomic
def set_active(actor: Actor, person: User, *, active: bool) -> None:
    """Switch an account off, ending its sessions and links, or on again."""
    _require(actor, person)
    if not active:
        _require_successor(person)
        OneTimeLink.objects.filter(user=person, used_at=None).delete()
        _end_sessions(person)
    User.objects.filter(pk=person.pk).update(is_active=active)
    _record(actor, "switch_on" if active else "switch_off", person)


@transaction.atomic
def unlock(actor: Actor, person: User) -> None:
    """Forget the failures counted against a person."""
    _require(actor, person)
    Guard.objects.filter(user=person).delete()
    _record(actor, "unlock", person)


@transaction.atomic
def renew_link(actor: Actor, person: User) -> str:
    """A new one-time link for somebody who lost the pass-word or the first link."""
    _require(actor, person)
    if not person.is_active:
        raise ValidationError("账号已停用，请先启用。")
    _record(actor, "renew_link", person)
    return issue_link(actor, person)


@transaction.atomic
def reset_second_factor(actor: Actor, person: User) -> None:
    """Forget the authenticator of somebody who lost it; sessions end, the next sign-in binds."""
    _require(actor, person)
    SecondFactor.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    _end_sessions(person)
    _record(actor, "reset_second_factor", person)


@transaction.atomic
def end_sessions(actor: Actor, person: User) -> None:
    """End all sessions of a person at once."""
    _require(actor, person)
    _end_sessions(person)
    _record(actor, "end_sessions", person)


@transaction.atomic
def set_external_id(actor: Actor, person: User, external_id: str) -> None:
    """Say who the person is to the government's sign-in service."""
    _require(actor, person)
    value = external_id.strip() or None
    if value and User.objects.filter(external_id=value).exclude(pk=person.pk).exists():
        raise ValidationError("这个统一身份认证编号已经属于另一个账号。")
    User.objects.filter(pk=person.pk).update(external_id=value)
    _record(actor, "set_external_id", person)


def _end_sessions(person: User) -> None:
    User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    Session.objects.filter(user=person).delete()


def _record(actor: Actor, verb: str, person: User) -> None:
    record(f"administration.{verb}", actor, person, place_id=actor.region_id)

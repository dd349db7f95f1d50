"""One-time links: the only way to a first pass-word, and to a new one when it is lost."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.signin.entering import person_actor
from shuzhuan.apps.signin.models import Guard, OneTimeLink

VALID = timedelta(hours=72)
TOKEN_BYTES = 32
SPENT = "这个链接已经用过、过期或被新的链接代替。请向安全管理员要一个新的。"


class LinkSpent(Exception):
    """The link was used, has expired, was replaced, or never existed."""


def digest_of(token: str) -> str:
    """What is stored of a token; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(f"link:{token}".encode()).hexdigest()


def live_link(token: str) -> OneTimeLink | None:
    """The link of a token while it works."""
    return (
        OneTimeLink.objects.select_related("user")
        .filter(digest=digest_of(token), used_at=None, expires_at__gt=timezone.now())
        .filter(user__is_active=True)
        .first()
    )


@transaction.atomic
def issue_link(actor: Actor, user: User) -> str:
    """Make a link for a person and return its token; links made before stop working."""
    now = timezone.now()
    OneTimeLink.objects.filter(user=user, used_at=None).update(used_at=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    OneTimeLink.objects.create(user=user, digest=digest_of(token), expires_at=now + VALID)
    record("signin.issue_link", actor, user)
    return token


@transaction.atomic
def activate(token: str, password: str) -> User:
    """Set the pass-word by a link and end all sessions. Raises LinkSpent.

    The conditional UPDATE decides: of two requests with the same link one wins.
    """
    link = live_link(token)
    now = timezone.now()
    spent = OneTimeLink.objects.filter(digest=digest_of(token), used_at=None, expires_at__gt=now)
    if link is None or not spent.update(used_at=now):
        raise LinkSpent(SPENT)
    user = link.user
    _store(user, password)
    Guard.objects.filter(user=user).delete()
    record("signin.activate", person_actor(user), user)
    return user


@transaction.atomic
def note_spent(actor: Actor) -> None:
    """Record that somebody came with a link that does not work."""
    record("signin.activate", actor, outcome=Outcome.REFUSED)


@transaction.atomic
def change_password(actor: Actor, user: User, password: str) -> None:
    """Set a new pass-word and end every session; the caller opens this one again."""
    _store(user, password)
    record("signin.change_password", actor, user)


def _store(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])

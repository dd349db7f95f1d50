"""Signing in with a pass-word."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.db import transaction

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.signin.entering import person_actor
from shuzhuan.apps.signin.guards import at_the_door, clear, count

# The same words for an unknown name, a wrong pass-word and an account that was switched off.
WRONG = "登录名或密码不对。"
LOCKED = "失败次数太多，已暂停登录。请 15 分钟后再试，或联系安全管理员解锁。"


class Refused(Exception):
    """The door stays shut; the message may be shown."""


def sign_in(login_name: str, password: str, address: str) -> User:
    """Return the person. Raises Refused; every attempt is counted and recorded.

    Every answer does the same work, whether the name is known or not, so that its time tells
    nothing. The pass-word is tried outside of a transaction: it takes long on purpose.
    """
    known = User.objects.filter(login_name=login_name).first()
    watches = at_the_door(login_name, address, known)
    with transaction.atomic():
        free = count(watches)
        if not free:
            _note(known, address, Outcome.REFUSED, "locked")
    if not free:
        raise Refused(LOCKED)
    found = authenticate(username=login_name, password=password)
    with transaction.atomic():
        if not isinstance(found, User):
            _note(known, address, Outcome.REFUSED, "wrong")
        else:
            clear(watches)
            _note(found, address, Outcome.DONE, "password")
    if not isinstance(found, User):
        raise Refused(WRONG)
    return found


def _note(user: User | None, address: str, outcome: Outcome, how: str) -> None:
    """Record the attempt; a name that is nobody's is not kept, it may be a pass-word."""
    done = outcome == Outcome.DONE and user is not None
    actor = person_actor(user) if done and user is not None else PUBLIC
    detail = {"address": address, "how": how}
    record("signin.sign_in", actor, user, outcome=outcome, detail=detail)

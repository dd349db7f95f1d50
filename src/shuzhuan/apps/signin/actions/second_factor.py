"""The second factor: binding an authenticator, passing, recovery codes, binding anew."""

from __future__ import annotations

import hashlib
import secrets
import time

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.signin import totp
from shuzhuan.apps.signin.entering import person_actor
from shuzhuan.apps.signin.guards import clear, count, for_person
from shuzhuan.apps.signin.models import RecoveryCode, SecondFactor

RECOVERY_CODES = 10
# 32 letters without those that are read as another one: 16 of them are 80 random bits.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS, GROUP_LETTERS = 4, 4
PURPOSE = "second-factor"
WRONG = "验证码不对，或者已经用过。请等下一个验证码再试。"
LOCKED = "失败次数太多，已暂停验证。请 15 分钟后再试，或联系安全管理员。"
SLOW = "页面打开太久，请扫描新的二维码。"


class FactorRefused(Exception):
    """The code was not accepted; the message may be shown."""


def _digest(code: str) -> str:
    return hashlib.sha256(f"recovery:{code}".encode()).hexdigest()


def normal(code: str) -> str:
    """A code as compared: no blanks, no hyphens, upper case."""
    return "".join(sign for sign in code.upper() if not sign.isspace() and sign != "-")


def pass_factor(user: User, code: str) -> None:
    """Accept the code of the authenticator, or a recovery code, once. Raises FactorRefused."""
    watches = for_person(user, PURPOSE)
    with transaction.atomic():
        free = count(watches)
        how = _how(user, normal(code)) if free else ""
        if how:
            clear(watches)
        outcome = Outcome.DONE if how else Outcome.REFUSED
        detail = {"how": how or ("wrong" if free else "locked")}
        record("signin.pass_factor", person_actor(user), user, outcome=outcome, detail=detail)
    if not how:
        raise FactorRefused(WRONG if free else LOCKED)


def _how(user: User, code: str) -> str:
    """Spend the code; say by which kind it was, or nothing."""
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        return ""
    step = totp.step_of(factor.secret, code, int(time.time()))
    # The conditional UPDATE lets a time step through once, however many ask at the same time.
    fresh = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0)
    if step is not None and fresh.update(last_step=step):
        return "code"
    spare = RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at=None)
    return "recovery" if spare.update(used_at=timezone.now()) else ""


@transaction.atomic
def bind(user: User, secret: str, code: str) -> list[str]:
    """Bind an authenticator that shows the right code; return fresh recovery codes, shown once.

    Raises FactorRefused for a wrong code, and for a person who already has one: who holds only
    the pass-word must not be able to replace it.
    """
    step = totp.step_of(secret, normal(code), int(time.time()))
    if step is None:
        raise FactorRefused(WRONG)
    _, made = SecondFactor.objects.get_or_create(
        user=user, defaults={"secret": secret, "last_step": step}
    )
    if not made:
        raise FactorRefused("已经绑定过验证器。")
    record("signin.bind_factor", person_actor(user), user)
    return _fresh_codes(user)


@transaction.atomic
def note_failed_binding(user: User) -> None:
    """Record that a first code did not fit."""
    record("signin.bind_factor", person_actor(user), user, outcome=Outcome.FAILED)


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    """Replace all recovery codes; the person has just passed the second factor again."""
    record("signin.renew_recovery_codes", person_actor(user), user)
    return _fresh_codes(user)


@transaction.atomic
def unbind(user: User) -> None:
    """Forget the authenticator; the person has just passed it and binds another one next."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    record("signin.unbind_factor", person_actor(user), user)


def _fresh_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        "-".join(
            "".join(secrets.choice(LETTERS) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(normal(code))) for code in codes
    )
    return codes

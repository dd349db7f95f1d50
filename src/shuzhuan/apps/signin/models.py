"""Sessions, one-time links, failures counted at the door, and the second factor."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q

from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.signin.agents import browser_words

DIGEST_CHARS = 64
ADDRESS_CHARS_MAX = 45
AGENT_CHARS_MAX = 200


class Session(AbstractBaseSession):
    """A server-side session. Deleting the row ends it with the next request.

    ``handle`` names it on pages; the key itself would let whoever reads it in.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    handle = models.CharField("编号", max_length=DIGEST_CHARS, unique=True)
    address = models.CharField("地址", max_length=ADDRESS_CHARS_MAX, blank=True)
    agent = models.CharField("浏览器", max_length=AGENT_CHARS_MAX, blank=True)
    started_at = models.DateTimeField("登录时间", null=True)
    seen_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        verbose_name = "会话"
        verbose_name_plural = "会话"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-seen_at"], name="session_by_user"),
        ]

    @property
    def browser(self) -> str:
        return browser_words(self.agent)

    @classmethod
    def get_session_store_class(cls) -> type:
        from shuzhuan.apps.signin.sessions import SessionStore  # noqa: PLC0415 - a circle

        return SessionStore


class OneTimeLink(models.Model):
    """A link by which a person sets a pass-word. Only its digest is stored; it works once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="links", verbose_name="用户")
    digest = models.CharField("摘要", max_length=DIGEST_CHARS, unique=True)
    created_at = models.DateTimeField("发出时间", auto_now_add=True)
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "一次性链接"
        verbose_name_plural = "一次性链接"


class Counter(models.TextChoices):
    """What failures are counted by."""

    PAIR = "pair", "登录名和地址"
    NAME = "name", "登录名"
    ADDRESS = "address", "地址"
    FACTOR = "factor", "第二因素"


class Guard(models.Model):
    """Failures in a row. ``key`` is a keyed digest: what was typed as a name may be a pass-word."""

    counter = models.CharField("计数方式", max_length=8, choices=Counter)
    key = models.CharField("键", max_length=DIGEST_CHARS)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="guards")
    failures = models.PositiveIntegerField("失败次数", default=0)
    since = models.DateTimeField("起算时间")
    locked_until = models.DateTimeField("锁定至", null=True)

    class Meta:
        verbose_name = "失败计数"
        verbose_name_plural = "失败计数"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["counter", "key"], name="guard_once"),
            models.CheckConstraint(
                condition=Q(counter__in=Counter.values), name="guard_counter_known"
            ),
        ]


class SecondFactor(models.Model):
    """The shared secret of a person's authenticator (TOTP, RFC 6238)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    secret = EncryptedField("密钥", bound_to=("user_id",))
    # The last time step whose code was accepted; a code of this step or before is refused.
    last_step = models.BigIntegerField("最近时间步")
    created_at = models.DateTimeField("绑定时间", auto_now_add=True)

    class Meta:
        verbose_name = "第二因素"
        verbose_name_plural = "第二因素"


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField("摘要", max_length=DIGEST_CHARS, unique=True)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "恢复码"
        verbose_name_plural = "恢复码"

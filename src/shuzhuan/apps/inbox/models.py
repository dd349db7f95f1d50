"""Messages to people, where their mail goes, and the outbox that waits to be sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.accounts.models import Membership, Party, User
from shuzhuan.apps.regions.models import Region

KEY_CHARS_MAX = 200
TITLE_CHARS_MAX = 120
BODY_CHARS_MAX = 1000
URL_CHARS_MAX = 300
KIND_CHARS_MAX = 64
ERROR_CHARS_MAX = 200
NONCE_CHARS = 43


class MessageLevel(models.TextChoices):
    """What the recipient is expected to do."""

    INFO = "info", "知悉"
    TODO = "todo", "待办"
    WARN = "warn", "提醒"


class Message(models.Model):
    """One message to one person: 消息.

    ``key`` names the event; the same person is told of the same event once. ``membership`` is the
    role that it is meant for: a person with two roles sees which. It belongs to exactly one
    person and is written by people of other places (an enterprise tells its office), so the wall
    by place does not fit it: ``WALLED = False``, and the scope is the recipient alone.
    """

    WALLED = False

    user = models.ForeignKey(
        User, models.CASCADE, related_name="inbox_messages", verbose_name="收件人"
    )
    membership = models.ForeignKey(
        Membership, models.SET_NULL, null=True, related_name="+", verbose_name="身份"
    )
    place = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", verbose_name="区域"
    )
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, related_name="+", verbose_name="单位"
    )
    key = models.CharField("事件", max_length=KEY_CHARS_MAX)
    about_kind = models.CharField("事项类别", max_length=KIND_CHARS_MAX, blank=True)
    about_id = models.BigIntegerField("事项编号", null=True)
    level = models.CharField("类别", max_length=4, choices=MessageLevel, default=MessageLevel.INFO)
    title = models.CharField("标题", max_length=TITLE_CHARS_MAX)
    body = models.CharField("内容", max_length=BODY_CHARS_MAX, blank=True)
    url = models.CharField("地址", max_length=URL_CHARS_MAX)
    created_at = models.DateTimeField("时间", default=timezone.now, editable=False)
    # Beside ``read_at`` because "unread first, then newest" is read from an index.
    is_read = models.BooleanField("已读", default=False)
    read_at = models.DateTimeField("阅读时间", null=True)
    done_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "消息"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="message_once"),
            models.CheckConstraint(
                condition=Q(level__in=MessageLevel.values), name="message_level_known"
            ),
            models.CheckConstraint(
                condition=Q(is_read=True, read_at__isnull=False)
                | Q(is_read=False, read_at__isnull=True),
                name="message_read_with_time",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(level=MessageLevel.INFO),
                name="message_done_was_open",
            ),
            # A path of this site: never another host, never a scheme.
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"),
                name="message_url_is_ours",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "is_read", "-created_at", "-id"], name="message_list"),
            models.Index(
                fields=["user", "-created_at", "-id"],
                condition=Q(level="todo", done_at__isnull=True),
                name="message_todo",
            ),
            models.Index(
                fields=["about_kind", "about_id"],
                condition=~Q(level="info") & Q(done_at__isnull=True),
                name="message_open_about",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open_todo(self) -> bool:
        """Whether something still waits to be done."""
        return self.level == MessageLevel.TODO and self.done_at is None


class MailWish(models.TextChoices):
    """Which messages a person also wants by mail."""

    ALL = "all", "所有消息"
    TODO = "todo", "只要待办和提醒"
    NONE = "none", "不发邮件"


class MailAddress(models.Model):
    """Where a person's mail goes: 邮件地址. Only a confirmed address gets any.

    ``pending`` waits to be confirmed by a link that is derived from ``nonce`` and works until
    ``pending_until``; confirming empties all three, so the link works once.
    """

    user = models.OneToOneField(
        User, models.CASCADE, related_name="mail_address", verbose_name="用户"
    )
    address = EncryptedField("邮件地址", blank=True, bound_to=("user_id",))
    confirmed_at = models.DateTimeField("确认时间", null=True)
    pending = EncryptedField("待确认的邮件地址", blank=True, bound_to=("user_id",))
    nonce = models.CharField("随机数", max_length=NONCE_CHARS, blank=True)
    pending_until = models.DateTimeField("确认期限", null=True)
    wish = models.CharField("发送范围", max_length=4, choices=MailWish, default=MailWish.ALL)
    created_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "邮件地址"
        verbose_name_plural = "邮件地址"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(wish__in=MailWish.values), name="mail_wish_known"),
        ]


class OutgoingKind(models.TextChoices):
    """What a mail is for."""

    MESSAGE = "message", "消息"
    CONFIRM = "confirm", "确认地址"


class OutgoingState(models.TextChoices):
    """How far a mail is. A failed one is tried again, a given-up one only by hand."""

    WAITING = "waiting", "等待发送"
    FAILED = "failed", "失败，将重试"
    SENT = "sent", "已发送"
    GIVEN_UP = "given_up", "已放弃"
    DROPPED = "dropped", "不再需要"


class Outgoing(models.Model):
    """One mail in the outbox: 待发邮件.

    It names the event by the same key as the message and holds no address and no text: both are
    read when it is sent, so a changed address or wish counts at once and nothing is stored twice.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="收件人")
    key = models.CharField("事件", max_length=KEY_CHARS_MAX)
    kind = models.CharField(
        "用途", max_length=8, choices=OutgoingKind, default=OutgoingKind.MESSAGE
    )
    state = models.CharField(
        "状态", max_length=8, choices=OutgoingState, default=OutgoingState.WAITING
    )
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    # When it may be tried next. Whoever claims a row moves it ahead: a lease that runs out.
    next_at = models.DateTimeField("下次发送", default=timezone.now)
    claim = models.CharField("领取", max_length=32, blank=True)
    last_error = models.CharField("最近一次失败", max_length=ERROR_CHARS_MAX, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now, editable=False)
    sent_at = models.DateTimeField("发送时间", null=True)

    class Meta:
        verbose_name = "待发邮件"
        verbose_name_plural = "待发邮件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="outgoing_once"),
            models.CheckConstraint(
                condition=Q(kind__in=OutgoingKind.values), name="outgoing_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OutgoingState.values), name="outgoing_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outgoing_sent_with_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["waiting", "failed"]),
                name="outgoing_due",
            ),
            models.Index(
                fields=["claim"],
                condition=~Q(claim=""),
                name="outgoing_claimed",
            ),
        ]

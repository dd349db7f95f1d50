"""Notices of an office. What has been published keeps its words; a change is a new version."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import Q

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.regions.models import PlaceRow

TITLE_CHARS_MAX = 100
BODY_CHARS_MAX = 20_000
REASON_CHARS_MAX = 200


class Kind(models.TextChoices):
    """What sort of notice it is."""

    NOTICE = "notice", "通知"
    DISCLOSURE = "disclosure", "公示"
    GUIDE = "guide", "办事指南"


class State(models.TextChoices):
    """Where a notice stands; follows from its times."""

    DRAFT = "draft", "草稿"
    DISCARDED = "discarded", "已作废"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class Notice(PlaceRow):
    """One version of a notice. A trigger refuses to change its words once they were published.

    ``replaces``: the published notice that this one takes the place of when it is published.
    ``edits`` counts the savings of a draft, so that nobody publishes or overwrites unseen words.
    """

    kind = models.CharField("类别", max_length=10, choices=Kind)
    title = models.CharField("标题", max_length=TITLE_CHARS_MAX)
    body = models.TextField("正文", max_length=BODY_CHARS_MAX)
    edits = models.PositiveIntegerField("保存次数", default=1)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="versions", verbose_name="代替"
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    created_at = models.DateTimeField("起草时间", auto_now_add=True)
    updated_at = models.DateTimeField("保存时间", auto_now=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=REASON_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = "通知公告"
        verbose_name_plural = "通知公告"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notice_kind_known"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(body=""), name="notice_says_it"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="notice_withdrawn_why",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(withdrawn_at__isnull=True),
                name="notice_one_new_version",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(published_at__isnull=False, withdrawn_at__isnull=True),
                name="notice_public",
            ),
            models.Index(fields=["place", "-updated_at"], name="notice_of_office"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> State:
        if self.published_at is None:
            return State.DRAFT if self.withdrawn_at is None else State.DISCARDED
        return State.PUBLISHED if self.withdrawn_at is None else State.WITHDRAWN

    @property
    def paragraphs(self) -> list[str]:
        """The text as it is set: every line that says something is a paragraph."""
        return [line.strip() for line in self.body.splitlines() if line.strip()]

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: notices are withdrawn, never deleted."""
        raise TypeError("a notice is withdrawn, never deleted")

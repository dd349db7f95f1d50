"""Indicator sets in use: what ships with the product, and what an operator published."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.regions.models import Region

DOCUMENT_CHARS_MAX = 1_000_000
NOTE_CHARS_MAX = 500
SAME_VERSION = "这个指标集已经有同样的版本号，请换一个版本号。"
SECOND_PERSON = "发布要由没有起草、也没有改过这份草稿的第二个人来办。"


class SetState(models.TextChoices):
    """A set is written, published by a second person, and some day retired."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    RETIRED = "retired", "已停用"


class PublishedSet(models.Model):
    """One version of an indicator set, complete; what is published is never changed again.

    ``place`` empty: it ships with the product and holds everywhere. Otherwise it holds in the
    place and below. Everybody may read it, so it stands outside the wall.
    """

    WALLED = False

    place = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="适用区域"
    )
    set_id = models.CharField("指标集", max_length=64)
    version = models.CharField("版本", max_length=32)
    title = models.CharField("名称", max_length=128)
    sector = models.CharField("适用行业", max_length=32)
    # What ``engine.grading.dump_set`` writes and ``read_set`` reads back, and the digest of it.
    document = models.TextField("内容", max_length=DOCUMENT_CHARS_MAX)
    sha256 = models.CharField("指纹", max_length=64)
    has_unverified = models.BooleanField("含待核对的内容", default=False)
    # Digest of everything but words: sheets of two versions compare only where it is equal.
    figures_sha256 = models.CharField("数字指纹", max_length=64)
    # The version that it was made from, so that differences in figures can be shown.
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="由来"
    )
    state = models.CharField("状态", max_length=10, choices=SetState, default=SetState.DRAFT)
    note = models.CharField("说明", max_length=NOTE_CHARS_MAX, blank=True)
    # What was compared with the official text (JSON rows: item, document, by, on).
    checked = models.TextField("核对记录", default="[]")
    edits = models.PositiveIntegerField("保存次数", default=1)
    created_at = models.DateTimeField("创建时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="起草人"
    )
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="最后改动人"
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布人"
    )
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    retired_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="停用人"
    )
    retired_reason = models.CharField("停用原因", max_length=NOTE_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = "指标集"
        verbose_name_plural = "指标集"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "set_id", "version"],
                name="indicator_set_version_once",
                violation_error_message=SAME_VERSION,
            ),
            # A second constraint, because SQLite knows no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                fields=["set_id", "version"],
                condition=Q(place__isnull=True),
                name="indicator_set_shipped_once",
                violation_error_message=SAME_VERSION,
            ),
            models.CheckConstraint(
                condition=Q(state__in=SetState.values), name="indicator_set_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | Q(published_at__isnull=False),
                name="indicator_set_published_once",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True)
                | ~Q(published_by=F("created_by")) & ~Q(published_by=F("changed_by")),
                name="indicator_set_second_person",
                violation_error_message=SECOND_PERSON,
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True)
                | Q(state="draft", published_by__isnull=True)
                | ~Q(state="draft")
                & Q(
                    published_by__isnull=False,
                    created_by__isnull=False,
                    changed_by__isnull=False,
                ),
                name="indicator_set_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="retired", retired_at__isnull=True),
                name="indicator_set_retired_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "state", "-published_at"], name="indicator_set_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

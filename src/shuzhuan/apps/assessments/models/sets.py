"""Indicator sets in use: what ships with the product, and what an operator published."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.regions.models import Region

DOCUMENT_CHARS_MAX = 1_000_000
NOTE_CHARS_MAX = 500


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
    state = models.CharField("状态", max_length=10, choices=SetState, default=SetState.DRAFT)
    note = models.CharField("说明", max_length=NOTE_CHARS_MAX, blank=True)
    edits = models.PositiveIntegerField("保存次数", default=1)
    created_at = models.DateTimeField("创建时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="起草人"
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布人"
    )
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "指标集"
        verbose_name_plural = "指标集"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "set_id", "version"],
                name="indicator_set_version_once",
                nulls_distinct=False,
                violation_error_message="这个指标集已经有同样的版本号，请换一个版本号。",
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
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("created_by")),
                name="indicator_set_second_person",
                violation_error_message="发布要由起草人以外的人来办。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "state", "-published_at"], name="indicator_set_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

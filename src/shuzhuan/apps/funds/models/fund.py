"""A fund of one place and year, its sources, its budget lines, and the days that are closed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.regions.models import PlaceRow

NAME_CHARS_MAX = 100
KEY_CHARS_MAX = 64
CITE_CHARS_MAX = 100
YEAR_MIN, YEAR_MAX = 2000, 2099


class Counts(models.TextChoices):
    """Which side of the ratio a budget line counts on."""

    ENTERPRISE = "enterprise", "企业数字化改造"
    SUPPORT = "support", "配套工作"


class Fund(PlaceRow):
    """The special account (专账) of one document and one year.

    ``support_num/support_den``: at most this part of what has been appropriated may go to
    supporting work; ``enterprise_num/enterprise_den``: at least this part goes to enterprises.
    Null where the document sets no ratio. ``size``, ``last_recorded_at``, ``appropriated_fen`` and
    ``support_fen`` are sums of the transfers, kept under the lock of this row and checked by
    ``queries.verify``.
    """

    pack = models.CharField("政策包", max_length=KEY_CHARS_MAX)
    policy_version = models.CharField("政策包版本", max_length=KEY_CHARS_MAX, blank=True)
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("名称", max_length=NAME_CHARS_MAX)
    enterprise_num = models.PositiveSmallIntegerField("用于企业的比例分子", null=True)
    enterprise_den = models.PositiveSmallIntegerField("用于企业的比例分母", null=True)
    support_num = models.PositiveSmallIntegerField("用于配套的比例分子", null=True)
    support_den = models.PositiveSmallIntegerField("用于配套的比例分母", null=True)
    ratio_cite = models.CharField("比例的依据", max_length=CITE_CHARS_MAX, blank=True)
    opened_at = models.DateTimeField("设立时间", default=timezone.now, editable=False)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="设立人")
    closed_on = models.DateField("结清日", null=True, blank=True)
    size = models.PositiveBigIntegerField("记账笔数", default=0)
    last_recorded_at = models.DateTimeField("最后记账时间", null=True)
    appropriated_fen = models.BigIntegerField("到账（分）", default=0)
    support_fen = models.BigIntegerField("配套安排（分）", default=0)

    class Meta:
        verbose_name = "专项资金"
        verbose_name_plural = "专项资金"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "pack", "year"],
                name="fund_once_a_year",
                violation_error_message="这个地方、这份文件、这一年度的专项资金已经设立。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=YEAR_MIN, year__lte=YEAR_MAX), name="fund_year_known"
            ),
            models.CheckConstraint(
                condition=Q(appropriated_fen__gte=0, support_fen__gte=0)
                & Q(support_fen__lte=F("appropriated_fen")),
                name="fund_sums_sane",
            ),
            models.CheckConstraint(
                condition=Q(support_num__isnull=True, support_den__isnull=True)
                | Q(support_den__gte=1, support_num__isnull=False)
                & Q(
                    LessThanOrEqual(
                        F("support_fen") * F("support_den"),
                        F("appropriated_fen") * F("support_num"),
                    )
                ),
                name="fund_support_within_ratio",
            ),
            models.CheckConstraint(
                condition=Q(enterprise_num__isnull=True, enterprise_den__isnull=True)
                | Q(enterprise_den__gte=1, enterprise_num__isnull=False)
                & Q(
                    LessThanOrEqual(
                        F("appropriated_fen") * F("enterprise_num"),
                        (F("appropriated_fen") - F("support_fen")) * F("enterprise_den"),
                    )
                ),
                name="fund_enterprises_get_their_part",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FundSource(PlaceRow):
    """Where the money comes from: 自治区, 县级 … Never changed once the fund is open."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="sources", verbose_name="资金")
    key = models.CharField("来源", max_length=KEY_CHARS_MAX)
    name = models.CharField("名称", max_length=NAME_CHARS_MAX)
    cite = models.CharField("依据", max_length=CITE_CHARS_MAX, blank=True)
    planned_fen = models.BigIntegerField("文件概算（分）", null=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = "资金来源"
        verbose_name_plural = "资金来源"
        ordering: ClassVar[list[str]] = ["fund", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "fund", "key"], name="fund_source_once"),
        ]

    def __str__(self) -> str:
        return self.name


class FundLine(PlaceRow):
    """One budget direction (预算方向) of the document. Never changed once the fund is open."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="lines", verbose_name="资金")
    key = models.CharField("预算行", max_length=KEY_CHARS_MAX)
    group = models.CharField("方向", max_length=NAME_CHARS_MAX)
    name = models.CharField("名称", max_length=NAME_CHARS_MAX)
    cite = models.CharField("依据", max_length=CITE_CHARS_MAX, blank=True)
    counts = models.CharField("计入", max_length=10, choices=Counts)
    planned_fen = models.BigIntegerField("文件概算（分）", null=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = "预算方向"
        verbose_name_plural = "预算方向"
        ordering: ClassVar[list[str]] = ["fund", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "fund", "key"], name="fund_line_once"),
            models.CheckConstraint(condition=Q(counts__in=Counts.values), name="line_counts_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Period(PlaceRow):
    """Days that are closed: nothing dated inside is posted any more. Append-only."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="periods", verbose_name="资金")
    starts = models.DateField("从")
    ends = models.DateField("到")
    closed_at = models.DateTimeField("结账时间", default=timezone.now, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="结账人")

    class Meta:
        verbose_name = "已结账期间"
        verbose_name_plural = "已结账期间"
        ordering: ClassVar[list[str]] = ["fund", "ends"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "fund", "starts"], name="period_once"),
            models.CheckConstraint(condition=Q(starts__lte=F("ends")), name="period_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%Y-%m-%d} 至 {self.ends:%Y-%m-%d}"

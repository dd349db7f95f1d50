"""The enterprise: everything that a list filters, sorts or sums is a column here."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.accounts.models import PARTY_NAME_CHARS_MAX, USCC_CHARS, Party
from shuzhuan.apps.enterprises.fields import DIGEST_CHARS
from shuzhuan.apps.regions.models import PlaceRow, Region
from shuzhuan.engine.money import MAX_FEN

PEOPLE_MAX = 10_000_000
INDUSTRIES_MAX = 16
LEVEL_MAX = 4
ANSWER_MAX = 3
_ROW = ("party_id",)  # what a sealed value is tied to


class SizeClass(models.TextChoices):
    """Size by 工信部联企业〔2011〕300号; empty while what decides is missing."""

    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


class PilotState(models.TextChoices):
    """Whether the enterprise stands on the pilot list of its place."""

    NONE = "none", "未入试点"
    IN = "in", "试点中"
    LEFT = "left", "已退出"


class Willingness(models.IntegerChoices):
    """摸底：改造意愿."""

    NONE = 0, "没有意愿"
    WEAK = 1, "有些意愿"
    CLEAR = 2, "意愿明确"
    STRONG = 3, "意愿强烈"


class Readiness(models.IntegerChoices):
    """摸底：数字化基础."""

    NONE = 0, "没有基础"
    WEAK = 1, "基础薄弱"
    FAIR = 2, "有一定基础"
    GOOD = 3, "基础较好"


def fen_column(label: str) -> "models.BigIntegerField[int | None, int | None]":
    """An amount in whole fen; NULL where it is not known."""
    return models.BigIntegerField(label, null=True, blank=True)


def fen_range(name: str, field: str, label: str) -> models.CheckConstraint:
    """Hold an amount between nothing and the largest amount there is."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True})
        | Q(**{f"{field}__gte": 0, f"{field}__lte": MAX_FEN}),
        name=name,
        violation_error_message=f"{label}不能是负数，也不能超过10万亿元。",
    )


class Enterprise(PlaceRow):
    """One enterprise. ``place``: the county (or park with its own officers) that looks after it.

    Name and code are copied from the party, so that lists read one table. The figures of the
    latest year are copied from ``EnterpriseYear``, size and explanation are computed from them;
    ``actions.summary.refresh`` is the only writer of all these copies.
    """

    party = models.OneToOneField(
        Party, models.PROTECT, related_name="enterprise", verbose_name="单位"
    )
    name = models.CharField("企业名称", max_length=PARTY_NAME_CHARS_MAX)
    uscc = models.CharField("统一社会信用代码", max_length=USCC_CHARS)
    park = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="园区"
    )
    # Basics
    industry = models.CharField("细分行业", max_length=64, blank=True)
    size_industry = models.PositiveSmallIntegerField("划型行业", null=True, blank=True)
    gbt4754 = models.CharField("国民经济行业代码", max_length=8, blank=True)
    registered_on = models.DateField("成立日期", null=True, blank=True)
    is_legal_person = models.BooleanField("独立法人", null=True, blank=True)
    above_scale = models.BooleanField("规上工业企业", null=True, blank=True)
    in_park = models.BooleanField("园区企业", null=True, blank=True)
    uses_cloud = models.BooleanField("已上云用云", null=True, blank=True)
    # The day on which the enterprise said that all its qualifications are listed: only then does
    # a missing one mean that it has none.
    qualifications_complete_on = models.DateField("资质清单确认日期", null=True, blank=True)
    # The latest year of EnterpriseYear
    figures_year = models.PositiveSmallIntegerField("数据年度", null=True, blank=True)
    people = models.PositiveIntegerField("从业人员", null=True, blank=True)
    revenue_last_year_fen = fen_column("上年度营业收入（分）")
    main_revenue_last_year_fen = fen_column("上年度主营业务收入（分）")
    assets_fen = fen_column("资产总额（分）")
    # Computed
    size_class = models.CharField("企业规模", max_length=8, choices=SizeClass, blank=True)
    size_explanation = models.TextField("划型说明", blank=True)
    completeness = models.PositiveSmallIntegerField("档案完整度（%）", default=0)
    # Contact; sensitive
    contact_name = EncryptedField("联系人", blank=True, bound_to=_ROW)
    contact_phone = EncryptedField("联系电话", blank=True, bound_to=_ROW)
    contact_phone_digest = models.CharField(max_length=DIGEST_CHARS, blank=True, editable=False)
    bank_name = models.CharField("开户银行", max_length=128, blank=True)
    bank_account = EncryptedField("银行账号", blank=True, bound_to=_ROW)
    bank_account_digest = models.CharField(max_length=DIGEST_CHARS, blank=True, editable=False)
    # 摸底
    willingness = models.PositiveSmallIntegerField(
        "改造意愿", null=True, blank=True, choices=Willingness
    )
    readiness = models.PositiveSmallIntegerField(
        "数字化基础", null=True, blank=True, choices=Readiness
    )
    survey_note = models.CharField("摸底备注", max_length=500, blank=True)
    surveyed_on = models.DateField("摸底日期", null=True, blank=True)
    # Pilot list and level; the histories are PilotEntry and, later, the assessments
    pilot_state = models.CharField(
        "试点状态", max_length=8, choices=PilotState, default=PilotState.NONE
    )
    pilot_since = models.DateField("进入试点日期", null=True, blank=True)
    # The latest on-site result and its day; a self-assessment never stands here.
    digital_level = models.PositiveSmallIntegerField("数字化水平等级", null=True, blank=True)
    digital_level_on = models.DateField("等级评定日期", null=True, blank=True)
    created_at = models.DateTimeField("建档时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = "企业"
        verbose_name_plural = "企业"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "uscc"],
                name="enterprise_once_in_place",
                violation_error_message="这个统一社会信用代码已经建过档案。",
            ),
            models.CheckConstraint(
                condition=Q(size_industry__isnull=True)
                | Q(size_industry__gte=1, size_industry__lte=INDUSTRIES_MAX),
                name="enterprise_size_industry_known",
                violation_error_message="划型行业应当是300号文件列出的16个行业之一。",
            ),
            models.CheckConstraint(
                condition=Q(people__isnull=True) | Q(people__lte=PEOPLE_MAX),
                name="enterprise_people_possible",
                violation_error_message="从业人员应当在0至1000万人之间。",
            ),
            fen_range("enterprise_revenue_range", "revenue_last_year_fen", "营业收入"),
            fen_range(
                "enterprise_main_revenue_range", "main_revenue_last_year_fen", "主营业务收入"
            ),
            fen_range("enterprise_assets_range", "assets_fen", "资产总额"),
            models.CheckConstraint(
                condition=Q(size_class__in=["", *SizeClass.values]),
                name="enterprise_size_known",
                violation_error_message="企业规模应当是大型、中型、小型或微型。",
            ),
            models.CheckConstraint(
                condition=Q(willingness__isnull=True) | Q(willingness__lte=ANSWER_MAX),
                name="enterprise_willingness_range",
                violation_error_message="改造意愿应当在0至3之间。",
            ),
            models.CheckConstraint(
                condition=Q(readiness__isnull=True) | Q(readiness__lte=ANSWER_MAX),
                name="enterprise_readiness_range",
                violation_error_message="数字化基础应当在0至3之间。",
            ),
            models.CheckConstraint(
                condition=Q(pilot_state__in=PilotState.values),
                name="enterprise_pilot_state_known",
                violation_error_message="试点状态应当是未入试点、试点中或已退出。",
            ),
            models.CheckConstraint(
                condition=Q(digital_level__isnull=True) | Q(digital_level__lte=LEVEL_MAX),
                name="enterprise_level_range",
                violation_error_message="数字化水平等级应当在0至4之间。",
            ),
            models.CheckConstraint(
                condition=Q(completeness__lte=100),
                name="enterprise_completeness_range",
                violation_error_message="档案完整度应当在0至100之间。",
            ),
        ]
        # The officer's list: one place or many, narrowed by one column, newest first.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "-updated_at", "id"], name="enterprise_by_update"),
            models.Index(
                fields=["place", "pilot_state", "-updated_at"], name="enterprise_by_pilot"
            ),
            models.Index(
                fields=["place", "digital_level", "-updated_at"], name="enterprise_by_level"
            ),
            models.Index(
                fields=["place", "industry", "-updated_at"], name="enterprise_by_industry"
            ),
            models.Index(fields=["place", "size_class", "-updated_at"], name="enterprise_by_size"),
            models.Index(fields=["place", "willingness", "readiness"], name="enterprise_by_survey"),
            models.Index(fields=["place", "name"], name="enterprise_by_name"),
            models.Index(fields=["place", "completeness"], name="enterprise_by_completeness"),
            models.Index(fields=["place", "created_at"], name="enterprise_by_creation"),
            models.Index(fields=["place", "people"], name="enterprise_by_people"),
            models.Index(fields=["place", "revenue_last_year_fen"], name="enterprise_by_revenue"),
            models.Index(fields=["place", "park"], name="enterprise_by_park"),
            models.Index(fields=["contact_phone_digest"], name="enterprise_by_phone"),
            models.Index(fields=["bank_account_digest"], name="enterprise_by_account"),
        ]

    def __str__(self) -> str:
        return self.name

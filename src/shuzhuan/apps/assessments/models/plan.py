"""一企一策: what the diagnosis found, what is proposed, what it costs and may bring."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.assessments.models.assessment import ITEM_CHARS_MAX, Assessment
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.models.enterprise import LEVEL_MAX
from shuzhuan.apps.regions.models import PlaceRow
from shuzhuan.engine.money import MAX_FEN


class PlanState(models.TextChoices):
    """A submitted plan is what the enterprise decides on; a change is a new version."""

    DRAFT = "draft", "起草中"
    SUBMITTED = "submitted", "已提交企业"
    ACCEPTED = "accepted", "企业已确认"
    RETURNED = "returned", "企业已退回"
    REPLACED = "replaced", "已由新版代替"


class Plan(PlaceRow):
    """One version of the plan of an enterprise. Money in fen.

    ``decision``: what the policy engine said of the expected subsidy (its stored form);
    ``expected_subsidy_fen`` is a ceiling, for planning only.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="plans", verbose_name="企业"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="编制单位")
    diagnosis = models.ForeignKey(
        Assessment, models.PROTECT, related_name="plans", verbose_name="依据的诊断"
    )
    number = models.PositiveSmallIntegerField("版次", default=1)
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.DRAFT)
    summary = models.TextField("总体思路", max_length=2000, blank=True)
    expected_level = models.PositiveSmallIntegerField("预期等级", null=True, blank=True)
    expected_points_milli = models.PositiveIntegerField("预期得分", null=True, blank=True)
    cost_fen = models.BigIntegerField("预计投入（分）", default=0)
    expected_subsidy_fen = models.BigIntegerField("预计补助上限（分）", null=True, blank=True)
    decision = models.TextField("测算依据", blank=True)
    starts_on = models.DateField("计划开工", null=True, blank=True)
    ends_on = models.DateField("计划完工", null=True, blank=True)
    edits = models.PositiveIntegerField("保存次数", default=1)
    created_at = models.DateTimeField("创建时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="编制人")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    accepted_at = models.DateTimeField("确认时间", null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )

    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    returned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="退回人"
    )
    returned_reason = models.CharField("退回原因", max_length=500, blank=True)

    class Meta:
        verbose_name = "一企一策方案"
        verbose_name_plural = "一企一策方案"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=PlanState.values), name="plan_state_known"
            ),
            models.UniqueConstraint(
                fields=["place", "enterprise", "party", "number"], name="plan_number_once"
            ),
            models.UniqueConstraint(
                fields=["place", "enterprise"],
                condition=Q(state="accepted"),
                name="plan_one_accepted",
                violation_error_message="企业已经确认了一份方案。",
            ),
            models.CheckConstraint(
                condition=Q(cost_fen__gte=0, cost_fen__lte=MAX_FEN), name="plan_cost_range"
            ),
            models.CheckConstraint(
                condition=Q(expected_level__isnull=True) | Q(expected_level__lte=LEVEL_MAX),
                name="plan_level_range",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(accepted_by__isnull=False),
                name="plan_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned")
                | (
                    Q(returned_at__isnull=False, returned_by__isnull=False) & ~Q(returned_reason="")
                ),
                name="plan_returned_why",
                violation_error_message="请写明退回的原因。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "state", "-created_at"], name="plan_by_state"),
            models.Index(fields=["enterprise", "-number"], name="plan_of_firm"),
        ]

    def __str__(self) -> str:
        return f"方案第{self.number}版"


class FindingKind(models.TextChoices):
    """问题, 需求, 拟建场景: the three lists that a diagnosis hands over."""

    PROBLEM = "problem", "问题"
    NEED = "need", "需求"
    SCENARIO = "scenario", "拟建场景"


class Finding(PlaceRow):
    """One line of the lists of a visit; ``item`` is the question or scenario it belongs to."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="诊断单位")
    diagnosis = models.ForeignKey(
        Assessment, models.PROTECT, related_name="findings", verbose_name="诊断"
    )
    kind = models.CharField("类别", max_length=8, choices=FindingKind)
    position = models.PositiveSmallIntegerField("序号")
    item = models.CharField("对应题目", max_length=ITEM_CHARS_MAX, blank=True)
    text = models.CharField("内容", max_length=500)

    class Meta:
        verbose_name = "问题与需求"
        verbose_name_plural = "问题与需求"
        ordering: ClassVar[list[str]] = ["kind", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=FindingKind.values), name="finding_kind_known"
            ),
            models.UniqueConstraint(
                fields=["place", "diagnosis", "kind", "position"], name="finding_once"
            ),
        ]


class MeasureKind(models.TextChoices):
    """What the money buys (PY 第十六条)."""

    SOFTWARE = "software", "软件"
    CLOUD = "cloud", "云服务"
    DEVICE = "device", "数据采集传输设备"
    OTHER = "other", "其他"


class Measure(PlaceRow):
    """One proposed scenario or item: what is bought, from whom, for how much, to reach what."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="编制单位")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="measures", verbose_name="方案")
    position = models.PositiveSmallIntegerField("序号")
    item = models.CharField("场景或题目", max_length=ITEM_CHARS_MAX, blank=True)
    # The JSON value that the item should have afterwards, for the expected level.
    target = models.CharField("目标", max_length=200, blank=True)
    kind = models.CharField("类别", max_length=10, choices=MeasureKind)
    product = models.CharField("产品或服务", max_length=128)
    supplier = models.CharField("供应单位", max_length=128, blank=True)
    cost_fen = models.BigIntegerField("预计费用（分）")
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "改造内容"
        verbose_name_plural = "改造内容"
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=MeasureKind.values), name="measure_kind_known"
            ),
            models.UniqueConstraint(fields=["place", "plan", "position"], name="measure_once"),
            models.CheckConstraint(
                condition=Q(cost_fen__gte=0, cost_fen__lte=MAX_FEN),
                name="measure_cost_range",
                violation_error_message="费用不能是负数。",
            ),
        ]

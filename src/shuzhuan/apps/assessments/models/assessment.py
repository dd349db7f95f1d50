"""One assessment and its answers. Self, diagnosis and acceptance are three kinds, never mixed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.assessments.models.engagement import Engagement
from shuzhuan.apps.assessments.models.sets import PublishedSet
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.models.enterprise import LEVEL_MAX
from shuzhuan.apps.regions.models import PlaceRow

POINTS_MILLI_MAX = 100_000
ITEM_CHARS_MAX = 32
FINDING_CHARS_MAX = 1000


class AssessmentKind(models.TextChoices):
    """Who judged, and what for (PY 第九、十二条)."""

    SELF = "self", "自评"
    DIAGNOSIS = "diagnosis", "诊断"
    ACCEPTANCE = "acceptance", "验收评测"


class AssessmentState(models.TextChoices):
    """A submitted assessment is never changed; a mistake is withdrawn with its reason."""

    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "已提交"
    WITHDRAWN = "withdrawn", "已撤销"


class Assessment(PlaceRow):
    """One sheet of one enterprise. Points are thousandths of a point; level 0 is 无等级.

    ``party``: whose people judged (the enterprise itself for a self-assessment). ``saves`` grows
    with every saved answer. ``is_current``: the newest submitted one of its kind, so that a list
    of levels reads one row per enterprise. ``result`` is the engine's result in JSON, stored
    when it was submitted, with ``answers_json`` it replays to the same bytes.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="assessments", verbose_name="企业"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="评测单位")
    kind = models.CharField("类别", max_length=12, choices=AssessmentKind)
    state = models.CharField(
        "状态", max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT
    )
    indicators = models.ForeignKey(
        PublishedSet, models.PROTECT, related_name="+", verbose_name="指标集"
    )
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, null=True, blank=True, related_name="assessments",
        verbose_name="委派",
    )  # fmt: skip
    # Before and after: the earlier on-site result that this one is compared with.
    before = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="改造前评测"
    )
    saves = models.PositiveIntegerField("保存次数", default=0)
    answered = models.PositiveSmallIntegerField("已答", default=0)
    visited_on = models.DateField("现场日期", null=True, blank=True)
    started_at = models.DateTimeField("开始时间", default=timezone.now, editable=False)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="开始人")
    updated_at = models.DateTimeField("保存时间", default=timezone.now)
    # Set when it is submitted
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )
    committed_name = models.CharField("承诺人", max_length=64, blank=True)
    level = models.PositiveSmallIntegerField("等级", null=True, blank=True)
    points_milli = models.PositiveIntegerField("得分（千分之一分）", null=True, blank=True)
    answers_json = models.TextField("答卷", blank=True)
    answers_sha256 = models.CharField("答卷指纹", max_length=64, blank=True)
    result = models.TextField("结果", blank=True)
    has_unverified = models.BooleanField("依据含待核对的内容", default=False)
    is_current = models.BooleanField("现行", default=False)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    withdrawn_reason = models.CharField("撤销原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "评测"
        verbose_name_plural = "评测"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=AssessmentKind.values), name="assessment_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AssessmentState.values), name="assessment_state_known"
            ),
            models.UniqueConstraint(
                fields=["place", "enterprise", "party", "kind"],
                condition=Q(state="draft"),
                name="assessment_one_draft",
                violation_error_message="已经有一份正在填写的，请接着填。",
            ),
            models.UniqueConstraint(
                fields=["place", "enterprise", "kind"],
                condition=Q(is_current=True),
                name="assessment_one_current",
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__lte=LEVEL_MAX),
                name="assessment_level_range",
            ),
            models.CheckConstraint(
                condition=Q(points_milli__isnull=True) | Q(points_milli__lte=POINTS_MILLI_MAX),
                name="assessment_points_range",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True, is_current=False)
                | ~Q(state="draft")
                & Q(
                    submitted_at__isnull=False,
                    submitted_by__isnull=False,
                    level__isnull=False,
                    points_milli__isnull=False,
                ),
                name="assessment_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind="self")
                | Q(state="draft")
                | Q(engagement__isnull=False, visited_on__isnull=False),
                name="assessment_on_site_has_visit",
                violation_error_message="现场评测要有委派和现场日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn")
                | (Q(withdrawn_at__isnull=False, is_current=False) & ~Q(withdrawn_reason="")),
                name="assessment_withdrawn_why",
                violation_error_message="请写明撤销的原因。",
            ),
            models.CheckConstraint(
                condition=Q(before__isnull=True) | ~Q(before=F("pk")),
                name="assessment_not_before_itself",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "kind", "is_current", "level"], name="assessment_levels"),
            models.Index(fields=["enterprise", "kind", "-submitted_at"], name="assessment_history"),
            models.Index(fields=["party", "state", "-updated_at"], name="assessment_of_body"),
            models.Index(fields=["place", "state", "-submitted_at"], name="assessment_by_day"),
            models.Index(fields=["answers_sha256"], name="assessment_same_sheet"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Answer(PlaceRow):
    """One answered item. ``value``: the JSON value of ``engine.grading.parse_answer``.

    ``saved_key`` is the browser's key of the last save, so that a repeated save after a lost
    answer is the same save. ``reached`` holds a scenario's level for sums over a place.
    """

    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="answers", verbose_name="评测"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="评测单位")
    item = models.CharField("题目", max_length=ITEM_CHARS_MAX)
    value = models.TextField("答案", blank=True)
    reached = models.PositiveSmallIntegerField("场景等级", null=True, blank=True)
    points_milli = models.PositiveIntegerField("得分（千分之一分）", null=True, blank=True)
    # On-site kinds only
    finding = models.CharField("现场发现", max_length=FINDING_CHARS_MAX, blank=True)
    remark = models.CharField("备注", max_length=FINDING_CHARS_MAX, blank=True)
    saves = models.PositiveIntegerField("保存次数", default=1)
    saved_key = models.CharField("保存编号", max_length=40, blank=True)
    saved_at = models.DateTimeField("保存时间", default=timezone.now)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")

    class Meta:
        verbose_name = "答案"
        verbose_name_plural = "答案"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "assessment", "item"], name="assessment_answer_once"
            ),
            models.CheckConstraint(
                condition=Q(reached__isnull=True) | Q(reached__lte=LEVEL_MAX),
                name="assessment_answer_reached_range",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["assessment", "item"], name="assessment_answer_by_item"),
            models.Index(fields=["place", "item", "reached"], name="assessment_answer_by_place"),
        ]

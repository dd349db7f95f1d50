"""What happened to a project: steps (append-only), opinions, and answered requests."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.projects.models.project import Project, StateField
from shuzhuan.apps.regions.models import PlaceRow
from shuzhuan.engine.money import format_cn


class ProjectRow(PlaceRow):
    """A row of a project; the enterprise stands in it for the wall in the database."""

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="%(class)ss", verbose_name="项目"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )

    class Meta:
        abstract = True


class Step(ProjectRow):
    """One action that was done. Rows are only ever added (a trigger holds it).

    ``waited_days``: working days since the state was entered, for 兑现督导.
    """

    number = models.PositiveIntegerField("序号")
    action = models.CharField("动作", max_length=40)
    before = StateField("之前")
    after = StateField("之后")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    role = models.CharField("身份", max_length=24, choices=Role)
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    reason = models.CharField("理由", max_length=1000, blank=True)
    detail = models.JSONField("内容", default=dict)
    at = models.DateTimeField("时间", default=timezone.now)
    due_on = models.DateField("办理期限", null=True, blank=True)
    waited_days = models.PositiveIntegerField("用时（工作日）", default=0)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "project", "number"], name="project_step_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "action", "-number"], name="project_step_by_action"),
            models.Index(fields=["place", "-at"], name="project_step_by_time"),
        ]

    @property
    def correction(self) -> str:
        """What it changed an amount from and to, in words; empty when it changed none."""
        if "before_fen" not in self.detail:
            return ""
        before, after = self.detail["before_fen"], self.detail["clawback_fen"]
        return f"追回金额由{format_cn(before)}更正为{format_cn(after)}。"


class OpinionKind(models.TextChoices):
    """Who gave an opinion, on what."""

    FORM_CHECK = "form_check", "形式审查"
    EXPERT = "expert", "专家评审"
    GRADING = "grading", "定级验收"
    AUDIT = "audit", "投资审核"
    COUNTY = "county", "县初审"
    CITY = "city", "市审核"
    DETERMINATION = "determination", "核定"


class Verdict(models.TextChoices):
    """How an opinion ends."""

    PASS = "pass", "通过"
    FAIL = "fail", "不通过"
    RETURN = "return", "退回"


class Opinion(ProjectRow):
    """One opinion with its reasons. ``scores``: for experts, name of the field → points and words."""

    kind = models.CharField("类别", max_length=16, choices=OpinionKind)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    verdict = models.CharField("结论", max_length=8, choices=Verdict)
    text = models.CharField("意见", max_length=2000, blank=True)
    scores = models.JSONField("评分", default=list)
    amount_fen = models.BigIntegerField("金额（分）", null=True, blank=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="出具人")
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "意见"
        verbose_name_plural = "意见"
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=OpinionKind.values, verdict__in=Verdict.values),
                name="opinion_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "kind", "-at"], name="opinion_of_project"),
        ]


class ActionRequest(ProjectRow):
    """What a form's key was answered with, refusals too (trust 4): the same key, the same answer."""

    key = models.CharField("编号", max_length=40)
    action = models.CharField("动作", max_length=40)
    body_sha256 = models.CharField("内容指纹", max_length=64)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    done = models.BooleanField("办成")
    answer = models.JSONField("答复")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "办理请求"
        verbose_name_plural = "办理请求"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "key"], name="action_request_once"),
        ]

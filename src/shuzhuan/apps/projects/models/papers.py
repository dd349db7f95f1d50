"""Papers of a project, and the sections that were returned."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.evidence.models import Document, DocumentVersion
from shuzhuan.apps.projects.models.history import ProjectRow


class Paper(ProjectRow):
    """One document filed for one paper of the pack's list. A newer one replaces it; rows are kept."""

    paper = models.CharField("材料", max_length=64)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="资料")
    version = models.ForeignKey(
        DocumentVersion, models.PROTECT, related_name="+", verbose_name="版本"
    )
    is_current = models.BooleanField("现行", default=True)
    at = models.DateTimeField("时间", default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")

    class Meta:
        verbose_name = "申报材料"
        verbose_name_plural = "申报材料"
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "project", "paper", "document"],
                condition=Q(is_current=True),
                name="project_paper_once",
                violation_error_message="这份资料已经用作这项材料。",
            ),
        ]


class ReturnedSection(ProjectRow):
    """One part that an officer sent back, with the reason; open until it is filed again."""

    round = models.PositiveSmallIntegerField("轮次")
    section = models.CharField("部分", max_length=64)
    reason = models.CharField("原因", max_length=500)
    at = models.DateTimeField("退回时间", default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="退回人")
    mended_at = models.DateTimeField("补正时间", null=True, blank=True)

    class Meta:
        verbose_name = "退回事项"
        verbose_name_plural = "退回事项"
        ordering: ClassVar[list[str]] = ["round", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "project", "round", "section"], name="returned_section_once"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="returned_section_says_why",
                violation_error_message="请写明退回的原因。",
            ),
        ]

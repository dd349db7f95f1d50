"""What an officer found when they looked at a doubtful grading."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.assessments.models.assessment import Assessment
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import PlaceRow

KEY_CHARS_MAX = 80


class DoubtKind(models.TextChoices):
    """Why a grading deserves a second look; none of them is a finding."""

    SELF_FAR = "self_far", "自评与现场相差大"
    JUMP = "jump", "升级而投入少"
    IDENTICAL = "identical", "答卷雷同"
    REUSED = "reused", "佐证文件重复使用"


class DoubtNote(PlaceRow):
    """A look at one doubt with what came of it; a later look is another row.

    ``key`` names the doubt by what it rests on (sheets, files): when that changes, the doubt is a
    new one and open again. ``assessment`` is the sheet in doubt, ``other`` the one it was held
    against.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="+", verbose_name="评测"
    )
    other = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="对照评测"
    )
    kind = models.CharField("疑点", max_length=12, choices=DoubtKind)
    key = models.CharField("编号", max_length=KEY_CHARS_MAX)
    shown = models.CharField("当时所见", max_length=500)
    finding = models.CharField("核查结论", max_length=500)
    at = models.DateTimeField("核查时间", default=timezone.now, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核查人")

    class Meta:
        verbose_name = "疑点核查"
        verbose_name_plural = "疑点核查"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=DoubtKind.values), name="doubt_kind_known"),
            models.CheckConstraint(
                condition=~Q(finding=""),
                name="doubt_has_finding",
                violation_error_message="请写明核查结论。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "kind", "key", "-at"], name="doubt_by_key"),
        ]

"""Who was asked to visit an enterprise: diagnosis, acceptance grading, investment audit."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import PlaceRow


class EngagementKind(models.TextChoices):
    """What the body was asked to do."""

    DIAGNOSIS = "diagnosis", "诊断"
    ACCEPTANCE = "acceptance", "验收评测"
    AUDIT = "audit", "投资审核"


class Engagement(PlaceRow):
    """A vendor or agency may work on one enterprise, for one purpose, until it ends.

    ``checked``: what the check of independence saw when it was made (JSON, names and reasons);
    an engagement that fails it is never stored. ``project_id``: the project that it serves, as
    the projects app above this one knows it.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="engagements", verbose_name="企业"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="承担单位")
    kind = models.CharField("事项", max_length=12, choices=EngagementKind)
    project_id = models.BigIntegerField("项目", null=True, blank=True)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期")
    checked = models.TextField("独立性核对", default="{}")
    created_at = models.DateTimeField("委派时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="委派人")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结束人"
    )
    ended_reason = models.CharField("结束原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "委派"
        verbose_name_plural = "委派"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=EngagementKind.values), name="engagement_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="engagement_ends_after_start",
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.UniqueConstraint(
                fields=["place", "enterprise", "party", "kind"],
                condition=Q(ended_at__isnull=True),
                name="engagement_one_open",
                violation_error_message="这家单位已经接受了同样的委派。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["party", "ended_at", "valid_to"], name="engagement_by_party"),
            models.Index(fields=["enterprise", "kind", "ended_at"], name="engagement_by_firm"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.enterprise_id} → {self.party_id}"

    def is_live(self, today: date) -> bool:
        """Tell whether the body may work on this day."""
        return self.ended_at is None and self.valid_from <= today <= self.valid_to

"""Consent: an enterprise lets a vendor see its archive, in named parts, until it says stop."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.accounts.models import USCC_CHARS, Party, User
from shuzhuan.apps.regions.models import PlaceRow


class ConsentState(models.TextChoices):
    """A request is answered by the enterprise alone."""

    REQUESTED = "requested", "等待企业同意"
    GRANTED = "granted", "已同意"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


class Consent(PlaceRow):
    """``place``: that of the enterprise. Rows are kept; the live one decides.

    A request for a code that nobody has registered is a row without an enterprise: until an
    answer comes, the vendor sees the same in both cases, the code that it typed.
    """

    enterprise = models.ForeignKey(
        Party, models.PROTECT, null=True, related_name="consents_given", verbose_name="企业"
    )
    uscc = models.CharField("统一社会信用代码", max_length=USCC_CHARS)
    vendor = models.ForeignKey(
        Party, models.PROTECT, related_name="consents_held", verbose_name="服务商"
    )
    state = models.CharField("状态", max_length=12, choices=ConsentState)
    # Basics are always part of it; the rest is named.
    sees_finance = models.BooleanField("人员与经营数据", default=False)
    sees_documents = models.BooleanField("资料文件", default=False)
    sees_projects = models.BooleanField("项目与进度", default=False)
    purpose = models.CharField("用途", max_length=200)
    valid_from = models.DateField("起始日期", null=True, blank=True)
    valid_to = models.DateField("截止日期", null=True, blank=True)
    requested_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请人"
    )
    requested_at = models.DateTimeField("申请时间", auto_now_add=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="同意人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤回人"
    )
    ended_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = "授权"
        verbose_name_plural = "授权"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "uscc", "vendor"],
                condition=Q(state__in=["requested", "granted"]),
                name="consent_one_open",
                violation_error_message="这家服务商已经有一份等待答复或正在生效的授权。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ConsentState.values), name="consent_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted")
                | Q(
                    enterprise__isnull=False,
                    granted_by__isnull=False,
                    valid_from__isnull=False,
                    valid_to__isnull=False,
                ),
                name="consent_granted_by_somebody",
                violation_error_message="同意授权要写明同意人和起止日期。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="consent_ends_after_start",
                violation_error_message="截止日期不能早于起始日期。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["vendor", "state", "valid_to"], name="consent_by_vendor"),
            models.Index(fields=["enterprise", "state"], name="consent_by_enterprise"),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} → {self.vendor_id}"

    def is_live(self, today: date) -> bool:
        """Tell whether it opens the archive on this day."""
        return (
            self.state == ConsentState.GRANTED
            and self.valid_from is not None
            and self.valid_to is not None
            and self.valid_from <= today <= self.valid_to
        )


class BodyCategory(models.TextChoices):
    """What a body does: two kinds of vendor (D1), and third parties."""

    SCENARIO = "scenario", "场景型服务商"
    COMPREHENSIVE = "comprehensive", "综合型服务商"
    AGENCY = "agency", "第三方机构"


class BodyRecord(PlaceRow):
    """What is known of a vendor or an agency: the conditions of PY 第九条, and who controls it.

    The names of the yes-or-no columns are the last parts of the packs' ``vendor.*`` fact keys;
    empty is unknown, never no. ``controller_digest``: blind index of the controlling person, by
    which two bodies under one hand are found (改造评测分离).
    """

    party = models.OneToOneField(
        Party, models.PROTECT, related_name="body_record", verbose_name="单位"
    )
    category = models.CharField("类别", max_length=16, choices=BodyCategory)
    in_region_pool = models.BooleanField("在168平台资源池内", null=True, blank=True)
    is_legal_person = models.BooleanField("独立法人", null=True, blank=True)
    qualified_team = models.BooleanField("有资质、团队和行业经验", null=True, blank=True)
    lawful = models.BooleanField("合法经营", null=True, blank=True)
    bad_credit = models.BooleanField("有不良信用记录", null=True, blank=True)
    keeps_separation = models.BooleanField("遵守改造评测分离", null=True, blank=True)
    subcontracts = models.BooleanField("转包或分包", null=True, blank=True)
    service_recognised = models.BooleanField("服务得到认可", null=True, blank=True)
    industries = models.CharField("服务的行业", max_length=200, blank=True)
    introduction = models.CharField("简介", max_length=1000, blank=True)
    controller_name = EncryptedField("实际控制人", blank=True, bound_to=("party_id",))
    controller_id = EncryptedField("实际控制人证件号", blank=True, bound_to=("party_id",))
    controller_digest = models.CharField("实际控制人指纹", max_length=64, blank=True)
    updated_at = models.DateTimeField("更新时间", default=timezone.now)
    updated_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="更新人"
    )

    class Meta:
        verbose_name = "服务机构档案"
        verbose_name_plural = "服务机构档案"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(category__in=BodyCategory.values), name="body_category_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["controller_digest"], name="body_by_controller"),
        ]

    def __str__(self) -> str:
        return str(self.party)

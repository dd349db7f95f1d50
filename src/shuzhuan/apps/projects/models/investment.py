"""Contract and investment lines with invoices and payments: what the subsidy is counted on."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.projects.models.history import ProjectRow
from shuzhuan.engine.money import MAX_FEN

INVOICE_CHARS_MAX = 40


class Contract(ProjectRow):
    """One contract of the project. ``vendor`` where the supplier is known to the platform."""

    number = models.CharField("合同编号", max_length=64)
    vendor = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="服务商"
    )
    vendor_name = models.CharField("对方单位", max_length=128)
    vendor_uscc = models.CharField("对方信用代码", max_length=18, blank=True)
    signed_on = models.DateField("签订日期")
    amount_fen = models.BigIntegerField("合同金额（分）")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="合同文件"
    )
    at = models.DateTimeField("登记时间", default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = "合同"
        verbose_name_plural = "合同"
        ordering: ClassVar[list[str]] = ["signed_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "project", "number"],
                name="contract_number_once",
                violation_error_message="这个合同编号已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, amount_fen__lte=MAX_FEN),
                name="contract_amount_range",
                violation_error_message="合同金额应当大于0。",
            ),
        ]


class LineKind(models.TextChoices):
    """What was bought (PY 第十六条); the last one is never eligible."""

    SOFTWARE = "software", "软件"
    CLOUD = "cloud", "云服务"
    DEVICE = "device", "数据采集传输设备"
    OTHER = "other", "其他（不计入）"


class Line(ProjectRow):
    """One purchase: invoice, payment, claimed and audited amounts in fen."""

    kind = models.CharField("类别", max_length=10, choices=LineKind)
    name = models.CharField("名称", max_length=128)
    supplier = models.CharField("供应单位", max_length=128)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="lines", verbose_name="合同"
    )
    invoice_number = models.CharField("发票号码", max_length=INVOICE_CHARS_MAX)
    invoice_on = models.DateField("开票日期")
    paid_on = models.DateField("付款日期")
    amount_fen = models.BigIntegerField("申报金额（分）")
    invoice = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发票文件"
    )
    proof = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="付款凭证"
    )
    audited_fen = models.BigIntegerField("核定金额（分）", null=True, blank=True)
    audit_reason = models.CharField("核定理由", max_length=500, blank=True)
    audited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核定人"
    )
    audited_at = models.DateTimeField("核定时间", null=True, blank=True)
    at = models.DateTimeField("登记时间", default=timezone.now)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    removed_at = models.DateTimeField("删去时间", null=True, blank=True)

    class Meta:
        verbose_name = "投入"
        verbose_name_plural = "投入"
        ordering: ClassVar[list[str]] = ["invoice_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="line_kind_known"),
            # One invoice pays once in a place, whoever brings it.
            models.UniqueConstraint(
                fields=["place", "invoice_number"],
                condition=Q(removed_at__isnull=True),
                name="line_invoice_once",
                violation_error_message="这张发票已经在本地登记过，一张发票只能用一次。",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, amount_fen__lte=MAX_FEN),
                name="line_amount_range",
                violation_error_message="金额应当大于0。",
            ),
            models.CheckConstraint(
                condition=Q(audited_fen__isnull=True)
                | Q(audited_fen__gte=0, audited_fen__lte=F("amount_fen")),
                name="line_audited_at_most_claimed",
                violation_error_message="核定金额不能超过申报金额。",
            ),
            models.CheckConstraint(
                condition=Q(audited_fen__isnull=True)
                | Q(audited_fen=F("amount_fen"))
                | ~Q(audit_reason=""),
                name="line_cut_with_reason",
                violation_error_message="核减要写明理由。",
            ),
        ]

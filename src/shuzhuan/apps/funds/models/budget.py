"""A change of the budget that one person enters and another confirms."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.funds.models.fund import Fund, FundLine, FundSource
from shuzhuan.apps.funds.models.ledger import HASH_CHARS, REASON_CHARS_MAX
from shuzhuan.apps.regions.models import PlaceRow
from shuzhuan.engine.money import MAX_FEN

PAPER_CHARS_MAX = 100


class BudgetKind(models.TextChoices):
    """What the proposal moves."""

    APPROPRIATE = "appropriate", "资金到账"
    ALLOCATE = "allocate", "预算安排"
    RECALL = "recall", "预算调回"
    SURRENDER = "surrender", "资金上缴"


class BudgetState(models.TextChoices):
    """Where it stands."""

    PROPOSED = "proposed", "待复核"
    CONFIRMED = "confirmed", "已记账"
    DECLINED = "declined", "已退回"


class BudgetProposal(PlaceRow):
    """Amounts by source (and line) that wait for a second person, or have been decided."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="proposals", verbose_name="资金")
    key = models.UUIDField("请求编号", unique=True)
    body_hash = models.CharField("内容指纹", max_length=HASH_CHARS)
    kind = models.CharField("事项", max_length=12, choices=BudgetKind)
    dated = models.DateField("业务日期")
    paper = models.CharField("依据文号", max_length=PAPER_CHARS_MAX)
    total_fen = models.BigIntegerField("合计（分）")
    state = models.CharField(
        "状态", max_length=10, choices=BudgetState, default=BudgetState.PROPOSED
    )
    maker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    proposed_at = models.DateTimeField("提交时间", default=timezone.now, editable=False)
    checker = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    decision_reason = models.CharField("复核意见", max_length=REASON_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = "预算事项"
        verbose_name_plural = "预算事项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=BudgetKind.values), name="budget_kind"),
            models.CheckConstraint(condition=Q(state__in=BudgetState.values), name="budget_state"),
            models.CheckConstraint(
                condition=Q(checker__isnull=True) | ~Q(maker=F("checker")),
                name="budget_maker_is_not_checker",
                violation_error_message="经办和复核必须是两个人。",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", checker__isnull=True, decided_at__isnull=True)
                | (~Q(state="proposed") & Q(checker__isnull=False, decided_at__isnull=False)),
                name="budget_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(total_fen__gte=1, total_fen__lte=MAX_FEN), name="budget_total_sane"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["fund", "state", "-proposed_at"], name="budget_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.paper}"


class BudgetItem(PlaceRow):
    """One amount of a proposal: from or to a source, and the line where it goes."""

    proposal = models.ForeignKey(
        BudgetProposal, models.PROTECT, related_name="items", verbose_name="预算事项"
    )
    source = models.ForeignKey(FundSource, models.PROTECT, related_name="+", verbose_name="来源")
    line = models.ForeignKey(
        FundLine, models.PROTECT, null=True, related_name="+", verbose_name="预算方向"
    )
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        verbose_name = "预算事项明细"
        verbose_name_plural = "预算事项明细"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "proposal", "source", "line"], name="budget_item_once"
            ),
            models.UniqueConstraint(
                fields=["place", "proposal", "source"],
                condition=Q(line__isnull=True),
                name="budget_item_once_of_source",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=1, amount_fen__lte=MAX_FEN),
                name="budget_item_amount_sane",
            ),
        ]

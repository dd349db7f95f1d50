"""Accounts, transfers, entries, and the answers that were given to requests."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.funds.models.fund import Fund, FundLine, FundSource
from shuzhuan.apps.regions.models import PlaceRow
from shuzhuan.engine.money import MAX_FEN

SUBJECT_CHARS_MAX = 80
POLICY_CHARS_MAX = 120
REASON_CHARS_MAX = 300
REFUSAL_CHARS_MAX = 400
TICK = timedelta(microseconds=1)  # between the recorded times of two transfers of a fund
HASH_CHARS = 64


class AccountKind(models.TextChoices):
    """What an account stands for."""

    SOURCE = "source", "资金来源"  # the treasury outside; the only one that may be overdrawn
    RECEIVED = "received", "到账待安排"
    POOL = "pool", "预算方向"
    PAYEE = "payee", "收款单位"


_SHAPES = (
    Q(kind="source", source__isnull=False, line__isnull=True, party__isnull=True)
    | Q(kind="received", source__isnull=False, line__isnull=True, party__isnull=True)
    | Q(kind="pool", source__isnull=True, line__isnull=False, party__isnull=True)
    | Q(kind="payee", source__isnull=True, line__isnull=False, party__isnull=False)
)


class Account(PlaceRow):
    """Sums of one account in fen. ``entries_count`` is the number of its last entry.

    What is free in an account is credits_posted − debits_posted − debits_pending; it is never
    negative, except that a source holds the opposite: what it gave, debits_posted, is never less
    than what went back to it.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="accounts", verbose_name="资金")
    kind = models.CharField("类别", max_length=8, choices=AccountKind)
    source = models.ForeignKey(
        FundSource, models.PROTECT, null=True, related_name="+", verbose_name="来源"
    )
    line = models.ForeignKey(
        FundLine, models.PROTECT, null=True, related_name="+", verbose_name="预算方向"
    )
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, related_name="+", verbose_name="收款单位"
    )
    debits_pending = models.BigIntegerField("借方在途（分）", default=0)
    debits_posted = models.BigIntegerField("借方（分）", default=0)
    credits_pending = models.BigIntegerField("贷方在途（分）", default=0)
    credits_posted = models.BigIntegerField("贷方（分）", default=0)
    entries_count = models.PositiveBigIntegerField("分录数", default=0)

    class Meta:
        verbose_name = "账户"
        verbose_name_plural = "账户"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=_SHAPES, name="account_shape"),
            models.CheckConstraint(
                condition=Q(
                    debits_pending__gte=0,
                    debits_posted__gte=0,
                    credits_pending__gte=0,
                    credits_posted__gte=0,
                ),
                name="account_sums_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind="source")
                | Q(credits_posted__gte=F("debits_posted") + F("debits_pending")),
                name="account_never_overdrawn",
            ),
            models.CheckConstraint(
                condition=~Q(kind="source")
                | Q(debits_posted__gte=F("credits_posted") + F("credits_pending")),
                name="source_takes_back_at_most_what_it_gave",
            ),
            models.UniqueConstraint(
                fields=["place", "fund", "kind", "source"],
                condition=Q(source__isnull=False),
                name="account_once_of_source",
            ),
            models.UniqueConstraint(
                fields=["place", "fund", "line"],
                condition=Q(kind="pool"),
                name="account_once_of_line",
            ),
            models.UniqueConstraint(
                fields=["place", "fund", "line", "party"],
                condition=Q(kind="payee"),
                name="account_once_of_payee",
            ),
        ]

    @property
    def free_fen(self) -> int:
        """What can still be given away; for a source nothing limits it."""
        return self.credits_posted - self.debits_posted - self.debits_pending


class Kind(models.TextChoices):
    """How a transfer moves the sums."""

    SINGLE = "single", "一次记账"
    PENDING = "pending", "锁定"
    POST = "post", "兑现"
    VOID = "void", "释放"


def effect(kind: Kind, amount_fen: int, pending_fen: int) -> tuple[int, int]:
    """By how much a transfer changes pending and posted on each of its two accounts."""
    return {
        Kind.SINGLE: (0, amount_fen),
        Kind.PENDING: (amount_fen, 0),
        Kind.POST: (-pending_fen, amount_fen),
        Kind.VOID: (-pending_fen, 0),
    }[kind]


class Purpose(models.TextChoices):
    """What a transfer is to the people."""

    APPROPRIATE = "appropriate", "资金到账"
    SURRENDER = "surrender", "资金上缴"
    ALLOCATE = "allocate", "预算安排"
    RECALL = "recall", "预算调回"
    RESERVE = "reserve", "额度锁定"
    PAY = "pay", "兑付"
    RELEASE = "release", "额度释放"
    CLAW_BACK = "claw_back", "追回"


_KIND_OF_PURPOSE = (
    Q(kind="pending", purpose="reserve")
    | Q(kind="post", purpose="pay")
    | Q(kind="void", purpose="release")
    | Q(
        kind="single",
        purpose__in=["appropriate", "surrender", "allocate", "recall", "claw_back"],
    )
)


class Transfer(PlaceRow):
    """One movement from the debit to the credit account. Append-only; corrected by another one.

    ``key`` is the id that the form minted. ``number`` counts the transfers of the fund without a
    gap, and ``recorded_at`` grows with it. ``pending``: the reservation that a post or void
    resolves. ``reverses``: the payment that a claw-back takes from. ``payee`` keeps the name as
    it was, so that a statement never changes.
    """

    key = models.UUIDField("请求编号", unique=True)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="transfers", verbose_name="资金")
    number = models.PositiveBigIntegerField("流水号")
    kind = models.CharField("方式", max_length=8, choices=Kind)
    purpose = models.CharField("事项", max_length=12, choices=Purpose)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="借方")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="贷方")
    amount_fen = models.BigIntegerField("金额（分）")
    pending = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="resolutions", verbose_name="对应的锁定"
    )
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", verbose_name="冲回的兑付"
    )
    dated = models.DateField("业务日期")
    recorded_at = models.DateTimeField("记账时间")
    maker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    checker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="复核人")
    source = models.ForeignKey(
        FundSource, models.PROTECT, null=True, related_name="+", verbose_name="来源"
    )
    line = models.ForeignKey(
        FundLine, models.PROTECT, null=True, related_name="+", verbose_name="预算方向"
    )
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, related_name="+", verbose_name="收款单位"
    )
    payee = models.CharField("收款单位名称", max_length=128, blank=True)
    subject = models.CharField("事由编号", max_length=SUBJECT_CHARS_MAX, blank=True)
    subject_id = models.BigIntegerField("事由", null=True)
    policy = models.CharField("政策版本", max_length=POLICY_CHARS_MAX, blank=True)
    reason = models.CharField("说明", max_length=REASON_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = "记账"
        verbose_name_plural = "记账"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "fund", "number"], name="transfer_numbered"),
            models.UniqueConstraint(
                fields=["pending"],
                condition=Q(pending__isnull=False),
                name="transfer_resolves_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=1, amount_fen__lte=MAX_FEN),
                name="transfer_amount_sane",
            ),
            models.CheckConstraint(
                condition=~Q(maker=F("checker")), name="transfer_maker_is_not_checker"
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["post", "void"], pending__isnull=False)
                | Q(kind__in=["single", "pending"], pending__isnull=True),
                name="transfer_resolution_names_its_pending",
            ),
            models.CheckConstraint(
                condition=Q(purpose="claw_back", reverses__isnull=False)
                | (~Q(purpose="claw_back") & Q(reverses__isnull=True)),
                name="transfer_claw_back_names_its_payment",
            ),
            models.CheckConstraint(condition=_KIND_OF_PURPOSE, name="transfer_kind_of_purpose"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["fund", "purpose", "-number"], name="transfer_by_purpose"),
            models.Index(fields=["fund", "line", "-number"], name="transfer_by_line"),
            models.Index(fields=["fund", "dated", "-number"], name="transfer_by_day"),
            models.Index(fields=["party", "-recorded_at"], name="transfer_by_party"),
            models.Index(fields=["subject", "subject_id"], name="transfer_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.fund_id}-{self.number}"


class Side(models.TextChoices):
    """Which side of the account an entry stands on."""

    DEBIT = "debit", "借"
    CREDIT = "credit", "贷"


class Entry(PlaceRow):
    """A transfer as one account saw it, with the sums after it. Append-only, numbered gaplessly."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", verbose_name="账户"
    )
    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="entries", verbose_name="记账"
    )
    number = models.PositiveBigIntegerField("分录号")
    side = models.CharField("方向", max_length=6, choices=Side)
    debits_pending = models.BigIntegerField("借方在途（分）")
    debits_posted = models.BigIntegerField("借方（分）")
    credits_pending = models.BigIntegerField("贷方在途（分）")
    credits_posted = models.BigIntegerField("贷方（分）")

    class Meta:
        verbose_name = "分录"
        verbose_name_plural = "分录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "account", "number"], name="entry_numbered"),
            models.UniqueConstraint(fields=["place", "transfer", "side"], name="entry_of_side"),
        ]


class IdempotentRequest(PlaceRow):
    """What was answered to a request: the transfer, or the refusal. Append-only.

    The same key with the same body gets this answer again; with another body it is refused.
    """

    key = models.UUIDField("请求编号", unique=True)
    action = models.CharField("动作", max_length=24)
    body_hash = models.CharField("内容指纹", max_length=HASH_CHARS)
    transfer = models.ForeignKey(
        Transfer, models.PROTECT, null=True, related_name="+", verbose_name="记账"
    )
    refusal_code = models.CharField("拒绝类别", max_length=24, blank=True)
    refusal = models.CharField("拒绝原因", max_length=REFUSAL_CHARS_MAX, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "已答复的请求"
        verbose_name_plural = "已答复的请求"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(transfer__isnull=False, refusal="", refusal_code="")
                | (Q(transfer__isnull=True) & ~Q(refusal="") & ~Q(refusal_code="")),
                name="request_has_one_answer",
            ),
        ]

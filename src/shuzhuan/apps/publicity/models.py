"""公示: what is shown to everybody for a period, row by row, and the objections (异议) to it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.access.crypto import INDEX_CHARS, EncryptedField
from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.evidence.checks.names import NAME_CHARS_MAX as FILE_NAME_CHARS_MAX
from shuzhuan.apps.evidence.models import SHA256_CHARS
from shuzhuan.apps.evidence.slots import KIND_CHOICES
from shuzhuan.apps.regions.models import PlaceRow

TITLE_CHARS_MAX = 100
BASIS_CHARS_MAX = 300
CONTACT_CHARS_MAX = 300
NUMBER_CHARS_MAX = 60
VALUE_CHARS_MAX = 500
FIELDS_MAX = 12
DAYS_MAX = 250
HEARING_DAYS_MAX = 250
REASON_CHARS_MAX = 200
NAME_CHARS_MAX = 50
TEXT_CHARS_MAX = 2000
FINDING_CHARS_MAX = 2000
KEY_CHARS_MAX = 64
HEARING_DAYS_DEFAULT = 10
"""Working days to hear an objection where the rules of a place name none: 本平台默认."""


class Kind(models.TextChoices):
    """What a publicity is for."""

    SELECTION = "selection", "遴选公示"
    PAYMENT = "payment", "兑付公示"
    OTHER = "other", "其他公示"


class Unit(models.TextChoices):
    """What a period is counted in. The day on which it begins never counts."""

    WORKDAY = "workday", "个工作日"
    DAY = "day", "日"


class Bound(models.TextChoices):
    """Whether the rules name the period itself or its least length."""

    AT_LEAST = "at_least", "不少于"
    EXACTLY = "exactly", "为"


class State(models.TextChoices):
    """Where a publicity stands. A period that is over stays running until the office closes it."""

    RUNNING = "running", "公示中"
    CLOSED = "closed", "已结束"
    CANCELLED = "cancelled", "已撤销"


class ItemState(models.TextChoices):
    """Where one row of a publicity stands."""

    RUNNING = "running", "公示中"
    PASSED = "passed", "公示通过"
    UPHELD = "upheld", "异议成立"
    WITHDRAWN = "withdrawn", "已撤下"


class ObjectionState(models.TextChoices):
    """Where an objection stands."""

    OPEN = "open", "核查中"
    DISMISSED = "dismissed", "异议不成立"
    UPHELD = "upheld", "异议成立"


class Publicity(PlaceRow):
    """One 公示 of an office. A trigger refuses to change its words.

    ``fields``: titles of the columns that may be shown, as the pack of the place lists them;
    nothing else is stored with a row, so nothing else can be shown. ``amount_field``: the one
    that holds money, or empty. ``ends_on``: last day on which objections are received, counted by
    the calendar; ``provisional`` while the calendar of a year crossed is not published.
    """

    kind = models.CharField("类别", max_length=10, choices=Kind)
    year = models.PositiveSmallIntegerField("年度")
    serial = models.PositiveIntegerField("年内序号")
    number = models.CharField("公示编号", max_length=NUMBER_CHARS_MAX)
    title = models.CharField("标题", max_length=TITLE_CHARS_MAX)
    basis = models.CharField("依据", max_length=BASIS_CHARS_MAX)
    fields = models.JSONField("公示内容")
    amount_field = models.CharField("金额一栏", max_length=NAME_CHARS_MAX, blank=True)
    days = models.PositiveSmallIntegerField("公示期限")
    unit = models.CharField("期限单位", max_length=8, choices=Unit)
    bound = models.CharField("期限要求", max_length=10, choices=Bound, default=Bound.AT_LEAST)
    starts_on = models.DateField("公示日期")
    ends_on = models.DateField("截止日期")
    provisional = models.BooleanField("截止日期暂定", default=False)
    hearing_days = models.PositiveSmallIntegerField("异议核查工作日", default=HEARING_DAYS_DEFAULT)
    hearing_days_default = models.BooleanField("核查期限为本平台默认", default=True)
    contact = models.CharField("联系方式", max_length=CONTACT_CHARS_MAX)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    items_count = models.PositiveIntegerField("公示对象数", default=0)
    objections_count = models.PositiveIntegerField("异议数", default=0)
    objections_open = models.PositiveIntegerField("核查中的异议", default=0)
    cancelled_reason = models.CharField("撤销原因", max_length=REASON_CHARS_MAX, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("发起时间", default=timezone.now, editable=False)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结束人"
    )

    class Meta:
        verbose_name = "公示"
        verbose_name_plural = "公示"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "year", "serial"], name="publicity_number_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="publicity_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="publicity_state_known"
            ),
            models.CheckConstraint(
                condition=Q(unit__in=Unit.values, bound__in=Bound.values),
                name="publicity_period_known",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(basis="") & ~Q(contact=""), name="publicity_says_it"
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=DAYS_MAX, ends_on__gt=F("starts_on")),
                name="publicity_lasts",
            ),
            models.CheckConstraint(
                condition=Q(hearing_days__gte=1, hearing_days__lte=HEARING_DAYS_MAX),
                name="publicity_hearing_lasts",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, closed_at__isnull=True, closed_by__isnull=True)
                | ~Q(state=State.RUNNING) & Q(closed_at__isnull=False, closed_by__isnull=False),
                name="publicity_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CANCELLED) & ~Q(cancelled_reason="")
                | ~Q(state=State.CANCELLED) & Q(cancelled_reason=""),
                name="publicity_cancelled_why",
            ),
            models.CheckConstraint(
                condition=Q(objections_open__gte=0, objections_open__lte=F("objections_count"))
                & (~Q(state=State.CLOSED) | Q(objections_open=0)),
                name="publicity_objections_counted",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-state", "-starts_on", "-id"], name="publicity_public"),
            models.Index(
                fields=["place", "-state", "-starts_on", "-id"], name="publicity_of_office"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def runs_on(self, day: date) -> bool:
        """Whether objections are received on that day; the last day is one of them."""
        return self.state == State.RUNNING and self.starts_on <= day <= self.ends_on

    def is_over(self, day: date) -> bool:
        """Whether the period has ended before that day."""
        return day > self.ends_on

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a publicity is cancelled, never deleted."""
        raise TypeError("a publicity is cancelled, never deleted")


class PublicityItem(PlaceRow):
    """One row of a publicity: exactly the permitted columns of one subject of some other app.

    ``subject_kind`` and ``subject_id``: label and key of what it is about, e.g.
    ``projects.Project`` 17; never shown. ``values``: text by title of column.
    """

    publicity = models.ForeignKey(
        Publicity, models.PROTECT, related_name="items", verbose_name="公示"
    )
    position = models.PositiveIntegerField("序号")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="单位")
    subject_kind = models.CharField("对象类别", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    values = models.JSONField("公示内容")
    amount_fen = models.BigIntegerField("金额（分）", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.RUNNING)
    objections_open = models.PositiveIntegerField("核查中的异议", default=0)
    withdrawn_reason = models.CharField("撤下原因", max_length=REASON_CHARS_MAX, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="撤下人"
    )
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("状态时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "公示对象"
        verbose_name_plural = "公示对象"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "publicity", "position"], name="publicity_item_position_once"
            ),
            models.UniqueConstraint(
                fields=["place", "publicity", "subject_kind", "subject_id"],
                name="publicity_item_subject_once",
                violation_error_message="同一个对象在一次公示里只能出现一次。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ItemState.values), name="publicity_item_state_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__isnull=True) | Q(amount_fen__gte=0),
                name="publicity_item_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(objections_open__gte=0)
                & (~Q(state=ItemState.PASSED) | Q(objections_open=0)),
                name="publicity_item_objections_counted",
            ),
            models.CheckConstraint(
                condition=Q(state=ItemState.WITHDRAWN) & ~Q(withdrawn_reason="")
                | ~Q(state=ItemState.WITHDRAWN) & Q(withdrawn_reason=""),
                name="publicity_item_withdrawn_why",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_kind", "subject_id"], name="publicity_item_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.publicity_id}-{self.position}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: an item is withdrawn, never deleted."""
        raise TypeError("an item is withdrawn, never deleted")


class Objection(PlaceRow):
    """What somebody holds against an item, under a real name. A trigger keeps its words.

    ``party``: the organisation that objects, when its people were signed in. ``source``: keyed
    digest of the address it came from, only to count. ``key``: of the form that was sent, so that
    sending it twice is objecting once. ``reply_code`` lets the objector look the answer up.
    """

    item = models.ForeignKey(
        PublicityItem, models.PROTECT, related_name="objections", verbose_name="公示对象"
    )
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出单位"
    )
    number = models.CharField("异议编号", max_length=NUMBER_CHARS_MAX)
    made_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    from_name = models.CharField("提出人", max_length=NAME_CHARS_MAX)
    contact = EncryptedField("联系方式", bound_to=("item_id",))
    text = models.TextField("异议内容", max_length=TEXT_CHARS_MAX)
    key = models.CharField("提交编号", max_length=KEY_CHARS_MAX)
    source = models.CharField("来源", max_length=INDEX_CHARS, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=ObjectionState, default=ObjectionState.OPEN
    )
    due_on = models.DateField("核查期限")
    due_provisional = models.BooleanField("核查期限暂定", default=False)
    finding = models.TextField("核查结果", max_length=FINDING_CHARS_MAX, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查人"
    )
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_key = models.CharField("答复提交编号", max_length=KEY_CHARS_MAX, blank=True)
    reply_code = EncryptedField("查询码", bound_to=("item_id",))
    reply_digest = models.CharField("查询码摘要", max_length=INDEX_CHARS)

    class Meta:
        verbose_name = "异议"
        verbose_name_plural = "异议"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "number"], name="objection_number_once"),
            models.UniqueConstraint(fields=["place", "item", "key"], name="objection_sent_once"),
            models.CheckConstraint(
                condition=Q(state__in=ObjectionState.values), name="objection_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(from_name="") & ~Q(text="") & ~Q(key="") & ~Q(reply_digest=""),
                name="objection_says_it",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ObjectionState.OPEN,
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    finding="",
                )
                | ~Q(state=ObjectionState.OPEN)
                & Q(decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(finding=""),
                name="objection_decided_with_finding",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["place", "due_on", "id"],
                condition=Q(state="open"),
                name="objection_to_hear",
            ),
            models.Index(fields=["source", "made_at"], name="objection_by_source"),
            models.Index(fields=["reply_digest"], name="objection_by_reply"),
        ]

    def __str__(self) -> str:
        return self.number

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: an objection is answered, never deleted."""
        raise TypeError("an objection is answered, never deleted")


class ObjectionFile(PlaceRow):
    """What an objector attached. A trigger keeps it; only the office that hears it opens it.

    ``party``: that of the objection. ``name`` is made here, ``original_name`` only shown as text.
    """

    objection = models.ForeignKey(
        Objection, models.PROTECT, related_name="files", verbose_name="异议"
    )
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出单位"
    )
    position = models.PositiveSmallIntegerField("序号")
    sha256 = models.CharField("指纹", max_length=SHA256_CHARS)
    size_bytes = models.PositiveBigIntegerField("字节数")
    kind = models.CharField("类型", max_length=8, choices=KIND_CHOICES)
    name = models.CharField("文件名", max_length=FILE_NAME_CHARS_MAX)
    original_name = models.CharField("原文件名", max_length=FILE_NAME_CHARS_MAX)
    created_at = models.DateTimeField("收到时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "异议附件"
        verbose_name_plural = "异议附件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "objection", "position"], name="objection_file_once"
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="objection_file_not_empty"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sha256"], name="objection_file_by_content"),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: it belongs to an objection, which is never deleted."""
        raise TypeError("what was attached to an objection is never deleted")

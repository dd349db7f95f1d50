"""A pilot (试点) and its batches (批次): windows for filing with a frozen process."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.regions.models import PlaceRow
from shuzhuan.engine.process import Parameters, from_json

PROCESS_CHARS_MAX = 50_000


class Pilot(PlaceRow):
    """One place running one pack over a period. ``synthetic``: invented for demonstration.

    Pilots and batches are public once opened, so they stand outside the wall.
    """

    WALLED = False

    pack = models.CharField("政策包", max_length=64)
    name = models.CharField("名称", max_length=100)
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期")
    synthetic = models.BooleanField("演示数据", default=False)
    created_at = models.DateTimeField("创建时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="创建人")

    class Meta:
        verbose_name = "试点"
        verbose_name_plural = "试点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "pack", "starts_on"],
                name="pilot_once",
                violation_error_message="这个试点已经建立过。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="pilot_ends_after_start",
                violation_error_message="截止日期应当晚于起始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchState(models.TextChoices):
    """A batch is prepared, opened (its process is frozen then) and closed for filing."""

    PREPARED = "prepared", "准备中"
    OPEN = "open", "受理申报"
    CLOSED = "closed", "停止申报"


class Batch(PlaceRow):
    """One window for filing. ``clause``: id of the pack's clause that the projects are paid by.

    ``process``: the frozen ``engine.process.Parameters``; empty until the batch opens, and never
    changed afterwards (a trigger holds it).
    """

    WALLED = False

    pilot = models.ForeignKey(Pilot, models.PROTECT, related_name="batches", verbose_name="试点")
    number = models.PositiveSmallIntegerField("批次")
    title = models.CharField("名称", max_length=100)
    clause = models.CharField("补助条款", max_length=64)
    opens_on = models.DateField("受理开始")
    closes_on = models.DateField("受理截止")
    guide = models.TextField("申报说明", max_length=5000, blank=True)
    contact = models.CharField("联系方式", max_length=200)
    state = models.CharField("状态", max_length=10, choices=BatchState, default=BatchState.PREPARED)
    office_days = models.JSONField("办理工作日", default=dict)
    hearing_days = models.PositiveSmallIntegerField("异议办理工作日", default=10)
    process = models.TextField("流程参数", max_length=PROCESS_CHARS_MAX, blank=True)
    pack_version = models.CharField("政策包版本", max_length=32, blank=True)
    pack_digest = models.CharField("政策包指纹", max_length=64, blank=True)
    created_at = models.DateTimeField("创建时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="创建人")
    opened_at = models.DateTimeField("开放时间", null=True, blank=True)
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="开放人"
    )
    closed_at = models.DateTimeField("停止时间", null=True, blank=True)

    class Meta:
        verbose_name = "批次"
        verbose_name_plural = "批次"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "pilot", "number"],
                name="batch_number_once",
                violation_error_message="这个试点已经有这一批。",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="batch_closes_after_opening",
                violation_error_message="受理截止不能早于受理开始。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values), name="batch_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", process="")
                | ~Q(state="prepared") & ~Q(process="") & Q(opened_at__isnull=False),
                name="batch_process_frozen",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "state", "closes_on"], name="batch_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def parameters(self) -> Parameters:
        """The frozen process. Raises ProcessError while the batch is being prepared."""
        return from_json(self.process)

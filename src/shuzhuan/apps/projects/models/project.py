"""The project: everything that a queue filters, sorts or sums is a column here."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.assessments.models import Assessment, Engagement, Plan
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.models.enterprise import LEVEL_MAX
from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.pilots.models import Batch, Pilot
from shuzhuan.apps.publicity.models import PublicityItem
from shuzhuan.apps.regions.models import PlaceRow
from shuzhuan.engine.money import MAX_FEN
from shuzhuan.engine.process import OVER, Lane, State

_OVER = sorted(str(state) for state in OVER)


class StateField(models.CharField[Any, Any]):
    """A column that holds a state of ``engine.process``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs["choices"] = [(str(state), state.label) for state in State]
        super().__init__(*args, **kwargs)


def _fen(label: str) -> "models.BigIntegerField[int, int]":
    return models.BigIntegerField(label, default=0)


_MONEY = (
    "planned_fen",
    "claimed_fen",
    "audited_fen",
    "ceiling_fen",
    "proposed_fen",
    "determined_fen",
    "reserved_fen",
    "paid_fen",
    "clawback_fen",
    "returned_fen",
)


class Project(PlaceRow):
    """One enterprise's way through one batch. ``actions.perform`` is the only writer.

    ``version`` grows with every action; a form that was made from an older one is refused.
    ``lane``: whose move it is. Money in fen: planned (filing), claimed (the enterprise's lines),
    audited (核定投资), ceiling (the engine's), proposed (县初审), determined, reserved, paid,
    returned (claw-back). ``decision``: the stored decision behind the ceiling, to be replayed;
    ``ceiling_note``: what other projects of the enterprise left of it, a line for each rule.
    """

    pilot = models.ForeignKey(Pilot, models.PROTECT, related_name="projects", verbose_name="试点")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="projects", verbose_name="批次")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="projects", verbose_name="企业"
    )
    number = models.CharField("项目编号", max_length=40, blank=True)
    title = models.CharField("项目名称", max_length=100, blank=True)
    # Where it stands
    state = StateField("状态", default=State.DRAFT)
    lane = models.CharField(
        "待谁办理",
        max_length=12,
        choices=[(str(x), x.label) for x in Lane],
        default=Lane.ENTERPRISE,
    )
    version = models.PositiveIntegerField("版本", default=1)
    entered_on = models.DateField("进入日期")
    due_on = models.DateField("办理期限", null=True, blank=True)
    due_provisional = models.BooleanField("期限暂定", default=False)
    due_cite = models.CharField("期限依据", max_length=64, blank=True)
    updated_at = models.DateTimeField("更新时间", default=timezone.now)
    created_at = models.DateTimeField("创建时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填报人")
    filed_at = models.DateTimeField("申报时间", null=True, blank=True)
    returns = models.PositiveSmallIntegerField("退回次数", default=0)
    rechecks = models.PositiveSmallIntegerField("整改次数", default=0)
    suspended = models.BooleanField("暂停拨付", default=False)
    # Facts that officers confirmed on this project, by fact key (they win over the archive).
    confirmed = models.JSONField("经办确认的事实", default=dict)
    # What was filed
    content = models.TextField("项目内容", max_length=4000, blank=True)
    goal = models.TextField("改造目标", max_length=2000, blank=True)
    vendor = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="服务商"
    )
    vendor_name = models.CharField("服务商名称", max_length=128, blank=True)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="一企一策方案"
    )
    starts_on = models.DateField("计划开工", null=True, blank=True)
    ends_on = models.DateField("计划完工", null=True, blank=True)
    level_target = models.PositiveSmallIntegerField("目标等级", null=True, blank=True)
    planned_fen = _fen("计划投入（分）")
    # Levels established on site
    level_before = models.PositiveSmallIntegerField("改造前等级", null=True, blank=True)
    level_after = models.PositiveSmallIntegerField("改造后等级", null=True, blank=True)
    acceptance = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="验收评测"
    )
    grader = models.ForeignKey(
        Engagement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="评测委派"
    )
    auditor = models.ForeignKey(
        Engagement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核委派"
    )
    graded = models.BooleanField("评测已提交", default=False)
    audited = models.BooleanField("审核已提交", default=False)
    # Money
    claimed_fen = _fen("申报投入（分）")
    audited_fen = _fen("核定投入（分）")
    ceiling_fen = _fen("补助上限（分）")
    proposed_fen = _fen("拟补助（分）")
    determined_fen = _fen("核定补助（分）")
    reserved_fen = _fen("已锁定（分）")
    paid_fen = _fen("已兑付（分）")
    clawback_fen = _fen("应追回（分）")
    returned_fen = _fen("已追回（分）")
    decision = models.TextField("测算依据", blank=True)
    ceiling_note = models.TextField("其他项目的扣减", blank=True)
    reservation = models.ForeignKey(
        Transfer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="锁定"
    )
    payment = models.ForeignKey(
        Transfer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="兑付"
    )
    paid_on = models.DateField("兑付日期", null=True, blank=True)
    # The running or last publicity of the project
    item = models.ForeignKey(
        PublicityItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公示"
    )
    objections_open = models.PositiveSmallIntegerField("未结异议", default=0)
    payment_cleared_on = models.DateField("兑付公示期满", null=True, blank=True)

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "pilot", "enterprise"],
                condition=~Q(state__in=_OVER),
                name="project_one_per_enterprise",
                violation_error_message="一家企业在一个试点里只能有一个项目。",
            ),
            models.UniqueConstraint(
                fields=["place", "number"], condition=~Q(number=""), name="project_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in State]), name="project_state_known"
            ),
            models.CheckConstraint(
                condition=Q(lane__in=[str(lane) for lane in Lane]), name="project_lane_known"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": 0, f"{name}__lte": MAX_FEN}),
                    name=f"project_{name}_range",
                )
                for name in _MONEY
            ),
            models.CheckConstraint(
                condition=Q(proposed_fen__lte=F("ceiling_fen"))
                & Q(determined_fen__lte=F("proposed_fen"))
                & Q(paid_fen__lte=F("determined_fen"))
                & Q(clawback_fen__lte=F("paid_fen"))
                & Q(returned_fen__lte=F("clawback_fen")),
                name="project_money_descends",
                violation_error_message="补助不能超过上限，核定不能超过公示金额。",
            ),
            models.CheckConstraint(
                condition=Q(paid_fen=0) | Q(payment_cleared_on__isnull=False),
                name="project_paid_after_publicity",
            ),
            models.CheckConstraint(
                condition=Q(level_before__isnull=True) | Q(level_before__lte=LEVEL_MAX),
                name="project_level_before_range",
            ),
            models.CheckConstraint(
                condition=Q(level_after__isnull=True) | Q(level_after__lte=LEVEL_MAX),
                name="project_level_after_range",
            ),
        ]
        # The officer's queue: one place or many, one state or lane, by due date or news.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "-updated_at", "id"], name="project_by_update"),
            models.Index(fields=["place", "state", "-updated_at"], name="project_by_state"),
            models.Index(fields=["place", "lane", "due_on"], name="project_by_lane"),
            models.Index(fields=["place", "due_on", "id"], name="project_by_due"),
            models.Index(fields=["batch", "state"], name="project_by_batch"),
            models.Index(fields=["enterprise", "-created_at"], name="project_of_firm"),
        ]

    def __str__(self) -> str:
        return self.title or self.number or f"项目{self.pk}"

    @property
    def at(self) -> State:
        """The state as the engine knows it."""
        return State(self.state)

    @property
    def held_fen(self) -> int:
        """What the project takes of its enterprise's ceiling: paid and not given back, or proposed."""
        return self.paid_fen - self.returned_fen if self.paid_fen else self.proposed_fen

    @property
    def outstanding_fen(self) -> int:
        """What was ordered back and has not come yet."""
        return self.clawback_fen - self.returned_fen

"""The whole year of 彭阳: twelve firms file, ten are paid, and what goes wrong goes wrong.

A late paper, an objection that is dismissed and one that is upheld, a failed acceptance that is
rectified and one that is not, and a claw-back: all through the actions that people use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.pilots.actions.pilot import close_batch
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Case, Drive, Stuck
from shuzhuan.site.rehearsal.stage import FIRMS, Stage

START = date(2026, 3, 2)
END = date(2027, 3, 1)
BUDGET_FEN = 400_000_000  # 400万元
# Purchases of each firm: software, cloud and devices in fen; two aim at level 3.
CASES = tuple(
    Case(
        spend=(
            ("software", "生产执行系统", 24_000_000 + number * 3_100_000),
            ("cloud", "云服务年费", 3_600_000),
            ("device", "数据采集网关", 12_000_000 + number * 1_250_007),
            ("other", "车间装修", 2_000_000),
        ),
        level_before=2 if number in (2, 5) else 1,
        level_target=3 if number in (2, 5) else 2,
        title=f"{name}数字化改造",
    )
    for number, (name, _) in enumerate(FIRMS)
)
LATE, DISMISSED, RECTIFIED, FAILED, UPHELD, CLAWED, NOT_CHOSEN = 1, 3, 4, 6, 7, 8, 11


@dataclass
class Played:
    """What came of the year."""

    drive: Drive
    projects: list[Project]
    refusals: list[str] = field(default_factory=list)
    events: list[tuple[date, str]] = field(default_factory=list)


class Year:
    """One rehearsal. Each method is an act; ``play`` runs them in order."""

    def __init__(
        self, stage: Stage, clock: Clock, keys: Callable[[], UUID] = uuid4,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.stage, self.clock, self.say = stage, clock, say
        self.drive = Drive(stage.players, keys)
        self.played = Played(self.drive, [])
        self.live: list[int] = []

    def play(self) -> Played:
        """The year from the first day to the last."""
        for act in (
            self.spring,
            self.selection,
            self.building,
            self.acceptance,
            self.payment,
            self.winter,
        ):
            act()
        for project in self.played.projects:
            project.refresh_from_db()
        return self.played

    def note(self, text: str) -> None:
        """Tell what happened, with the day."""
        self.played.events.append((self.clock.today, text))
        self.say(f"{self.clock.today}  {text}")

    def refused(self, number: int, action: str, expect: str, **payload: object) -> None:
        """An attempt that the rules have to stop."""
        firm, project = self.stage.firms[number], self.played.projects[number]
        answer = self.drive.try_(firm.certifier, project, action, **payload)
        if answer.ok or expect not in getattr(answer, "text", ""):
            raise Stuck(f"{action} was not refused for {expect}: {answer}")
        self.played.refusals.append(getattr(answer, "text", ""))

    # -- acts -------------------------------------------------------------------------------

    def spring(self) -> None:
        """Budget, batch, archives, diagnoses, filings; one is returned and mended late."""
        drive = self.drive
        drive.open_pilot(START, END, days=45)
        drive.budget(BUDGET_FEN)
        self.note("开放第一批申报，预算到账400万元")
        for number, (firm, case) in enumerate(zip(self.stage.firms, CASES, strict=True)):
            drive.archive(firm, FIRMS[number][1])
            drive.diagnose(firm, case.level_before)
            self.played.projects.append(drive.file(firm, case))
            self.clock.workdays(1)
        self.note("12家企业申报")
        late, county = self.played.projects[LATE], drive.players.county
        drive.do(
            county, late, "return_filing", reason="请补充改造目标", return_content="目标没有写清楚"
        )
        self.clock.workdays(11)
        firm = self.stage.firms[LATE]
        drive.do(firm.certifier, late, "edit_filing", title="茹河果蔬食品数字化改造",
                 content="建设追溯和仓储系统。", goal="批次全程可追溯，订单准交率95%。")  # fmt: skip
        self.refused(LATE, "refile", "期限")
        due = (timezone.localdate() + timedelta(days=5)).isoformat()
        drive.do(county, late, "extend", due_on=due, reason="企业说明了延误原因")
        drive.do(firm.certifier, late, "refile")
        self.note("一家补正逾期被拒，经办人延期后补正")
        close_batch(county, drive.batch.pk)

    def selection(self) -> None:
        """Form check, experts, publicity; one firm is not chosen, one objection is dismissed."""
        drive, projects = self.drive, self.played.projects
        for project in projects:
            drive.check_form(project)
        self.clock.workdays(5)
        from shuzhuan.site.rehearsal.drive import EXPERTS  # noqa: PLC0415

        drive.do(drive.players.county, projects[NOT_CHOSEN], "fail_experts",
                 reason="名额有限，综合得分靠后", **EXPERTS)  # fmt: skip
        self.live = [n for n in range(len(projects)) if n != NOT_CHOSEN]
        for number in self.live:
            drive.review(projects[number])
            drive.publicise_selection(projects[number])
        self.clock.workdays(2)
        self._object(
            DISMISSED, upheld=False, finding="已核查，企业注册和经营地址均在本县，异议不成立。"
        )
        self.clock.workdays(4)
        for number in self.live:
            drive.list_project(projects[number])
        self.note("11家入库，1家未入选，1件异议不成立")

    def _object(self, number: int, *, upheld: bool, finding: str) -> None:
        """Somebody objects; nothing moves until the office has decided."""
        project = self.played.projects[number]
        project.refresh_from_db()
        assert project.item_id is not None
        objection = object_to(
            PUBLIC, project.item_id, "王建国", "13800000000",
            "请核查该企业是否符合条件，是否重复享受补助。", key=str(self.drive.keys()),
        )  # fmt: skip
        county = self.drive.players.county
        closing = (
            "close_selection_publicity"
            if project.at == State.SELECTION_PUBLICITY
            else "close_payment_publicity"
        )
        answer = self.drive.try_(county, project, closing)
        if answer.ok:
            raise Stuck("a publicity was closed under an open objection")
        self.clock.workdays(1)
        decide(county, objection.pk, upheld, finding, str(self.drive.keys()))

    def building(self) -> None:
        """Contracts, purchases, applications."""
        drive, projects = self.drive, self.played.projects
        self.clock.workdays(5)
        for number in self.live:
            firm, case = self.stage.firms[number], CASES[number]
            drive.contract(firm, projects[number], sum(s[2] for s in case.spend))
        self.clock.to(date(2026, 7, 20))
        for number in self.live:
            drive.spend(self.stage.firms[number], projects[number], CASES[number])
        self.clock.to(date(2026, 8, 24))
        for number in self.live:
            drive.apply(self.stage.firms[number], projects[number])
            drive.assign(projects[number])
        self.note("11家完成改造并申请验收，委派评测和审核机构")

    def acceptance(self) -> None:
        """Two fail: one is rectified in thirty days, one is not and loses its place."""
        drive, projects = self.drive, self.played.projects
        county = drive.players.county
        self.clock.workdays(5)
        for number in self.live:
            case = CASES[number]
            failed = number in (RECTIFIED, FAILED)
            level = case.level_before if failed else case.level_target
            drive.accept(self.stage.firms[number], projects[number], level, {"车间装修": 0})
        for number in (RECTIFIED, FAILED):
            drive.do(
                county, projects[number], "order_rectification", reason="数字化水平没有达到提升要求"
            )
        self.clock.days(20)
        for number, level in (
            (RECTIFIED, CASES[RECTIFIED].level_target),
            (FAILED, CASES[FAILED].level_before),
        ):
            firm, project = self.stage.firms[number], projects[number]
            drive.do(firm.certifier, project, "report_rectified", reason="已按通知整改，请复评")
            drive.accept(firm, project, level, {"车间装修": 0})
        answer = drive.try_(county, projects[FAILED], "order_rectification", reason="再给一次机会")
        if answer.ok:
            raise Stuck("a second rectification was allowed")
        drive.do(county, projects[FAILED], "disqualify", reason="整改后复评仍未通过")
        self.live.remove(FAILED)
        self.note("一家整改后通过，一家整改后仍未通过，取消资格")

    def payment(self) -> None:
        """Reviews, second publicity, determination, payment; one objection is upheld on the way."""
        drive, projects = self.drive, self.played.projects
        for number in self.live:
            drive.approve(projects[number])
            drive.publicise_payment(projects[number])
        self.clock.workdays(3)
        self._object(
            UPHELD, upheld=True, finding="一笔投入与合同不符，异议成立，退回初审重新核定。"
        )
        drive.do(
            drive.players.second,
            projects[UPHELD],
            "uphold_payment_objection",
            reason="异议成立，重新核定",
        )
        projects[UPHELD].refresh_from_db()
        drive.approve(projects[UPHELD], projects[UPHELD].ceiling_fen - 500_000)
        drive.publicise_payment(projects[UPHELD])
        self.clock.to(date(2026, 10, 26))
        for number in self.live:
            drive.determine(projects[number])
        self.clock.workdays(2)
        for number in self.live:
            drive.pay(projects[number])
        self.note(f"{len(self.live)}家兑付")

    def winter(self) -> None:
        """Nine are closed; the inspection of one finds a false invoice and the money comes back."""
        drive, projects = self.drive, self.played.projects
        self.clock.to(date(2026, 12, 7))
        for number in self.live:
            if number != CLAWED:
                drive.close(projects[number])
        clawed = projects[CLAWED]
        drive.do(drive.players.county, clawed, "order_claw_back", reason="核查发现虚报投资")
        self.clock.to(date(2027, 1, 18))
        today = timezone.localdate().isoformat()
        drive.do(
            drive.players.finance, clawed, "confirm_returned", returned_on=today, voucher="TK-1"
        )
        self.note("9家结项，1家虚报投资，资金全部追回")

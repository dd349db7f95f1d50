"""The demonstration: the pilot of 彭阳 half-way, so that every role finds something to do.

Played on a virtual clock that ends on the day before the real one; every day is counted back
from there, so that the demonstration is fresh whenever it is built.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.audit.checkpoints import checkpoint
from shuzhuan.apps.audit.models import Chain
from shuzhuan.apps.pilots.actions.pilot import close_batch, create_batch, open_batch
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.site.rehearsal import notices, stage
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.desk import Desk, introduce
from shuzhuan.site.rehearsal.drive import Firm, section
from shuzhuan.site.rehearsal.stage import FIRMS, Stage, add_firm
from shuzhuan.site.rehearsal.varied import Varied
from shuzhuan.site.rehearsal.year import BUDGET_FEN, CASES

BACK_DAYS = 200
CHECKED_WITHIN = 4  # working days that a filing waits for its form check
PAID, PAYABLE, SHOWN, REVIEWED, GRADED, WORKING, MENDING, CITY, DETERMINED, APPLIED = range(10)
NEW, OPEN = 10, 11
# What firms find of themselves that is not what the diagnosis finds: one overrates itself.
OWN_LEVEL = {APPLIED: 3}
# Firms that have only judged themselves, so that most trades have six and can be compared:
# name, pilot industry, level.
NEIGHBOURS = (
    ("新集面粉加工", "农副产品加工", 0),
    ("红茹河淀粉制品", "农副产品加工", 2),
    ("石头崾岘砂石", "新型材料", 1),
    ("城关管材", "新型材料", 0),
    ("沟口毛毯", "轻工纺织", 2),
    ("茹水纸箱包装", "轻工纺织", 1),
)


class Half:
    """One demonstration. Firms 0–9 are in the first batch, 10 and 11 come to the second."""

    def __init__(self, people: Stage, clock: Clock, last: date) -> None:
        self.stage, self.clock, self.last = people, clock, last
        self.drive = Varied(people.players)
        self.projects: list[Project] = []

    def before(self, days: int) -> None:
        """Move the clock to so many days before the last one, unless it is past that."""
        self.clock.to(max(self.last - timedelta(days=days), self.clock.today))

    def play(self, say: Callable[[str], None]) -> None:
        """Everything, in the order of the days."""
        say("· 企业建档、诊断、申报")
        self.file()
        say("· 评审、公示、入库、签约")
        self.select()
        say("· 实施、验收、审核")
        self.accept()
        say("· 公示、核定、兑付")
        self.pay()
        self.second_batch()

    def file(self) -> None:
        drive = self.drive
        drive.open_pilot(self.clock.today, self.clock.today + timedelta(days=364), days=40)
        notices.tell(drive.players.county, notices.GUIDE, notices.FIRST)
        drive.budget(BUDGET_FEN)
        introduce(drive)
        for name, industry, level in NEIGHBOURS:
            firm = self._register(name)
            drive.archive(firm, industry)
            drive.judges_itself(firm, level)
        for number in range(10):
            firm = self._enter(number)
            section(firm, "contact", contact_name="联系人（演示）", contact_phone=f"1380000{number:04d}",
                    bank_name="演示银行彭阳支行", bank_account=f"622200000000{number:04d}")  # fmt: skip
            drive.diagnose(firm, CASES[number].level_before)
            self.projects.append(drive.file(firm, CASES[number]))
            self.clock.workdays(1)
            if number >= CHECKED_WITHIN:  # the office keeps up with its form checks
                drive.check_form(self.projects[number - CHECKED_WITHIN])
        for project in self.projects[-CHECKED_WITHIN:]:
            drive.check_form(project)
        close_batch(drive.players.county, drive.batch.pk)

    def _enter(self, number: int) -> Firm:
        """A firm of the pilot fills its archive and judges itself."""
        firm = self.stage.firms[number]
        self.drive.archive(firm, FIRMS[number][1])
        self.drive.judges_itself(firm, OWN_LEVEL.get(number, CASES[number].level_before))
        return firm

    def select(self) -> None:
        drive = self.drive
        self.clock.workdays(8)
        for project in self.projects:
            drive.review(project)
            drive.publicise_selection(project)
        self.clock.workdays(6)
        for project in self.projects:
            drive.list_project(project)
        self.before(150)
        for number, project in enumerate(self.projects):
            spent = sum(s[2] for s in CASES[number].spend)
            drive.contract(self.stage.firms[number], project, spent)

    def accept(self) -> None:
        drive = self.drive
        self.before(95)
        for number, project in enumerate(self.projects):
            drive.spend(self.stage.firms[number], project, CASES[number])
        self.before(80)
        drive.judges_itself(self.stage.firms[PAID], CASES[PAID].level_target)  # and dares to apply
        self._hand_over(PAID, PAYABLE, DETERMINED)
        self.before(60)
        for number in (PAID, PAYABLE, DETERMINED):
            self._grade(number, CASES[number].level_target)

    def _hand_over(self, *numbers: int) -> None:
        """Apply for acceptance, and let both bodies begin."""
        for number in numbers:
            self.drive.apply(self.stage.firms[number], self.projects[number])
            self.drive.assign(self.projects[number])

    def _grade(self, number: int, level: int) -> None:
        self.drive.accept(self.stage.firms[number], self.projects[number], level, {"车间装修": 0})

    def pay(self) -> None:
        drive, projects = self.drive, self.projects
        self.before(50)
        for number in (PAID, PAYABLE, DETERMINED):
            drive.approve(projects[number])
            drive.publicise_payment(projects[number])
        self.clock.workdays(6)
        for number in (PAID, PAYABLE):
            drive.determine(projects[number])
        self._hand_over(SHOWN, REVIEWED, GRADED, MENDING, CITY)
        self.before(25)
        drive.pay(projects[PAID])
        self.before(12)
        for number in (SHOWN, CITY):
            self._grade(number, CASES[number].level_target)
        self._grade(MENDING, CASES[MENDING].level_before)
        reason = "数字化水平没有达到提升要求，请在三十日内整改"
        drive.do(drive.players.county, projects[MENDING], "order_rectification", reason=reason)
        self.before(8)
        self._determined()
        self._to_city()
        self._grade(REVIEWED, CASES[REVIEWED].level_target)
        self.before(3)
        drive.approve(projects[SHOWN])
        drive.publicise_payment(projects[SHOWN])
        drive.apply(self.stage.firms[APPLIED], projects[APPLIED])

    def _determined(self) -> None:
        """Determined by one officer; the second one has not looked yet."""
        drive, project = self.drive, self.projects[DETERMINED]
        drive.do(drive.players.county, project, "close_payment_publicity")
        project.refresh_from_db()
        drive.do(drive.players.county, project, "determine", amount=project.proposed_fen,
                 reason="等级提升一级，投资真实，按上限核定")  # fmt: skip

    def _to_city(self) -> None:
        drive, project = self.drive, self.projects[CITY]
        project.refresh_from_db()
        drive.do(drive.players.county, project, "pass_county_review", tasks_completed="on",
                 amount=project.ceiling_fen, opinion="验收通过，同意补助")  # fmt: skip

    def second_batch(self) -> None:
        """One filing waits for its form check, one firm is about to begin; somebody objects."""
        drive, county = self.drive, self.drive.players.county
        today = timezone.localdate()
        batch = create_batch(
            county, drive.pilot, title="第二批试点企业申报", clause="7-1", opens_on=today,
            closes_on=today + timedelta(days=40), contact="县工信商务局 0954-0000000（演示）",
            guide="先完成企业档案和数字化水平诊断，再在这里申报。",
        )  # fmt: skip
        drive.batch = open_batch(county, batch.pk)
        notices.tell(county, notices.SECOND)
        for number in (NEW, OPEN):
            drive.diagnose(self._enter(number), CASES[number].level_before)
        self.projects.append(drive.file(self.stage.firms[NEW], CASES[NEW]))
        self.before(1)
        shown = Project.objects.get(pk=self.projects[SHOWN].pk)
        assert shown.item_id is not None
        object_to(
            PUBLIC, shown.item_id, "王建国", "13800000000",
            "请核查这家企业的设备是否已经安装使用。", key=str(drive.keys()),
        )  # fmt: skip
        self._desks()
        self.before(0)

    def _register(self, name: str) -> Firm:
        self.stage.firms.append(add_firm(self.stage, len(self.stage.firms) + 1, name))
        return self.stage.firms[-1]

    def _desks(self) -> None:
        """The vendor and the agency have something to do, and clients."""
        firms = self.stage.firms
        desk = Desk(self.drive, self._register)
        desk.clients([*firms[:NEW], firms[OPEN]], firms[NEW])
        desk.visits()
        desk.agreed(firms[OPEN])
        graded = Project.objects.select_related("grader").get(pk=self.projects[GRADED].pk)
        desk.half_graded(firms[GRADED], graded.grader)


def build_demo(say: Callable[[str], None] = print) -> Stage:
    """Fill an empty database with the demonstration; about a minute."""
    last = timezone.localdate() - timedelta(days=1)
    clock = Clock(last - timedelta(days=BACK_DAYS))
    with standing(clock):
        ensure_shipped()
        people = stage.build()
        Half(people, clock, last).play(say)
        for chain in Chain.objects.order_by("pk"):
            checkpoint(chain.pk)
    return people

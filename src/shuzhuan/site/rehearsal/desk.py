"""What waits on the desks of the vendor and the agency in the demonstration, and who they serve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.assessments.actions.engage import engage
from shuzhuan.apps.assessments.actions.plan import (
    MeasureText,
    accept_plan,
    open_plan,
    save_measure,
    save_outline,
    send_back,
    submit_plan,
)
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.actions.start import start as start_sheet
from shuzhuan.apps.assessments.models import Assessment, Engagement, Plan
from shuzhuan.apps.assessments.queries.sheet import answers, indicator_set
from shuzhuan.apps.vendors.actions.body import BodyText, save_body
from shuzhuan.apps.vendors.actions.consent import PARTS, grant_consent, request_consent
from shuzhuan.engine.grading import Picked, Way, shortest_way
from shuzhuan.site.rehearsal.drive import Drive, Firm, Stuck
from shuzhuan.site.rehearsal.varied import Varied

# Firms that file nothing yet: name, pilot industry, and the level that they find themselves.
MORE = (
    ("新集药材加工", "农副产品加工", 0),
    ("小岔农具制造", "装备制造", 1),
    ("罗洼粉体材料", "新型材料", 1),
    ("崾岘制衣", "轻工纺织", 2),
)
ASKED, BEGUN, WRITING, RETURNED = range(len(MORE))
HALF = 12  # of the 31 items are judged in a visit that has begun
MEASURE_FEN = 3_600_000
_FOUND = ("设备清单和现场一致", "看过系统界面和近三个月的数据", "班组长演示了操作", "")
_SERVICE = {
    "in_region_pool": True, "is_legal_person": True, "qualified_team": True, "lawful": True,
    "bad_credit": False, "keeps_separation": True, "subcontracts": False,
    "service_recognised": True,
}  # fmt: skip


def introduce(drive: Drive) -> None:
    """Both bodies keep a record, so that their independence can be compared."""
    p = drive.players
    save_body(p.vendor, BodyText(
        "comprehensive", _SERVICE, "农副产品加工、装备制造、新型材料、轻工纺织",
        "为中小企业做诊断、方案和实施（演示）。", "演示控制人甲", "640400190001010011",
    ))  # fmt: skip
    save_body(p.agency, BodyText(
        "agency", _SERVICE, "", "现场评测定级和投资审核（演示）。", "演示控制人乙", "640100190001010023",
    ))  # fmt: skip


class Desk:
    """Played after the pilot has come half-way."""

    def __init__(self, drive: Varied, register: Callable[[str], Firm]) -> None:
        """``register``: name of one more firm → the firm."""
        self.drive, self.register = drive, register

    def clients(self, served: list[Firm], asked: Firm) -> None:
        """Firms that opened their archive to the vendor for a year, and one that has not answered."""
        vendor = self.drive.players.vendor
        today = timezone.localdate()
        for firm in (*served, asked):
            party: Party = firm.enterprise.party
            consent = request_consent(
                vendor, party.uscc, "编制改造方案，协助申报和整理验收材料", frozenset(PARTS)
            )
            if firm is not asked:
                until = today + timedelta(days=365)
                grant_consent(firm.certifier, consent, today, until, frozenset(PARTS))

    def visits(self) -> None:
        """Four visits, each at another step."""
        firms = [self.register(name) for name, _, _ in MORE]
        for firm, (_, industry, level) in zip(firms, MORE, strict=True):
            self.drive.archive(firm, industry)
            self.drive.judges_itself(firm, level)
        self._ask(firms[ASKED], 5)
        self._begin(self._ask(firms[BEGUN], 20), firms[BEGUN])
        for number in (WRITING, RETURNED):
            done = self.drive.diagnose(firms[number], 1)
            plan = self._plan(done)
            if number == RETURNED:
                self._hand_over(plan)
                send_back(
                    firms[number].certifier, plan.pk, "费用超出了我们的预算，请先做最急的几项"
                )

    def agreed(self, firm: Firm) -> None:
        """A plan on the firm's diagnosis that it has confirmed."""
        diagnosis = Assessment.objects.get(
            enterprise=firm.enterprise, kind="diagnosis", is_current=True
        )
        plan = self._plan(diagnosis)
        self._hand_over(plan)
        accept_plan(firm.certifier, plan.pk)

    def half_graded(self, firm: Firm, task: Engagement | None) -> None:
        """The agency has been there and has judged the first items."""
        if task is None:
            raise Stuck("nobody was asked to grade")
        agency = self.drive.players.agency
        sheet = start_sheet(agency, firm.enterprise, "acceptance", engagement=task)
        self._judge(sheet, 2)

    def _ask(self, firm: Firm, days: int) -> Engagement:
        p, today = self.drive.players, timezone.localdate()
        until = today + timedelta(days=days)
        return engage(p.county, firm.enterprise, p.vendor_party, "diagnosis", today, until)

    def _begin(self, engagement: Engagement, firm: Firm) -> None:
        vendor = self.drive.players.vendor
        self._judge(start_sheet(vendor, firm.enterprise, "diagnosis", engagement=engagement), 1)

    def _judge(self, sheet: Assessment, level: int) -> None:
        p = self.drive.players
        actor = p.vendor if sheet.kind == "diagnosis" else p.agency
        for number, (item, value) in enumerate(self.drive.answers(sheet, level).items()):
            if number < HALF:
                save_answer(actor, sheet.pk, item, value, key=str(self.drive.keys()),
                            finding=_FOUND[number % len(_FOUND)])  # fmt: skip

    def _plan(self, diagnosis: Assessment) -> Plan:
        """The shortest way to the next level, one measure for each of its items."""
        vendor = self.drive.players.vendor
        today = timezone.localdate()
        plan = open_plan(vendor, diagnosis)
        way = shortest_way(indicator_set(diagnosis), answers(diagnosis))
        if not isinstance(way, Way):
            raise Stuck(f"there is no way from {diagnosis.level}")
        for change in way.changes:
            picked = isinstance(change.after, Picked)
            save_measure(vendor, plan.pk, MeasureText(
                item=change.item,
                target=list(change.after.keys) if isinstance(change.after, Picked)
                else change.after.level,
                kind="device" if picked else "software",
                product=f"{change.title}{'改造' if picked else '系统'}",
                supplier=self.drive.players.vendor_party.name, cost_fen=MEASURE_FEN,
            ))  # fmt: skip
        save_outline(
            vendor, plan.pk, "先补数据采集和生产管理，再带动采购、仓储和销售，按缺什么补什么的次序做。",
            today + timedelta(days=30), today + timedelta(days=180),
        )  # fmt: skip
        plan.refresh_from_db()
        return plan

    def _hand_over(self, plan: Plan) -> None:
        submit_plan(self.drive.players.vendor, plan.pk, seen_edits=plan.edits)

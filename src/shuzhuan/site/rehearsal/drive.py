"""Carry an enterprise through its pilot, step by step, as people would: real actions only."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.assessments.actions.engage import engage
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.actions.start import start as start_sheet
from shuzhuan.apps.assessments.actions.submit import submit
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.models import Assessment, Engagement
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.apps.enterprises.actions.pilot import set_survey
from shuzhuan.apps.enterprises.actions.qualifications import confirm_qualifications
from shuzhuan.apps.enterprises.actions.save_section import save_section
from shuzhuan.apps.enterprises.forms.sections import FiguresForm
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.sections import SECTIONS
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.funds.actions.budget import Item, confirm_budget, propose_budget
from shuzhuan.apps.funds.actions.funds import open_fund
from shuzhuan.apps.funds.models import BudgetKind, Counts, Fund
from shuzhuan.apps.pilots.actions.pilot import create_batch, create_pilot, open_batch
from shuzhuan.apps.pilots.models import Batch, Pilot
from shuzhuan.apps.projects.actions.perform import Done, NotDone, perform
from shuzhuan.apps.projects.actions.start_project import start_project
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.papers import paper


class Stuck(AssertionError):
    """An action that the play counts on was refused."""


@dataclass
class Players:
    """Who acts for the place. ``second`` and ``checker`` confirm what the first ones made."""

    place: Region
    county: Actor
    second: Actor
    city: Actor
    finance: Actor
    checker: Actor
    agency: Actor
    agency_party: Party
    vendor: Actor
    vendor_party: Party


@dataclass
class Firm:
    """An enterprise and whoever signs for it."""

    enterprise: Enterprise
    certifier: Actor
    documents: dict[str, Document] = field(default_factory=dict)


@dataclass
class Case:
    """What one project is to become. Money in fen; ``spend``: (kind, name, fen) per line."""

    spend: tuple[tuple[str, str, int], ...]
    level_before: int = 1
    level_target: int = 2
    title: str = "生产管理数字化改造"


def must(answer: Done | NotDone) -> Done:
    """The answer, which has to be a yes. Raises Stuck with what was refused."""
    if isinstance(answer, NotDone):
        raise Stuck(f"{answer.action}: {answer.text} {dict(answer.problems)}")
    return answer


class Drive:
    """One batch of one place. Every method does what its name says through the real action."""

    def __init__(self, players: Players, keys: Callable[[], UUID] = uuid4) -> None:
        self.players, self.keys = players, keys
        self.batch: Batch
        self.pilot: Pilot
        self.fund: Fund
        self._invoices = 0

    # -- the place --------------------------------------------------------------------------

    def open_pilot(self, starts: date, ends: date, *, clause: str = "7-1", days: int = 30) -> Batch:
        """A pilot with one open batch, receiving filings from today on."""
        p = self.players
        today = timezone.localdate()
        self.pilot = create_pilot(
            p.county, p.place, p.place.pack, f"{p.place.name}中小企业数字化转型试点", starts, ends,
            synthetic=True,
        )  # fmt: skip
        self.batch = create_batch(
            p.county, self.pilot, title="第一批试点企业申报", clause=clause, opens_on=today,
            closes_on=today + timedelta(days=days), contact="县工信商务局 0954-0000000（演示）",
            guide="先完成企业档案和数字化水平诊断，再在这里申报。",
        )  # fmt: skip
        self.batch = open_batch(p.county, self.batch.pk)
        return self.batch

    def budget(self, amount_fen: int, line: str = "rebuild") -> Fund:
        """Money arrives from the first source and is put on a line; entered and confirmed by two."""
        p, today = self.players, timezone.localdate()
        counts = {
            "rebuild": Counts.ENTERPRISE,
            "benchmark": Counts.ENTERPRISE,
            "services": Counts.SUPPORT,
        }
        self.fund = open_fund(p.finance, p.place.pack, today.year, counts)
        source = self.fund.sources.order_by("position")[0]
        target = self.fund.lines.get(key=line)
        for kind, item in (
            (BudgetKind.APPROPRIATE, Item(source, amount_fen)),
            (BudgetKind.ALLOCATE, Item(source, amount_fen, target)),
        ):
            proposal = propose_budget(
                p.finance, fund=self.fund, kind=kind, items=[item], dated=today,
                paper="指标文件（演示）1号", key=self.keys(),
            )  # fmt: skip
            confirm_budget(p.checker, proposal.pk)
        return self.fund

    # -- the enterprise ---------------------------------------------------------------------

    def archive(self, firm: Firm, industry: str = "农副产品加工") -> None:
        """Fill the archive so that nothing but the project itself is unknown."""
        section(firm, "basics", registered_on="2018-05-20", is_legal_person="yes",
                industry=industry, size_industry="2", park="none", above_scale="yes")  # fmt: skip
        figures: dict[str, str] = {}
        for at, year in enumerate(FiguresForm.years()):
            figures |= {
                f"people_{year}": str(86 - at), f"revenue_{year}": str(32_000_000 - at * 1_000_000),
                f"main_revenue_{year}": "20000000", f"assets_{year}": "41000000",
                f"rd_{year}": "900000",
            }  # fmt: skip
        section(firm, "figures", **figures)
        good = {"lawful_tax_compliant": "yes", "finance_sound": "yes"}
        names = [n for n in SECTIONS["declaration"].load(firm.enterprise) if n != "explanation"]
        section(firm, "declaration", **{n: good.get(n, "no") for n in names})
        confirm_qualifications(firm.certifier, firm.enterprise)
        set_survey(self.players.county, firm.enterprise, 3, 2, "演示")
        firm.enterprise.refresh_from_db()

    def document(self, firm: Firm, slot: str, title: str) -> Document:
        """Upload one paper, once."""
        if title not in firm.documents:
            text = f"{firm.enterprise.name} {title} 演示材料"
            file = Incoming(f"{title}.pdf", io.BytesIO(paper(text)))
            owner = firm.enterprise.party
            firm.documents[title] = upload_document(firm.certifier, owner, slot, file, title)
        return firm.documents[title]

    def sheet(
        self, actor: Actor, firm: Firm, kind: str, level: int, engagement: Engagement | None = None
    ) -> Assessment:
        """Answer every item so that the sheet comes to a level, and submit it."""
        sheet = start_sheet(actor, firm.enterprise, kind, engagement=engagement)
        self.answer(actor, sheet, level)
        sheet.refresh_from_db()
        if engagement is None:
            done = submit(actor, sheet.pk, committed_name=actor.name, seen_saves=sheet.saves)
        else:
            done = submit_visit(
                actor, sheet.pk, visited_on=timezone.localdate(), committed_name=actor.name,
                seen_saves=sheet.saves,
            )  # fmt: skip
        if done.level != level:
            raise Stuck(f"the sheet came to level {done.level}, not {level}")
        return done

    def answer(self, actor: Actor, sheet: Assessment, level: int) -> None:
        """Every item, one by one, as somebody at the screen saves them."""
        for item, value in answers_for(sheet, level).items():
            save_answer(actor, sheet.pk, item, value, key=str(self.keys()))

    def diagnose(self, firm: Firm, level: int) -> Assessment:
        """The vendor is asked to diagnose, and does."""
        p, today = self.players, timezone.localdate()
        engagement = engage(
            p.county,
            firm.enterprise,
            p.vendor_party,
            "diagnosis",
            today,
            today + timedelta(days=60),
        )
        return self.sheet(p.vendor, firm, "diagnosis", level, engagement)

    # -- the project ------------------------------------------------------------------------

    def do(self, actor: Actor, project: Project, action: str, **payload: Any) -> Done:
        """One action of the table, which has to succeed."""
        return must(perform(actor, project.pk, action, payload, key=self.keys()))

    def try_(self, actor: Actor, project: Project, action: str, **payload: Any) -> Done | NotDone:
        """One action of the table, whatever comes of it."""
        return perform(actor, project.pk, action, payload, key=self.keys())

    def fill(self, firm: Firm, case: Case) -> Project:
        """A complete filing that has not been sent yet."""
        project = start_project(firm.certifier, self.batch, firm.enterprise)
        today = timezone.localdate()
        self.do(
            firm.certifier, project, "edit_filing", title=case.title,
            content="建设生产执行、仓储和销售管理系统，采集关键设备数据。",
            goal="关键工序数据自动采集，订单到交付全程可查。",
            vendor=str(self.players.vendor_party.pk), planned_fen=sum(s[2] for s in case.spend),
            starts_on=today.isoformat(), ends_on=(today + timedelta(days=150)).isoformat(),
            level_target=str(case.level_target), vendor_name="",
        )  # fmt: skip
        for name, slot, title in (
            ("plan", "report", "改造方案"),
            ("licence", "licence", "营业执照"),
        ):
            document = self.document(firm, slot, title)
            self.do(firm.certifier, project, "attach_paper", paper=name, document=document.pk)
        return project

    def file(self, firm: Firm, case: Case) -> Project:
        project = self.fill(firm, case)
        self.do(firm.certifier, project, "file")
        return project

    def check_form(self, project: Project) -> None:
        """Pass the form check, confirming whatever the archive could not know."""
        from shuzhuan.apps.projects.queries.eligibility import checks  # noqa: PLC0415 - needs apps

        project.refresh_from_db()
        confirm = {f"confirm_{c.id}": "on" for c in checks(project) if c.state is None}
        self.do(self.players.county, project, "pass_form_check", opinion="材料齐全", **confirm)

    def review(self, project: Project) -> None:
        self.do(self.players.county, project, "record_experts", opinion="方案可行", **EXPERTS)

    def publicise_selection(self, project: Project) -> None:
        self.do(self.players.county, project, "start_selection_publicity")

    def list_project(self, project: Project) -> None:
        """After the period: end the publicity and enter the pilot list."""
        self.do(self.players.county, project, "close_selection_publicity")
        self.do(self.players.county, project, "list_project")

    def contract(self, firm: Firm, project: Project, amount_fen: int) -> None:
        document = self.document(firm, "contract", "改造合同")
        project.refresh_from_db()
        self.do(
            firm.certifier, project, "edit_contract", number=f"HT-{project.pk}",
            vendor_name=project.vendor_name, vendor_uscc=self.players.vendor_party.uscc,
            signed_on=timezone.localdate().isoformat(), amount=amount_fen, document=document.pk,
        )  # fmt: skip
        self.do(firm.certifier, project, "start_work")

    def spend(self, firm: Firm, project: Project, case: Case) -> None:
        """Enter the purchases with invoice and payment."""
        today = timezone.localdate().isoformat()
        for number, (kind, name, amount) in enumerate(case.spend, start=1):
            self._invoices += 1
            self.do(
                firm.certifier, project, "edit_line", kind=kind, name=name,
                supplier=self.players.vendor_party.name,
                invoice_number=f"{firm.enterprise.pk:06d}{self._invoices:06d}",
                invoice_on=today, paid_on=today, amount=amount,
                invoice=self.document(firm, "invoice", f"发票{number}").pk,
                proof=self.document(firm, "payment", f"付款凭证{number}").pk,
            )  # fmt: skip

    def apply(self, firm: Firm, project: Project) -> None:
        """Attach what the acceptance wants and apply for it."""
        for name, slot, title in (
            ("acceptance_application", "commitment", "验收申请"),
            ("level_evidence", "report", "数字化水平佐证"),
        ):
            document = self.document(firm, slot, title)
            self.do(firm.certifier, project, "attach_paper", paper=name, document=document.pk)
        self.do(firm.certifier, project, "apply_acceptance")

    def assign(self, project: Project) -> None:
        party = self.players.agency_party.pk
        self.do(self.players.county, project, "assign_agencies", grader=party, auditor=party)

    def accept(
        self, firm: Firm, project: Project, level: int, cut: dict[str, int] | None = None
    ) -> None:
        """The agency grades on site and audits each line; ``cut``: by name, fen allowed."""
        p = self.players
        project.refresh_from_db()
        self.sheet(p.agency, firm, "acceptance", level, project.grader)
        for line in Line.objects.filter(project=project, removed_at__isnull=True):
            allowed = (cut or {}).get(line.name, 0 if line.kind == "other" else line.amount_fen)
            reason = "" if allowed == line.amount_fen else "与合同和付款核对，超出部分不计入"
            self.do(
                p.agency, project, "audit_line", line=line.pk, amount=allowed, audit_reason=reason
            )
        self.do(p.agency, project, "finish_audit", opinion="投资真实，凭证齐全")
        self.do(p.agency, project, "finish_grading", opinion="现场评测")
        self.do(p.county, project, "start_county_review")

    def approve(self, project: Project, amount_fen: int | None = None) -> None:
        """County and city reviews; without an amount the whole ceiling."""
        p = self.players
        project.refresh_from_db()
        amount = project.ceiling_fen if amount_fen is None else amount_fen
        self.do(
            p.county,
            project,
            "pass_county_review",
            tasks_completed="on",
            amount=amount,
            opinion="同意",
        )
        self.do(p.city, project, "pass_city_review", opinion="审核通过")

    def publicise_payment(self, project: Project) -> None:
        self.do(self.players.county, project, "start_payment_publicity")

    def determine(self, project: Project, amount_fen: int | None = None) -> None:
        """After the period: end the publicity, determine, and let the second person confirm."""
        p = self.players
        self.do(p.county, project, "close_payment_publicity")
        project.refresh_from_db()
        amount = project.proposed_fen if amount_fen is None else amount_fen
        self.do(p.county, project, "determine", amount=amount, reason="结合等级提升和投资规模核定")
        self.do(p.second, project, "confirm_determination")

    def pay(self, project: Project) -> None:
        today = timezone.localdate().isoformat()
        voucher = f"GK-{project.pk}"
        self.do(self.players.finance, project, "pay", paid_on=today, voucher=voucher)

    def close(self, project: Project) -> None:
        self.do(self.players.county, project, "close")

    def carry(self, firm: Firm, case: Case, to: State, workdays: Callable[[int], None]) -> Project:
        """Diagnose, file and go on until the project stands in a state of the main line."""
        self.diagnose(firm, case.level_before)
        return self.advance(firm, case, self.fill(firm, case), to, workdays)

    def advance(
        self, firm: Firm, case: Case, project: Project, to: State, workdays: Callable[[int], None]
    ) -> Project:
        """Carry a filled draft on to a state of the main line."""
        spent = sum(s[2] for s in case.spend)

        def list_after_period() -> None:
            workdays(6)
            self.list_project(project)

        def work() -> None:
            self.spend(firm, project, case)
            self.apply(firm, project)

        def determine_after_period() -> None:
            workdays(6)
            self.determine(project)

        steps: tuple[tuple[State, Callable[[], object]], ...] = (
            (State.DRAFT, lambda: self.do(firm.certifier, project, "file")),
            (State.FORM_CHECK, lambda: self.check_form(project)),
            (State.EXPERT_REVIEW, lambda: self.review(project)),
            (State.SELECTED, lambda: self.publicise_selection(project)),
            (State.SELECTION_PUBLICITY, list_after_period),
            (State.LISTED, lambda: self.contract(firm, project, spent)),
            (
                State.IMPLEMENTING,
                work,
            ),
            (State.ACCEPTANCE_REQUESTED, lambda: self.assign(project)),
            (State.GRADING, lambda: self.accept(firm, project, case.level_target)),
            (State.COUNTY_REVIEW, lambda: self.approve(project)),
            (State.APPROVED, lambda: self.publicise_payment(project)),
            (State.PAYMENT_PUBLICITY, determine_after_period),
            (State.PAYMENT, lambda: self.pay(project)),
            (State.PAID, lambda: self.close(project)),
        )
        for state, go in steps:
            if state == to:
                break
            go()
        project.refresh_from_db()
        if project.at != to:
            raise Stuck(f"the project stands at {project.state}, not {to}")
        return project


EXPERTS = {
    f"expert{number}_{name}": value
    for number, (field_, points) in enumerate(
        (("technology", "88"), ("finance", "85"), ("management", "90")), start=1
    )
    for name, value in (
        ("name", f"专家{number}（演示）"), ("field", field_), ("points", points), ("text", "可行"),
    )
}  # fmt: skip


def section(firm: Firm, key: str, **changed: str) -> None:
    """Save one section of the archive as its form would."""
    found = SECTIONS[key]
    now = found.load(Enterprise.objects.get(pk=firm.enterprise.pk))
    saved = save_section(firm.certifier, firm.enterprise, found, {**now, **changed}, now)
    if not saved.stored:
        raise Stuck(json.dumps(saved.form.errors, ensure_ascii=False))
    firm.enterprise.refresh_from_db()


def answers_for(sheet: Assessment, level: int) -> dict[str, Any]:
    """A complete sheet that comes to exactly this level, found from the set itself."""
    from shuzhuan.site.rehearsal.sheets import sheet_of_level  # noqa: PLC0415 - only when played

    return sheet_of_level(indicator_set(sheet), level)

"""One project from filing to payment, through the pages only, by the people who do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.queries.balances import balances
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.drive import EXPERTS, Drive, Firm
from shuzhuan.site.rehearsal.papers import paper
from tests.apps.evidence.good_files import jpg
from tests.apps.projects.conftest import START, firm, players
from tests.cast import PASSWORD, Cast
from tests.site.walk import DESK, PHONE, TABLET, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "磨粉车间数字化改造"
BUDGET_FEN, CEILING = 200_000_000, "300,000.00"  # half of what the agency admits: 60万元
CLAIM, ADMITTED = "700,000.00", "600,000.00"


@dataclass
class World:
    """The place with one firm that is ready to file, and whoever comes to a screen."""

    chromium: Any
    url: str
    cast: Cast
    clock: Clock
    drive: Drive
    firm: Firm
    files: Path
    seats: dict[str, Membership]
    windows: dict[str, Somebody] = field(default_factory=dict)

    def comes(self, name: str, width: int = DESK) -> Somebody:
        """Somebody at a screen, signed in."""
        if name not in self.windows:
            self.windows[name] = Somebody(self.chromium, self.url, width, self.seats[name])
        return self.windows[name].sign_in()

    def file(self, name: str, content: bytes) -> Path:
        path = self.files / name
        path.write_bytes(content)
        return path

    @property
    def project(self) -> Project:
        return Project.objects.get(enterprise=self.firm.enterprise)

    def at(self, state: State) -> None:
        assert self.project.at == state


@pytest.fixture
def world(
    chromium: Any, live_server: Any, cast: Cast, tmp_path: Path, settings: Any
) -> Iterator[World]:
    """An open batch with money, and a mill with archive and diagnosis; it is 2026-03-02."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    with standing(Clock(START)) as clock:
        people = players(cast)
        drive = Drive(people)
        drive.open_pilot(START, START.replace(year=2027))
        drive.budget(BUDGET_FEN)
        mill = firm(cast)
        drive.archive(mill)
        drive.diagnose(mill, 1)
        assert people.second.membership_id is not None
        second = Membership.objects.get(pk=people.second.membership_id)
        second.user.set_password(PASSWORD)
        second.user.save()
        seats = {
            "firm": cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"),
            "county": cast.person(Role.COUNTY_OFFICER, "pengyang"),
            "second": second,
            "agency": cast.person(Role.AGENCY_STAFF, "agency_ningxia"),
            "city": cast.person(Role.CITY_OFFICER, "guyuan"),
            "finance": cast.person(Role.FINANCE_OFFICER, "pengyang"),
            "leader": cast.person(Role.LEADER, "pengyang"),
        }
        found = World(chromium, live_server.url, cast, clock, drive, mill, tmp_path, seats)
        yield found
        for window in found.windows.values():
            window.close()


def test_one_project_from_filing_to_payment(world: World) -> None:
    files(world)
    is_sent_back_and_mended(world)
    is_chosen(world)
    citizen = objects(world)
    is_answered_and_listed(world, citizen)
    works(world)
    is_accepted(world)
    is_reviewed(world)
    is_paid(world)
    is_looked_at(world)
    for window in world.windows.values():
        assert window.noise == []


def open_project(world: World, officer: Somebody) -> Somebody:
    """From the office's queue, by the firm's name."""
    return officer.go("/work/projects/?lane=mine").click(world.firm.enterprise.name).sees(TITLE)


def files(world: World) -> None:
    """The enterprise reads the guide on a phone, fills in the filing and keeps the receipt."""
    phone = Somebody(world.chromium, world.url, PHONE, world.seats["firm"])
    world.windows["firm"] = phone
    phone.go("/batches/").click("第一批试点企业申报").sees("第七条（一）", "营业执照等主体证明")
    phone.click("我要申报").sees("登录")  # the guide is for everybody, filing is not
    phone.sign_in().go("/my/projects/").sees("按企业档案，申报条件都符合", "现场诊断一级")
    phone.press("开始申报").sees("还差 10 项")
    phone.do("edit_filing", "#s-content", title=TITLE, content="上生产执行系统，采集磨粉机数据。",
             goal="关键工序数据自动采集。")  # fmt: skip
    vendor = str(world.drive.players.vendor_party.pk)
    phone.do("edit_filing", "#s-plan", vendor=vendor)
    phone.do("edit_filing", "#s-schedule", planned_fen="70万", starts_on="2026-04-01",
             ends_on="2026-07-31", level_target="2")  # fmt: skip
    phone.sees("有 1 处需要修改")
    phone.do("edit_filing", "#s-schedule", planned_fen="700000")
    phone.sees("还差 2 项")
    for number, name in enumerate(("plan", "licence")):
        scan = world.file(f"{name}.pdf", paper(f"第{number}份"))
        phone.do("attach_paper", f"#p-{name}", document_file=scan)
    phone.sees("内容和材料齐全", "补助最多", "350,000.00 元")
    phone.do("file").sees("请核对后勾选确认")
    phone.do("file", truthful=True).sees("申报回执", "指纹", TITLE)
    phone.sees(world.project.number)
    world.at(State.FORM_CHECK)


def is_sent_back_and_mended(world: World) -> None:
    county, phone = world.comes("county"), world.windows["firm"]
    county.go("/work/").sees("等我办的")
    open_project(world, county).sees("未获得上级同类财政补助", "第八条")
    county.do("return_filing", return_content="写清楚接入哪几台设备", reason="请补正")
    county.sees("退回补正：已办好")
    phone.go("/inbox/").sees("退回")
    phone.go("/my/projects/").sees("退回补正")
    phone.go(f"/my/projects/{world.project.pk}/filing/").sees("写清楚接入哪几台设备")
    assert phone.page.locator("#s-schedule form").count() == 0  # only what was named
    phone.do("edit_filing", "#s-content", content="上生产执行系统，接入六台磨粉机。")
    phone.do("refile", truthful=True).sees("补正提交回执")


def is_chosen(world: World) -> None:
    """Form check, three experts, and the public notice."""
    county = open_project(world, world.comes("county"))
    county.sees("接入六台磨粉机")
    county.do("pass_form_check", opinion="材料齐全").sees("专家评审")
    county.do("record_experts", reason="方案可行", **EXPERTS).sees("开始遴选公示")
    county.sees("5个工作日", "35万元")
    county.do("start_selection_publicity").sees("遴选公示")
    world.at(State.SELECTION_PUBLICITY)


def objects(world: World) -> Somebody:
    """Somebody who never signed in reads the notice the next day and objects."""
    world.clock.days(1)
    citizen = Somebody(world.chromium, world.url, PHONE)
    world.windows["citizen"] = citizen
    citizen.go("/publicity/").click("遴选公示").sees("接入六台磨粉机", world.firm.enterprise.name)
    citizen.misses("700,000.00", world.firm.enterprise.uscc, "服务公司")
    citizen.click("对第 1 项提异议")
    citizen.page.get_by_label("姓名或单位名称").fill("张三")
    citizen.page.get_by_label("手机号或邮箱").fill("13895410000")
    citizen.page.get_by_label("异议内容").fill("这家企业去年已经领过同一笔补助。")
    citizen.page.get_by_label("以上内容真实").check()
    return citizen.press("提交异议").sees("异议已收到")


def is_answered_and_listed(world: World, citizen: Somebody) -> None:
    """Nothing moves while it is open, not even after the period."""
    number, code = (citizen.page.locator(name).inner_text() for name in ("#number", "#code"))
    world.clock.workdays(6)
    county = open_project(world, world.comes("county"))
    county.sees("有 1 件异议没有办结")
    assert county.page.locator("form[action$='/close_selection_publicity/']").count() == 0
    county.go("/work/publicity/").click(number).sees("去年已经领过", "138****0000")
    county.page.get_by_label("异议不成立").check()
    county.page.get_by_label("核查结果").fill("经核查没有领过。")
    county.press("答复").sees("异议不成立")
    open_project(world, county).do("close_selection_publicity")
    county.do("list_project").sees("入库：已办好")
    citizen.go("/publicity/answer/")
    citizen.page.get_by_label("异议编号").fill(number)
    citizen.page.get_by_label("查询码").fill(code.lower())
    citizen.press("查答复").sees("经核查没有领过")
    world.at(State.LISTED)


def works(world: World) -> None:
    """Contract, two purchases with photos of the invoices, and the application."""
    phone = world.comes("firm", PHONE)
    phone.go("/my/projects/").click("登记合同")
    scan = world.file("contract.pdf", paper("改造合同"))
    phone.do("edit_contract", number="HT-1", signed_on=world.clock.today.isoformat(),
             amount="700000", document_file=scan).sees("已登记的合同")  # fmt: skip
    phone.do("start_work").sees("已开始实施")
    world.clock.days(60)
    world.comes("firm").go("/my/projects/").click("登记投入")
    day = world.clock.today.isoformat()
    for number, (kind, name, amount) in enumerate(
        (("software", "生产执行系统", "500000"), ("device", "数据采集网关", "200000"))
    ):
        phone.click("登记一笔")
        photo = world.file(f"invoice{number}.jpg", jpg(160 + number, 120))
        proof = world.file(f"proof{number}.pdf", paper(f"付款{number}"))
        phone.do("edit_line", kind=kind, name=name, supplier="固原数字服务公司", amount=amount,
                 invoice_number=f"2464200000000000000{number}", invoice_on=day, paid_on=day,
                 invoice_file=photo, proof_file=proof).sees("这笔投入已经登记")  # fmt: skip
    phone.sees(CLAIM).click("核对并申请验收").sees("还差 2 项")
    for name in ("acceptance_application", "level_evidence"):
        scan = world.file(f"{name}.pdf", paper(name))
        phone.do("attach_paper", f"#p-{name}", document_file=scan)
    phone.sees("都齐了").do("apply_acceptance", truthful=True).sees("验收申请已经提交")


def is_accepted(world: World) -> None:
    """The county asks an agency; on its tablet it grades and audits, with a reason for a cut."""
    world.clock.days(2)
    county = open_project(world, world.comes("county"))
    party = str(world.drive.players.agency_party.pk)
    county.do("assign_agencies", grader=party, auditor=party).sees("评测")
    agency = world.comes("agency", TABLET)
    agency.go("/visits/").sees(world.firm.enterprise.name)
    # The sheet of a hundred questions has its own tests; here it is only submitted.
    world.drive.sheet(world.drive.players.agency, world.firm, "acceptance", 2, world.project.grader)
    agency.go(f"/projects/{world.project.pk}/").sees("还有 2 笔没有核定")
    agency.misses("资金到账", "上限怎么算的")
    first, second = world.project.lines.order_by("pk")
    audit(agency, first.pk, "500000", "")
    audit(agency, second.pk, "100000", "")
    agency.sees("核减理由")
    assert agency.page.locator(f"#why-{second.pk}").inner_text()
    audit(agency, second.pk, "100000", "两台没有安装")
    agency.sees("2 笔都已核定", ADMITTED)
    agency.do("finish_audit", opinion="凭证齐全，两台没有安装").sees("提交投资审核：已保存")
    agency.do("finish_grading", opinion="达到二级").sees("提交定级验收：已保存")


def audit(agency: Somebody, line: int, amount: str, reason: str) -> None:
    """One line saved by itself, without leaving the page."""
    page = agency.page
    page.locator(f"#amount-{line}").fill(amount)
    page.locator(f"#reason-{line}").fill(reason)
    with page.expect_response(lambda answer: "audit_line" in answer.url):
        page.locator(f"#audit-{line} button").click()
    page.wait_for_timeout(100)


def is_reviewed(world: World) -> None:
    county = world.comes("county").go("/work/projects/").click(world.firm.enterprise.name)
    county.do("start_county_review").sees("补助上限", f"{CEILING} 元", "两台没有安装")
    county.do("pass_county_review", tasks_completed=True, amount="300000.01", opinion="同意")
    assert county.page.locator(".field-error").count()  # a fen above the ceiling
    county.do("pass_county_review", tasks_completed=True, amount="300000", opinion="同意")
    world.at(State.CITY_REVIEW)
    city = open_project(world, world.comes("city")).sees(f"{CEILING} 元")
    city.do("pass_city_review", opinion="审核通过").sees("市审核通过：已办好")


def is_paid(world: World) -> None:
    """The notice locks the money; one determines, another confirms; finance pays on the phone."""
    county = open_project(world, world.comes("county"))
    assert balances(world.drive.fund).reserved_fen == 0
    county.do("start_payment_publicity").sees("已锁定")
    assert balances(world.drive.fund).reserved_fen == 30_000_000
    citizen = world.windows["citizen"].go("/publicity/").click("兑付补助资金公示").sees(CEILING)
    citizen.misses("审定人")
    world.clock.workdays(6)
    open_project(world, world.comes("county")).do("close_payment_publicity")
    county.do("determine", amount="300000", reason="按核定投入的一半").sees("核定金额：已办好")
    county.sees("要由另一个人办")
    second = open_project(world, world.comes("second")).sees(f"{CEILING} 元", "按核定投入的一半")
    second.do("confirm_determination").sees("复核通过：已办好")
    finance = open_project(world, world.comes("finance", PHONE)).sees("付给", f"{CEILING} 元")
    finance.do("pay", voucher="GK-2026-1").sees("确认兑付：已办好")
    now = balances(world.drive.fund)
    assert (now.reserved_fen, now.paid_fen) == (0, 30_000_000)


def is_looked_at(world: World) -> None:
    """Everybody reads the end of it: leader, book, enterprise; and the county closes."""
    leader = world.comes("leader", PHONE)
    leader.go("/leader/").sees("已兑付", f"{CEILING}元", "没有逾期的项目")
    leader.go("/work/ledger-book/").sees(CEILING).click(world.firm.enterprise.name)
    leader.sees("24642000000000000001", ADMITTED, "与总账核对一致")
    open_project_of = f"/projects/{world.project.pk}/"
    county = world.comes("county").go(open_project_of)
    county.do("close").sees("结项：已办好")
    phone = world.comes("firm").go(open_project_of).sees("已兑付", CEILING, "没有要办的了")
    phone.go("/inbox/").sees("兑付")
    world.at(State.CLOSED)

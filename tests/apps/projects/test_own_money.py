"""What an enterprise reads of its own money: amounts, dates, vouchers, who has it, until when."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.queries.archive import load
from shuzhuan.apps.enterprises.queries.timeline import timeline
from shuzhuan.apps.projects.bundle import sheets
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.own_money import _MEANS, Money, own_money
from shuzhuan.engine.process import State
from shuzhuan.engine.workdays import china
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE, firm
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
MILL = "pengyang_mill"
QUERIES_MAX = 26


def page(cast: Cast, key: str = MILL, role: Role = Role.ENTERPRISE_CERTIFIER) -> str:
    answer = client_of(cast.person(role, key)).get(reverse("projects:own_money"))
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def money_of(mill: Firm) -> Money:
    (found,) = own_money(mill.certifier, mill.enterprise.party, timezone.localdate()).projects
    return found


def to(drive: Drive, mill: Firm, clock: Clock, state: State) -> Project:
    return drive.carry(mill, CASE, state, clock.workdays)


def test_every_state_has_its_words() -> None:
    assert set(_MEANS) == set(State)


def test_nothing_yet_says_what_will_stand_here(cast: Cast, drive: Drive, mill: Firm) -> None:
    text = page(cast)
    assert "还没有项目" in text and "最迟哪天付款" in text


def test_before_acceptance_the_plan_is_an_estimate_with_an_example(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    to(drive, mill, clock, State.IMPLEMENTING)
    text = page(cast)
    assert "预计最多 350,000.00 元" in text  # 70万元×50%
    assert "假如今天申请验收" in text and "在谁手里 本企业" in text
    assert "收款账户还没有填" in text


def test_the_way_to_the_payment_adds_the_days_of_each_step(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    """Counted by hand: 市审核 has 15 working days, then 5 to begin, 5 shown and one to close, and so on."""
    to(drive, mill, clock, State.COUNTY_REVIEW)
    project = Project.objects.get()
    drive.do(drive.players.county, project, "pass_county_review", tasks_completed="on",
             amount=project.ceiling_fen, opinion="同意")  # fmt: skip
    found = money_of(mill)
    assert [step.name for step in found.ahead] == ["市审核", "兑付公示", "核定", "兑付"]
    day = china().add(timezone.localdate(), 15).day
    assert found.ahead[0].day == day
    for count in (5, 5, 1):  # begun, shown, closed
        day = china().add(day, count).day
    assert found.ahead[1].day == day
    for count in (5, 3):  # determined, confirmed
        day = china().add(day, count).day
    assert found.ahead[2].day == day
    assert found.ahead[3].day == china().add(day, 10).day
    assert found.head == ("拟补助", project.ceiling_fen)
    text = page(cast)
    assert "到付款还有 4 步" in text and f"最迟 {found.ahead[3].day} 付款" in text


def test_what_is_late_names_whom_to_ask_and_never_promises_the_past(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    to(drive, mill, clock, State.ACCEPTANCE_REQUESTED)
    clock.workdays(30)
    found = money_of(mill)
    assert found.due.colour == "red"
    assert found.ahead[0].day == timezone.localdate()
    assert "可以问主办单位：县工信商务局" in page(cast)


def test_rectification_leads_through_grading_again(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = to(drive, mill, clock, State.GRADING)
    drive.accept(mill, project, CASE.level_before)
    drive.do(drive.players.county, project, "order_rectification", reason="没有达到提升要求")
    found = money_of(mill)
    assert [step.name for step in found.ahead][:2] == ["整改并提交", "评测与投资审核"]
    assert found.hoped and found.head == ("预计最多", 35_000_000)


def test_each_transfer_with_its_day_and_voucher(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = to(drive, mill, clock, State.PAID)
    text = page(cast)
    assert "已到账 350,000.00 元" in text and "收款账户" not in text
    assert f"付款 国库支付凭证 GK-{project.pk} 350,000.00 元" in text
    assert text.index("锁定额度，专门留给这个项目") < text.index("国库支付凭证")
    drive.do(drive.players.county, project, "order_claw_back", reason="核查发现虚报投资")
    assert "应退回 350,000.00 元" in page(cast)
    drive.do(drive.players.finance, project, "confirm_returned",
             returned_on=timezone.localdate().isoformat(), voucher="TK-7")  # fmt: skip
    text = page(cast)
    assert "已退回 350,000.00 元" in text and "退款凭证 TK-7" in text
    assert "付款还有" not in text


def test_an_enterprise_sees_only_its_own(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    to(drive, mill, clock, State.PAID)
    firm(cast, "park_foundry")
    text = page(cast, "park_foundry")
    assert "还没有项目" in text and "350,000" not in text
    for role, where in ((Role.COUNTY_OFFICER, "pengyang"), (Role.VENDOR_STAFF, "vendor_guyuan")):
        person = client_of(cast.person(role, where))
        assert person.get(reverse("projects:own_money")).status_code in (403, 404)


def test_the_archive_tells_of_money_and_of_what_happened(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = to(drive, mill, clock, State.PAID)
    for person in (
        cast.person(Role.COUNTY_OFFICER, "pengyang"),
        cast.person(Role.ENTERPRISE_CERTIFIER, MILL),
    ):
        answer = client_of(person).get(reverse("enterprises:profile", args=[mill.enterprise.pk]))
        assert f"国库支付凭证 GK-{project.pk}" in answer.content.decode()
    archive = load(mill.enterprise, timezone.localdate())
    titles = [event.title for event in timeline(mill.certifier, archive)]
    assert {"提交了申报", "纳入试点", "兑付", "提交诊断"} <= set(titles)
    other = actor_of(cast.person(Role.COUNTY_OFFICER, "xiji"))
    assert "兑付" not in [event.title for event in timeline(other, archive)]


def test_the_bundle_holds_projects_purchases_steps_and_money(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    to(drive, mill, clock, State.PAID)
    found: dict[str, Any] = {
        sheet.title: list(sheet.rows) for sheet in sheets(mill.certifier, mill.enterprise.party)
    }
    assert [row[-4] for row in found["项目"]] == ["350000.00"]
    assert len(found["合同"]) == 1 and len(found["投入明细"]) == len(CASE.spend)
    assert found["办理记录"][-1][3] == "兑付"
    assert [row[1] for row in found["补助资金"]] == ["锁定额度，专门留给这个项目", "付款"]


def test_the_page_takes_few_statements(cast: Cast, drive: Drive, mill: Firm, clock: Clock) -> None:
    to(drive, mill, clock, State.PAID)
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, MILL))
    client.get(reverse("projects:own_money"))
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("projects:own_money"))
    assert len(seen) <= QUERIES_MAX

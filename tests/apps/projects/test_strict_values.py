"""What people type, forge or mistake is refused in words that name the field; dates are right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.actions.funds import open_fund
from shuzhuan.apps.projects.actions.perform import NotDone
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.eligibility import checks
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import EXPERTS, Drive, Firm
from tests.apps.projects.conftest import CASE

pytestmark = pytest.mark.django_db


def problems(
    drive: Drive, actor: Actor, project: Project, action: str, **payload: Any
) -> dict[str, str]:
    """Why it was refused, by field. It has to be."""
    answer = drive.try_(actor, project, action, **payload)
    assert isinstance(answer, NotDone), f"{action} was done"
    return dict(answer.problems)


def line(clock: Clock, **changed: str) -> dict[str, str]:
    day = clock.today.isoformat()
    body = {"kind": "software", "name": "生产执行系统", "supplier": "某公司", "invoice_on": day,
            "paid_on": day, "amount": "1000", "invoice_number": "24642000000012345678"}  # fmt: skip
    return {**body, **changed}


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("1e9", "科学计数法"), ("12.345", "小数超过两位"), ("１２３", "全角字符"), ("1,000", "千分位"),
        (" 5", "空白"), ("", "空"), ("-0", "零不带负号"), ("9" * 40, "太长"),
        ("10000000000000.01", "超过上限"), ("0", "大于0"), ("-5", "大于0"),
    ],
)  # fmt: skip
def test_an_amount_that_is_none_is_refused(
    drive: Drive, mill: Firm, clock: Clock, amount: str, why: str
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    found = problems(drive, mill.certifier, project, "edit_line", **line(clock, amount=amount))
    assert why in "".join(found.values())


@pytest.mark.parametrize(
    "day", ["２０２６-０３-０３", "2026-02-30", "0001-01-01", "2026/03/03", "", "2026-3-3"]
)
def test_a_day_that_is_none_is_refused(drive: Drive, mill: Firm, clock: Clock, day: str) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    contract = {"number": "A-1", "vendor_name": "某公司", "signed_on": day, "amount": "5"}
    found = problems(drive, mill.certifier, project, "edit_contract", **contract)
    assert list(found) == ["signed_on"]


def test_points_longer_than_a_number_may_be_are_refused(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.EXPERT_REVIEW, clock.workdays)
    body = {**EXPERTS, "expert1_points": "9" * 5000}
    found = problems(drive, drive.players.county, project, "record_experts", **body)
    assert list(found) == ["expert1_points"]


def test_one_invoice_counts_once_however_its_number_is_typed(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    drive.do(mill.certifier, project, "edit_line", **line(clock, invoice_number="2464a"))
    for again in ("２４６４Ａ", " 24 64 A ", "2464a"):
        body = line(clock, invoice_number=again)
        found = problems(drive, mill.certifier, project, "edit_line", **body)
        assert "只能用一次" in found["invoice_number"]
    body = line(clock, invoice_number="2464a\u200b")
    found = problems(drive, mill.certifier, project, "edit_line", **body)
    assert "只写数字、字母和短横" in found["invoice_number"]


def test_the_plan_that_was_filed_is_not_exchanged_during_the_work(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    """第十六条: a change is asked for before it is made."""
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    other = drive.document(mill, "report", "另一个方案")
    body = {"paper": "plan", "document": str(other.pk)}
    assert "paper" in problems(drive, mill.certifier, project, "attach_paper", **body)


def test_the_work_has_until_the_end_of_the_cycle_and_says_so_at_filing(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    drive.diagnose(mill, 1)
    draft = drive.fill(mill, CASE)
    found = problems(drive, mill.certifier, draft, "edit_filing", ends_on="2027-03-03",
                     starts_on="2026-04-01", planned_fen="5", level_target="2")  # fmt: skip
    assert "2027-03-02" in found["ends_on"]
    drive.advance(mill, CASE, draft, State.IMPLEMENTING, clock.workdays)
    draft.refresh_from_db()
    assert (draft.due_on, draft.due_cite) == (date(2027, 3, 2), "方案三、第十八条")


def test_a_target_that_cannot_be_paid_for_is_told_before_it_is_filed(
    drive: Drive, mill: Firm
) -> None:
    """第七条（一）: 二级 has to come to 三级."""
    drive.diagnose(mill, 2)
    draft = drive.fill(mill, CASE)  # hopes for 二级
    assert "至少要填三级" in problems(drive, mill.certifier, draft, "file")["level_target"]


def test_nothing_is_shown_to_the_public_before_the_level_is_established_on_site(
    drive: Drive, mill: Firm
) -> None:
    """Else the publicity would say 0元 where it has to say what may be paid (第十一条)."""
    project = drive.file(mill, CASE)
    confirm = {f"confirm_{c.id}": "on" for c in checks(project) if c.state is None}
    found = problems(drive, drive.players.county, project, "pass_form_check", **confirm)
    assert "现场诊断" in found[""]
    drive.diagnose(mill, 1)
    drive.do(drive.players.county, project, "pass_form_check", **confirm)
    project.refresh_from_db()
    assert project.level_before == 1


def test_what_is_added_in_rectification_has_its_papers_and_the_last_day_is_no_day_off(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    drive.accept(mill, project, 1)
    clock.to(date(2026, 9, 3))  # thirty days on: 2026-10-03, in the National Day holidays
    drive.do(drive.players.county, project, "order_rectification", reason="没有达到提升要求")
    project.refresh_from_db()
    assert project.due_on == date(2026, 10, 8)
    drive.do(mill.certifier, project, "edit_line", **line(clock))
    found = problems(drive, mill.certifier, project, "report_rectified", reason="已整改")
    assert "没有附发票或付款凭证" in found[""]


def test_nothing_was_paid_before_the_second_person_confirmed(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAYMENT_PUBLICITY, clock.workdays)
    clock.workdays(6)
    county, early = drive.players.county, clock.today.isoformat()
    drive.do(county, project, "close_payment_publicity")
    clock.workdays(3)
    drive.do(county, project, "determine", amount="1000", reason="核定")
    drive.do(drive.players.second, project, "confirm_determination")
    body = {"paid_on": early, "voucher": "GK-1"}
    assert (
        "早于核定复核" in problems(drive, drive.players.finance, project, "pay", **body)["paid_on"]
    )


def test_the_fund_of_next_year_does_not_pay_this_year(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.APPROVED, clock.workdays)
    sides = {"rebuild": "enterprise", "benchmark": "enterprise", "services": "support"}
    open_fund(drive.players.finance, "pengyang", 2027, sides)
    drive.publicise_payment(project)
    project.refresh_from_db()
    assert project.reservation is not None and project.reservation.fund.year == 2026


def test_who_applied_in_time_mends_after_the_end_of_the_cycle_and_is_graded(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    drive.spend(mill, project, CASE)
    clock.to(date(2027, 3, 1))
    drive.apply(mill, project)
    clock.to(date(2027, 3, 8))  # six days after the cycle
    body = {"reason": "发票不清楚", "return_lines": "第一笔的发票看不清"}
    drive.do(drive.players.county, project, "return_acceptance", **body)
    project.refresh_from_db()
    assert (project.due_on, project.due_cite) == (date(2027, 3, 22), "本批次设定")
    clock.days(2)
    drive.do(mill.certifier, project, "apply_acceptance")
    drive.assign(project)
    project.refresh_from_db()
    assert project.grader is not None and project.grader.valid_to == date(2027, 6, 8)


def test_whoever_comes_late_to_the_acceptance_is_told_the_last_day(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    drive.spend(mill, project, CASE)
    clock.to(date(2027, 3, 3))
    found = problems(drive, mill.certifier, project, "apply_acceptance")
    assert "2027-03-02" in found[""] or "还差材料" in found[""]


def test_one_person_in_two_roles_does_not_pay_what_they_determined(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAYMENT, clock.workdays)
    user = User.objects.get(pk=drive.players.county.user_id)
    purse = Membership.objects.create(
        user=user, role=Role.FINANCE_OFFICER, region=drive.players.place, user_kind=user.kind
    )
    body = {"paid_on": clock.today.isoformat(), "voucher": "GK-1"}
    found = problems(drive, actor_of(purse), project, "pay", **body)
    assert "要由另一个人办" in found[""]


def test_no_more_is_taken_back_than_was_paid(drive: Drive, mill: Firm, clock: Clock) -> None:
    project = drive.carry(mill, CASE, State.PAID, clock.workdays)
    body = {"amount": "350000.01", "reason": "虚报投资"}
    found = problems(drive, drive.players.county, project, "order_claw_back", **body)
    assert "不超过已兑付" in found["amount"]

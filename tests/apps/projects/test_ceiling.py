"""第七条（一）: 40万元 is the most for an enterprise, however many projects it has one after another."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.projects.actions import Done, NotDone, guards, perform
from shuzhuan.apps.projects.actions.start_project import start_project
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.ceiling import Ceiling
from shuzhuan.engine.policy.decision import Decision
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Case, Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.apps.projects.office import Desk
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
MORE = Case(
    spend=(("software", "仓储系统", 100_000_000),), level_before=2, level_target=3, title="二期"
)
SAYS = (
    "第七条（一）、第十二条（二）3，单家企业的改造补助最高40万元，几个项目合并计算："
    "已在彭阳县中小企业数字化转型试点（彭阳县-2026-1-001）领取35万元，本次最多5万元。"
)


def next_pilot(drive: Drive, clock: Clock) -> None:
    """Another pilot of the same place under the same pack, open for filings."""
    clock.days(1)
    drive.open_pilot(clock.today, clock.today + timedelta(days=360))


def review(drive: Drive, project: Project, amount: int, actor: Actor | None = None) -> Any:
    """The county's review, whatever comes of it."""
    body = {"tasks_completed": "on", "amount": amount, "opinion": "同意"}
    return drive.try_(actor or drive.players.county, project, "pass_county_review", **body)


def test_a_second_project_gets_what_the_first_has_left(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    first = drive.carry(mill, CASE, State.CLOSED, clock.workdays)
    assert start_project(mill.certifier, drive.batch, mill.enterprise).pk == first.pk
    next_pilot(drive, clock)
    drive.diagnose(mill, MORE.level_before)
    draft = drive.fill(mill, MORE)
    owner = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    filing = client_of(owner).get(f"/my/projects/{draft.pk}/filing/").content.decode()
    assert "50,000.00 元" in filing and SAYS in filing
    project = drive.advance(mill, MORE, draft, State.COUNTY_REVIEW, clock.workdays)
    assert (project.ceiling_fen, project.ceiling_note) == (5_000_000, SAYS)
    desk = Desk(Membership.objects.get(user_id=drive.players.county.user_id), project)
    assert SAYS in desk.see()
    too_much = desk.refused(
        "pass_county_review", amount="50000.01", tasks_completed="on", opinion="同意"
    )
    assert f"不能超过5万元（第七条（一））。{SAYS}" in too_much
    desk.does("pass_county_review", amount="50000", tasks_completed="on", opinion="同意")
    assert SAYS in client_of(owner).get("/my/money/").content.decode()
    drive.do(drive.players.city, project, "pass_city_review", opinion="审核通过")
    drive.publicise_payment(project)
    clock.workdays(6)
    drive.determine(project)
    drive.pay(project)
    project.refresh_from_db()
    assert SAYS in desk.see()  # as it was decided, though 5万元 more have been paid since
    assert first.paid_fen + project.paid_fen == 40_000_000
    assert verify() == []


def test_what_came_back_is_free_again_and_nothing_else(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    first = drive.carry(mill, CASE, State.PAID, clock.workdays)
    next_pilot(drive, clock)
    second = drive.carry(mill, MORE, State.COUNTY_REVIEW, clock.workdays)
    drive.do(drive.players.county, first, "order_claw_back", amount="80000", reason="多付")
    receipt = {"returned_on": clock.today.isoformat()}
    for amount, most in (("", "5万元"), ("30000.01", "80,000.01元")):
        if amount:
            drive.do(drive.players.finance, first, "record_partial_return", amount=amount,
                     voucher="TK-1", **receipt)  # fmt: skip
        answer = review(drive, second, 13_000_000)
        assert isinstance(answer, NotDone) and f"不能超过{most}" in answer.text
    assert "领取319,999.99元（已扣除退回的30,000.01元），本次最多80,000.01元" in answer.text
    assert not review(drive, second, 8_000_002).ok
    assert review(drive, second, 8_000_001).ok


def test_what_is_on_its_way_counts_until_it_falls(drive: Drive, mill: Firm, clock: Clock) -> None:
    """From the county's review on; an amount that fell holds nothing."""
    big = Case(spend=(("software", "生产执行系统", 90_000_000),))
    first = drive.carry(mill, big, State.COUNTY_REVIEW, clock.workdays)
    assert review(drive, first, 40_000_000).ok
    next_pilot(drive, clock)
    second = drive.carry(mill, MORE, State.COUNTY_REVIEW, clock.workdays)
    assert (second.ceiling_fen, second.proposed_fen) == (0, 0)
    desk = Desk(Membership.objects.get(user_id=drive.players.county.user_id), second)
    assert not desk.offered("pass_county_review")
    assert "补助上限是0，没有可以补助的金额。" in desk.see()
    said = "在彭阳县中小企业数字化转型试点（彭阳县-2026-1-001）正在办理40万元，本次最多0元。"
    assert said in desk.see() and not review(drive, second, 1).ok
    drive.do(drive.players.city, first, "return_county", reason="请核对")
    drive.do(drive.players.county, first, "order_rectification", reason="没有提升")
    assert review(drive, second, 40_000_000).ok
    second.refresh_from_db()
    assert (second.ceiling_fen, second.ceiling_note) == (40_000_000, "")


@pytest.mark.django_db(transaction=True)
def test_two_projects_reviewed_at_once_do_not_take_the_same_money(
    drive: Drive, mill: Firm, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [drive.carry(mill, CASE, State.COUNTY_REVIEW, clock.workdays)]
    next_pilot(drive, clock)
    both.append(drive.carry(mill, MORE, State.COUNTY_REVIEW, clock.workdays))
    meeting, computed = threading.Barrier(2), guards.ceiling

    def slowly(project: Project, decision: Decision, result: Any) -> Ceiling:
        """Whoever came this far waits for the other, who must not come before it is over."""
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=1)
        return computed(project, decision, result)

    monkeypatch.setattr(guards, "ceiling", slowly)
    answers: list[Done | NotDone] = []

    def ask(actor: Actor, project: Project) -> None:
        body = {"tasks_completed": "on", "amount": 35_000_000, "opinion": "同意"}
        try:
            answers.append(perform(actor, project.pk, "pass_county_review", body, key=uuid4()))
        finally:
            connection.close()

    people = (drive.players.county, drive.players.second)
    threads = [threading.Thread(target=ask, args=pair) for pair in zip(people, both, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.ok for answer in answers) == [False, True]
    refused = next(answer for answer in answers if isinstance(answer, NotDone))
    assert "正在办理35万元，本次最多5万元" in refused.text

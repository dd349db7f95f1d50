"""No project is caught: a publicity taken back, a lost place, a batch that was missed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.pilots.actions.pilot import close_batch, create_batch, open_batch
from shuzhuan.apps.pilots.models import Batch
from shuzhuan.apps.projects.actions.bulk import bulk
from shuzhuan.apps.projects.actions.start_project import start_project
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.mine import chances
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.finish import cancel, withdraw_item
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.publicity.models import Objection, Publicity, PublicityItem
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE, firm
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db


def fresh(project: Project) -> Project:
    return Project.objects.select_related("item__publicity").get(pk=project.pk)


def item_of(project: Project) -> PublicityItem:
    item = fresh(project).item
    assert item is not None
    return item


def object_against(item: PublicityItem) -> Objection:
    text = "请核查该企业是否符合条件。"
    return object_to(PUBLIC, item.pk, "王建国", "13800000000", text, key="k" * 24)


def foundry(cast: Cast, drive: Drive) -> Firm:
    """A second enterprise of the place, with its archive."""
    found = firm(cast, "park_foundry")
    drive.archive(found)
    return found


def refused(drive: Drive, project: Project, action: str, **payload: object) -> str:
    answer = drive.try_(drive.players.county, project, action, **payload)
    assert not answer.ok, f"{action} was done"
    return getattr(answer, "text", "")


def next_batch(drive: Drive, clock: Clock) -> Batch:
    batch = create_batch(
        drive.players.county, drive.pilot, title="第二批试点企业申报", clause="7-1",
        opens_on=clock.today, closes_on=clock.today + timedelta(days=20), contact="0954-0000000",
    )  # fmt: skip
    return open_batch(drive.players.county, batch.pk)


def test_a_cancelled_payment_publicity_frees_the_money_and_is_shown_again(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAYMENT_PUBLICITY, clock.workdays)
    first = item_of(project)
    assert "公示还在" in refused(drive, project, "retract_payment_publicity", reason="名单有误")
    cancel(drive.players.county, first.publicity, "名单有误")
    assert "公示已经撤下" in refused(drive, project, "close_payment_publicity")
    page = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang")).get(f"/projects/{project.pk}/")
    text = page.content.decode()
    assert "公示已撤，重新公示" in text and "已撤销：名单有误" in text
    clock.workdays(6)
    said = refused(drive, project, "retract_payment_publicity", reason="名单有误")
    assert "撤下公示是您办的，释放锁定的资金要由另一个人办" in said
    drive.do(drive.players.second, project, "retract_payment_publicity", reason="名单有误")
    now = fresh(project)
    assert (now.at, now.reserved_fen, now.reservation_id) == (State.APPROVED, 0, None)
    drive.publicise_payment(project)
    assert fresh(project).item_id != first.pk
    assert "期满" in refused(drive, project, "close_payment_publicity")  # five days from now on
    clock.workdays(6)
    drive.determine(project)
    drive.pay(project)
    assert fresh(project).paid_fen == 35_000_000
    assert verify() == []


def test_an_item_taken_out_of_the_selection_goes_back_unless_somebody_waits_to_be_heard(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.SELECTION_PUBLICITY, clock.workdays)
    item = item_of(project)
    object_against(item)
    withdraw_item(drive.players.county, item, "内容写错，更正后重新公示")
    said = refused(drive, project, "retract_selection_publicity", reason="更正")
    assert "1 件异议没有办结" in said


def test_who_was_taken_out_of_a_publicity_can_still_lose_the_place(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAYMENT_PUBLICITY, clock.workdays)
    item = item_of(project)
    withdraw_item(drive.players.county, item, "企业造假")
    assert "先由一位同事提请取消资格" in refused(drive, project, "disqualify", reason="虚报投资")
    drive.do(drive.players.county, project, "propose_disqualification", reason="虚报投资")
    assert "要由另一个人办" in refused(drive, project, "disqualify", reason="虚报投资")
    drive.do(drive.players.second, project, "disqualify", reason="虚报投资")
    assert fresh(project).reserved_fen == 0
    freed = Transfer.objects.order_by("pk").last()
    assert freed is not None and freed.maker_id == drive.players.county.user_id
    assert freed.checker_id == drive.players.second.user_id


def test_nobody_leaves_a_shared_publicity_before_the_end_that_the_calendar_of_today_says(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    other = foundry(cast, drive)
    projects = [drive.carry(each, CASE, State.SELECTED, clock.workdays) for each in (mill, other)]
    ids = [project.pk for project in projects]
    answer = bulk(drive.players.county, "start_selection_publicity", ids, key=uuid4())
    assert answer.ok
    item = item_of(projects[0])
    # As if a holiday had been published meanwhile: the stored end is too early.
    Publicity.objects.filter(pk=item.publicity_id).update(
        ends_on=item.publicity.starts_on + timedelta(days=1)
    )
    clock.days(2)
    assert f"公示到{item.publicity.ends_on}" in refused(
        drive, projects[0], "close_selection_publicity"
    )


@pytest.mark.parametrize("item", ["99999999", "1"])
def test_a_row_that_is_no_publicity_of_today_is_refused(
    drive: Drive, mill: Firm, clock: Clock, item: str
) -> None:
    project = drive.carry(mill, CASE, State.SELECTED, clock.workdays)
    assert "没有这项公示" in refused(drive, project, "start_selection_publicity", item=item)


@pytest.mark.parametrize("paid", [False, True])
def test_who_lost_the_place_or_gave_the_money_back_does_not_file_again(
    drive: Drive, mill: Firm, clock: Clock, paid: bool
) -> None:
    """第十三条、第十七条、方案二（四）2: no second project, so no second 40万元."""
    state = State.PAID if paid else State.IMPLEMENTING
    project = drive.carry(mill, CASE, state, clock.workdays)
    if paid:
        drive.do(drive.players.county, project, "order_claw_back", amount="100", reason="虚报投资")
        day = clock.today.isoformat()
        drive.do(
            drive.players.finance, project, "confirm_returned", returned_on=day, voucher="TK-1"
        )
    else:
        drive.do(drive.players.county, project, "disqualify", reason="严重偏离目标")
    with pytest.raises(ValidationError, match="不能再申报"):
        start_project(mill.certifier, next_batch(drive, clock), mill.enterprise)


def test_a_draft_that_missed_its_batch_goes_on_in_the_next_one(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    drive.diagnose(mill, 1)
    draft = drive.fill(mill, CASE)
    close_batch(drive.players.county, drive.batch.pk)
    told = Message.objects.filter(about_id=draft.pk, user_id=mill.certifier.user_id)
    assert told.filter(title__contains="已停止受理").count() == 1
    clock.days(2)
    batch = next_batch(drive, clock)
    offered = chances(mill.certifier, mill.enterprise, clock.today)
    assert [chance.batch.pk for chance in offered] == [batch.pk]
    again = start_project(mill.certifier, batch, mill.enterprise)
    assert (again.pk, again.batch_id, again.due_on) == (draft.pk, batch.pk, batch.closes_on)
    drive.do(mill.certifier, again, "file")
    assert fresh(draft).number == "彭阳县-2026-2-001"


def test_a_withdrawn_filing_may_be_filed_again_under_a_new_number(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    first = drive.carry(mill, CASE, State.FORM_CHECK, clock.workdays)
    drive.do(mill.certifier, first, "withdraw", reason="改一个方案")
    second = drive.file(mill, CASE)
    assert (fresh(first).number, fresh(second).number) == ("彭阳县-2026-1-001", "彭阳县-2026-1-002")
    assert clock.today == date(2026, 3, 2)


def test_an_objection_that_holds_takes_effect_at_once(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    """It does not wait for the end of the period; the publicity runs on until then."""
    project = drive.carry(mill, CASE, State.SELECTION_PUBLICITY, clock.workdays)
    item = item_of(project)
    objection = object_against(item)
    decide(drive.players.county, objection.pk, True, "核查属实，不符合条件。", "d" * 24)
    drive.do(drive.players.county, project, "uphold_selection_objection", reason="不符合条件")
    assert fresh(project).at == State.REJECTED
    item.publicity.refresh_from_db()
    assert item.publicity.state == "running"


def test_an_open_objection_to_another_does_not_hold_a_project_and_the_last_one_ends_it(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    other = foundry(cast, drive)
    first, second = (
        drive.carry(each, CASE, State.APPROVED, clock.workdays) for each in (mill, other)
    )
    county = drive.players.county
    assert bulk(county, "start_payment_publicity", [first.pk, second.pk], key=uuid4()).ok
    item = item_of(first)
    objection = object_against(item)
    clock.workdays(6)
    assert "1 件异议没有办结" in refused(drive, first, "close_payment_publicity")
    drive.do(drive.players.second, first, "propose_disqualification", reason="虚报投资")
    drive.do(county, first, "disqualify", reason="虚报投资")  # the objection is still open
    drive.do(county, second, "close_payment_publicity")
    item.publicity.refresh_from_db()
    assert item.publicity.state == "running"
    decide(county, objection.pk, True, "核查属实，已取消资格。", "d" * 24)
    assert fresh(second).at == State.DETERMINATION

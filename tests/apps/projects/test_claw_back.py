"""追回: in several receipts, settled by the last, or withdrawn by two while nothing has come."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.funds.models import Purpose, Transfer
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.projects.actions import perform
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.apps.projects.queries.page import stages
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.apps.projects.office import Desk
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
PAID_FEN = 35_000_000


@pytest.fixture
def owed(drive: Drive, mill: Firm, clock: Clock) -> Project:
    """35万元 were paid and 8万元 of them are ordered back."""
    project = drive.carry(mill, CASE, State.PAID, clock.workdays)
    drive.do(drive.players.county, project, "order_claw_back", amount="80000", reason="核减后多付")
    return fresh(project)


def fresh(project: Project) -> Project:
    return Project.objects.select_related("enterprise").get(pk=project.pk)


def desks(cast: Cast, drive: Drive, project: Project) -> tuple[Desk, Desk, Desk]:
    """Whoever ordered it, a colleague, and the finance officer."""
    people = (drive.players.county, drive.players.second, drive.players.finance)
    found = [Membership.objects.get(user_id=actor.user_id) for actor in people]
    return Desk(found[0], project), Desk(found[1], project), Desk(found[2], project)


def words(person: Membership, address: str) -> str:
    """The page as one reads it."""
    text = client_of(person).get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("<main")[1]))


def told(person: int, project: Project, part: str) -> int:
    rows = Message.objects.filter(user_id=person, about_id=project.pk)
    return rows.filter(title__contains=part).count()


def test_it_comes_back_in_receipts_and_the_last_one_settles(
    cast: Cast, drive: Drive, mill: Firm, owed: Project, clock: Clock
) -> None:
    county, _, finance = desks(cast, drive, owed)
    assert not county.offered("record_partial_return")
    assert "一次退清" in finance.see()
    for amount, said in (
        ("0", "应当大于0"), ("-1", ""), ("80000.01", "超过还没有退回的8万元"),
        ("80000", "请用“确认退清”办理"), ("1e3", ""), ("", ""),
    ):  # fmt: skip
        page = finance.refused("record_partial_return", amount=amount, voucher="TK-1")
        assert said in page and 'href="#record_partial_return-amount"' in page
    first_day = clock.today.isoformat()
    finance.does("record_partial_return", amount="30000.01", voucher="TK-1", returned_on=first_day)
    assert (owed.at, owed.returned_fen, owed.outstanding_fen) == (
        State.CLAW_BACK, 3_000_001, 4_999_999,
    )  # fmt: skip
    assert told(mill.certifier.user_id or 0, owed, "收到部分退款") == 1
    clock.workdays(3)
    assert "TK-1已经登记过" in finance.refused("record_partial_return", amount="1", voucher="TK-1")
    assert "超过还没有退回的49,999.99元" in finance.refused(
        "record_partial_return", amount="50000", voucher="TK-2"
    )
    finance.does("record_partial_return", amount="19999.99", voucher="TK-2")
    assert "TK-2已经登记过" in finance.refused("confirm_returned", voucher="TK-2")
    assert "退清余下的 30,000.00 元" in words(finance.person, finance.url)
    finance.does("confirm_returned", voucher="TK-3")
    assert (owed.at, owed.returned_fen, owed.outstanding_fen) == (State.CLAWED_BACK, 8_000_000, 0)

    receipts = list(Transfer.objects.filter(purpose=Purpose.CLAW_BACK).order_by("number"))
    assert [(t.amount_fen, t.reason) for t in receipts] == [
        (3_000_001, "退款凭证 TK-1"), (1_999_999, "退款凭证 TK-2"), (3_000_000, "退款凭证 TK-3"),
    ]  # fmt: skip
    assert receipts[0].dated.isoformat() == first_day < receipts[1].dated.isoformat()
    assert {t.reverses_id for t in receipts} == {owed.payment_id}
    pairs = {(t.maker_id, t.checker_id) for t in receipts}
    assert pairs == {(drive.players.county.user_id, drive.players.finance.user_id)}
    assert verify() == []
    rows = Entry.objects.filter(action__in=("record_partial_return", "confirm_returned"))
    assert rows.filter(outcome="done").count() == 3
    page = words(county.person, county.url)
    for word in ("退款凭证 TK-1", "退款凭证 TK-2", "退款凭证 TK-3"):
        assert word in page


def test_what_is_outstanding_is_shown_to_everybody_whom_it_concerns(
    cast: Cast, drive: Drive, mill: Firm, owed: Project
) -> None:
    _, _, finance = desks(cast, drive, owed)
    finance.does("record_partial_return", amount="30000.01", voucher="TK-1")
    rest = "49,999.99"
    assert f"还没退回 {rest}" in words(finance.person, finance.url)
    book = words(finance.person, "/work/ledger-book/?stage=recover")
    assert owed.number in book and rest in book and "与总账核对一致" in book
    leader = cast.person(Role.LEADER, "pengyang")
    assert f"还没退回 {rest} 元" in words(leader, "/leader/")
    listed = words(leader, "/leader/list/outstanding/")
    assert rest in listed and "要求追回、还没有退回的补助" in listed
    owner = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    assert f"还应退回 {rest}" in words(owner, "/my/money/")
    finance.does("confirm_returned", voucher="TK-2")
    for person, address in (
        (finance.person, finance.url), (leader, "/leader/"), (owner, "/my/money/"),
    ):  # fmt: skip
        text = words(person, address)
        assert "还应退回" not in text and f"还没退回 {rest}" not in text


def test_it_stands_where_it_left_the_line(drive: Drive, owed: Project, clock: Clock) -> None:
    """Ordered back after it was paid, a project was never closed."""

    def shown() -> list[tuple[str, str, str]]:
        steps = Step.objects.filter(project=owed).order_by("number")
        return [(each.name, each.kind, each.note) for each in stages(fresh(owed), steps)][-2:]

    assert shown() == [("兑付", "done", ""), ("结项", "now", "追回中")]
    drive.do(drive.players.finance, owed, "confirm_returned", voucher="TK-9",
             returned_on=clock.today.isoformat())  # fmt: skip
    assert shown() == [("兑付", "done", ""), ("结项", "now", "已追回")]


def test_one_person_in_two_roles_does_not_confirm_what_they_ordered(
    cast: Cast, drive: Drive, owed: Project, clock: Clock
) -> None:
    county, _, _ = desks(cast, drive, owed)
    both = Membership.objects.create(
        user=county.person.user, role=Role.FINANCE_OFFICER, region=county.person.region,
        user_kind=county.person.user_kind,
    )  # fmt: skip
    body = {"amount": "100", "voucher": "TK-1", "returned_on": clock.today.isoformat()}
    for action in ("record_partial_return", "confirm_returned"):
        answer = perform(actor_of(both), owed.pk, action, body, key=uuid4())
        assert not answer.ok and "追回资金”是您办的" in getattr(answer, "text", "")
    assert not Transfer.objects.filter(purpose=Purpose.CLAW_BACK).exists()


@pytest.mark.parametrize("state", [State.PAID, State.CLOSED])
def test_an_order_made_in_error_is_withdrawn_by_two_and_leaves_no_trace_of_money(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock, state: State
) -> None:
    project = drive.carry(mill, CASE, state, clock.workdays)
    county, second, finance = desks(cast, drive, project)
    moved = Transfer.objects.count()
    for time in (1, 2):  # the second order needs a proposal of its own
        county.does("order_claw_back", amount="80000", reason="误办")
        assert "先由一位同事提请撤销追回" in second.see()
        assert not second.offered("withdraw_claw_back") and not finance.offered(
            "withdraw_claw_back"
        )
        assert "请写明理由" in county.refused("propose_claw_back_withdrawal")
        county.does("propose_claw_back_withdrawal", reason="对象弄错")
        assert told(drive.players.second.user_id or 0, project, "提请撤销追回") == time
        assert "“提请撤销追回”是您办的" in county.see()
        assert not county.offered("withdraw_claw_back")
        second.does("withdraw_claw_back", reason="核对无误，对象弄错")
        now = fresh(project)
        assert (now.at, now.clawback_fen, now.paid_fen) == (state, 0, PAID_FEN)
        assert told(mill.certifier.user_id or 0, project, "撤销了追回") == time
    assert Transfer.objects.count() == moved
    assert verify() == []
    last = Step.objects.filter(project=project).latest("number")
    assert (last.before, last.after) == (str(State.CLAW_BACK), str(state))
    county.does("order_claw_back", reason="查实虚报")
    finance.does("confirm_returned", voucher="TK-1")
    assert (project.at, project.returned_fen) == (State.CLAWED_BACK, PAID_FEN)


def test_after_money_came_back_the_order_stands(cast: Cast, drive: Drive, owed: Project) -> None:
    county, second, finance = desks(cast, drive, owed)
    county.does("propose_claw_back_withdrawal", reason="对象弄错")
    finance.does("record_partial_return", amount="100", voucher="TK-1")
    assert "已经收到退款100元，这次追回不能再撤销" in second.see()
    assert not second.offered("withdraw_claw_back")
    assert not county.offered("propose_claw_back_withdrawal")
    for person, action in (
        (drive.players.second, "withdraw_claw_back"),
        (drive.players.county, "propose_claw_back_withdrawal"),
    ):
        answer = drive.try_(person, owed, action, reason="对象弄错")
        assert not answer.ok and "不能再撤销" in getattr(answer, "text", "")
    assert fresh(owed).clawback_fen == 8_000_000


def test_two_officers_do_not_book_one_paper_past_each_other(
    cast: Cast, drive: Drive, owed: Project, clock: Clock
) -> None:
    """The form carries the version: what a colleague booked meanwhile is seen first."""
    version = owed.version
    body = {"amount": "100", "returned_on": clock.today.isoformat()}
    people = (drive.players.finance, drive.players.checker)
    answers = [
        perform(person, owed.pk, "record_partial_return", {**body, "voucher": f"TK-{at}"},
                key=uuid4(), version=version)
        for at, person in enumerate(people)
    ]  # fmt: skip
    assert [answer.ok for answer in answers] == [True, False]
    assert fresh(owed).returned_fen == 10_000


def test_the_amount_of_an_order_is_corrected_by_two(
    cast: Cast, drive: Drive, mill: Firm, owed: Project
) -> None:
    county, second, finance = desks(cast, drive, owed)
    finance.does("record_partial_return", amount="30000.01", voucher="TK-1")
    moved = Transfer.objects.count()
    assert "先由一位同事提请更正" in second.see() and not second.offered("correct_claw_back")
    assert not finance.offered("propose_claw_back_correction")
    for amount, said in (
        ("30000", "不能少于已经收到的30,000.01元"), ("350000.01", "不能超过已兑付的35万元"),
        ("80000", "现在要求追回的就是8万元"), ("0", "应当大于0"), ("-1", ""), ("", ""),
    ):  # fmt: skip
        page = county.refused("propose_claw_back_correction", amount=amount, reason="算错")
        assert said in page and 'href="#propose_claw_back_correction-amount"' in page
    assert "请写明理由" in county.refused("propose_claw_back_correction", amount="50000")
    county.does("propose_claw_back_correction", amount="50000", reason="一张发票重复核减")
    assert owed.clawback_fen == 8_000_000  # until a colleague has looked
    assert told(drive.players.second.user_id or 0, owed, "提请更正追回金额") == 1
    assert "“提请更正追回金额”是您办的" in county.see() and not county.offered("correct_claw_back")
    changes = "追回金额由8万元更正为5万元。"
    assert changes in second.see() and "提请：一张发票重复核减" in second.see()
    second.does("correct_claw_back")
    assert (owed.at, owed.clawback_fen, owed.outstanding_fen) == (
        State.CLAW_BACK, 5_000_000, 1_999_999,
    )  # fmt: skip
    assert Transfer.objects.count() == moved and verify() == []
    for person in (mill.certifier.user_id, drive.players.finance.user_id):
        (message,) = Message.objects.filter(user_id=person, title__contains="更正了追回金额")
        assert message.body == f"{changes}还应退回19,999.99元。\n说明：一张发票重复核减"
    done = Entry.objects.filter(action__in=("propose_claw_back_correction", "correct_claw_back"))
    assert done.filter(outcome="done").count() == 2
    assert "先由一位同事提请更正" in second.see()  # the next one needs a proposal of its own
    finance.does("confirm_returned", voucher="TK-2")
    assert (owed.at, owed.returned_fen) == (State.CLAWED_BACK, 5_000_000)
    assert words(county.person, county.url).count(changes) == 2
    assert verify() == []


def test_an_order_corrected_to_what_has_come_is_settled_without_another_receipt(
    cast: Cast, drive: Drive, owed: Project
) -> None:
    county, second, finance = desks(cast, drive, owed)
    finance.does("record_partial_return", amount="30000", voucher="TK-1")
    county.does("propose_claw_back_correction", amount="30000", reason="只该退这些")
    second.does("correct_claw_back")
    assert (owed.at, owed.outstanding_fen) == (State.CLAW_BACK, 0)
    assert "不用再登记退款" in finance.see() and not finance.offered("record_partial_return")
    answer = drive.try_(drive.players.finance, owed, "record_partial_return", amount="1")
    assert "已经全部退回" in getattr(answer, "text", "")
    finance.does("confirm_returned")
    assert (owed.at, owed.returned_fen) == (State.CLAWED_BACK, 3_000_000)
    assert Transfer.objects.filter(purpose=Purpose.CLAW_BACK).count() == 1
    assert verify() == []


def test_what_changed_since_it_was_proposed_is_seen_before_it_is_confirmed(
    cast: Cast, drive: Drive, owed: Project
) -> None:
    county, second, finance = desks(cast, drive, owed)
    county.does("propose_claw_back_correction", amount="350000", reason="应当全部追回")
    version = owed.version
    county.does("propose_claw_back_correction", amount="20000", reason="再核对过")
    stale = perform(drive.players.second, owed.pk, "correct_claw_back", {}, key=uuid4(),
                    version=version)  # fmt: skip
    assert not stale.ok and fresh(owed).clawback_fen == 8_000_000
    assert "由8万元更正为2万元" in second.see()
    finance.does("record_partial_return", amount="20000.01", voucher="TK-1")
    assert "不能少于已经收到的20,000.01元" in second.see()
    assert not second.offered("correct_claw_back")
    county.does("propose_claw_back_correction", amount="350000", reason="应当全部追回")
    second.does("correct_claw_back")
    assert (owed.clawback_fen, owed.outstanding_fen) == (PAID_FEN, 32_999_999)


@pytest.mark.parametrize("action", ["propose_claw_back_correction", "correct_claw_back"])
def test_who_set_the_amount_does_not_book_what_comes(
    drive: Drive, owed: Project, clock: Clock, action: str
) -> None:
    p = drive.players
    first, then = (p.second, p.county) if action.startswith("propose") else (p.county, p.second)
    drive.do(first, owed, "propose_claw_back_correction", amount="90000", reason="少算")
    drive.do(then, owed, "correct_claw_back")
    person = Membership.objects.get(user_id=p.second.user_id)
    both = Membership.objects.create(
        user=person.user, role=Role.FINANCE_OFFICER, region=person.region,
        user_kind=person.user_kind,
    )  # fmt: skip
    body = {"amount": "100", "voucher": "TK-1", "returned_on": clock.today.isoformat()}
    for booking in ("record_partial_return", "confirm_returned"):
        answer = perform(actor_of(both), owed.pk, booking, body, key=uuid4())
        assert not answer.ok and "更正追回金额”是您办的" in getattr(answer, "text", "")

"""Several projects in one publicity: an objection concerns one of them, and only that one waits."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.projects.actions.bulk import bulk
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.finish import cancel, withdraw_item
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.publicity.actions.recompute import recompute
from shuzhuan.apps.publicity.models import Objection, Publicity, PublicityItem
from shuzhuan.engine import workdays
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE, firm
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db


def item_of(project: Project) -> PublicityItem:
    found = Project.objects.select_related("item__publicity").get(pk=project.pk).item
    assert found is not None
    return found


def at(project: Project) -> State:
    return Project.objects.get(pk=project.pk).at


def against(project: Project, key: str) -> Objection:
    text = "请核查该企业是否符合条件。"
    return object_to(PUBLIC, item_of(project).pk, "王建国", "13800000000", text, key=key * 24)


def says(drive: Drive, project: Project, action: str, **payload: object) -> str:
    answer = drive.try_(drive.players.county, project, action, **payload)
    assert not answer.ok, f"{action} was done"
    return getattr(answer, "text", "")


@pytest.fixture
def pair(cast: Cast, drive: Drive, mill: Firm, clock: Clock) -> tuple[Project, Project]:
    """Two projects whose payments are shown together from today on."""
    other = firm(cast, "park_foundry")
    drive.archive(other)
    first, second = (
        drive.carry(each, CASE, State.APPROVED, clock.workdays) for each in (mill, other)
    )
    county = drive.players.county
    assert bulk(county, "start_payment_publicity", [first.pk, second.pk], key=uuid4()).ok
    assert item_of(first).publicity_id == item_of(second).publicity_id
    return first, second


def longer_holiday(monkeypatch: pytest.MonkeyPatch, publicity: Publicity) -> None:
    """Three working days of the period turn out to be days off."""
    known, day = workdays.china(), publicity.starts_on
    days = {day + timedelta(n) for n in range(1, 20)}
    work = sorted(d for d in days if known.add(d, 0).day == d)[:3]
    off = {**known.off, day.year: known.off[day.year] | frozenset(work)}
    changed = workdays.Calendar(off, known.work)
    monkeypatch.setattr(workdays, "china", lambda: changed)


def test_the_others_are_paid_whatever_becomes_of_the_one_objected_to(
    cast: Cast, drive: Drive, pair: tuple[Project, Project], clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    free, objected = pair
    county = drive.players.county
    objection = against(objected, "k")
    clock.workdays(6)
    assert "1 件异议没有办结" in says(drive, objected, "close_payment_publicity")
    drive.do(county, free, "close_payment_publicity")
    assert item_of(free).state == "passed" and item_of(free).publicity.state == "running"

    # The calendar changes: the publicity takes objections again, but not to what has passed.
    publicity = item_of(free).publicity
    longer_holiday(monkeypatch, publicity)
    assert recompute(publicity) and publicity.runs_on(clock.today)
    with pytest.raises(ValidationError, match="已经通过，不再接收异议"):
        against(free, "l")
    page = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang")).get(
        f"/publicity/{publicity.pk}/"
    )
    text = page.content.decode()
    assert f"对第 {item_of(objected).position} 项提异议" in text
    assert f"对第 {item_of(free).position} 项提异议" not in text
    for undo in (
        lambda: cancel(county, publicity, "名单有误"),
        lambda: withdraw_item(county, item_of(free), "名单有误"),
    ):
        with pytest.raises(ValidationError, match=r"已经.*通过"):
            undo()
    drive.do(county, free, "determine", amount=35_000_000, reason="核定")
    drive.do(drive.players.second, free, "confirm_determination")
    drive.pay(free)
    assert at(free) == State.PAID

    # The one objected to waits for the answer and for the later end.
    decide(county, objection.pk, False, "已核查，符合条件。", "d" * 24)
    assert "才期满" in says(drive, objected, "close_payment_publicity")
    clock.workdays(6)
    drive.do(county, objected, "close_payment_publicity")
    publicity.refresh_from_db()
    assert (publicity.state, at(objected)) == ("closed", State.DETERMINATION)
    assert verify() == []


def test_an_objection_that_holds_leaves_the_others_alone(
    drive: Drive, pair: tuple[Project, Project], clock: Clock
) -> None:
    free, objected = pair
    county = drive.players.county
    objection = against(objected, "k")
    clock.workdays(6)
    drive.do(county, free, "close_payment_publicity")
    decide(drive.players.second, objection.pk, True, "核查属实，退回初审。", "d" * 24)
    drive.do(county, objected, "uphold_payment_objection", reason="退回初审")
    assert (at(objected), at(free)) == (State.COUNTY_REVIEW, State.DETERMINATION)
    publicity = item_of(free).publicity
    assert publicity.state == "closed" and item_of(free).state == "passed"
    drive.do(county, free, "determine", amount=35_000_000, reason="核定")
    drive.do(drive.players.second, free, "confirm_determination")
    drive.pay(free)
    assert at(free) == State.PAID and verify() == []


def test_an_objection_at_the_last_moment_is_not_overlooked(
    drive: Drive, pair: tuple[Project, Project], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came in after the guard had looked: the item does not pass, and nothing has moved."""
    from shuzhuan.apps.projects.actions.move import GUARDS

    free, _ = pair
    against(free, "k")
    clock.workdays(6)
    monkeypatch.setitem(GUARDS, "no_open_objection", lambda _: None)
    assert "刚刚有了变动" in says(drive, free, "close_payment_publicity")
    assert at(free) == State.PAYMENT_PUBLICITY and item_of(free).state == "running"

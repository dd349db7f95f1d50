"""What a vendor reads of its clients' projects, and what a body still has to hand in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import Engagement, EngagementKind
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.vendors.actions.body import BodyText, save_body
from shuzhuan.apps.vendors.actions.consent import grant_consent, request_consent
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
QUERIES_MAX = 14
WORD = "（实际控制人待核实）"


def consent(drive: Drive, mill: Firm, parts: frozenset[str]) -> None:
    today = timezone.localdate()
    asked = request_consent(drive.players.vendor, mill.enterprise.uscc, "代办")
    grant_consent(mill.certifier, asked, today, today + timedelta(days=300), parts)


def clients(cast: Cast) -> str:
    return (
        client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan")).get("/vendor/").content.decode()
    )


def test_the_vendor_sees_where_each_client_stands_and_until_when(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    consent(drive, mill, frozenset({"sees_projects"}))
    drive.carry(mill, CASE, State.ACCEPTANCE_REQUESTED, clock.workdays)
    text = clients(cast)
    assert "已申请验收" in text and "县级主管部门" in text and "还剩 5 个工作日" in text
    person = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    with CaptureQueriesContext(connection) as seen:
        person.get("/vendor/")
    assert len(seen) <= QUERIES_MAX


def test_what_a_client_has_to_do_itself_is_a_list_of_its_own(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    consent(drive, mill, frozenset({"sees_projects"}))
    drive.carry(mill, CASE, State.ACCEPTANCE_REQUESTED, clock.workdays)
    person = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    text = person.get("/vendor/?state=acting").content.decode()
    assert mill.enterprise.name not in text and "现在没有轮到企业办的事" in text
    drive.do(
        drive.players.county, mill.enterprise.projects.get(), "return_acceptance",
        reason="请补", return_lines="第一笔发票看不清",
    )  # fmt: skip
    text = person.get("/vendor/?state=acting").content.decode()
    assert mill.enterprise.name in text and "<strong>企业</strong>" in text


def test_the_nearest_day_stands_first_whoever_named_it(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    """The project's day counts before the longer one until which the archive is open."""
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    assert project.due_on is not None
    between = project.due_on + timedelta(days=1)
    engagement = Engagement.objects.get(pk=project.grader_id)
    assert engagement.valid_to > between
    Engagement.objects.create(
        place=engagement.place, enterprise=mill.enterprise, party=engagement.party,
        kind=EngagementKind.DIAGNOSIS, valid_from=timezone.localdate(), valid_to=between,
        created_by=engagement.created_by,
    )  # fmt: skip
    agency = client_of(cast.person(Role.AGENCY_STAFF, "agency_ningxia"))
    rows = agency.get("/visits/").context["rows"]
    assert [row.until for row in rows] == [project.due_on, project.due_on, between]
    page = agency.get(f"/visits/{engagement.pk}/").content.decode()
    assert f"{project.due_on:%Y-%m-%d}" in page


def test_a_client_that_keeps_its_projects_closed_shows_nothing_of_them(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    consent(drive, mill, frozenset())
    drive.carry(mill, CASE, State.ACCEPTANCE_REQUESTED, clock.workdays)
    text = clients(cast)
    assert mill.enterprise.name in text and "没有开放" in text and "已申请验收" not in text


def test_the_agency_has_the_task_until_the_project_has_taken_it_over(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    drive.carry(mill, CASE, State.GRADING, clock.workdays)
    agency = client_of(cast.person(Role.AGENCY_STAFF, "agency_ningxia"))
    text = agency.get("/visits/").content.decode()
    assert "开始验收评测" in text and "待核定投入" in text and "去核定" in text
    project = mill.enterprise.projects.get()
    drive.sheet(drive.players.agency, mill, "acceptance", CASE.level_target, project.grader)
    assert "评测已填，待提交验收意见" in agency.get("/visits/").content.decode()
    drive.do(drive.players.agency, project, "finish_grading", opinion="现场评测")
    text = agency.get("/visits/").content.decode()
    assert "评测已填" not in text and "去核定" in text
    assert mill.enterprise.name in agency.get("/visits/?state=done").content.decode()


def test_an_unknown_controlling_person_is_said_before_and_after_the_assignment(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.ACCEPTANCE_REQUESTED, clock.workdays)
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    page = f"/projects/{project.pk}/"
    assert WORD in officer.get(page).content.decode()
    drive.assign(project)
    warned = Message.objects.filter(
        user_id=drive.players.county.user_id, title__startswith="待核实"
    ).first()
    assert warned is not None and "没有登记实际控制人" in warned.body
    assert "待核实" in officer.get(warned.url).content.decode()
    assert "待核实" in officer.get("/work/visits/").content.decode()


def test_a_known_one_raises_no_warning(cast: Cast, drive: Drive, mill: Firm, clock: Clock) -> None:
    p = drive.players
    for actor, category, number in (
        (p.vendor, "scenario", "64042519800101123X"),
        (p.agency, "agency", "640425198001011248"),
    ):
        text = BodyText(category, controller_name="某某", controller_id=number)
        save_body(actor, text)
    project = drive.carry(mill, CASE, State.ACCEPTANCE_REQUESTED, clock.workdays)
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    held = cast.parties["agency_ningxia"].name
    assert f"{held}{WORD}" not in officer.get(f"/projects/{project.pk}/").content.decode()
    drive.assign(project)
    assert not Message.objects.filter(title__startswith="待核实").exists()

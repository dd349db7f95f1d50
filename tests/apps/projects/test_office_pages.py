"""The project's page for offices and agencies: every form posts through, refusals show."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry, Outcome
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.projects.models import Line, Opinion, Project, ReturnedSection
from shuzhuan.apps.publicity.models import PublicityItem
from shuzhuan.engine.process import BY_ACTION, State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.apps.projects.office import EXPERTS, Desk, fields_of
from tests.cast import Cast, canary, client_of

pytestmark = pytest.mark.django_db
PAGE_BUDGET = 26  # statements, whatever the project has gathered


def seat(cast: Cast, role: Role, where: str = "pengyang") -> Membership:
    return cast.person(role, where)


def second(cast: Cast) -> Membership:
    """The other county officer."""
    return Membership.objects.exclude(pk=seat(cast, Role.COUNTY_OFFICER).pk).get(
        role=Role.COUNTY_OFFICER, region=cast.places["pengyang"]
    )


def test_selection_by_its_forms(drive: Drive, mill: Firm, clock: Clock, cast: Cast) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    county = Desk(seat(cast, Role.COUNTY_OFFICER), project)
    page = county.see()
    assert "符合" in page and "第八条" in page and "还剩 10 个工作日" in page

    page = county.refused("return_filing", reason="请补正")
    assert "请至少选一个要补正的部分" in page
    assert "请补正</textarea>" in page  # what was typed is kept
    county.does("return_filing", reason="请补正", **{"return_content": "目标不具体"})
    assert project.at == State.RETURNED
    assert "目标不具体" in county.see()
    assert not county.offered("pass_form_check")
    county.does("extend", due_on=(project.due_on + timedelta(days=7)).isoformat(), reason="材料多")
    drive.do(mill.certifier, project, "edit_filing", title=project.title,
             content=project.content, goal="关键工序数据自动采集率达到九成")  # fmt: skip
    drive.do(mill.certifier, project, "refile")
    assert ReturnedSection.objects.filter(project=project, mended_at__isnull=True).count() == 0

    county.does("pass_form_check", opinion="材料齐全")
    assert county.offered("record_experts")
    page = county.refused("record_experts", **{**EXPERTS, "expert3_name": ""})
    assert "请登记至少 3 位专家的评分" in page and 'value="评审人1"' in page
    page = county.refused("record_experts", **{**EXPERTS, "expert2_points": "101"})
    assert 'href="#record_experts-expert2_points"' in page  # leads to the field
    assert 'id="record_experts-expert2_points"' in page
    page = county.refused("fail_experts", form="record_experts", **EXPERTS)
    assert "请写明理由" in page
    county.does("record_experts", reason="方案可行", **EXPERTS)
    scores = Opinion.objects.get(project=project, kind="expert").scores
    assert [s["field"] for s in scores] == ["technology", "finance", "management"]

    page = county.see()
    assert "5个工作日（第十一条）" in page and "<dd>35万元</dd>" in page
    county.does("start_selection_publicity")
    item = PublicityItem.objects.get(subject_id=project.pk)
    assert item.amount_fen == 35_000_000  # 70万元×50%, all conditions taken for granted
    page = county.see()
    assert "之后才能结束" in page and not county.offered("close_selection_publicity")
    answer = county.client.post(f"{county.url}close_selection_publicity/", {"key": "0" * 32})
    assert answer.status_code == 422 and "期满" in answer.content.decode()
    clock.workdays(6)
    assert "公示期满，可以结束" in county.see()
    county.does("close_selection_publicity")
    county.does("list_project")
    assert project.at == State.LISTED


def test_acceptance_and_money_by_their_forms(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    project = drive.carry(mill, CASE, State.ACCEPTANCE_REQUESTED, clock.workdays)
    county = Desk(seat(cast, Role.COUNTY_OFFICER), project)
    agency = Desk(seat(cast, Role.AGENCY_STAFF, "agency_ningxia"), project)
    assert agency.client.get(agency.url).status_code == 404  # not engaged yet
    page = county.refused("assign_agencies")
    assert "请从列表里选择" in page
    party = str(drive.players.agency_party.pk)
    county.does("assign_agencies", grader=party, auditor=party)

    page = agency.see()
    assert "还有 2 笔投入没有核定" in page and "去现场评测" in page
    assert "办理记录" not in page and "资金" not in page.split("<main")[1].split("</main")[0]
    lines = list(Line.objects.filter(project=project))
    answer = save(agency, lines[0], "499999.00", "")
    assert "核减要写明理由" in answer and 'value="499999.00"' in answer
    answer = save(agency, lines[0], "400000.00", "超出合同")
    assert "已核定" in answer and "核减 100,000.00 元" in answer and "<html" not in answer
    assert "还有 1 笔投入没有核定" in answer
    answer = save(agency, lines[1], str(lines[1].amount_fen // 100), "")
    assert f'action="{agency.url}finish_audit/"' in answer  # its form appears
    agency.does("finish_audit", opinion="投资真实")
    assert project.audited_fen == 60_000_000
    project.refresh_from_db()
    drive.sheet(drive.players.agency, mill, "acceptance", 2, project.grader)
    agency.does("finish_grading", opinion="现场评测")
    county.does("start_county_review")

    page = county.see()
    assert "实际投资额60万元×50%" in page and 'value="300000.00"' in page
    page = county.refused(
        "pass_county_review", tasks_completed="on", amount="300000.01", opinion="同意"
    )
    assert "不能超过30万元" in page and 'href="#pass_county_review-amount"' in page
    page = county.refused("pass_county_review", amount="300000", opinion="同意")
    assert 'href="#pass_county_review-tasks_completed"' in page
    county.does("pass_county_review", tasks_completed="on", amount="280000", opinion="同意")
    assert project.proposed_fen == 28_000_000

    city = Desk(seat(cast, Role.CITY_OFFICER, "guyuan"), project)
    assert not county.offered("pass_city_review")
    assert "请写明理由" in city.refused("return_county")
    city.does("pass_city_review", opinion="审核通过")
    county.does("start_payment_publicity")
    clock.workdays(6)
    county.does("close_payment_publicity")
    assert "不能超过公示并锁定的28万元" in county.refused(
        "determine", amount="280000.01", reason="核定"
    )
    county.does("determine", amount="280000", reason="结合等级提升核定")
    page = county.see()
    assert "“核定金额”是您办的" in page and not county.offered("confirm_determination")
    other = Desk(second(cast), project)
    assert "第七条" in other.see()
    other.does("confirm_determination")

    finance = Desk(seat(cast, Role.FINANCE_OFFICER), project)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "日期不能晚于今天" in finance.refused("pay", paid_on=tomorrow, voucher="GK-1")
    finance.does("pay", voucher="GK-1")
    assert project.paid_fen == 28_000_000
    county.does("order_claw_back", amount="80000", reason="查实虚报")
    assert not county.offered("confirm_returned")
    finance.does("confirm_returned", voucher="TK-1")
    assert project.at == State.CLAWED_BACK and project.returned_fen == 8_000_000


def save(desk: Desk, line: Line, amount: str, reason: str) -> str:
    """One line, saved without leaving the page."""
    given = {"key": str(uuid4()), "line": line.pk, "amount": amount, "audit_reason": reason}
    answer = desk.client.post(f"{desk.url}audit_line/", given, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_line_is_saved_without_scripts_too(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    agency = Desk(seat(cast, Role.AGENCY_STAFF, "agency_ningxia"), project)
    line = Line.objects.filter(project=project).first()
    assert line is not None
    given = {"key": str(uuid4()), "line": line.pk, "amount": "1", "audit_reason": ""}
    answer = agency.client.post(f"{agency.url}audit_line/", given)
    page = answer.content.decode()
    assert answer.status_code == 422 and f'href="#reason-{line.pk}"' in page
    assert f'id="reason-{line.pk}"' in page
    given |= {"key": str(uuid4()), "audit_reason": "只有一元有票"}
    answer = agency.client.post(f"{agency.url}audit_line/", given)
    assert answer.status_code == 302 and answer.url.endswith(f"#line-{line.pk}")
    line.refresh_from_db()
    assert line.audited_fen == 100


def test_who_may_not_is_refused_and_it_is_on_record(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    for role, where in (
        (Role.LEADER, "pengyang"), (Role.FINANCE_OFFICER, "pengyang"),
        (Role.CITY_OFFICER, "guyuan"), (Role.ENTERPRISE_CERTIFIER, "pengyang_mill"),
    ):  # fmt: skip
        desk = Desk(seat(cast, role, where), project)
        page = desk.see()
        assert "形式审查" in page and not desk.offered("pass_form_check")
        before = Entry.objects.filter(action="project_refused").count()
        answer = desk.client.post(f"{desk.url}pass_form_check/", {"key": str(uuid4())})
        assert answer.status_code == 422
        assert "您的身份不能办" in answer.content.decode()
        refused = Entry.objects.filter(action="project_refused", outcome=Outcome.REFUSED)
        assert refused.count() == before + 1
    project.refresh_from_db()
    assert project.at == State.FORM_CHECK


def test_a_foreign_project_does_not_exist(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    for role, where in (
        (Role.COUNTY_OFFICER, "xiji"), (Role.CITY_OFFICER, "wuzhong"),
        (Role.AGENCY_STAFF, "agency_fujian"), (Role.VENDOR_STAFF, "vendor_quanzhou"),
        (Role.ENTERPRISE_FILLER, "xiji_starch"), (Role.FINANCE_OFFICER, "hongsibu"),
    ):  # fmt: skip
        client = client_of(seat(cast, role, where))
        for action in ("", *BY_ACTION):
            path = f"/projects/{project.pk}/{action}/" if action else f"/projects/{project.pk}/"
            answer = client.post(path, {"key": "0" * 32}) if action else client.get(path)
            assert answer.status_code == 404, (role, action)
            assert canary(cast.parties["pengyang_mill"]) not in answer.content.decode()


def test_a_broken_or_late_form_is_said_so(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    county = Desk(seat(cast, Role.COUNTY_OFFICER), project)
    for given in ({}, {"key": "nonsense"}, {"key": "0" * 32, "version": "x"}):
        answer = county.client.post(f"{county.url}reject_filing/", {**given, "reason": "理由"})
        assert answer.status_code == 422 and "请刷新页面" in answer.content.decode()
    answer = county.client.post(
        f"{county.url}reject_filing/", {"key": "0" * 32, "version": "1", "reason": "理由"}
    )
    assert answer.status_code == 422 and "刚刚有了变动" in answer.content.decode()
    assert county.client.post(f"{county.url}nothing_such/", {}).status_code == 404
    assert county.client.get(f"{county.url}reject_filing/").status_code == 405


def test_what_the_archive_does_not_know_is_confirmed_one_by_one(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    Enterprise.objects.filter(pk=mill.enterprise.pk).update(willingness=None, readiness=None)
    county = Desk(seat(cast, Role.COUNTY_OFFICER), project)
    page = county.see()
    assert "待核实" in page
    names = [n for n in fields(county, "pass_form_check") if n.startswith("confirm_")]
    assert names
    page = county.refused("pass_form_check")
    assert f'href="#pass_form_check-{names[0]}"' in page and "请核实并确认" in page
    county.does("pass_form_check", **dict.fromkeys(names, "on"))
    assert project.confirmed


def fields(desk: Desk, action: str) -> dict[str, str | None]:
    return fields_of(desk.see(), f"{desk.url}{action}/")


def test_the_page_stays_within_its_budget(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    project = drive.carry(mill, CASE, State.COUNTY_REVIEW, clock.workdays)
    for role, where in (
        (Role.COUNTY_OFFICER, "pengyang"), (Role.CITY_OFFICER, "guyuan"),
        (Role.LEADER, "pengyang"), (Role.ENTERPRISE_CERTIFIER, "pengyang_mill"),
        (Role.AGENCY_STAFF, "agency_ningxia"),
    ):  # fmt: skip
        desk = Desk(seat(cast, role, where), project)
        few = count(desk)
        assert few <= PAGE_BUDGET, (role, few)
    more = Project.objects.get(pk=project.pk)
    line = Line.objects.filter(project=more).first()
    assert line is not None
    for number in range(40):
        line.pk, line.invoice_number = None, f"N{number:08d}"
        line.save(force_insert=True)
    assert count(desk) == few


def count(desk: Desk) -> int:
    client = desk.client
    client.get(desk.url)  # the first request of a session notes when the person was seen
    with CaptureQueriesContext(connection) as context:
        assert client.get(desk.url).status_code == 200
    return len([q for q in context.captured_queries if "set_config" not in q["sql"]])

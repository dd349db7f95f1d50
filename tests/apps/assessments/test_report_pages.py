"""Who may take a report out, what is put on record, and that every reader gets the same."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.attach import attach
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.actions.withdraw import withdraw
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    Engagement,
    Finding,
    Measure,
    MeasureKind,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.reports.data import report_data
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.pilots.marks import MARK
from shuzhuan.apps.pilots.models import Pilot
from tests.apps.assessments.onsite import asked, officer, today, vendor
from tests.apps.assessments.report_kit import RAW, decision
from tests.apps.assessments.sheets import assessed, fill
from tests.apps.evidence.papers_kit import add
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db

QUERIES_MAX = 15
BODY = "vendor_guyuan"


@pytest.fixture
def draft(cast: Cast, mill: Enterprise) -> Assessment:
    """A whole diagnosis with one finding and one document, not submitted yet."""
    engagement = asked(cast, AssessmentKind.DIAGNOSIS, BODY)
    who = vendor(cast)
    sheet = start(who, mill, AssessmentKind.DIAGNOSIS, engagement=engagement)
    fill(who, sheet, **RAW)
    Answer.objects.filter(assessment=sheet, item="q1").update(finding="环网两条")
    attach(who, sheet.pk, "q1", add(cast, title="车间网络拓扑图"))
    sheet.refresh_from_db()
    return sheet


@pytest.fixture
def diagnosis(cast: Cast, draft: Assessment) -> Assessment:
    who = vendor(cast)
    return submit_visit(
        who, draft.pk, visited_on=today(), committed_name=who.name, seen_saves=draft.saves
    )


@pytest.fixture
def plan(diagnosis: Assessment) -> Plan:
    """Two measures, handed over."""
    common = {
        "place_id": diagnosis.place_id,
        "enterprise_id": diagnosis.enterprise_id,
        "party_id": diagnosis.party_id,
    }
    made = Plan.objects.create(
        **common, diagnosis=diagnosis, number=1, state=PlanState.SUBMITTED, summary="先补短板",
        expected_level=3, cost_fen=30_000, expected_subsidy_fen=27_425_025,
        decision=json.dumps(decision()), created_by_id=diagnosis.started_by_id,
        submitted_at=timezone.now(),
    )  # fmt: skip
    for position, item in enumerate(("s9", "s8"), start=1):
        Measure.objects.create(
            **common, plan=made, position=position, item=item, target="3",
            kind=MeasureKind.SOFTWARE, product=f"系统{position}", cost_fen=10_000 * position,
        )  # fmt: skip
    Finding.objects.create(
        **common, diagnosis=diagnosis, kind="problem", position=1, item="s9", text="没有监测"
    )
    return made


def address(sheet: Assessment, form: str = "pdf") -> str:
    return reverse(f"assessments:report_{form}", args=[sheet.pk])


def client(cast: Cast, role: Role, where: str) -> Client:
    return client_of(cast.person(role, where))


def readers(cast: Cast) -> list[tuple[Client, Actor]]:
    found = []
    for role, where in (
        (Role.VENDOR_STAFF, BODY),
        (Role.ENTERPRISE_FILLER, "pengyang_mill"),
        (Role.ENTERPRISE_FINANCE, "pengyang_mill"),
        (Role.COUNTY_OFFICER, "pengyang"),
        (Role.CITY_OFFICER, "guyuan"),
        (Role.LEADER, "pengyang"),
    ):
        person = cast.person(role, where)
        found.append((client_of(person), actor_of(person)))
    return found


def test_everybody_concerned_gets_the_same_report(cast: Cast, plan: Plan) -> None:
    sheet = plan.diagnosis
    wanted = report_data(sheet, vendor(cast))
    assert wanted.questions[0].evidence == "证据1" and wanted.questions[0].finding == "环网两条"
    link = wanted.evidence[0]
    assert link.title == "车间网络拓扑图" and len(link.sha256) == 12
    assert wanted.plan is not None and wanted.plan.measures[1].cost == "200.00"
    assert wanted.problems[0].item == "场景9 安全生产"
    bodies = set()
    for reader, actor in readers(cast):
        assert report_data(sheet, actor) == wanted, actor.role
        answer = reader.post(address(sheet))
        assert answer.status_code == 200, actor.role
        assert answer["Content-Type"] == "application/pdf"
        bodies.add(hashlib.sha256(answer.content).hexdigest())
        entry = Entry.objects.filter(action="export_report").latest("pk")
        detail = json.loads(entry.detail)
        assert (entry.user_id, entry.object_id) == (actor.user_id, str(sheet.pk))
        assert detail["sha256"] in bodies and detail["form"] == "pdf"
        assert detail["report"] == wanted.number
    assert len(bodies) == 1
    assert Entry.objects.filter(action="export_report").count() == len(readers(cast))


def test_the_file_has_a_chinese_name_with_its_day(cast: Cast, diagnosis: Assessment) -> None:
    answer = client(cast, Role.VENDOR_STAFF, BODY).post(address(diagnosis, "docx"))
    name = f"{diagnosis.enterprise.name}数字化水平诊断报告-{today():%Y%m%d}.docx"
    assert f"filename*=utf-8''{quote(name)}" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    document: Any = Document(BytesIO(answer.content))
    assert any("二级（规范级）" in one.text for one in document.paragraphs)


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.ENTERPRISE_FILLER, "xiji_starch"),
        (Role.COUNTY_OFFICER, "xiji"),
        (Role.COUNTY_OFFICER, "huian"),
        (Role.VENDOR_STAFF, "vendor_quanzhou"),
        (Role.AGENCY_STAFF, "agency_ningxia"),
    ],
)
def test_nobody_else_gets_it(cast: Cast, diagnosis: Assessment, role: Role, where: str) -> None:
    for form in ("pdf", "docx"):
        assert client(cast, role, where).post(address(diagnosis, form)).status_code == 404
    assert not Entry.objects.filter(action="export_report").exists()


def test_looking_takes_nothing_out(cast: Cast, diagnosis: Assessment) -> None:
    assert client(cast, Role.VENDOR_STAFF, BODY).get(address(diagnosis)).status_code == 405
    assert Client().post(address(diagnosis)).status_code in (302, 401, 403)


def test_a_draft_has_no_report(cast: Cast, draft: Assessment) -> None:
    answer = client(cast, Role.VENDOR_STAFF, BODY).post(address(draft))
    assert answer.status_code == 302
    said = [str(one) for one in get_messages(answer.wsgi_request)]
    assert said == ["没有生成报告：提交以后才有报告。"]
    assert not Entry.objects.filter(action="export_report").exists()
    with pytest.raises(ValueError, match="draft"):
        report_data(draft, vendor(cast))


def test_after_the_engagement_ended_only_the_body_loses_it(cast: Cast, plan: Plan) -> None:
    sheet = plan.diagnosis
    wanted = report_data(sheet, officer(cast))
    Engagement.objects.update(
        ended_at=timezone.now(), ended_by=sheet.started_by, ended_reason="完成"
    )
    assert client(cast, Role.VENDOR_STAFF, BODY).post(address(sheet)).status_code == 404
    assert (
        client(cast, Role.ENTERPRISE_FILLER, "pengyang_mill").post(address(sheet)).status_code
        == 200
    )
    assert report_data(sheet, officer(cast)) == wanted


def test_a_plan_that_was_sent_back_or_is_being_written_is_left_out(cast: Cast, plan: Plan) -> None:
    for state in (PlanState.RETURNED, PlanState.DRAFT):
        values = {
            "returned_at": timezone.now(),
            "returned_by": plan.created_by,
            "returned_reason": "贵",
        }
        Plan.objects.filter(pk=plan.pk).update(state=state, **values)
        data = report_data(plan.diagnosis, vendor(cast))
        assert data.plan is None
        assert [chart.key for chart in data.charts][3] == "counts"


def test_a_self_assessment_has_a_pdf_for_the_phone(
    cast: Cast, mill: Enterprise, certifier: Actor
) -> None:
    sheet = assessed(certifier, mill)
    reader = client(cast, Role.ENTERPRISE_FILLER, "pengyang_mill")
    answer = reader.post(address(sheet))
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    refused = reader.post(address(sheet, "docx"), follow=True)
    assert "自评结果只有 PDF" in refused.content.decode()
    assert Entry.objects.filter(action="export_report").count() == 1


def test_a_withdrawn_sheet_says_so(cast: Cast, mill: Enterprise, certifier: Actor) -> None:
    sheet = withdraw(certifier, assessed(certifier, mill).pk, reason="人数填错，要重新评")
    data = report_data(sheet, officer(cast))
    assert "本次评测已撤销：人数填错，要重新评" in data.marks


def test_an_invented_pilot_is_marked_on_every_page(cast: Cast, diagnosis: Assessment) -> None:
    assert MARK not in report_data(diagnosis, officer(cast)).marks
    common = {
        "place": cast.places["pengyang"], "pack": "pengyang", "created_by": diagnosis.started_by,
        "ends_on": date(2026, 12, 31),
    }  # fmt: skip
    Pilot.objects.create(name="真", starts_on=date(2025, 1, 1), **common)
    assert MARK not in report_data(diagnosis, officer(cast)).marks
    Pilot.objects.create(name="演", starts_on=date(2025, 1, 2), synthetic=True, **common)
    assert report_data(diagnosis, officer(cast)).marks == (MARK, "待核对官方原文")


def test_a_report_is_read_in_a_handful_of_queries(
    cast: Cast, plan: Plan, django_assert_max_num_queries: Any
) -> None:
    sheet = Assessment.objects.select_related("enterprise", "party", "indicators").get(
        pk=plan.diagnosis_id
    )
    report_data(sheet, vendor(cast))
    with django_assert_max_num_queries(QUERIES_MAX):
        report_data(sheet, vendor(cast))


def test_the_result_page_offers_the_report(cast: Cast, diagnosis: Assessment) -> None:
    page = reverse("assessments:result", args=[diagnosis.pk])
    for reader, actor in readers(cast):
        text = reader.get(page).content.decode()
        assert address(diagnosis) in text and address(diagnosis, "docx") in text, actor.role

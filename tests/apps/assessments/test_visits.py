"""On site: who may judge, what stands beside, photographs, lists, levels, and the way out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.engage import end_engagement, engage
from shuzhuan.apps.assessments.actions.findings import save_findings
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit import submit
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    Engagement,
    Finding,
    FindingKind,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.assessments.queries.payment import level_for_payment
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.models import Document, Link
from tests.apps.assessments import onsite
from tests.apps.assessments.onsite import DAY, today
from tests.apps.assessments.sheets import fill
from tests.apps.evidence.good_files import jpg
from tests.cast import Cast, canary, client_of


@pytest.fixture
def mill(cast: Cast) -> Enterprise:
    return onsite.archive(cast)


def begun(cast: Cast) -> tuple[Actor, Assessment]:
    engagement = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    actor = onsite.vendor(cast)
    return actor, start(actor, engagement.enterprise, Kind.DIAGNOSIS, engagement=engagement)


def vendor_client(cast: Cast, key: str = "vendor_guyuan") -> Any:
    return client_of(cast.person(Role.VENDOR_STAFF, key))


def item_url(engagement_id: int | None, item: str) -> str:
    return reverse("assessments:visit_item", args=[engagement_id, item])


# -- the list --------------------------------------------------------------------------------------


def test_the_list_shows_whom_to_visit_how_far_and_until_when(cast: Cast, mill: Enterprise) -> None:
    onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    client = vendor_client(cast)
    text = client.get("/visits/").content.decode()
    assert mill.name in text
    assert "未开始" in text
    other = vendor_client(cast, "vendor_quanzhou").get("/visits/").content.decode()
    assert mill.name not in other
    assert canary(cast.parties["pengyang_mill"]) not in other


def test_what_begins_later_is_named_but_not_open(cast: Cast, mill: Enterprise) -> None:
    later = engage(
        onsite.officer(cast),
        mill,
        cast.parties["vendor_guyuan"],
        Kind.DIAGNOSIS,
        today() + 5 * DAY,
        today() + 9 * DAY,
    )
    client = vendor_client(cast)
    assert mill.name in client.get("/visits/").content.decode()
    assert client.get(f"/visits/{later.pk}/").status_code == 404
    assert client.get(f"/enterprises/{mill.pk}/").status_code == 404


def test_the_list_of_ten_thousand_takes_a_fixed_number_of_statements(cast: Cast) -> None:
    body, place = cast.parties["agency_ningxia"], cast.places["pengyang"]
    user = cast.person(Role.COUNTY_OFFICER, "pengyang").user
    parties = Party.objects.bulk_create(
        Party(kind=PartyKind.ENTERPRISE, place=place, name=f"企业{n}", uscc=f"9164{n:014d}")
        for n in range(10_000)
    )
    firms = Enterprise.objects.bulk_create(
        Enterprise(party=party, place=place, name=party.name, uscc=party.uscc) for party in parties
    )
    Engagement.objects.bulk_create(
        Engagement(
            place=place, enterprise=firm, party=body, kind=Kind.ACCEPTANCE, valid_from=today(),
            valid_to=today() + (firm.pk % 60) * DAY, created_by=user,
        )
        for firm in firms
    )  # fmt: skip
    client = client_of(cast.person(Role.AGENCY_STAFF, "agency_ningxia"))
    client.get("/visits/")
    with CaptureQueriesContext(connection) as seen:
        answer = client.get("/visits/?page=100")
    assert answer.status_code == 200
    few = len(seen)
    with CaptureQueriesContext(connection) as again:
        client.get("/visits/?page=3&state=open")
    assert few <= 18 and len(again) <= 18
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    with CaptureQueriesContext(connection) as listed:
        assert officer.get("/work/visits/?page=100&kind=acceptance").status_code == 200
    assert len(listed) <= 16


def test_the_desk_opens_on_what_is_to_be_done(cast: Cast, mill: Enterprise) -> None:
    """A diagnosis is done with its plan; until then the list says what comes next."""
    diagnosis = onsite.diagnosed(cast)
    client = vendor_client(cast)

    def listed(state: str = "") -> str:
        return client.get(f"/visits/{state}").content.decode()

    assert "诊断已提交，待编方案" in listed() and "编制方案" in listed()
    plan = Plan.objects.create(
        place=mill.place, enterprise=mill, party=diagnosis.party, diagnosis=diagnosis,
        created_by=cast.person(Role.VENDOR_STAFF, "vendor_guyuan").user,
    )  # fmt: skip
    Plan.objects.filter(pk=plan.pk).update(state=PlanState.SUBMITTED)
    assert mill.name not in listed() and "没有要办的" in listed()
    for state in ("?state=done", "?state=all"):
        assert mill.name in listed(state) and "方案已提交企业" in listed(state)


# -- who may ---------------------------------------------------------------------------------------


def test_a_foreign_visit_answers_like_a_missing_one(cast: Cast) -> None:
    _, sheet = begun(cast)
    pages = ("", "every/", "items/q1/", "findings/", "commit/", "plan/", "plan/measure/")
    for client in (
        vendor_client(cast, "vendor_quanzhou"),
        client_of(cast.person(Role.AGENCY_STAFF, "agency_ningxia")),
    ):
        for page in pages:
            foreign = client.get(f"/visits/{sheet.engagement_id}/{page}")
            missing = client.get(f"/visits/999999/{page}")
            assert foreign.status_code == missing.status_code == 404
            assert foreign.content == missing.content


def test_an_ended_engagement_shows_nothing_any_more(cast: Cast, mill: Enterprise) -> None:
    actor, sheet = begun(cast)
    fill(actor, sheet)
    client = vendor_client(cast)
    assert client.get(f"/visits/{sheet.engagement_id}/").status_code == 200
    assert sheet.engagement is not None
    end_engagement(onsite.officer(cast), sheet.engagement, "更换单位")
    for address in (
        f"/visits/{sheet.engagement_id}/",
        item_url(sheet.engagement_id, "q1"),
        f"/enterprises/{mill.pk}/",
        f"/levels/{sheet.pk}/",
    ):
        assert client.get(address).status_code == 404
    assert mill.name not in client.get("/visits/").content.decode()
    for model in (Assessment, Answer, Engagement, Enterprise, Document):
        assert not visible(actor, model).exists()
    with pytest.raises(Http404):
        save_answer(actor, sheet.pk, "q1", ["B"], key="late")
    answer = client.post(item_url(sheet.engagement_id, "q1"), {"option": "B", "key": "late"})
    assert answer.status_code == 404


def test_an_engagement_that_ran_out_is_over_as_well(cast: Cast) -> None:
    actor, sheet = begun(cast)
    Engagement.objects.filter(pk=sheet.engagement_id).update(
        valid_from=today() - 9 * DAY, valid_to=today() - DAY
    )
    assert vendor_client(cast).get(f"/visits/{sheet.engagement_id}/").status_code == 404
    assert not visible(actor, Assessment).exists()


def test_a_vendor_never_grades_acceptance(cast: Cast, mill: Enterprise) -> None:
    """Not even with an engagement that got past the action that makes them."""
    vendor = cast.parties["vendor_guyuan"]
    forged = Engagement.objects.create(
        place=mill.place, enterprise=mill, party=vendor, kind=Kind.ACCEPTANCE, project_id=7,
        valid_from=today(), valid_to=today() + DAY,
        created_by=cast.person(Role.COUNTY_OFFICER, "pengyang").user,
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        onsite.visited(onsite.vendor(cast), forged)
    mill.refresh_from_db()
    assert mill.digital_level is None
    assert level_for_payment(mill.pk, 7) is None


# -- the item --------------------------------------------------------------------------------------


def test_an_item_is_saved_with_everything_in_one_request(cast: Cast, mill: Enterprise) -> None:
    _, sheet = begun(cast)
    client = vendor_client(cast)
    photo = SimpleUploadedFile("现场.jpg", jpg(), content_type="image/jpeg")
    answer = client.post(
        item_url(sheet.engagement_id, "q1"),
        {
            "option": ["B", "C"], "key": "one", "seen": "0", "finding": "机台已联网",
            "remark": "看过机房", "photo": photo, "do": "next",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert answer["Location"] == item_url(sheet.engagement_id, "q2")
    row = Answer.objects.get(assessment=sheet)
    assert json.loads(row.value) == ["B", "C"]
    assert (row.finding, row.remark) == ("机台已联网", "看过机房")
    document = Document.objects.get()
    assert document.owner_id == mill.party_id  # 一企一档: it stays with the enterprise
    assert Link.objects.get(document=document).object_id == row.pk
    page = client.get(item_url(sheet.engagement_id, "q1")).content.decode()
    assert document.title in page


def test_the_enterprise_and_its_officer_see_the_photograph(cast: Cast, mill: Enterprise) -> None:
    _, sheet = begun(cast)
    photo = SimpleUploadedFile("现场.jpg", jpg(), content_type="image/jpeg")
    vendor_client(cast).post(
        item_url(sheet.engagement_id, "q1"), {"option": "B", "key": "one", "photo": photo}
    )
    version = Document.objects.get().current_id
    for role, where in (
        (Role.ENTERPRISE_FILLER, "pengyang_mill"),
        (Role.COUNTY_OFFICER, "pengyang"),
        (Role.VENDOR_STAFF, "vendor_guyuan"),
    ):
        address = reverse("evidence:file", args=[version])
        assert client_of(cast.person(role, where)).post(address).status_code == 200
    other = client_of(cast.person(Role.VENDOR_STAFF, "vendor_quanzhou"))
    assert other.post(reverse("evidence:file", args=[version])).status_code == 404


def test_nobody_photographs_into_a_foreign_archive(cast: Cast, mill: Enterprise) -> None:
    begun(cast)
    other = onsite.vendor(cast, "vendor_quanzhou")
    with pytest.raises(PermissionDenied):
        upload_document(other, mill.party, "photo", Incoming("a.jpg", io.BytesIO(jpg())))
    starch = onsite.archive(cast, "xiji_starch")
    with pytest.raises(PermissionDenied):
        upload_document(
            onsite.vendor(cast), starch.party, "photo", Incoming("a.jpg", io.BytesIO(jpg()))
        )


def test_a_refused_photograph_loses_nothing(cast: Cast) -> None:
    _, sheet = begun(cast)
    wrong = SimpleUploadedFile("病毒.jpg", b"MZ not a picture", content_type="image/jpeg")
    answer = vendor_client(cast).post(
        item_url(sheet.engagement_id, "q1"),
        {"option": "B", "key": "one", "finding": "记下的话", "photo": wrong},
        follow=True,
    )
    assert Answer.objects.get().finding == "记下的话"
    assert "没有接受这个文件" in answer.content.decode()
    assert not Document.objects.exists()


def test_the_submitted_self_assessment_stands_beside_and_a_draft_does_not(
    cast: Cast, mill: Enterprise
) -> None:
    draft = start(onsite.certifier(cast), mill, AssessmentKind.SELF)
    fill(onsite.certifier(cast), draft)
    _, sheet = begun(cast)
    client = vendor_client(cast)
    assert "没有提交自评" in client.get(item_url(sheet.engagement_id, "q2")).content.decode()
    draft.refresh_from_db()
    certifier = onsite.certifier(cast)
    submit(certifier, draft.pk, committed_name=certifier.name, seen_saves=draft.saves)
    assert "35.5%" in client.get(item_url(sheet.engagement_id, "q2")).content.decode()


def test_what_was_typed_wrong_is_shown_again(cast: Cast) -> None:
    _, sheet = begun(cast)
    answer = vendor_client(cast).post(
        item_url(sheet.engagement_id, "q2"),
        {"percent": "一半", "key": "one", "finding": "不能丢的话"},
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "一半" in text
    assert "不能丢的话" in text
    assert not Answer.objects.exists()


def test_a_colleagues_save_is_not_overwritten_unseen(cast: Cast) -> None:
    actor, sheet = begun(cast)
    client = vendor_client(cast)
    save_answer(actor, sheet.pk, "q1", ["B"], key="colleague", finding="同事写的")
    answer = client.post(
        item_url(sheet.engagement_id, "q1"),
        {"option": ["B", "C"], "key": "mine", "seen": "0", "finding": "我写的"},
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "我写的" in text
    assert Answer.objects.get().finding == "同事写的"
    assert 'name="seen" value="1"' in text


# -- lists -----------------------------------------------------------------------------------------


def test_the_three_lists_are_written_and_closed_by_the_submission(cast: Cast) -> None:
    actor, sheet = begun(cast)
    client = vendor_client(cast)
    client.post(
        f"/visits/{sheet.engagement_id}/findings/",
        {
            "problem-item": ["q1", ""], "problem-text": ["网络只到办公楼", ""],
            "need-item": [""], "need-text": ["想看到订单进度"],
            "scenario-item": ["s3"], "scenario-text": [""],
        },
    )  # fmt: skip
    rows = {row.kind: row for row in Finding.objects.all()}
    assert rows[FindingKind.PROBLEM].text == "网络只到办公楼"
    assert rows[FindingKind.SCENARIO].text  # the name of the scenario
    fill(actor, sheet)
    sheet.refresh_from_db()
    submit_visit(
        actor, sheet.pk, visited_on=today(), committed_name=actor.name, seen_saves=sheet.saves
    )
    with pytest.raises(ValidationError, match="已经提交"):
        save_findings(actor, sheet.pk, {FindingKind.PROBLEM: [("", "补一条")]})
    assert Finding.objects.count() == 3


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"scenario": [("q1", "不是场景")]}, "哪一个场景"),
        ({"problem": [("q99", "没有的题")]}, "没有这一项"),
        ({"need": [("", "长" * 501)]}, "500个字"),
        ({"problem": [("", f"第{n}条") for n in range(51)]}, "最多写50条"),
    ],
)
def test_wrong_lines_are_named(
    cast: Cast, lines: dict[str, list[tuple[str, str]]], message: str
) -> None:
    actor, sheet = begun(cast)
    with pytest.raises(ValidationError, match=message):
        save_findings(actor, sheet.pk, lines)
    assert not Finding.objects.exists()

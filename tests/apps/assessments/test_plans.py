"""一企一策: figures from the engines, handed over, sent back, accepted once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404

from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments import bundle
from shuzhuan.apps.assessments.actions.engage import end_engagement
from shuzhuan.apps.assessments.actions.plan import (
    MeasureText,
    accept_plan,
    drop_measure,
    open_plan,
    save_measure,
    save_outline,
    send_back,
    submit_plan,
)
from shuzhuan.apps.assessments.models import Assessment, Measure, Plan, PlanState
from shuzhuan.apps.assessments.queries.expected import expected
from shuzhuan.apps.enterprises.models import Declaration
from shuzhuan.apps.evidence.bundle import _parts as parts
from shuzhuan.apps.inbox.models import Message
from shuzhuan.engine.policy.pack import Library
from tests.apps.assessments import onsite
from tests.apps.assessments.onsite import DAY, today
from tests.cast import Cast, client_of

WAN = 1_000_000


@pytest.fixture
def diagnosis(cast: Cast) -> Assessment:
    return onsite.diagnosed(cast)


def measure(item: str, target: object, yuan: int, kind: str = "software") -> MeasureText:
    return MeasureText(item, target, kind, f"{item or '其他'}产品", "某供应商", yuan * 100)


# From the sheet of onsite: 31.5 points, eight scenarios at level 1.
TO_TWO = [
    measure("q1", ["B", "C", "D", "E"], 100_000, "device"),
    measure("q5", ["D"], 200_000),
    measure("q2", "85", 50_000, "cloud"),
    *[measure(f"s{n}", 2, 50_000) for n in range(1, 9)],
    measure("", None, 30_000, "other"),
]


def planned(cast: Cast, diagnosis: Assessment) -> Plan:
    actor = onsite.vendor(cast)
    plan = open_plan(actor, diagnosis)
    for text in TO_TWO:
        save_measure(actor, plan.pk, text)
    plan.refresh_from_db()
    return plan


def handed_over(cast: Cast, diagnosis: Assessment) -> Plan:
    plan = planned(cast, diagnosis)
    return submit_plan(onsite.vendor(cast), plan.pk, seen_edits=plan.edits)


def test_a_plan_begins_with_a_submitted_diagnosis_of_its_own_body(
    cast: Cast, diagnosis: Assessment
) -> None:
    assert open_plan(onsite.vendor(cast), diagnosis).number == 1
    assert open_plan(onsite.vendor(cast), diagnosis).number == 1  # the open one again
    for actor in (onsite.vendor(cast, "vendor_quanzhou"), onsite.agency(cast)):
        with pytest.raises((Http404, PermissionDenied)):
            open_plan(actor, diagnosis)
    with pytest.raises(PermissionDenied):
        open_plan(onsite.certifier(cast), diagnosis)


def test_level_and_subsidy_come_from_the_engines(cast: Cast, diagnosis: Assessment) -> None:
    plan = handed_over(cast, diagnosis)
    assert plan.cost_fen == 780_000 * 100
    assert diagnosis.level == 1
    assert plan.expected_level == 2
    # 750,000 元 are eligible: software, cloud and devices; half of it, below the cap of 40万元.
    assert plan.expected_subsidy_fen == 375_000 * 100
    stored = json.loads(plan.decision)
    assert stored["pack"]["id"] == "pengyang"
    assert stored["facts"]["project.invested"] in ("750000", "750000.00")
    assert stored["facts"]["project.level_before"] == 1
    assert stored["facts"]["project.level_after"] == 2


def test_the_ceiling_of_the_clause_holds(cast: Cast, diagnosis: Assessment) -> None:
    plan = planned(cast, diagnosis)
    save_measure(onsite.vendor(cast), plan.pk, measure("s10", 2, 900_000))
    plan.refresh_from_db()
    done = submit_plan(onsite.vendor(cast), plan.pk, seen_edits=plan.edits)
    assert done.expected_subsidy_fen == 40 * WAN


def test_a_plan_that_does_not_raise_the_level_enough_brings_nothing(
    cast: Cast, diagnosis: Assessment
) -> None:
    plan = open_plan(onsite.vendor(cast), diagnosis)
    rows = [save_measure(onsite.vendor(cast), plan.pk, measure("s9", 1, 100_000))]
    enterprise = onsite.archive(cast)
    found = expected(diagnosis, rows, enterprise, today())
    assert found.after.level.low == 1
    assert found.subsidy.why == "按现在的方案不符合这一条。"
    assert found.subsidy.failed or not found.subsidy.fen


def test_what_is_not_known_is_named_and_declarations_are_not_read(
    cast: Cast, diagnosis: Assessment
) -> None:
    mill = onsite.archive(cast)
    Declaration.objects.create(
        place=mill.place, enterprise=mill, bad_credit=True, lawful_tax_compliant=False,
        declared_by=cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill").user,
        declared_on=today(),
    )  # fmt: skip
    plan = handed_over(cast, diagnosis)
    assert plan.expected_subsidy_fen == 375_000 * 100
    page = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan")).get(f"/plans/{plan.pk}/")
    text = page.content.decode()
    facts = json.loads(plan.decision)["facts"]
    assert "enterprise.bad_credit" not in facts
    missing = Library.load().get("pengyang").facts["enterprise.bad_credit"].label
    assert missing in text
    assert "第七条（一）" in text
    assert "375,000.00" in text


def test_what_fails_in_the_archive_is_said(cast: Cast, diagnosis: Assessment) -> None:
    rows = list(planned(cast, diagnosis).measures.all())
    mill = onsite.archive(cast)
    good = expected(diagnosis, rows, mill, today()).subsidy
    assert good.fen == 375_000 * 100
    assert good.failed == ()
    mill.registered_on = today() - 10 * DAY
    young = expected(diagnosis, rows, mill, today()).subsidy
    assert "未满1年" in "".join(young.failed)
    assert young.why


def test_a_place_without_a_document_says_so(cast: Cast, diagnosis: Assessment) -> None:
    rows = list(planned(cast, diagnosis).measures.all())
    found = expected(diagnosis, rows, onsite.archive(cast, "xiji_starch"), today()).subsidy
    assert found.fen is None
    assert found.why == "当地还没有政策文件。"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (measure("s1", 9, 1), "场景级别"),
        (measure("q1", ["Z"], 1), "网络"),
        (MeasureText("", None, "house", "厂房", "", 1), "类别|请选择"),
        (MeasureText("", None, "software", " ", "", 1), "产品"),
        (MeasureText("", None, "software", "某", "", -1), "费用"),
        (MeasureText("", None, "software", "某", "", 10**15 + 1), "费用"),
        (MeasureText("q99", 1, "software", "某", "", 1), "q99|没有"),
    ],
)
def test_a_wrong_measure_is_named_and_not_stored(
    cast: Cast, diagnosis: Assessment, text: MeasureText, message: str
) -> None:
    plan = open_plan(onsite.vendor(cast), diagnosis)
    with pytest.raises(ValidationError, match=message):
        save_measure(onsite.vendor(cast), plan.pk, text)
    assert not Measure.objects.exists()


def test_two_measures_for_one_item_agree_on_its_target(cast: Cast, diagnosis: Assessment) -> None:
    plan = open_plan(onsite.vendor(cast), diagnosis)
    save_measure(onsite.vendor(cast), plan.pk, measure("s1", 2, 1))
    save_measure(onsite.vendor(cast), plan.pk, measure("s1", 2, 5))
    with pytest.raises(ValidationError, match="不同的目标"):
        save_measure(onsite.vendor(cast), plan.pk, measure("s1", 3, 1))


def test_amounts_are_read_strictly(cast: Cast, diagnosis: Assessment) -> None:
    open_plan(onsite.vendor(cast), diagnosis)
    client = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    address = f"/visits/{diagnosis.engagement_id}/plan/measure/?item=s1"
    posted = {"kind": "software", "product": "MES", "option": "2"}
    for wrong in ("1e3", "１２", "12.345", "-0", "9223372036854775808", "1,2,3", ""):
        answer = client.post(address, {**posted, "cost": wrong})
        assert answer.status_code == 422, wrong
    assert not Measure.objects.exists()
    assert client.post(address, {**posted, "cost": "128000.50"}).status_code == 302
    row = Measure.objects.get()
    assert (row.cost_fen, row.item, row.target) == (12_800_050, "s1", "2")


def test_the_pages_lead_from_the_first_measure_to_the_submission(
    cast: Cast, diagnosis: Assessment
) -> None:
    client = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    address = f"/visits/{diagnosis.engagement_id}/plan/"
    assert "开始编制" in client.get(address).content.decode()
    client.post(address, {"do": "open"})
    assert "还没有改造内容" in client.get(address).content.decode()
    posted = {"kind": "software", "product": "MES系统", "option": "2", "cost": "80000"}
    client.post(f"{address}measure/?item=s3", posted)
    text = client.get(address).content.decode()
    assert "MES系统" in text
    assert "预计补助上限" in text
    row = Measure.objects.get()
    client.post(f"{address}measure/{row.pk}/", {**posted, "option": "3", "cost": "90000"})
    row.refresh_from_db()
    assert (row.target, row.cost_fen) == ("3", 9_000_000)
    client.post(address, {"do": "outline", "summary": "先质量后排产", "starts_on": "2026-12-01"})
    wrong = client.post(
        address, {"do": "outline", "starts_on": "2026-12-01", "ends_on": "2026-1-1"}
    )
    assert wrong.status_code == 422
    plan = Plan.objects.get()
    assert plan.summary == "先质量后排产"
    client.post(address, {"do": "submit", "seen": plan.edits - 1})
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT  # what changed meanwhile is looked at first
    client.post(address, {"do": "submit", "seen": plan.edits})
    plan.refresh_from_db()
    assert plan.state == PlanState.SUBMITTED
    assert client.post(f"{address}measure/?item=s1", posted).status_code == 302
    assert Measure.objects.count() == 1


def test_a_measure_is_dropped_from_a_draft_only(cast: Cast, diagnosis: Assessment) -> None:
    plan = planned(cast, diagnosis)
    gone = plan.measures.first()
    assert gone is not None
    drop_measure(onsite.vendor(cast), plan.pk, gone.pk)
    assert plan.measures.count() == len(TO_TWO) - 1
    plan.refresh_from_db()
    submit_plan(onsite.vendor(cast), plan.pk, seen_edits=plan.edits)
    rest = plan.measures.first()
    assert rest is not None
    with pytest.raises(ValidationError, match="已经提交"):
        drop_measure(onsite.vendor(cast), plan.pk, rest.pk)
    with pytest.raises(ValidationError, match="已经提交"):
        save_outline(onsite.vendor(cast), plan.pk, "改一下", None, None)


def test_the_enterprise_sees_a_plan_once_it_is_handed_over(
    cast: Cast, diagnosis: Assessment
) -> None:
    plan = planned(cast, diagnosis)
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    assert client.get(f"/plans/{plan.pk}/").status_code == 404
    assert not visible(onsite.certifier(cast), Measure).exists()
    submit_plan(onsite.vendor(cast), plan.pk, seen_edits=plan.edits)
    assert client.get(f"/plans/{plan.pk}/").status_code == 200
    assert "第1版" in client.get("/my/plan/").content.decode()
    assert Message.objects.filter(
        key=f"assessments.plan_submitted:{plan.pk}", party=plan.enterprise.party, level="todo"
    ).exists()
    foreign = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "xiji_starch"))
    assert foreign.get(f"/plans/{plan.pk}/").status_code == 404
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    assert officer.get(f"/plans/{plan.pk}/").status_code == 200


def test_sent_back_with_a_reason_it_becomes_a_new_version(
    cast: Cast, diagnosis: Assessment
) -> None:
    plan = handed_over(cast, diagnosis)
    with pytest.raises(ValidationError, match="等企业确认或退回"):
        open_plan(onsite.vendor(cast), diagnosis)
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    assert client.post(f"/plans/{plan.pk}/decide/", {"do": "return"}).status_code == 422
    answer = client.post(f"/plans/{plan.pk}/decide/", {"do": "return", "reason": "设备太贵"})
    assert answer.status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.returned_reason) == (PlanState.RETURNED, "设备太贵")
    again = open_plan(onsite.vendor(cast), diagnosis)
    assert again.number == 2
    assert again.measures.count() == plan.measures.count() == len(TO_TWO)
    submit_plan(onsite.vendor(cast), again.pk, seen_edits=again.edits)
    text = client.get(f"/plans/{again.pk}/").content.decode()
    assert "设备太贵" in text  # the history stays


def test_one_plan_is_accepted_and_by_the_certifier_alone(cast: Cast, diagnosis: Assessment) -> None:
    plan = handed_over(cast, diagnosis)
    filler = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    assert filler.post(f"/plans/{plan.pk}/decide/", {"do": "accept"}).status_code == 403
    with pytest.raises(PermissionDenied):
        accept_plan(onsite.vendor(cast), plan.pk)
    with pytest.raises(Http404):
        accept_plan(onsite.certifier(cast, "xiji_starch"), plan.pk)
    accept_plan(onsite.certifier(cast), plan.pk)
    with pytest.raises(ValidationError, match="答复过"):
        accept_plan(onsite.certifier(cast), plan.pk)
    with pytest.raises(ValidationError, match="答复过"):
        send_back(onsite.certifier(cast), plan.pk, "改主意了")
    with pytest.raises(ValidationError, match="已经确认"):
        open_plan(onsite.vendor(cast), diagnosis)
    told = Message.objects.filter(key=f"assessments.plan_answered:{plan.pk}:accepted")
    assert {m.party_id for m in told} == {cast.parties["vendor_guyuan"].pk, None}


def test_the_database_holds_one_accepted_plan_as_well(cast: Cast, diagnosis: Assessment) -> None:
    plan = accept_plan(onsite.certifier(cast), handed_over(cast, diagnosis).pk)
    values: dict[str, Any] = {
        "place_id": plan.place_id, "enterprise_id": plan.enterprise_id, "party_id": plan.party_id,
        "diagnosis": diagnosis, "number": 9, "created_by_id": plan.created_by_id,
        "state": PlanState.ACCEPTED, "accepted_at": plan.accepted_at,
        "accepted_by_id": plan.accepted_by_id,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.create(**values)


def test_an_ended_engagement_ends_the_writing(cast: Cast, diagnosis: Assessment) -> None:
    plan = planned(cast, diagnosis)
    assert diagnosis.engagement is not None
    end_engagement(onsite.officer(cast), diagnosis.engagement, "换人")
    with pytest.raises(Http404):
        submit_plan(onsite.vendor(cast), plan.pk, seen_edits=plan.edits)
    client = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    assert client.get(f"/visits/{diagnosis.engagement_id}/plan/").status_code == 404
    assert client.get(f"/plans/{plan.pk}/").status_code == 404


def test_what_was_handed_over_keeps_its_figures(cast: Cast, diagnosis: Assessment) -> None:
    """The archive changes later; the plan that the enterprise reads does not."""
    plan = handed_over(cast, diagnosis)
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    before = client.get(f"/plans/{plan.pk}/").content.decode()
    mill = onsite.archive(cast)
    mill.registered_on = today() - 10 * DAY  # fails 注册经营满1年 from now on
    mill.save()
    after = client.get(f"/plans/{plan.pk}/").content.decode()
    wanted = "补助怎么算的"
    assert (
        before.split(wanted)[1].split("改造内容")[0] == after.split(wanted)[1].split("改造内容")[0]
    )


def test_the_bundle_of_the_enterprise_tells_visits_and_plans(
    cast: Cast, diagnosis: Assessment
) -> None:
    plan = handed_over(cast, diagnosis)
    party = plan.enterprise.party
    found = {
        sheet.title: list(sheet.rows) for sheet in bundle.sheets(onsite.certifier(cast), party)
    }
    assert [row[0] for row in found["数字化水平评测"]] == [diagnosis.pk]
    assert len(found["评测逐项"]) == 31
    assert len(found["改造内容"]) == len(TO_TWO)
    assert found["一企一策方案"][0][6:8] == ("780000.00", "375000.00")
    assert list(bundle.sheets(onsite.certifier(cast, "xiji_starch"), party)) == []
    assert bundle.sheets in parts

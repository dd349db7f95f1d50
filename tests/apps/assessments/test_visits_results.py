"""On site: what a submission changes, before and after, whom the officer asks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.engage import end_engagement
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.actions.withdraw import withdraw
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentState,
    Engagement,
    PublishedSet,
)
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.assessments.queries.payment import level_for_payment, payment_level
from shuzhuan.apps.assessments.ties import Contract, _rules, tied_by
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.inbox.models import Message
from tests.apps.assessments import onsite
from tests.apps.assessments.onsite import DAY, today
from tests.apps.assessments.sheets import assessed, fill
from tests.cast import Cast, client_of


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


# -- submission and level --------------------------------------------------------------------------


def test_the_level_of_the_visit_stands_at_the_enterprise_and_is_told(
    cast: Cast, mill: Enterprise
) -> None:
    sheet = onsite.diagnosed(cast)
    mill.refresh_from_db()
    assert (mill.digital_level, mill.digital_level_on) == (sheet.level, today())
    row = Entry.objects.get(action="set_digital_level")
    assert json.loads(row.detail)["assessment"] == sheet.pk
    told = set(Message.objects.filter(key=f"assessments.on_site:{sheet.pk}").values_list(
        "membership__role", flat=True
    ))  # fmt: skip
    assert Role.COUNTY_OFFICER in told
    assert Role.ENTERPRISE_CERTIFIER in told


def test_a_self_assessment_never_becomes_the_level(cast: Cast, mill: Enterprise) -> None:
    assessed(onsite.certifier(cast), mill)
    mill.refresh_from_db()
    assert mill.digital_level is None


def test_acceptance_stands_before_diagnosis_and_falls_back_when_withdrawn(
    cast: Cast, mill: Enterprise
) -> None:
    before = onsite.diagnosed(cast)
    after = onsite.accepted(cast)
    mill.refresh_from_db()
    assert after.level is not None and before.level is not None
    assert after.level > before.level
    assert mill.digital_level == after.level
    withdraw(onsite.agency(cast), after.pk, "评错了一题，重新评")
    mill.refresh_from_db()
    assert mill.digital_level == before.level


def test_the_visit_needs_its_day_within_the_engagement(cast: Cast) -> None:
    actor, sheet = begun(cast)
    fill(actor, sheet)
    sheet.refresh_from_db()
    for day in (None, today() + DAY, today() - DAY):
        with pytest.raises(ValidationError, match="现场日期"):
            submit_visit(
                actor, sheet.pk, visited_on=day, committed_name=actor.name, seen_saves=sheet.saves
            )
    sheet.refresh_from_db()
    assert sheet.state == AssessmentState.DRAFT


def test_independence_is_checked_again_at_submission(cast: Cast, mill: Enterprise) -> None:
    engagement = onsite.asked(cast, Kind.ACCEPTANCE, "agency_ningxia", project_id=7)
    agency = onsite.agency(cast)
    sheet = start(agency, mill, Kind.ACCEPTANCE, engagement=engagement)
    fill(agency, sheet)
    sheet.refresh_from_db()
    onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    onsite.controlled(cast.parties["vendor_guyuan"], onsite.PERSON)
    record = onsite.controlled(cast.parties["agency_ningxia"], onsite.PERSON)
    said = {"visited_on": today(), "committed_name": agency.name, "seen_saves": sheet.saves}
    with pytest.raises(ValidationError, match="同一实际控制人"):
        submit_visit(agency, sheet.pk, **said)  # type: ignore[arg-type]
    sheet.refresh_from_db()
    assert sheet.state == AssessmentState.DRAFT
    assert level_for_payment(mill.pk, 7) is None
    record.delete()
    submit_visit(agency, sheet.pk, **said)  # type: ignore[arg-type]
    engagement.refresh_from_db()
    assert json.loads(engagement.checked)["submitted"]["ties"] == []


def test_only_an_independent_acceptance_of_the_project_feeds_a_payment(
    cast: Cast, mill: Enterprise
) -> None:
    diagnosis = onsite.diagnosed(cast)
    assert level_for_payment(mill.pk, 7) is None
    accepted = onsite.accepted(cast, project_id=7)
    assert level_for_payment(mill.pk, 7) == accepted
    assert level_for_payment(mill.pk, 8) is None
    assert level_for_payment(onsite.archive(cast, "xiji_starch").pk, 7) is None
    # It stays so when the engagement ends ...
    assert accepted.engagement is not None
    end_engagement(onsite.officer(cast), accepted.engagement, "做完了")
    assert level_for_payment(mill.pk, 7) == accepted

    # ... and ends when a tie comes to light, and when it is withdrawn.
    def found(enterprise_id: int) -> list[Contract]:
        day = timezone.localdate() - timedelta(days=30)
        return [Contract(day, "软件合同", "宁夏评测机构", cast.parties["agency_ningxia"].pk)]

    tied_by(found)
    try:
        assert level_for_payment(mill.pk, 7) is None
        assert "软件合同" in payment_level(mill.pk, 7).why
    finally:
        _rules.remove(found)
    assert level_for_payment(mill.pk, 7) == accepted
    assert diagnosis.level is not None


def test_a_grading_whose_check_was_lost_feeds_nothing(cast: Cast, mill: Enterprise) -> None:
    accepted = onsite.accepted(cast, project_id=7)
    Engagement.objects.filter(pk=accepted.engagement_id).update(checked="{}")
    assert level_for_payment(mill.pk, 7) is None
    assert "没有核对独立性" in payment_level(mill.pk, 7).why


# -- before and after ------------------------------------------------------------------------------


def test_before_and_after_stand_side_by_side(cast: Cast, mill: Enterprise) -> None:
    before = onsite.diagnosed(cast)
    after = onsite.accepted(cast)
    assert after.before_id == before.pk
    for role, where in (
        (Role.COUNTY_OFFICER, "pengyang"),
        (Role.ENTERPRISE_CERTIFIER, "pengyang_mill"),
        (Role.AGENCY_STAFF, "agency_ningxia"),
    ):
        text = client_of(cast.person(role, where)).get(f"/levels/{after.pk}/compare/")
        assert text.status_code == 200
        assert "得分变化" in text.content.decode()
    foreign = client_of(cast.person(Role.COUNTY_OFFICER, "xiji"))
    assert foreign.get(f"/levels/{after.pk}/compare/").status_code == 404
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    answer = officer.get(f"/levels/{before.pk}/compare/")
    assert answer["Location"] == f"/levels/{before.pk}/"


def test_two_sets_are_not_compared_and_the_page_says_why(cast: Cast, mill: Enterprise) -> None:
    before = onsite.diagnosed(cast)
    after = onsite.accepted(cast)
    stored = before.indicators
    text = stored.document.replace(stored.version, "9.9.9", 1)
    other = PublishedSet.objects.create(
        place=mill.place, set_id=stored.set_id, version="9.9.9", title=stored.title,
        sector=stored.sector, document=text, sha256="0" * 64, state="draft",
        created_by=cast.person(Role.COUNTY_OFFICER, "pengyang").user,
    )  # fmt: skip
    Assessment.objects.filter(pk=before.pk).update(indicators=other)
    page = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang")).get(
        f"/levels/{after.pk}/compare/"
    )
    shown = page.content.decode()
    assert "不能直接比较" in shown
    assert "得分变化" not in shown


# -- pages of the officer --------------------------------------------------------------------------


def test_the_officer_finds_a_body_anywhere_and_asks_it(cast: Cast, mill: Enterprise) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    fujian = cast.parties["agency_fujian"]
    page = client.get(f"/enterprises/{mill.pk}/engage/", {"q": "福建评测"}).content.decode()
    assert fujian.uscc in page
    assert cast.parties["xiji_starch"].uscc not in page
    answer = client.post(
        f"/enterprises/{mill.pk}/engage/",
        {
            "q": "福建评测", "party": fujian.pk, "kind": "acceptance",
            "valid_from": today().isoformat(), "valid_to": (today() + DAY).isoformat(),
        },
    )  # fmt: skip
    made = Engagement.objects.get()
    assert answer["Location"] == f"/work/visits/{made.pk}/"
    text = client.get(answer["Location"]).content.decode()
    assert fujian.name in text
    assert "没有登记实际控制人" in text
    assert fujian.name in client.get("/work/visits/").content.decode()
    ended = client.post(f"/work/visits/{made.pk}/end/", {"reason": "另请他人"})
    assert ended.status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None


def test_a_refused_engagement_names_every_tie(cast: Cast, mill: Enterprise) -> None:
    onsite.asked(cast, Kind.DIAGNOSIS, "agency_ningxia")
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    answer = client.post(
        f"/enterprises/{mill.pk}/engage/",
        {
            "q": "宁夏", "party": cast.parties["agency_ningxia"].pk, "kind": "audit",
            "valid_from": today().isoformat(), "valid_to": (today() + DAY).isoformat(),
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "为企业诊断" in answer.content.decode()


def test_an_enterprise_is_never_offered_as_a_body(cast: Cast, mill: Enterprise) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    page = client.get(f"/enterprises/{mill.pk}/engage/", {"q": "西吉淀粉"}).content.decode()
    assert "没有找到" in page
    answer = client.post(
        f"/enterprises/{mill.pk}/engage/",
        {
            "party": cast.parties["xiji_starch"].pk, "kind": "diagnosis",
            "valid_from": today().isoformat(), "valid_to": (today() + DAY).isoformat(),
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert not Engagement.objects.exists()


def test_the_visit_page_leads_through_the_whole_diagnosis(cast: Cast, mill: Enterprise) -> None:
    engagement = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    client = vendor_client(cast)
    address = f"/visits/{engagement.pk}/"
    assert "开始诊断" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    sheet = Assessment.objects.get()
    actor = onsite.vendor(cast)
    fill(actor, sheet)
    sheet.refresh_from_db()
    page = client.get(f"{address}commit/").content.decode()
    assert "真实性承诺" in page
    answer = client.post(
        f"{address}commit/",
        {
            "visited_on": today().isoformat(), "committed_name": actor.name,
            "seen": sheet.saves,
        },
    )  # fmt: skip
    assert answer.status_code == 302
    text = client.get(address).content.decode()
    assert "一企一策方案" in text
    assert client.get(f"{address}findings/").status_code == 200
    assert client.get(item_url(engagement.pk, "q1")).status_code == 302

"""Several sets at once: of two sectors, of two wordings, of two versions with other figures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions import set_drafts as drafts
from shuzhuan.apps.assessments.actions.sets import sectors
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, PublishedSet
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.assessments.queries.beside import beside
from shuzhuan.apps.assessments.queries.payment import payment_level
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.engine.grading import IndicatorSet, read_set
from tests.apps.assessments import onsite
from tests.apps.assessments.sheets import assessed
from tests.apps.assessments.test_sets import colleague, officer, published, shipped
from tests.cast import Cast, client_of
from tests.engine.grading.test_importing import as_bytes, import_document

pytestmark = pytest.mark.django_db
SERVICES = "生产性服务业"


@pytest.fixture
def mill(cast: Cast) -> Enterprise:
    return onsite.archive(cast)


def changed(row: PublishedSet, **values: Any) -> IndicatorSet:
    """The set of a row with other words, or whatever is given."""
    document = parsed(row).to_document() | values
    return read_set("set.json", json.dumps(document, ensure_ascii=False).encode())


def put_out(cast: Cast, indicators: IndicatorSet) -> PublishedSet:
    row = drafts.import_draft(officer(cast), indicators)
    return drafts.publish_set(actor_of(colleague(cast)), row.pk, row.edits)


def services(cast: Cast) -> PublishedSet:
    return put_out(cast, changed(shipped(), id="services", sector=SERVICES, title="服务业指标"))


def compared(cast: Cast, sheet: Assessment) -> str:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    return client.get(f"/levels/{sheet.pk}/compare/").content.decode()


# -- two sectors -----------------------------------------------------------------------------------


def test_the_enterprise_chooses_among_the_sectors_of_its_place(
    cast: Cast, mill: Enterprise
) -> None:
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    shipped()
    assert "适用行业" not in client.get("/my/level/").content.decode()
    row = services(cast)
    assert sectors(mill.place) == ["制造业", SERVICES]
    assert sectors(cast.places["xiji"]) == ["制造业"]
    assert f'<option value="{SERVICES}">' in client.get("/my/level/").content.decode()
    client.post("/my/level/start/", {"sector": SERVICES})
    assert Assessment.objects.get().indicators == row


def test_the_last_choice_is_offered_first_and_an_unknown_one_refused(
    cast: Cast, mill: Enterprise
) -> None:
    row = services(cast)
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    refused = client.post("/my/level/start/", {"sector": "渔业"}, follow=True).content.decode()
    assert "还没有适用于“渔业”的评测指标集" in refused
    assert not Assessment.objects.exists()
    start(onsite.certifier(cast), mill, AssessmentKind.SELF, sector=SERVICES)
    done = assessed(onsite.certifier(cast), mill)
    assert done.indicators == row
    assert f'<option value="{SERVICES}" selected>' in client.get("/my/level/").content.decode()


def test_whoever_diagnoses_chooses_and_acceptance_follows(cast: Cast, mill: Enterprise) -> None:
    row = services(cast)
    engagement = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    vendor = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    address = reverse("assessments:visit", args=[engagement.pk])
    assert SERVICES in vendor.get(address).content.decode()
    vendor.post(address, {"sector": SERVICES})
    before = onsite.visited(onsite.vendor(cast), engagement)
    assert before.indicators == row
    asked = onsite.asked(cast, Kind.ACCEPTANCE, "agency_ningxia", project_id=7)
    agency = client_of(cast.person(Role.AGENCY_STAFF, "agency_ningxia"))
    page = agency.get(reverse("assessments:visit", args=[asked.pk])).content.decode()
    assert "适用行业" not in page  # it is that of the diagnosis
    assert onsite.visited(onsite.agency(cast), asked, **onsite.BETTER).indicators == row


def test_an_import_says_for_whom_it_is(cast: Cast) -> None:
    shipped()
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))

    def send(**more: str) -> Any:
        file = SimpleUploadedFile("官方.json", as_bytes(import_document()))
        fields = {"base": "none", "set_id": "services", "version": "1.0.0", "file": file}
        return client.post(reverse("assessments:set_import"), {**fields, **more})

    assert "请写明适用行业" in send().content.decode()
    assert send(sector=SERVICES).status_code == 302
    assert PublishedSet.objects.get(place__isnull=False).sector == SERVICES


def test_more_levels_than_an_archive_can_hold_are_refused(cast: Cast) -> None:
    levels = parsed(shipped()).to_document()["levels"]
    fifth = {**levels[3], "level": "5", "name": "引领级", "points": "90"}
    with pytest.raises(ValidationError, match="最多4个等级"):
        drafts.import_draft(officer(cast), changed(shipped(), id="five", levels=[*levels, fifth]))


# -- two versions ----------------------------------------------------------------------------------


def test_acceptance_is_graded_by_the_figures_of_its_diagnosis(cast: Cast, mill: Enterprise) -> None:
    before = onsite.diagnosed(cast)
    newer = published(cast, l2="45", l3="65")
    after = onsite.accepted(cast)
    assert after.indicators == before.indicators != newer
    assert payment_level(mill.pk, 7).assessment == after
    assert "得分变化" in compared(cast, after)
    assert assessed(onsite.certifier(cast), mill).indicators == newer


def test_levels_of_other_figures_feed_no_payment(cast: Cast, mill: Enterprise) -> None:
    onsite.diagnosed(cast)
    older = published(cast, l2="38")
    Assessment.objects.filter(kind=AssessmentKind.DIAGNOSIS).update(indicators=older)
    drafts.retire_set(officer(cast), older.pk, "门槛有误")
    after = onsite.accepted(cast)
    assert after.indicators == shipped()  # nothing with the old figures is published any more
    found = payment_level(mill.pk, 7)
    assert found.assessment is None
    assert "不能直接比较" in found.why and str(older) in found.why
    assert "得分变化" not in compared(cast, after)


def test_another_wording_is_taken_up_compared_and_named(cast: Cast, mill: Enterprise) -> None:
    before = onsite.diagnosed(cast)
    row = put_out(cast, changed(before.indicators, version="1.1.0", title="官方措辞"))
    after = onsite.accepted(cast)
    assert after.indicators == row != before.indicators
    page = compared(cast, after)
    assert "得分变化" in page and "只是题面措辞不同" in page
    assert payment_level(mill.pk, 7).assessment == after
    assert not [one.why for one in beside(onsite.officer(cast), after) if one.why]


def test_results_of_different_figures_say_which(cast: Cast, mill: Enterprise) -> None:
    client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    assessed(onsite.certifier(cast), mill)
    assert "不能直接比较" not in client.get("/my/level/").content.decode()
    row = published(cast, l1="25")
    assessed(onsite.certifier(cast), mill)
    for path in ("/my/level/", f"/enterprises/{mill.pk}/"):
        page = client.get(path).content.decode()
        assert "不能直接比较" in page and str(row) in page

"""The record of a body: kept by itself, secrets sealed, checked by the pack, seen where it works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.engage import engage
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.vendors.actions.body import BodyText, digest_of, save_body
from shuzhuan.apps.vendors.body_facts import CONDITIONS
from shuzhuan.apps.vendors.models import BodyRecord
from tests.cast import Cast, canary, client_of

PERSON = "64042519800101123X"
GOOD = {name: name not in ("bad_credit", "subcontracts") for name in CONDITIONS}
POSTED = {
    "category": "scenario",
    **{name: "yes" if value else "no" for name, value in GOOD.items()},
    "industries": "轻工纺织",
    "introduction": "介绍",
    "controller_name": "马某某",
    "controller_id": "640425 19800101 123x",
}


def test_a_body_keeps_its_own_record(cast: Cast) -> None:
    client = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    assert "168平台" in client.get("/body/").content.decode()
    assert client.post("/body/", POSTED).status_code == 302
    row = BodyRecord.objects.get()
    assert row.party_id == cast.parties["vendor_guyuan"].pk
    assert str(row.controller_id) == PERSON
    assert row.controller_digest == digest_of(PERSON)
    text = client.get("/body/").content.decode()
    assert PERSON not in text
    assert "6****X" in text
    # Left empty the number stays; the digest is not lost.
    client.post("/body/", {**POSTED, "controller_id": "", "industries": "装备制造"})
    row = BodyRecord.objects.get()
    assert (row.industries, row.controller_digest) == ("装备制造", digest_of(PERSON))
    # An answer is taken back: unknown again, and never a no.
    client.post("/body/", {**POSTED, "lawful": ""})
    assert BodyRecord.objects.get().lawful is None
    assert Entry.objects.filter(action="save_body").count() == 3
    assert PERSON not in "".join(Entry.objects.values_list("detail", flat=True))


def test_the_database_holds_no_name_and_no_number(cast: Cast) -> None:
    client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan")).post("/body/", POSTED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT controller_name, controller_id FROM vendors_bodyrecord")
        stored = "".join(cursor.fetchone())
    assert PERSON not in stored
    assert "马某某" not in stored


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"category": ""}, "请选择类别"),
        ({"category": "agency"}, "选择"),
        ({"controller_id": "12345"}, "18位"),
        ({"controller_name": ""}, "一起填写"),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, changed: dict[str, str], message: str) -> None:
    client = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    answer = client.post("/body/", {**POSTED, **changed})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not BodyRecord.objects.exists()


def test_an_agency_is_an_agency(cast: Cast) -> None:
    agency = actor_of(cast.person(Role.AGENCY_STAFF, "agency_ningxia"))
    with pytest.raises(ValidationError):
        save_body(agency, BodyText("scenario"))
    assert save_body(agency, BodyText("agency")).category == "agency"
    with pytest.raises(PermissionDenied):
        save_body(actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")), BodyText(""))


def test_the_officer_sees_a_body_where_it_is_registered_or_works(cast: Cast) -> None:
    vendor = actor_of(cast.person(Role.VENDOR_STAFF, "vendor_quanzhou"))
    save_body(vendor, BodyText("scenario", GOOD, controller_name="马某某", controller_id=PERSON))
    row = BodyRecord.objects.get()
    address = f"/work/bodies/{row.pk}/"
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    assert client_of(officer).get(address).status_code == 404
    assert canary(cast.parties["vendor_quanzhou"]) not in (
        client_of(officer).get("/work/bodies/").content.decode()
    )
    mill = open_archive(cast.parties["pengyang_mill"])
    today = timezone.localdate()
    engage(
        actor_of(officer), mill, cast.parties["vendor_quanzhou"], "diagnosis", today,
        today + timedelta(days=5),
    )  # fmt: skip
    page = client_of(officer).get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert PERSON not in text
    assert "马某某" not in text
    assert "6****X" in text
    assert (
        cast.parties["vendor_quanzhou"].name
        in client_of(officer).get("/work/bodies/").content.decode()
    )
    assert client_of(cast.person(Role.COUNTY_OFFICER, "xiji")).get(address).status_code == 404
    city = client_of(cast.person(Role.CITY_OFFICER, "quanzhou"))
    assert city.get(address).status_code == 200


def test_the_conditions_of_the_place_are_checked_with_reasons(cast: Cast) -> None:
    vendor = actor_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    today = timezone.localdate()
    mill = open_archive(cast.parties["pengyang_mill"])
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    engage(
        actor_of(officer), mill, cast.parties["vendor_guyuan"], "diagnosis", today,
        today + timedelta(days=5),
    )  # fmt: skip

    def page(**changed: bool | None) -> str:
        row = save_body(vendor, BodyText("comprehensive", {**GOOD, **changed}))
        return client_of(officer).get(f"/work/bodies/{row.pk}/").content.decode()

    assert "：符合</h2>" in page()
    unknown = page(lawful=None)
    assert "：资料不足</h2>" in unknown
    assert "还不知道" in unknown
    refused = page(bad_credit=True, lawful=None)
    assert "：不符合</h2>" in refused
    assert "服务商有不良信用记录" in refused
    assert "第九条" in refused

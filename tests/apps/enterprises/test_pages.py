"""Every page of the archive answers whom it should, empty or full."""

from __future__ import annotations

import pytest

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.sections import SECTIONS
from tests.cast import Cast, client_of

OWN = [
    "/my/",
    "/my/archive/",
    *(f"/my/archive/{key}/" for key in SECTIONS),
    "/my/qualifications/",
    "/my/qualifications/new/",
    "/my/policies/",
    "/my/colleagues/",
    "/my/vendors/",
]


@pytest.mark.parametrize("path", OWN)
def test_own_pages_answer_on_an_empty_archive(cast: Cast, path: str) -> None:
    answer = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")).get(path)
    assert answer.status_code == 200
    assert "canary" in answer.content.decode() or path != "/my/"


@pytest.mark.parametrize("suffix", ["", "policies/", "survey/", "pilot/"])
def test_the_officer_sees_the_enterprise(cast: Cast, mill: Enterprise, suffix: str) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    assert client.get(f"/enterprises/{mill.pk}/{suffix}").status_code == 200


@pytest.mark.parametrize("suffix", ["", "policies/", "survey/", "pilot/"])
@pytest.mark.parametrize(
    ("role", "where"),
    [(Role.COUNTY_OFFICER, "xiji"), (Role.CITY_OFFICER, "wuzhong"), (Role.COUNTY_OFFICER, "huian")],
)
def test_a_foreign_officer_gets_the_answer_of_a_missing_one(
    cast: Cast, mill: Enterprise, suffix: str, role: Role, where: str
) -> None:
    client = client_of(cast.person(role, where))
    foreign = client.get(f"/enterprises/{mill.pk}/{suffix}")
    missing = client.get(f"/enterprises/999999/{suffix}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_a_section_that_does_not_exist_is_missing(cast: Cast) -> None:
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    assert client.get("/my/archive/nothing/").status_code == 404
    assert client.post("/my/archive/nothing/draft/").status_code == 404

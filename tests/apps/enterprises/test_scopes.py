"""Who sees which archive: everybody of the cast against every archive, counted by hand."""

from __future__ import annotations

import pytest

from shuzhuan.apps.access.actor import PUBLIC, actor_of
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import (
    CloudUse,
    Declaration,
    Draft,
    Enterprise,
    EnterpriseYear,
    PilotEntry,
    Qualification,
    SectionState,
    SectionVersion,
)
from tests.apps.enterprises.filling import fill
from tests.cast import Cast

ALL = {"pengyang_mill", "park_foundry", "xiji_starch", "hongsibu_wine", "huian_stone"}
SEEN: dict[tuple[Role, str], set[str]] = {
    (Role.PROVINCE_OFFICER, "ningxia"): ALL - {"huian_stone"},
    (Role.PROVINCE_OFFICER, "fujian"): {"huian_stone"},
    (Role.CITY_OFFICER, "guyuan"): {"pengyang_mill", "park_foundry", "xiji_starch"},
    (Role.CITY_OFFICER, "wuzhong"): {"hongsibu_wine"},
    (Role.COUNTY_OFFICER, "pengyang"): {"pengyang_mill", "park_foundry"},
    (Role.COUNTY_OFFICER, "xiji"): {"xiji_starch"},
    (Role.FINANCE_OFFICER, "guyuan"): {"pengyang_mill", "park_foundry", "xiji_starch"},
    (Role.LEADER, "pengyang"): {"pengyang_mill", "park_foundry"},
}


def test_everybody_sees_the_archives_of_the_table_and_nothing_else(cast: Cast) -> None:
    keys = {party.pk: key for key, party in cast.parties.items()}
    for (role, where), member in cast.people.items():
        seen = {keys[row.party_id] for row in visible(actor_of(member), Enterprise)}
        own = {where} if member.party_id and where in ALL else set()
        expected = SEEN.get((role, where), own)
        if (role, where) in SEEN or role not in {r for r, _ in SEEN}:
            assert seen == expected, (role, where)
    assert not visible(PUBLIC, Enterprise).exists()


ROWS = (
    CloudUse, Declaration, EnterpriseYear, PilotEntry, Qualification,
    SectionState, SectionVersion, Draft,
)  # fmt: skip


@pytest.mark.parametrize("model", ROWS)
def test_rows_follow_their_archive(cast: Cast, model: type) -> None:
    for where, role_where in (("pengyang_mill", "pengyang"), ("xiji_starch", "xiji")):
        enterprise = Enterprise.objects.get(party=cast.parties[where])
        certifier = actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, where))
        officer = actor_of(cast.person(Role.COUNTY_OFFICER, role_where))
        fill(enterprise, certifier, officer, industry="其他")
        Qualification.objects.create(
            place=enterprise.place, enterprise=enterprise, kind="other", granted_on="2024-01-01"
        )
        Draft.objects.create(
            place=enterprise.place,
            user_id=certifier.user_id,
            enterprise=enterprise,
            section="basics",
            text="{}",
        )
    mill = Enterprise.objects.get(party=cast.parties["pengyang_mill"])
    for (role, where), member in cast.people.items():
        ids = set(visible(actor_of(member), model).values_list("enterprise_id", flat=True))
        archives = set(visible(actor_of(member), Enterprise).values_list("pk", flat=True))
        assert ids <= archives, (role, where)
        if (role, where) == (Role.ENTERPRISE_CERTIFIER, "pengyang_mill"):
            assert ids == {mill.pk}
    officer = actor_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    private = model in (Draft, SectionVersion)
    assert visible(officer, model).filter(enterprise=mill).exists() is not private
    colleague = actor_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    assert visible(colleague, model).exists() is (model is not Draft)

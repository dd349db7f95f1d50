"""The cast itself: everybody is there, nobody shares a canary."""

import pytest

from shuzhuan.apps.accounts.roles import EVERY_ROLE, Role
from tests.cast import Cast, canary, client_of, uscc


def test_everybody_is_there_with_a_canary_of_their_own(cast: Cast) -> None:
    assert {role for role, _ in cast.people} == EVERY_ROLE
    owners = [*cast.places.values(), *cast.parties.values()]
    assert len({canary(owner) for owner in owners}) == len(owners)


def test_codes_are_well_formed() -> None:
    assert uscc(1) != uscc(2)
    assert len(uscc(1)) == 18


@pytest.mark.django_db
def test_the_client_is_signed_in(cast: Cast) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    assert "_auth_user_id" in client.session

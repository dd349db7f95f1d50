"""The cast with archives: every enterprise party has one, each text with the owner's canary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.enterprises.models import Enterprise
from tests.cast import Cast, build


@pytest.fixture
def cast(db: Any) -> Iterator[Cast]:
    """Everybody, and an empty archive for every enterprise."""
    found = build()
    for party in found.parties.values():
        if party.kind == PartyKind.ENTERPRISE:
            open_archive(party)
    yield found


@pytest.fixture
def mill(cast: Cast) -> Enterprise:
    """An enterprise of 彭阳, whose place runs a pack of its own."""
    return Enterprise.objects.get(party=cast.parties["pengyang_mill"])


@pytest.fixture
def filler(cast: Cast) -> Actor:
    return actor_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))


@pytest.fixture
def certifier(cast: Cast) -> Actor:
    return actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))


@pytest.fixture
def officer(cast: Cast) -> Actor:
    return actor_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))

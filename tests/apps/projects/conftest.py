"""The cast with a second officer and a second finance officer, and a drive through the pilot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.actions.summary import refresh
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.drive import Case, Drive, Firm, Players
from tests.cast import Cast

START = date(2026, 3, 2)
CASE = Case(
    spend=(("software", "生产执行系统", 50_000_000), ("device", "数据采集网关", 20_000_000))
)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The pilot begins on a Monday in March 2026."""
    with standing(Clock(START)) as clock:
        yield clock


def colleague(cast: Cast, role: Role, where: str) -> Membership:
    """A second person in an office."""
    first = cast.person(role, where)
    user = User.objects.create_user(f"{role}2.{where}", f"{role.label}乙")
    return Membership.objects.create(user=user, role=role, region=first.region, user_kind=user.kind)


def players(cast: Cast, where: str = "pengyang") -> Players:
    """Who acts for a county of the cast."""

    def act(role: Role, key: str) -> Actor:
        return actor_of(cast.person(role, key))

    return Players(
        place=cast.places[where],
        county=act(Role.COUNTY_OFFICER, where),
        second=actor_of(colleague(cast, Role.COUNTY_OFFICER, where)),
        city=act(Role.CITY_OFFICER, "guyuan"),
        finance=act(Role.FINANCE_OFFICER, where),
        checker=actor_of(colleague(cast, Role.FINANCE_OFFICER, where)),
        agency=act(Role.AGENCY_STAFF, "agency_ningxia"),
        agency_party=cast.parties["agency_ningxia"],
        vendor=act(Role.VENDOR_STAFF, "vendor_guyuan"),
        vendor_party=cast.parties["vendor_guyuan"],
    )


def firm(cast: Cast, key: str = "pengyang_mill") -> Firm:
    """An enterprise of the cast with its archive open."""
    party = cast.parties[key]
    row = Enterprise.objects.create(
        party=party, place=party.place, name=party.name, uscc=party.uscc
    )
    refresh(row)
    row.refresh_from_db()
    return Firm(row, actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, key)))


@pytest.fixture
def drive(cast: Cast, clock: Clock, tmp_path: Any, settings: Any) -> Drive:
    """An open batch in 彭阳 with a budget of 200万元."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    found = Drive(players(cast))
    found.open_pilot(START, date(2027, 3, 1))
    found.budget(200_000_000)
    return found


@pytest.fixture
def mill(cast: Cast, drive: Drive) -> Firm:
    """A firm whose archive is complete."""
    found = firm(cast)
    drive.archive(found)
    return found

"""The cast with a second officer and a second finance officer, and a drive through the pilot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.save_answer import canonical
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.apps.enterprises.actions.summary import refresh
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.drive import Case, Drive, Firm, Players, answers_for
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


class Swift(Drive):
    """Writes a sheet at once; the drive of test_drive.py saves item by item."""

    def answer(self, actor: Actor, sheet: Assessment, level: int) -> None:
        assert actor.user_id is not None
        now, indicators = timezone.now(), indicator_set(sheet)
        rows = [
            Answer(
                place_id=sheet.place_id, assessment=sheet, enterprise_id=sheet.enterprise_id,
                party_id=sheet.party_id, item=item, value=canonical(indicators, item, value),
                saves=1, saved_key=str(self.keys()), saved_at=now, saved_by_id=actor.user_id,
            )
            for item, value in answers_for(sheet, level).items()
        ]  # fmt: skip
        Answer.objects.bulk_create(rows)
        Assessment.objects.filter(pk=sheet.pk).update(
            saves=len(rows), answered=sum(bool(row.value) for row in rows), updated_at=now
        )


@pytest.fixture
def drive(cast: Cast, clock: Clock, tmp_path: Any, settings: Any) -> Drive:
    """An open batch in 彭阳 with a budget of 200万元."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    found = Swift(players(cast))
    found.open_pilot(START, date(2027, 3, 1))
    found.budget(200_000_000)
    return found


@pytest.fixture
def mill(cast: Cast, drive: Drive) -> Firm:
    """A firm whose archive is complete."""
    found = firm(cast)
    drive.archive(found)
    return found

"""The three administrators exclude each other and everybody else, in the database itself."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from shuzhuan.apps.accounts import triggers
from shuzhuan.apps.accounts.models import Membership, UserKind
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, EVERY_ROLE, PARTIES, Role
from tests.cast import Cast

pytestmark = pytest.mark.django_db

OFFICES = sorted(EVERY_ROLE - PARTIES)


def insert(user_id: int, kind: str, role: str, region_id: int) -> None:
    """Write a membership with plain SQL, past every model and action."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_membership (user_id, role, region_id, user_kind, is_active,"
            " created_at) VALUES (%s, %s, %s, %s, %s, '2026-01-01 00:00:00+00:00')",
            [user_id, role, region_id, kind, True],
        )


@pytest.mark.parametrize("admin", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("role", OFFICES)
def test_an_administrator_gets_no_other_role(cast: Cast, admin: Role, role: Role) -> None:
    person = cast.person(admin, "ningxia")
    place = cast.places["guyuan"].pk
    if role == admin:
        insert(person.user_id, str(admin), role, place)
        return
    for kind in UserKind.values:
        with pytest.raises(DatabaseError):
            insert(person.user_id, kind, role, place)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_an_officer_gets_no_administrators_role(cast: Cast, role: Role) -> None:
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    for kind in UserKind.values:
        with pytest.raises(DatabaseError):
            insert(person.user_id, kind, role, cast.places["pengyang"].pk)


def test_control_an_office_of_ones_own_kind_is_written(cast: Cast) -> None:
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    insert(person.user_id, UserKind.BUSINESS, Role.LEADER, cast.places["xiji"].pk)


def test_a_membership_keeps_its_kind_and_its_user(cast: Cast) -> None:
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    admin = cast.person(Role.SYSTEM_ADMIN, "ningxia")
    for change in (
        {"user_kind": UserKind.AUDIT, "role": Role.AUDIT_ADMIN},
        {"user_id": admin.user_id},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Membership.objects.filter(pk=officer.pk).update(**change)


def test_the_kind_of_a_person_never_changes(cast: Cast) -> None:
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    for table_kind in UserKind.values[1:]:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_user SET kind = %s WHERE id = %s", [table_kind, person.user_id]
            )


def test_control_without_the_triggers_the_lie_would_pass(cast: Cast) -> None:
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    assert triggers.missing(connection) == []
    triggers.remove(connection)
    assert len(triggers.missing(connection)) == len(triggers.TRIGGERS)
    insert(person.user_id, UserKind.AUDIT, Role.AUDIT_ADMIN, cast.places["pengyang"].pk)
    Membership.objects.filter(user_id=person.user_id, role=Role.AUDIT_ADMIN).delete()
    triggers.install(connection)
    with pytest.raises(DatabaseError):
        insert(person.user_id, UserKind.AUDIT, Role.AUDIT_ADMIN, cast.places["pengyang"].pk)

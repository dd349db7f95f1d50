"""The security administrator: people, roles, locks, sessions; nothing of anybody's business."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import EVERY_ROLE, Role
from shuzhuan.apps.administration.actions import people
from shuzhuan.apps.administration.actions.invite import invite
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.signin.models import Guard, SecondFactor, Session
from tests.apps.signin_kit import bound, budget, sign_in
from tests.cast import PASSWORD, Cast, canary, client_of

pytestmark = pytest.mark.django_db
NEW = "Yellow-River-2026"


@pytest.fixture
def security(cast: Cast) -> Client:
    return client_of(cast.person(Role.SECURITY_ADMIN, "ningxia"))


def deed(client: Client, person: Membership, do: str, **more: Any) -> Any:
    return client.post(f"/security/people/{person.user_id}/", {"do": do, **more})


def form(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "full_name": "马建国",
        "login_name": "ma.jianguo",
        "role": "county_officer",
        "region": cast.places["pengyang"].pk,
        **more,
    }


class TestInvite:
    def test_from_invitation_to_work(self, cast: Cast, security: Client) -> None:
        answer = security.post("/security/people/invite/", form(cast))
        link = re.search(
            r"<code>http://testserver(/activate/[\w-]+/)</code>", answer.content.decode()
        )
        assert link
        new = Client()
        token = link[1].split("/")[2]
        assert new.get(link[1]).status_code == 200
        answer = new.post("/activate/", {"token": token, "password": NEW, "again": NEW})
        assert answer["Location"].startswith("/sign-in/second-factor/"), "an officer binds at once"
        member = Membership.objects.get(user__login_name="ma.jianguo")
        assert (member.role, member.user_kind) == (Role.COUNTY_OFFICER, "business")
        assert member.created_by == cast.person(Role.SECURITY_ADMIN, "ningxia").user
        assert token not in "".join(Entry.objects.values_list("detail", flat=True))

    @pytest.mark.parametrize(
        ("wrong", "word"),
        [
            ({"login_name": "county_officer.xiji"}, "已经有人使用"),
            ({"login_name": "a b"}, "不能有空格"),
            ({"role": "city_officer"}, "层级不符"),
            ({"role": "enterprise_filler"}, "身份"),
            ({"full_name": ""}, "姓名"),
        ],
    )
    def test_mistakes_lead_to_the_field(
        self, cast: Cast, security: Client, wrong: dict[str, str], word: str
    ) -> None:
        before = User.objects.count()
        answer = security.post("/security/people/invite/", form(cast, **wrong))
        assert answer.status_code == 422
        assert word in answer.content.decode()
        assert User.objects.count() == before

    def test_not_outside_the_own_region(self, cast: Cast, security: Client) -> None:
        place = cast.places["huian"]
        answer = security.post("/security/people/invite/", form(cast, region=place.pk))
        assert answer.status_code == 422
        actor = actor_of(cast.person(Role.SECURITY_ADMIN, "ningxia"))
        with pytest.raises(PermissionDenied):
            invite(actor, login_name="x.y", full_name="", role=Role.COUNTY_OFFICER, region=place)

    def test_who_may_invite_whom(self, cast: Cast) -> None:
        """Every role tries to give every role, for itself and for its neighbour."""
        given, number = set(), count()
        for (role, where), member in cast.people.items():
            for wanted in sorted(EVERY_ROLE):
                for party in (None, *cast.parties.values()):
                    place = party.place if party is not None else cast.places["pengyang"]
                    try:
                        invite(
                            actor_of(member),
                            login_name=f"invited.{next(number)}",
                            full_name="",
                            role=wanted,
                            region=place,
                            party=party,
                        )
                    except (PermissionDenied, ValidationError):
                        continue
                    assert party is None or party.pk == member.party_id, (role, where)
                    given.add((role, wanted))
        assert {role for role, _ in given} == {
            Role.SECURITY_ADMIN,
            Role.ENTERPRISE_CERTIFIER,
            Role.VENDOR_STAFF,
            Role.AGENCY_STAFF,
        }
        certified = {wanted for role, wanted in given if role == Role.ENTERPRISE_CERTIFIER}
        assert len(certified) == 3
        assert (Role.VENDOR_STAFF, Role.VENDOR_STAFF) in given


class TestPerson:
    @pytest.fixture
    def officer(self, cast: Cast) -> Membership:
        return cast.person(Role.COUNTY_OFFICER, "pengyang")

    def test_unlocking(self, officer: Membership, security: Client) -> None:
        client = Client()
        for _ in range(6):
            sign_in(client, officer.user.login_name, "wrong-Password-1")
        assert "已锁定" in security.get("/security/people/?state=locked").content.decode()
        deed(security, officer, "unlock")
        assert not Guard.objects.filter(user=officer.user).exists()
        assert sign_in(client, officer.user.login_name).status_code == 302
        assert Entry.objects.filter(action="administration.unlock").count() == 1

    def test_ending_sessions_ends_them_at_once(self, officer: Membership, security: Client) -> None:
        theirs = client_of(officer)
        assert theirs.get("/account/").status_code == 200
        deed(security, officer, "sessions")
        assert theirs.get("/account/").status_code == 302

    def test_one_session_from_the_list(self, officer: Membership, security: Client) -> None:
        theirs = client_of(officer)
        row = Session.objects.get(session_key=theirs.session.session_key)
        assert row.handle in security.get("/security/sessions/").content.decode()
        security.post("/security/sessions/", {"handle": row.handle})
        assert theirs.get("/account/").status_code == 302

    def test_a_lost_phone(self, officer: Membership, security: Client) -> None:
        bound(officer)
        deed(security, officer, "factor")
        assert not SecondFactor.objects.exists()

    def test_switched_off_and_on(self, officer: Membership, security: Client) -> None:
        theirs = client_of(officer)
        deed(security, officer, "off")
        assert theirs.get("/account/").status_code == 302
        assert sign_in(Client(), officer.user.login_name).status_code == 422
        deed(security, officer, "on")
        assert sign_in(Client(), officer.user.login_name).status_code == 302

    def test_a_new_link_and_no_password_of_the_administrator(
        self, officer: Membership, security: Client
    ) -> None:
        assert "/activate/" in deed(security, officer, "link").content.decode()
        officer.user.refresh_from_db()
        assert officer.user.check_password(PASSWORD), "the old one holds until the link is used"

    def test_roles_given_and_taken(self, cast: Cast, officer: Membership, security: Client) -> None:
        place = cast.places["xiji"]
        deed(security, officer, "grant", role="leader", region=place.pk)
        added = Membership.objects.get(user=officer.user, role=Role.LEADER)
        answer = deed(security, officer, "grant", role="leader", region=place.pk)
        assert "已经有这个身份" in answer.content.decode()
        deed(security, officer, "end", membership=added.pk)
        added.refresh_from_db()
        assert not added.is_active

    def test_an_officer_is_made_no_administrator(
        self, cast: Cast, officer: Membership, security: Client
    ) -> None:
        place = cast.places["ningxia"]
        answer = deed(security, officer, "grant", role="audit_admin", region=place.pk)
        assert answer.status_code == 422
        actor = actor_of(cast.person(Role.SECURITY_ADMIN, "ningxia"))
        with pytest.raises(ValidationError, match="互相排斥"):
            people.grant(actor, officer.user, Role.AUDIT_ADMIN, place)

    def test_not_the_own_account_and_not_the_last_one(self, cast: Cast, security: Client) -> None:
        own = cast.person(Role.SECURITY_ADMIN, "ningxia")
        deed(security, own, "off")
        own.user.refresh_from_db()
        assert own.user.is_active
        last = cast.person(Role.AUDIT_ADMIN, "ningxia")
        answer = deed(security, last, "off")
        assert "最后一位审计管理员" in security.get(answer["Location"]).content.decode()
        last.user.refresh_from_db()
        assert last.user.is_active

    def test_a_person_of_elsewhere_is_not_there(self, cast: Cast, security: Client) -> None:
        foreign = cast.person(Role.COUNTY_OFFICER, "huian")
        missing = security.get("/security/people/999999/")
        for answer in (
            security.get(f"/security/people/{foreign.user_id}/"),
            deed(security, foreign, "off"),
        ):
            assert answer.status_code == missing.status_code == 404
        foreign.user.refresh_from_db()
        assert foreign.user.is_active
        listed = security.get("/security/people/").content.decode()
        assert canary(cast.places["huian"]) not in listed

    def test_unknown_deeds_and_foreign_memberships_are_not_found(
        self, cast: Cast, officer: Membership, security: Client
    ) -> None:
        other = cast.person(Role.LEADER, "pengyang")
        assert deed(security, officer, "fly").status_code == 400
        assert deed(security, officer, "end", membership=other.pk).status_code == 404
        assert deed(security, officer, "end", membership="x").status_code == 400

    def test_no_name_of_an_organisation_is_shown(self, cast: Cast, security: Client) -> None:
        for page in ("/security/people/", "/security/people/?q=enterprise"):
            text = security.get(page).content.decode()
            assert not [party for party in cast.parties.values() if party.name in text]

    def test_every_action_asks_by_itself(self, cast: Cast, officer: Membership) -> None:
        """Called past the pages, by every other role, each action refuses."""
        for (role, _), member in cast.people.items():
            if role == Role.SECURITY_ADMIN:
                continue
            actor = actor_of(member)
            for refused in (
                lambda a=actor: people.unlock(a, officer.user),
                lambda a=actor: people.end_sessions(a, officer.user),
                lambda a=actor: people.renew_link(a, officer.user),
                lambda a=actor: people.reset_second_factor(a, officer.user),
                lambda a=actor: people.set_active(a, officer.user, active=False),
                lambda a=actor: people.set_external_id(a, officer.user, "x"),
                lambda a=actor: people.end_membership(a, officer),
                lambda a=actor: people.grant(a, officer.user, Role.LEADER, cast.places["pengyang"]),
            ):
                with pytest.raises(PermissionDenied):
                    refused()

    def test_queries(
        self, cast: Cast, security: Client, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(budget(9)):
            assert security.get("/security/people/").status_code == 200
        with django_assert_max_num_queries(budget(14)):
            person = cast.person(Role.LEADER, "pengyang")
            assert security.get(f"/security/people/{person.user_id}/").status_code == 200
        with django_assert_max_num_queries(budget(7)):
            assert security.get("/security/sessions/").status_code == 200


PAGES = {
    Role.SYSTEM_ADMIN: ["/system/regions/"],
    Role.SECURITY_ADMIN: ["/security/people/", "/security/people/invite/", "/security/sessions/"],
    Role.AUDIT_ADMIN: ["/audit/"],
}


@pytest.mark.parametrize("role", sorted(EVERY_ROLE))
def test_each_administrator_has_only_the_own_pages(cast: Cast, role: Role) -> None:
    where = next(key for each, key in cast.people if each == role)
    client = client_of(cast.person(role, where))
    for owner, pages in PAGES.items():
        for page in pages:
            assert client.get(page).status_code == (200 if role == owner else 403), page
    duties = client.get("/account/").content.decode()
    for owner, pages in PAGES.items():
        assert (f'href="{pages[0]}"' in duties) is (role == owner)

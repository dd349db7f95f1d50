"""The second factor: a password alone shows nothing, a code works once, the secret is sealed."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.test import Client

from shuzhuan.apps.accounts.models import Membership, UserKind
from shuzhuan.apps.accounts.roles import Role
from tests.apps.signin_kit import FILLER, bound, code, sign_in, whoami
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
MIDDLE_OF_A_STEP = 1_780_315_215.0  # 2026-06-01; at the end of one, "the same code" is another


@pytest.fixture(autouse=True)
def one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a test does happens while the authenticator shows one code."""
    monkeypatch.setattr(time, "time", lambda: MIDDLE_OF_A_STEP)


class TestSecondFactor:
    OFFICER = "county_officer.pengyang"

    @pytest.fixture
    def officer(self, cast: Cast) -> Membership:
        return cast.person(Role.COUNTY_OFFICER, "pengyang")

    def factor(self, client: Client, typed: str, **more: str) -> Any:
        return client.post("/sign-in/second-factor/", {"code": typed, **more})

    def test_a_password_alone_shows_nothing(self, officer: Membership, client: Client) -> None:
        bound(officer)
        answer = sign_in(client, self.OFFICER, next="/account/sessions/")
        assert answer["Location"].startswith("/sign-in/second-factor/?next=")
        for page in ("/account/", "/account/password/", "/account/sessions/"):
            assert client.get(page)["Location"].startswith("/sign-in/second-factor/")
        assert client.post("/account/password/", {}).status_code == 403
        assert client.get("/sign-in/role/")["Location"] == "/sign-in/second-factor/"

    def test_a_part_of_a_page_is_not_replaced_by_the_door(
        self, officer: Membership, client: Client
    ) -> None:
        answer = client.get("/account/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in/")

    def test_the_code_lets_in_under_a_new_key(self, officer: Membership, client: Client) -> None:
        secret = bound(officer)
        sign_in(client, self.OFFICER)
        key = client.session.session_key
        answer = self.factor(client, code(secret), next="/account/sessions/")
        assert answer["Location"] == "/account/sessions/"
        assert client.session.session_key != key
        assert whoami(client) == 200

    def test_the_same_code_does_not_work_twice(self, officer: Membership) -> None:
        secret = bound(officer)
        typed = code(secret)
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client, self.OFFICER)
        assert self.factor(first, typed).status_code == 302
        assert self.factor(second, typed).status_code == 422
        assert whoami(second) == 302

    def test_an_older_code_does_not_work_after_a_newer_one(self, officer: Membership) -> None:
        secret = bound(officer)
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client, self.OFFICER)
        assert self.factor(first, code(secret)).status_code == 302
        assert self.factor(second, code(secret, -1)).status_code == 422
        assert self.factor(second, code(secret, 1)).status_code == 302

    def test_codes_from_far_away_are_refused(self, officer: Membership, client: Client) -> None:
        secret = bound(officer)
        sign_in(client, self.OFFICER)
        for steps in (-3, 3):
            assert self.factor(client, code(secret, steps)).status_code == 422

    def test_guessing_codes_ends(self, officer: Membership, client: Client) -> None:
        secret = bound(officer)
        sign_in(client, self.OFFICER)
        for _ in range(5):
            assert self.factor(client, "000000").status_code == 422
        fresh = Client()
        sign_in(fresh, self.OFFICER)
        answer = self.factor(fresh, code(secret))
        assert answer.status_code == 422
        assert "15 分钟" in answer.content.decode()

    def bind(self, client: Client) -> tuple[str, Any]:
        page = client.get("/sign-in/second-factor/").content.decode()
        found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
        sealed = re.search(r'name="sealed" value="([^"]+)"', page)
        assert found and sealed
        secret = found[1].replace(" ", "")
        return secret, self.factor(client, code(secret), sealed=sealed[1])

    def test_the_first_time_an_authenticator_is_bound(
        self, officer: Membership, client: Client
    ) -> None:
        sign_in(client, self.OFFICER)
        secret, answer = self.bind(client)
        codes = re.findall(r"<code>([A-Z2-9-]{19})</code>", answer.content.decode())
        assert (answer.status_code, len(set(codes))) == (200, 10)
        assert whoami(client) == 200
        again = Client()
        sign_in(again, self.OFFICER)
        assert self.factor(again, code(secret)).status_code == 422, "the binding code is spent"
        assert self.factor(again, codes[0].lower()).status_code == 302
        third = Client()
        sign_in(third, self.OFFICER)
        assert self.factor(third, codes[0]).status_code == 422, "a recovery code works once"

    def test_the_secret_is_sealed_in_the_database(
        self, officer: Membership, client: Client
    ) -> None:
        from django.db import connection

        secret = bound(officer)
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM signin_secondfactor")
            stored = cursor.fetchone()[0]
        assert secret not in stored
        assert stored.startswith("enc1:")

    def test_who_knows_only_the_password_cannot_bind_another_phone(
        self, officer: Membership, client: Client
    ) -> None:
        sign_in(client, self.OFFICER)
        page = client.get("/sign-in/second-factor/").content.decode()
        sealed = re.search(r'name="sealed" value="([^"]+)"', page)
        secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
        assert sealed and secret
        bound(officer)
        mine = secret[1].replace(" ", "")
        assert self.factor(client, code(mine), sealed=sealed[1]).status_code == 422
        assert whoami(client) == 302

    def test_a_secret_made_for_another_person_is_refused(self, cast: Cast, client: Client) -> None:
        from shuzhuan.apps.signin.sealed import seal_secret

        other = cast.person(Role.COUNTY_OFFICER, "xiji").user
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        sign_in(client, self.OFFICER)
        sealed = seal_secret(secret, other)
        assert self.factor(client, code(secret), sealed=sealed).status_code == 422
        assert whoami(client) == 302

    def test_a_role_without_need_may_have_one_and_then_owes_it(
        self, cast: Cast, client: Client
    ) -> None:
        bound(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
        assert "/sign-in/second-factor/" in sign_in(client, FILLER)["Location"]
        assert whoami(client) == 302
        assert self.factor(client, code()).status_code == 302
        assert whoami(client) == 200

    def test_a_role_granted_later_asks_for_it_then(self, cast: Cast, client: Client) -> None:
        person = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
        sign_in(client, FILLER)
        added = Membership.objects.create(
            user=person.user,
            role=Role.FINANCE_OFFICER,
            region=cast.places["pengyang"],
            user_kind=UserKind.BUSINESS,
        )
        client.post("/sign-in/role/", {"membership": added.pk})
        assert client.get("/account/")["Location"].startswith("/sign-in/second-factor/")

    def test_control_without_the_mark_in_the_session_an_officer_is_nobody(
        self, officer: Membership
    ) -> None:
        assert whoami(client_of(officer)) == 200
        assert whoami(client_of(officer, second_factor=False)) == 302

    def test_another_phone_needs_a_fresh_code(self, officer: Membership, client: Client) -> None:
        secret = bound(officer)
        mine = client_of(officer)
        wrong = {"code": "000000", "what": "authenticator"}
        assert mine.post("/account/second-factor/", wrong).status_code == 422
        right = {"code": code(secret), "what": "authenticator"}
        assert mine.post("/account/second-factor/", right)["Location"] == "/sign-in/second-factor/"
        assert whoami(mine) == 302
        assert self.bind(mine)[1].status_code == 200
        assert whoami(mine) == 200

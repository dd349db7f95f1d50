"""At the door: nobody is told more than he knew, guessing ends, a session is new and can be ended."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership, User, UserKind
from shuzhuan.apps.accounts.roles import SECOND_FACTOR, Role
from shuzhuan.apps.audit.models import Entry, Outcome
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.signin import guards
from shuzhuan.apps.signin.actions.links import issue_link
from shuzhuan.apps.signin.entering import person_actor
from shuzhuan.apps.signin.models import Guard, OneTimeLink, Session
from tests.apps.signin_kit import FILLER, bound, budget, code, sign_in, whoami
from tests.cast import PASSWORD, Cast

NEW = "Yellow-River-2026"

pytestmark = pytest.mark.django_db


def also(user: User, role: Role, place: Region) -> Membership:
    """One more role of somebody."""
    return Membership.objects.create(
        user=user, role=role, region=place, user_kind=UserKind.BUSINESS
    )


class TestSignIn:
    def test_a_filler_comes_in_with_a_new_session(self, cast: Cast, client: Client) -> None:
        answer = sign_in(client, FILLER)
        assert answer.status_code == 302
        assert answer["Location"] == "/begin/"
        assert whoami(client) == 200
        row = Session.objects.get()
        assert row.user.login_name == FILLER
        assert row.address == "127.0.0.1"
        entry = Entry.objects.get(action="signin.sign_in")
        assert (entry.outcome, entry.user.login_name) == (Outcome.DONE, FILLER)

    def test_somebody_with_two_roles_chooses_and_has_only_one(
        self, cast: Cast, client: Client
    ) -> None:
        person = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
        second = also(person.user, Role.EXPERT, cast.places["ningxia"])
        assert "/sign-in/role/" in sign_in(client, FILLER, next="/policies/")["Location"]
        assert client.get("/account/")["Location"].startswith("/sign-in/role/")
        key = client.session.session_key
        answer = client.post("/sign-in/role/", {"membership": second.pk, "next": "/policies/"})
        assert answer["Location"] == "/policies/"
        assert client.session.session_key != key
        assert "专家" in client.get("/account/").content.decode()

    def test_a_role_of_somebody_else_cannot_be_chosen(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        foreign = cast.person(Role.LEADER, "guyuan")
        answer = client.post("/sign-in/role/", {"membership": foreign.pk})
        assert answer.status_code == 422
        assert client.session["membership"] != foreign.pk

    def test_a_withdrawn_role_ends_at_once(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        Membership.objects.filter(user__login_name=FILLER).update(is_active=False)
        assert client.get("/account/")["Location"].startswith("/sign-in/role/")

    def test_mistakes_are_summed_up_in_chinese(self, cast: Cast, client: Client) -> None:
        answer = client.post("/sign-in/", {})
        assert answer.status_code == 422
        assert "有 2 处需要修改" in answer.content.decode()

    def test_signing_out_ends_the_session_in_the_database(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        assert client.get("/sign-out/").status_code == 405
        client.post("/sign-out/")
        assert not Session.objects.filter(user__isnull=False).exists()
        assert whoami(client) == 302

    def test_queries_of_a_page_of_somebody_signed_in(
        self, cast: Cast, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        sign_in(client, FILLER)
        with django_assert_max_num_queries(budget(7)):
            assert whoami(client) == 200

    def test_the_public_costs_no_query_for_being_nobody(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            client.get("/sign-in/")


class TestNothingIsTold:
    """An unknown name, a wrong pass-word, an inactive and an unactivated account answer alike."""

    @pytest.fixture
    def names(self, cast: Cast) -> list[str]:
        User.objects.filter(login_name="expert.fujian").update(is_active=False)
        User.objects.create_user("invited")
        return [FILLER, "nobody-of-this-name", "expert.fujian", "invited"]

    def test_same_words_and_same_work(
        self, names: list[str], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        hashed = []
        encode = MD5PasswordHasher.encode
        monkeypatch.setattr(
            MD5PasswordHasher,
            "encode",
            lambda self, password, salt: hashed.append(1) or encode(self, password, salt),
        )
        seen = set()
        sign_in(Client(REMOTE_ADDR="10.0.0.9"), "warm-up", "wrong-Password-1")
        for number, name in enumerate(names):
            hashed.clear()
            client = Client(REMOTE_ADDR=f"10.0.0.{number + 10}")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = sign_in(client, name, "wrong-Password-1")
            text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
            seen.add((answer.status_code, text.replace(name, ""), len(hashed), len(queries)))
        assert len(seen) == 1
        assert next(iter(seen))[2] == 1, "exactly one hash, whoever asks"

    def test_what_was_typed_as_a_name_is_kept_nowhere(self, cast: Cast, client: Client) -> None:
        sign_in(client, "My-Secret-Pass-1", "x")
        assert "My-Secret" not in "".join(Entry.objects.values_list("detail", flat=True))
        assert not Guard.objects.filter(key__contains="My-Secret").exists()


class TestLock:
    def fail(self, client: Client, times: int, name: str = FILLER) -> Any:
        for _ in range(times):
            answer = sign_in(client, name, "wrong-Password-1")
        return answer

    def test_after_five_failures_even_the_right_password_waits(
        self, cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "不对" in self.fail(client, 5).content.decode()
        answer = sign_in(client, FILLER)
        assert answer.status_code == 422
        assert "15 分钟后再试" in answer.content.decode()
        assert Entry.objects.filter(outcome=Outcome.REFUSED, detail__contains="locked").exists()
        later = timezone.now() + guards.LOCK + timedelta(seconds=1)
        monkeypatch.setattr(guards.timezone, "now", lambda: later)
        assert sign_in(client, FILLER).status_code == 302

    def test_four_failures_do_not_lock_and_success_forgets_them(
        self, cast: Cast, client: Client
    ) -> None:
        for _ in range(3):
            self.fail(client, 4)
            assert sign_in(client, FILLER).status_code == 302

    def test_the_lock_of_one_address_leaves_the_person_free(
        self, cast: Cast, client: Client
    ) -> None:
        self.fail(client, 6)
        assert sign_in(Client(REMOTE_ADDR="10.1.1.1"), FILLER).status_code == 302

    def test_guessing_from_many_addresses_locks_the_name(self, cast: Cast) -> None:
        for number in range(21):
            self.fail(Client(REMOTE_ADDR=f"10.2.0.{number}"), 1)
        assert sign_in(Client(REMOTE_ADDR="10.3.3.3"), FILLER).status_code == 422

    def test_trying_many_names_locks_the_address(self, cast: Cast, client: Client) -> None:
        for number in range(guards.LIMITS[guards.Counter.ADDRESS] + 1):
            self.fail(client, 1, f"name-{number}")
        assert sign_in(client, FILLER).status_code == 422

    def test_a_forged_address_is_not_believed(self, cast: Cast, client: Client) -> None:
        for number in range(6):
            client.post(
                "/sign-in/",
                {"login_name": FILLER, "password": "x"},
                headers={"X-Forwarded-For": f"10.9.9.{number}"},
            )
        assert sign_in(client, FILLER).status_code == 422

    def test_behind_a_proxy_only_its_own_word_counts(
        self, cast: Cast, client: Client, settings: Any
    ) -> None:
        settings.TRUSTED_PROXIES = 1
        client.post(
            "/sign-in/",
            {"login_name": FILLER, "password": PASSWORD},
            headers={"X-Forwarded-For": "6.6.6.6, 10.7.7.7"},
        )
        assert Session.objects.get().address == "10.7.7.7"


class TestBegins:
    """Whoever comes in stands where the own work begins, without one more tap."""

    @pytest.fixture
    def cast(self, cast: Cast) -> Cast:
        open_archive(cast.parties["pengyang_mill"])
        return cast

    @pytest.mark.parametrize(
        ("role", "where", "path"),
        [
            (Role.ENTERPRISE_FILLER, "pengyang_mill", "/my/"),
            (Role.ENTERPRISE_CERTIFIER, "pengyang_mill", "/my/"),
            (Role.ENTERPRISE_FINANCE, "pengyang_mill", "/my/"),
            (Role.VENDOR_STAFF, "vendor_guyuan", "/visits/"),
            (Role.AGENCY_STAFF, "agency_ningxia", "/visits/"),
            (Role.COUNTY_OFFICER, "pengyang", "/work/"),
            (Role.CITY_OFFICER, "guyuan", "/work/"),
            (Role.PROVINCE_OFFICER, "ningxia", "/work/"),
            (Role.FINANCE_OFFICER, "pengyang", "/work/projects/"),
            (Role.LEADER, "pengyang", "/leader/"),
            (Role.SYSTEM_ADMIN, "ningxia", "/system/regions/"),
            (Role.SECURITY_ADMIN, "ningxia", "/security/people/"),
            (Role.AUDIT_ADMIN, "ningxia", "/audit/"),
            (Role.EXPERT, "ningxia", "/account/"),
        ],
    )
    def test_with_the_work_of_the_role(
        self, cast: Cast, client: Client, role: Role, where: str, path: str
    ) -> None:
        person = cast.person(role, where)
        typed = {"login_name": person.user.login_name, "password": PASSWORD}
        if role in SECOND_FACTOR:
            secret = bound(person)
            asked = client.post("/sign-in/", typed)
            assert asked["Location"].startswith("/sign-in/second-factor/?next=")
            typed = {
                "code": code(secret),
                "next": parse_qs(urlsplit(asked["Location"]).query)["next"][0],
            }
            answer = client.post("/sign-in/second-factor/", typed, follow=True)
        else:
            answer = client.post("/sign-in/", typed, follow=True)
        assert answer.status_code == 200
        assert answer.redirect_chain == [("/begin/", 302), (path, 302)]
        # The same page stands behind 我的, and whoever opens the door again goes there.
        if role != Role.EXPERT:
            assert f'<a class="who-link who-own" href="{path}"' in answer.content.decode()
        assert client.get("/sign-in/", follow=True).redirect_chain[-1] == (path, 302)

    def test_with_the_role_that_was_chosen(self, cast: Cast, client: Client) -> None:
        person = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
        leader = also(person.user, Role.LEADER, cast.places["pengyang"])
        asked = sign_in(client, FILLER)
        assert asked["Location"] == "/sign-in/role/?next=%2Fbegin%2F"
        assert client.get("/begin/")["Location"].startswith("/sign-in/role/")
        for pk, path in ((leader.pk, "/leader/"), (person.pk, "/my/")):
            chosen = {"membership": pk, "next": "/begin/"}
            answer = client.post("/sign-in/role/", chosen, follow=True)
            assert answer.redirect_chain == [("/begin/", 302), (path, 302)]

    def test_nobody_begins_outside_the_door(self, client: Client) -> None:
        assert client.get("/begin/")["Location"] == "/sign-in/?next=/begin/"
        assert client.post("/begin/").status_code == 405

    def test_a_firm_finds_its_projects_among_its_duties(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        duties = client.get("/account/").content.decode()
        assert '<a class="duty" href="/my/projects/">' in duties


class TestNext:
    @pytest.mark.parametrize(
        "bad",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "https:evil.example",
            "http:///evil.example",
            " //evil.example",
            "\t//evil.example",
            "evil.example/x",
            "/%0d%0aSet-Cookie:x=1\r\nX: y",
        ],
    )
    def test_nobody_is_led_away(self, cast: Cast, bad: str) -> None:
        answer = sign_in(Client(), FILLER, next=bad)
        assert answer.status_code == 302
        assert "evil.example" not in answer["Location"]
        assert answer["Location"].startswith("/")

    def test_a_page_of_the_site_is_kept(self, cast: Cast) -> None:
        assert sign_in(Client(), FILLER, next="/policies/?q=1")["Location"] == "/policies/?q=1"


class TestSessions:
    def test_a_session_planted_before_is_not_used_after(self, cast: Cast, client: Client) -> None:
        client.get("/sign-in/")
        session = client.session
        session["planted"] = True
        session.save()
        client.cookies["sessionid"] = session.session_key
        planted = session.session_key
        sign_in(client, FILLER)
        assert client.session.session_key != planted
        assert "planted" not in client.session
        thief = Client()
        thief.cookies["sessionid"] = planted
        assert whoami(thief) == 302

    def test_a_revoked_session_ends_with_the_next_request(self, cast: Cast) -> None:
        phone, desk = Client(), Client()
        sign_in(phone, FILLER)
        sign_in(desk, FILLER)
        handle = Session.objects.get(session_key=phone.session.session_key).handle
        assert handle in desk.get("/account/sessions/").content.decode()
        desk.post("/account/sessions/", {"handle": handle})
        assert (whoami(phone), whoami(desk)) == (302, 200)

    def test_no_session_key_is_on_the_page(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        assert client.session.session_key not in client.get("/account/sessions/").content.decode()

    def test_sessions_of_others_can_be_neither_seen_nor_ended(self, cast: Cast) -> None:
        other, me = Client(), Client()
        sign_in(other, "enterprise_filler.xiji_starch")
        sign_in(me, FILLER)
        handle = Session.objects.get(session_key=other.session.session_key).handle
        assert handle not in me.get("/account/sessions/").content.decode()
        me.post("/account/sessions/", {"handle": handle})
        me.post("/account/sessions/", {"handle": "others"})
        assert (whoami(other), whoami(me)) == (200, 200)

    def test_idle_and_old_sessions_end(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        import time

        from shuzhuan.apps.access import session as rules

        client, start = Client(), time.time()  # before: signing in takes its time
        sign_in(client, FILLER)
        monkeypatch.setattr(rules.time, "time", lambda: start + 3599)
        assert whoami(client) == 200
        monkeypatch.setattr(rules.time, "time", lambda: start + 3599 + 3601)
        assert whoami(client) == 302
        sign_in(client, FILLER)
        for hour in range(1, 12):
            moment = start + 7200 + hour * 3000
            monkeypatch.setattr(rules.time, "time", lambda moment=moment: moment)
            status = whoami(client)
        assert status == 302, "an absolute limit holds however busy the session is"

    def test_raising_the_epoch_ends_everything(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        User.objects.filter(login_name=FILLER).update(session_epoch=1)
        assert whoami(client) == 302

    def test_a_deactivated_person_is_out_at_once(self, cast: Cast, client: Client) -> None:
        sign_in(client, FILLER)
        User.objects.filter(login_name=FILLER).update(is_active=False)
        assert whoami(client) == 302


class TestPassword:
    def change(self, client: Client, new: str, current: str = PASSWORD, again: str = "") -> Any:
        form = {"current": current, "password": new, "again": again or new}
        return client.post("/account/password/", form)

    @pytest.mark.parametrize(
        ("bad", "word"),
        [
            ("Ab1-", "至少 10 位"),
            ("abcdefghij", "至少三种"),
            ("ABCDEFGH1234", "至少三种"),
            ("Enterprise_filler.1", "登录名"),
            (PASSWORD, "不能与现在的密码相同"),
        ],
    )
    def test_rules(self, cast: Cast, client: Client, bad: str, word: str) -> None:
        sign_in(client, FILLER)
        answer = self.change(client, bad)
        assert answer.status_code == 422
        assert word in answer.content.decode()

    def test_the_present_one_is_asked_for_and_guessing_it_ends(
        self, cast: Cast, client: Client
    ) -> None:
        sign_in(client, FILLER)
        assert "两次" in self.change(client, NEW, again=NEW + "x").content.decode()
        for _ in range(5):
            assert "现在的密码不对" in self.change(client, NEW, "wrong").content.decode()
        assert "15 分钟后" in self.change(client, NEW).content.decode()

    def test_a_change_ends_the_other_sessions_and_keeps_this_one(self, cast: Cast) -> None:
        phone, desk = Client(), Client()
        sign_in(phone, FILLER)
        sign_in(desk, FILLER)
        assert self.change(desk, NEW).status_code == 302
        assert (whoami(phone), whoami(desk)) == (302, 200)
        assert sign_in(Client(), FILLER).status_code == 422
        assert sign_in(Client(), FILLER, NEW).status_code == 302
        assert Entry.objects.filter(action="signin.change_password").count() == 1


class TestLink:
    @pytest.fixture
    def token(self, cast: Cast) -> str:
        user = User.objects.create_user("liu.gong", "刘工")
        also(user, Role.EXPERT, cast.places["ningxia"])
        return issue_link(person_actor(user), user)

    def use(self, client: Client, token: str, password: str = NEW) -> Any:
        return client.post("/activate/", {"token": token, "password": password, "again": password})

    def test_it_sets_a_password_once(self, token: str, client: Client) -> None:
        page = client.get(f"/activate/{token}/")
        assert "liu.gong" in page.content.decode()
        assert page["Cache-Control"].count("no-store")
        assert self.use(client, token).status_code == 302
        assert whoami(client) == 200
        replay = Client()
        assert self.use(replay, token, "Another-One-77").status_code == 410
        assert replay.get(f"/activate/{token}/").status_code == 410
        assert sign_in(Client(), "liu.gong", NEW).status_code == 302

    def test_only_a_digest_is_stored_and_the_log_does_not_know_it(
        self, token: str, client: Client
    ) -> None:
        self.use(client, token, "short")
        assert token not in str(OneTimeLink.objects.values())
        assert token not in "".join(Entry.objects.values_list("detail", flat=True))

    def test_reading_the_page_does_not_spend_it(self, token: str) -> None:
        for _ in range(3):
            assert Client().get(f"/activate/{token}/").status_code == 200

    def test_a_password_against_the_rules_does_not_spend_it(
        self, token: str, client: Client
    ) -> None:
        answer = self.use(client, token, "short")
        assert answer.status_code == 422
        assert self.use(client, token).status_code == 302

    def test_it_expires(self, token: str, client: Client) -> None:
        OneTimeLink.objects.update(expires_at=timezone.now())
        assert client.get(f"/activate/{token}/").status_code == 410
        assert self.use(client, token).status_code == 410

    def test_a_new_link_replaces_the_old(self, token: str, client: Client) -> None:
        user = User.objects.get(login_name="liu.gong")
        issue_link(person_actor(user), user)
        assert self.use(client, token).status_code == 410

    def test_a_made_up_link_is_told_like_a_spent_one(self, cast: Cast, client: Client) -> None:
        assert client.get("/activate/AAAA/").status_code == 410
        assert self.use(client, "AAAA").status_code == 410
        assert Entry.objects.get(action="signin.activate").outcome == Outcome.REFUSED

    def test_a_reset_ends_the_sessions_of_the_old_password(self, token: str) -> None:
        here = Client()
        self.use(here, token)
        user = User.objects.get(login_name="liu.gong")
        again = issue_link(person_actor(user), user)
        self.use(Client(), again, "Another-One-77")
        assert whoami(here) == 302

    def test_there_is_no_way_in_before_activation(self, token: str, client: Client) -> None:
        for guess in ("", "liu.gong", "123456", "password", "!"):
            assert sign_in(client, "liu.gong", guess).status_code == 422

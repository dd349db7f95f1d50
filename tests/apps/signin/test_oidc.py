"""Signing in through an OpenID provider that runs in the tests, honest first, then lying."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import joserfc.jwt
import oidc_provider_mock
import pytest
import requests
from django.test import Client
from joserfc.jwk import RSAKey
from oidc_provider_mock._server import _threaded_server

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry, Outcome
from tests.cast import Cast

pytestmark = pytest.mark.django_db


class Provider:
    """The provider and what it is to lie about: claims to change, a foreign key, no token."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.foreign_key = False
        self.drop = False
        self.tokens = 0


def tamper(provider: Provider, response: flask.Response) -> flask.Response:
    """Rewrite the identity token that the honest provider has just made."""
    body = response.get_json(silent=True)
    if flask.request.path != "/oauth2/token" or not body or "id_token" not in body:
        return response
    provider.tokens += 1
    if provider.drop:
        del body["id_token"]
    elif provider.claims or provider.foreign_key:
        header, claims, _ = (
            json.loads(base64.urlsafe_b64decode(part + "==")) if number < 2 else part
            for number, part in enumerate(body["id_token"].split("."))
        )
        claims = {k: v for k, v in {**claims, **provider.claims}.items() if v is not None}
        own = flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)
        key = RSAKey.import_key(own)
        if provider.foreign_key:
            key = RSAKey.generate_key(2048)
        body["id_token"] = joserfc.jwt.encode(header, claims, key)
    response.set_data(json.dumps(body))
    return response


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """Run the provider on the loopback, once for this file: making its key takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = oidc_provider_mock.app()
        made = Provider()
        app.after_request(lambda response: tamper(made, response))
        with _threaded_server(app, host="127.0.0.1") as server:
            made.issuer = f"http://127.0.0.1:{server.server_port}"
            yield made


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    """The provider, honest again, as the site's sign-in service."""
    running.claims, running.foreign_key, running.drop, running.tokens = {}, False, False, 0
    settings.OIDC = {
        "issuer": running.issuer,
        "client": "shuzhuan",
        "secret": "a-secret",
        "claim": "sub",
        "name": "自治区统一身份认证",
    }
    return running


@pytest.fixture
def filler(cast: Cast) -> User:
    user = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill").user
    user.external_id = "gov-7788"
    user.save()
    return user


def ask(client: Client, sub: str = "gov-7788", query: str = "") -> str:
    """Go to the provider, sign in there, and return the address that it sends back to."""
    there = client.get(f"/sign-in/oidc/{query}")
    assert there.status_code == 302
    answer = requests.post(there["Location"], data={"sub": sub}, allow_redirects=False, timeout=60)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def refused(client: Client, address: str) -> bool:
    answer = client.get(address)
    assert answer.status_code in {302, 403}
    inside = client.get("/account/").status_code == 200
    assert inside is (answer.status_code == 302)
    if not inside:
        assert Entry.objects.filter(action="signin.sign_in", outcome=Outcome.REFUSED).exists()
    return not inside


def turned_away(sub: str = "gov-7788") -> bool:
    client = Client()
    return refused(client, ask(client, sub))


def test_a_known_person_comes_in(provider: Provider, filler: User) -> None:
    client = Client()
    assert "自治区统一身份认证" in client.get("/sign-in/").content.decode()
    answer = client.get(ask(client, query="?next=/policies/"))
    assert answer["Location"] == "/policies/"
    assert client.get("/account/").status_code == 200
    entry = Entry.objects.get(action="signin.sign_in")
    assert (entry.user, entry.outcome) == (filler, Outcome.DONE)


def test_the_request_carries_state_nonce_and_pkce(provider: Provider) -> None:
    asked = parse_qs(urlsplit(Client().get("/sign-in/oidc/")["Location"]).query)
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["code_challenge_method"] == ["S256"]


def test_an_officer_still_owes_the_second_factor(provider: Provider, cast: Cast) -> None:
    user = cast.person(Role.COUNTY_OFFICER, "pengyang").user
    user.external_id = "gov-1"
    user.save()
    client = Client()
    answer = client.get(ask(client, "gov-1"))
    assert answer["Location"].startswith("/sign-in/second-factor/")
    assert client.get("/account/").status_code == 302


def test_an_unknown_person_is_refused_and_not_created(provider: Provider, filler: User) -> None:
    before = User.objects.count()
    assert turned_away("gov-unknown")
    assert User.objects.count() == before


def test_a_login_name_is_not_an_identity(provider: Provider, filler: User) -> None:
    assert turned_away(filler.login_name)


def test_a_deactivated_person_is_refused(provider: Provider, filler: User) -> None:
    User.objects.filter(pk=filler.pk).update(is_active=False)
    assert turned_away()


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another-nonce"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client"], "azp": "shuzhuan"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1_600_000_000},  # 2020: long past, and the same name of the test in every worker
        {"exp": None},
        {"sub": ""},
        {"sub": None},
    ],
    ids=str,
)
def test_a_lying_token_is_refused(provider: Provider, filler: User, lie: dict[str, Any]) -> None:
    provider.claims = lie
    assert turned_away()
    assert provider.tokens == 1


def test_a_token_signed_by_somebody_else_is_refused(provider: Provider, filler: User) -> None:
    provider.foreign_key = True
    assert turned_away()


def test_no_identity_token_is_refused(provider: Provider, filler: User) -> None:
    provider.drop = True
    assert turned_away()


def test_control_the_same_tampering_with_true_claims_is_accepted(
    provider: Provider, filler: User
) -> None:
    provider.claims = {"name": "刘工"}
    assert not turned_away()
    assert provider.tokens == 1


def test_an_answer_works_once(provider: Provider, filler: User) -> None:
    client = Client()
    address = ask(client)
    assert client.get(address).status_code == 302
    client.post("/sign-out/")
    assert refused(client, address)


def test_an_answer_for_another_session_is_refused(provider: Provider, filler: User) -> None:
    """Nobody is signed in as somebody else by a link that he was sent."""
    address = ask(Client())
    assert refused(Client(), address)
    victim = Client()
    victim.get("/sign-in/oidc/")
    assert refused(victim, address)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=y", "?error=denied"])
def test_made_up_answers_are_refused(provider: Provider, filler: User, query: str) -> None:
    client = Client()
    client.get("/sign-in/oidc/")
    assert refused(client, f"/sign-in/oidc/back/{query}")


def test_nobody_is_led_away(provider: Provider, filler: User) -> None:
    client = Client()
    answer = client.get(ask(client, query="?next=https://evil.example/"))
    assert answer["Location"] == "/begin/"


def test_a_provider_that_is_away_is_said_so(settings: Any, db: None) -> None:
    settings.OIDC = {
        "issuer": "http://127.0.0.1:9",
        "client": "shuzhuan",
        "secret": "x",
        "claim": "sub",
        "name": "统一身份认证",
    }
    answer = Client().get("/sign-in/oidc/")
    assert answer.status_code == 503
    assert "暂时连不上" in answer.content.decode()


def test_without_the_setting_there_is_no_such_page(db: None) -> None:
    assert Client().get("/sign-in/oidc/").status_code == 404
    assert Client().get("/sign-in/oidc/back/?code=x&state=y").status_code == 404
    assert "oidc" not in Client().get("/sign-in/").content.decode()

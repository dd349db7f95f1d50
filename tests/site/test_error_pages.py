"""The pages that say no: Chinese, calm, and the page of a failure without any database."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.site.errors import ErrorPageMiddleware, bad_request
from tests.cast import client_of

REFERENCE = re.compile(r"参考号 <strong>([0-9A-F]{8})</strong>")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the operator reads: the log as the settings write it."""
    handler = next(h for h in logging.getLogger().handlers if h.get_name() == "stderr")
    written = io.StringIO()
    # Not by setStream, which flushes: the stream of an earlier test may be closed.
    monkeypatch.setattr(handler, "stream", written)
    return written


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks the database is told that it is gone."""

    def gone(_: BaseDatabaseWrapper) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", gone)


def test_a_failure_is_told_without_a_database_and_found_in_the_log(
    no_database: None, log: io.StringIO
) -> None:
    client = Client(raise_request_exception=False)
    for answer in (client.get("/"), client.post("/sign-in/", {"login_name": "a"})):
        assert answer.status_code == 500
        text = answer.content.decode()
        assert "系统出错了" in text
        assert "Traceback" not in text
        found = REFERENCE.search(text)
        assert found is not None
        line = next(each for each in log.getvalue().splitlines() if found[1] in each)
        assert f"参考号 {found[1]} Internal Server Error: " in line
    assert "the database is gone" in log.getvalue()  # the cause stands there as well


def test_a_failure_says_nothing_of_who_is_signed_in(cast: Any, monkeypatch: Any) -> None:
    def broken() -> tuple[()]:
        raise RuntimeError("inside")

    monkeypatch.setattr("shuzhuan.site.views.places", broken)
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    client.raise_request_exception = False
    text = client.get("/").content.decode()
    assert REFERENCE.search(text)
    assert "登录" not in text  # neither an invitation to sign in nor a name


def test_another_method_gets_a_page(db: None) -> None:
    answer = Client().put("/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert "没有改动任何内容" in answer.content.decode()


@pytest.mark.parametrize("error", [RequestDataTooBig("x"), TooManyFieldsSent("x")])
def test_too_much_is_said_to_be_too_much(error: Exception) -> None:
    answer = bad_request(RequestFactory().post("/"), error)
    assert answer.status_code == 413
    assert "没有保存" in answer.content.decode()


def test_a_body_beyond_the_limit_is_refused_with_a_page(db: None) -> None:
    answer = Client().post("/sign-in/", {"login_name": "a" * 3_000_000})
    assert answer.status_code == 413
    assert "没有保存" in answer.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429])
def test_a_bare_refusal_is_given_words(status: int) -> None:
    def view(_: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    answer = ErrorPageMiddleware(view)(RequestFactory().get("/"))
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == status
    assert "<h1>" in answer.content.decode()


def test_control_an_answer_with_words_stays_as_it_is() -> None:
    """Its own words are better; and a part of a page that sends elsewhere must stay bare."""
    own = HttpResponse("自己的话", status=409)
    away = HttpResponse(status=401, headers={"HX-Redirect": "/"})
    for each in (own, away):

        def answer(_: HttpRequest, kept: HttpResponse = each) -> HttpResponse:
            return kept

        assert ErrorPageMiddleware(answer)(RequestFactory().get("/")) is each

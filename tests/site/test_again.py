"""What a database throws out for the sake of others is done again, a bounded number of times."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from psycopg import errors

from shuzhuan.apps.access.again import AGAIN_MAX, AgainMiddleware


def thrown(cause: Exception) -> OperationalError:
    """As Django hands on what the driver said."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def asked(fails: list[Exception]) -> tuple[HttpRequest, list[bytes]]:
    """A request whose view reads the file and fails a few times more; what it read each time."""
    content = io.BytesIO(b"paper")
    content.read()
    file = InMemoryUploadedFile(content, "file", "a.pdf", "application/pdf", 5, None)
    read: list[bytes] = []

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        read.append(next(iter(request.FILES.values())).read())  # type: ignore[union-attr]
        if fails:
            raise fails.pop()
        return HttpResponse(f"done {pk}")

    request = RequestFactory().post("/x/")
    request.FILES.appendlist("file", file)
    request.resolver_match = SimpleNamespace(func=view, args=(), kwargs={"pk": 7})  # type: ignore[assignment]
    return request, read


@pytest.mark.parametrize("cause", [errors.DeadlockDetected(), errors.SerializationFailure()])
def test_it_is_done_again_with_the_whole_file(cause: Exception) -> None:
    request, read = asked([thrown(cause)])
    answer: Any = AgainMiddleware(lambda _: HttpResponse()).process_exception(
        request, thrown(cause)
    )
    assert answer.content == b"done 7" and read == [b"paper", b"paper"]


def busy(folder: Path) -> sqlite3.Error:
    """What SQLite says to a second writer that has waited long enough."""
    first = sqlite3.connect(folder / "x.sqlite3", isolation_level=None)
    second = sqlite3.connect(folder / "x.sqlite3", isolation_level=None, timeout=0)
    first.execute("BEGIN IMMEDIATE")
    try:
        second.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        return error
    finally:
        first.close()
        second.close()
    raise AssertionError("two writers at once")


def test_a_writer_that_was_passed_over_waits_once_more(tmp_path: Path) -> None:
    request, read = asked([])
    answer: Any = AgainMiddleware(lambda _: HttpResponse()).process_exception(
        request, thrown(busy(tmp_path))
    )
    assert answer.content == b"done 7" and read == [b"paper"]


def test_it_ends_after_a_few_attempts() -> None:
    request, read = asked([thrown(errors.DeadlockDetected()) for _ in range(99)])
    middleware = AgainMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(request, thrown(errors.DeadlockDetected())) is None
    assert len(read) == AGAIN_MAX


@pytest.mark.parametrize(
    "error",
    [thrown(errors.AdminShutdown()), thrown(sqlite3.OperationalError("full")), ValueError("x")],
)
def test_other_errors_are_let_through(error: Exception) -> None:
    request, read = asked([])
    assert AgainMiddleware(lambda _: HttpResponse()).process_exception(request, error) is None
    assert read == []

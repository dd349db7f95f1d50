"""A request that the database threw out for the sake of others is done again: 死锁重做.

An action takes its rows, then the chain of the log, then sometimes more rows through the rooms
below it. No order of locks holds over all of them, so two requests may wait for each other. The
database then rolls one of them back as a whole, and nothing of it remains: to do it again is what
the person would do, and the keys of the forms see to it that nothing is done twice.

SQLite has one writer at a time and no queue before it: whoever was passed over for as long as a
connection waits has not begun, and waits again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

AGAIN_MAX = 3
# SQLSTATE: serialization_failure and deadlock_detected, the two after which a transaction may be
# repeated (PostgreSQL manual, 13.5).
_THROWN_OUT = frozenset({"40001", "40P01"})


class AgainMiddleware:
    """Calls the view again, a few times, after the database has thrown the request out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer of a later attempt; None, which lets the error through, when there is none."""
        match = request.resolver_match
        for _ in range(AGAIN_MAX):
            if match is None or not thrown_out(error):
                break
            for _name, files in request.FILES.lists():
                for file in files:
                    file.seek(0)
            try:
                answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
            except OperationalError as again:
                error = again
            else:
                return answer
        return None


def thrown_out(error: Exception) -> bool:
    """Whether the database ended a transaction only because of the others."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) in _THROWN_OUT

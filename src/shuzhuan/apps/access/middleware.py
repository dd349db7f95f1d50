"""Sets ``request.actor`` and asks the access table before any view runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from shuzhuan.apps.access.actor import PUBLIC, Actor, actor_of
from shuzhuan.apps.access.session import chosen_membership, owes_second_factor, person_of
from shuzhuan.apps.access.table import READ, Row

UNAUTHORIZED = 401


def current_actor(request: HttpRequest) -> Actor:
    """The actor of a request; the public until a second factor that is owed has been passed."""
    person = person_of(request)
    if person is None:
        return PUBLIC
    membership = chosen_membership(request, person)
    if membership is None or owes_second_factor(request, membership):
        return PUBLIC
    return actor_of(membership)


def next_step(request: HttpRequest) -> str:
    """The page that somebody who is not yet anybody must go to first."""
    person = person_of(request)
    if person is None:
        return settings.LOGIN_URL
    membership = chosen_membership(request, person)
    if owes_second_factor(request, membership):
        return settings.SECOND_FACTOR_URL
    return settings.MEMBERSHIP_URL


class AccessMiddleware:
    """Deny by default: an unlisted route, method or role does not reach the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._table: dict[str, Row] = import_string(settings.ACCESS_TABLE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: current_actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Answer instead of the view when the table does not admit the request."""
        answer = self._refusal(request)
        # Seen by the tests: whoever is not admitted must not reach the view at all.
        request.admitted = answer is None  # type: ignore[attr-defined]
        return answer

    def _refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        match = request.resolver_match
        row = self._table.get(match.view_name) if match is not None else None
        if row is None:
            raise Http404
        method = request.method or ""
        if method not in row.methods:
            return HttpResponseNotAllowed(row.methods)
        if row.public:
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.is_public:
            if method in READ:
                return _ask_first(request)
            raise PermissionDenied
        if not row.admits(actor, method):
            raise PermissionDenied
        return None


def _ask_first(request: HttpRequest) -> HttpResponse:
    """Lead to the page that comes first; a part of a page must not be replaced by it."""
    target = resolve_url(next_step(request))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=UNAUTHORIZED, headers={"HX-Redirect": target})
    return redirect_to_login(request.get_full_path(), target)

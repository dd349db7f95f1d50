"""Sets ``request.actor`` and asks the access table before any view runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from shuzhuan.apps.access.actor import PUBLIC, Actor, actor_of
from shuzhuan.apps.access.table import READ, Row
from shuzhuan.apps.accounts.models import Membership

SESSION_MEMBERSHIP = "membership"
SESSION_EPOCH = "epoch"
SESSION_SECOND_FACTOR = "second_factor"  # True once it has been passed in this session


def current_actor(request: HttpRequest) -> Actor:
    """The actor of a request, read anew each time so that a withdrawn right ends at once."""
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return PUBLIC
    if request.session.get(SESSION_EPOCH, 0) != user.session_epoch:
        return PUBLIC
    chosen = request.session.get(SESSION_MEMBERSHIP)
    if not isinstance(chosen, int):
        return PUBLIC
    membership = (
        Membership.objects.select_related("user", "region")
        .filter(pk=chosen, user=user, is_active=True)
        .first()
    )
    return PUBLIC if membership is None else actor_of(membership)


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
                return redirect_to_login(request.get_full_path())
            raise PermissionDenied
        if not row.admits(actor, method):
            raise PermissionDenied
        return None

"""Opening a session for somebody who has proved who they are."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.session import begin
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import SECOND_FACTOR, Role
from shuzhuan.apps.signin.address import address_of
from shuzhuan.apps.signin.models import SecondFactor
from shuzhuan.apps.signin.sessions import SESSION_ADDRESS, SESSION_AGENT

BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, user: User) -> None:
    """Open the session under a new key. Whoever holds one role acts in it at once."""
    held = list(Membership.objects.filter(user=user, is_active=True).values_list("pk", "role"))
    owes = (
        any(Role(role) in SECOND_FACTOR for _, role in held)
        or SecondFactor.objects.filter(user=user).exists()
    )
    # Nothing of the visit before, and of nobody else's session, is taken along.
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[SESSION_ADDRESS] = address_of(request)
    request.session[SESSION_AGENT] = request.headers.get("User-Agent", "")
    begin(request, user, held[0][0] if len(held) == 1 else None, owes=owes)


def person_actor(user: User) -> Actor:
    """The actor behind what a person does before, or beside, any role."""
    return Actor(user_id=user.pk, name=str(user))


def safe_next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of this site; otherwise nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else ""


def landing(request: HttpRequest) -> str:
    """The page after the door."""
    return safe_next(request) or resolve_url(settings.LOGIN_REDIRECT_URL)

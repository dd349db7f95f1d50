"""In and out: the form at the door, the one-time link, the choice of a role."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.session import (
    SESSION_MEMBERSHIP,
    SESSION_SECOND_FACTOR,
    person_of,
)
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.signin.actions.links import (
    SPENT,
    LinkSpent,
    activate,
    live_link,
    note_spent,
)
from shuzhuan.apps.signin.actions.sign_in import Refused, sign_in
from shuzhuan.apps.signin.actions.sign_out import sign_out
from shuzhuan.apps.signin.actions.switch import switch
from shuzhuan.apps.signin.address import address_of
from shuzhuan.apps.signin.entering import enter, landing, person_actor, safe_next
from shuzhuan.apps.signin.forms import DoorForm, NewPasswordForm

UNPROCESSABLE = 422
GONE = 410


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """Sign in: 登录."""
    form = DoorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = sign_in(
                form.cleaned_data["login_name"],
                form.cleaned_data["password"],
                address_of(request),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            target = landing(request)
            enter(request, user)
            return onward(request, target)
    elif request.method != "POST" and not actor_of_request(request).is_public:
        return redirect(landing(request))
    context = {"form": form, "next": safe_next(request), "oidc": settings.OIDC}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "signin/door.html", context, status=status)


def onward(request: HttpRequest, target: str) -> HttpResponse:
    """Go on to the next step: second factor, choice of a role, or the page itself."""
    query = urlencode({"next": target})
    if request.session.get(SESSION_SECOND_FACTOR) is False:
        return redirect(f"{resolve_url(settings.SECOND_FACTOR_URL)}?{query}")
    if SESSION_MEMBERSHIP not in request.session:
        return redirect(f"{resolve_url(settings.MEMBERSHIP_URL)}?{query}")
    return redirect(target)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out: 退出."""
    user = getattr(request, "user", None)
    if isinstance(user, User):
        actor = actor_of_request(request)
        sign_out(person_actor(user) if actor.is_public else actor, user)
    logout(request)
    return redirect("site:home")


@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Open a one-time link: 启用账号. The token goes on inside the form, not in the address."""
    found = live_link(token)
    if found is None:
        return render(request, "signin/link_spent.html", {"message": SPENT}, status=GONE)
    form = NewPasswordForm(user=found.user)
    return render(request, "signin/activate.html", _activation(form, found.user, token))


@never_cache
@sensitive_post_parameters("password", "again", "token")
@require_POST
def set_password(request: HttpRequest) -> HttpResponse:
    """Set the first pass-word, or a new one, by a one-time link: 设置密码."""
    token = request.POST.get("token", "")
    found = live_link(token)
    if found is None:
        note_spent(actor_of_request(request))
        return render(request, "signin/link_spent.html", {"message": SPENT}, status=GONE)
    form = NewPasswordForm(request.POST, user=found.user)
    if not form.is_valid():
        context = _activation(form, found.user, token)
        return render(request, "signin/activate.html", context, status=UNPROCESSABLE)
    try:
        user = activate(token, form.cleaned_data["password"])
    except LinkSpent as spent:
        note_spent(PUBLIC)
        return render(request, "signin/link_spent.html", {"message": str(spent)}, status=GONE)
    enter(request, user)
    return onward(request, resolve_url(settings.LOGIN_REDIRECT_URL))


def _activation(form: NewPasswordForm, user: User, token: str) -> dict[str, object]:
    return {"form": form, "person": user, "token": token}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the role to act in; one at a time: 选择身份."""
    person = person_of(request)
    if person is None or request.session.get(SESSION_SECOND_FACTOR) is False:
        return redirect(settings.LOGIN_URL if person is None else settings.SECOND_FACTOR_URL)
    held = Membership.objects.filter(user_id=person.pk, is_active=True)
    held = held.select_related("user", "region", "party").order_by("region__path", "role", "pk")
    if request.method == "POST":
        wanted = request.POST.get("membership", "")
        chosen = held.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
        if chosen is not None:
            switch(chosen)
            target = landing(request)
            request.session.cycle_key()
            request.session[SESSION_MEMBERSHIP] = chosen.pk
            return redirect(target)
    context = {
        "held": list(held),
        "next": safe_next(request),
        "chosen": request.session.get(SESSION_MEMBERSHIP),
        "missed": request.method == "POST",
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "signin/choose.html", context, status=status)

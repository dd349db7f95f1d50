"""The second factor at the door, and on one's own account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.signing import BadSignature, SignatureExpired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.session import SESSION_SECOND_FACTOR, person_of
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.signin import totp
from shuzhuan.apps.signin.actions import second_factor as actions
from shuzhuan.apps.signin.entering import landing, safe_next
from shuzhuan.apps.signin.forms import BindForm, CodeForm
from shuzhuan.apps.signin.models import RecoveryCode, SecondFactor
from shuzhuan.apps.signin.sealed import open_secret, seal_secret
from shuzhuan.apps.signin.views.door import UNPROCESSABLE, onward


@never_cache
@sensitive_post_parameters("code", "sealed")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Pass the second factor, or bind one first: 两步验证."""
    person = person_of(request)
    if person is None:
        return redirect(settings.LOGIN_URL)
    if request.session.get(SESSION_SECOND_FACTOR) is True:
        return onward(request, landing(request))
    if SecondFactor.objects.filter(user_id=person.pk).exists():
        return _pass(request, person)
    return _bind(request, person)


def _pass(request: HttpRequest, person: User) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.pass_factor(person, form.cleaned_data["code"])
        except actions.FactorRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            target = landing(request)
            _passed(request)
            return onward(request, target)
    context = {"form": form, "next": safe_next(request)}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "signin/second_factor.html", context, status=status)


def _bind(request: HttpRequest, person: User) -> HttpResponse:
    form = BindForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_valid():
        try:
            secret = open_secret(form.cleaned_data["sealed"], person)
            codes = actions.bind(person, secret, form.cleaned_data["code"])
        except (SignatureExpired, BadSignature):
            form.add_error("code", actions.SLOW)
        except actions.FactorRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            _passed(request)
            return _show_codes(request, codes)
        actions.note_failed_binding(person)
    secret = secret or totp.new_secret()
    # The secret travels sealed in the form: reading the page writes nothing anywhere.
    if form.is_bound:
        form.data = {**form.data.dict(), "sealed": seal_secret(secret, person)}  # type: ignore[attr-defined]
    else:
        form = BindForm(initial={"sealed": seal_secret(secret, person)})
    side, drawing = totp.picture(totp.address(secret, person.login_name))
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "side": side, "drawing": drawing, "secret": spaced}
    context["next"] = safe_next(request)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "signin/bind.html", context, status=status)


def _passed(request: HttpRequest) -> None:
    """A session that may do more than before goes on under another key."""
    request.session.cycle_key()
    request.session[SESSION_SECOND_FACTOR] = True


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "next": landing(request)}
    return render(request, "signin/recovery_codes.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def my_factor(request: HttpRequest) -> HttpResponse:
    """New recovery codes or another authenticator, after a fresh code: 管理两步验证."""
    person = person_of(request)
    assert person is not None  # the access table has admitted the actor
    factor = SecondFactor.objects.filter(user_id=person.pk).first()
    if factor is None:
        if request.method == "POST":
            request.session[SESSION_SECOND_FACTOR] = False
            return redirect(f"{resolve_url(settings.SECOND_FACTOR_URL)}?next={request.path}")
        return render(request, "signin/my_factor.html", {"factor": None})
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.pass_factor(person, form.cleaned_data["code"])
        except actions.FactorRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            return _renew(request, person)
    left = RecoveryCode.objects.filter(user_id=person.pk, used_at=None).count()
    context = {"form": form, "factor": factor, "left": left}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "signin/my_factor.html", context, status=status)


def _renew(request: HttpRequest, person: User) -> HttpResponse:
    if request.POST.get("what") == "authenticator":
        actions.unbind(person)
        request.session[SESSION_SECOND_FACTOR] = False
        messages.info(request, "原来的验证器已解除，请绑定新的。")
        return redirect(settings.SECOND_FACTOR_URL)
    return _show_codes(request, actions.renew_recovery_codes(person))

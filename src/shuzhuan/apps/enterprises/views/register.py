"""Register an enterprise: by itself, in public, or by an officer."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.enterprises.actions.register_enterprise import (
    register_enterprise,
    register_with_certifier,
)
from shuzhuan.apps.enterprises.forms.people import RegisterForm, SelfRegisterForm


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """An officer registers an enterprise of the own place; anybody else the own enterprise."""
    actor = actor_of_request(request)
    if actor.role in OFFICERS:
        return _by_officer(request)
    form = SelfRegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            register_with_certifier(
                actor, cleaned["uscc"], cleaned["name"], cleaned["place"], form.user()
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "注册成功。请用刚设置的登录名和密码登录，开始填写企业档案。")
            query = urlencode({"next": reverse("enterprises:home")})
            return redirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
    return render(request, "enterprises/register.html", {"form": form, "by_officer": False})


def _by_officer(request: HttpRequest) -> HttpResponse:
    actor = actor_of_request(request)
    data = request.POST if request.method == "POST" else None
    form = RegisterForm(data, place_ids=actor.place_ids)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            found = register_enterprise(actor, cleaned["uscc"], cleaned["name"], cleaned["place"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "企业已登记，档案已建立。")
            return redirect("enterprises:profile", found.pk)
    return render(request, "enterprises/register.html", {"form": form, "by_officer": True})

"""One's own account: pass-word and sessions."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.session import (
    SESSION_MEMBERSHIP,
    SESSION_SECOND_FACTOR,
    chosen_membership,
    person_of,
)
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.signin.actions.links import change_password
from shuzhuan.apps.signin.actions.sign_out import end_sessions
from shuzhuan.apps.signin.entering import enter
from shuzhuan.apps.signin.forms import ChangePasswordForm
from shuzhuan.apps.signin.guards import clear, count, for_person
from shuzhuan.apps.signin.models import SecondFactor, Session
from shuzhuan.apps.signin.sessions import handle_of
from shuzhuan.apps.signin.views.door import UNPROCESSABLE

PURPOSE = "password"
LOCKED = "失败次数太多，请 15 分钟后再试。"


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here and what I can do about it: 我的账号."""
    person = person_of(request)
    assert person is not None  # the access table has admitted the actor
    context = {
        "person": person,
        "membership": chosen_membership(request, person),
        "several": Membership.objects.filter(user_id=person.pk, is_active=True).count() > 1,
        "factor": SecondFactor.objects.filter(user_id=person.pk).first(),
    }
    return render(request, "signin/account.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the pass-word; every other session of the person ends: 修改密码."""
    person = person_of(request)
    assert person is not None
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=person)
    if form.is_valid():
        watches = for_person(person, PURPOSE)
        with transaction.atomic():
            free = count(watches)
        if not free:
            form.add_error("current", LOCKED)
        elif not person.check_password(form.cleaned_data["current"]):
            form.add_error("current", "现在的密码不对。")
        else:
            with transaction.atomic():
                clear(watches)
                change_password(actor_of_request(request), person, form.cleaned_data["password"])
            kept = {
                name: request.session[name]
                for name in (SESSION_MEMBERSHIP, SESSION_SECOND_FACTOR)
                if name in request.session
            }
            enter(request, person)
            request.session.update(kept)
            messages.success(request, "密码已修改，其他设备上的登录已全部退出。")
            return redirect("signin:account")
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "signin/password.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """My sessions, to be ended one by one or all others at once: 登录的设备."""
    actor = actor_of_request(request)
    assert actor.user_id is not None
    here = handle_of(request.session.session_key)
    mine = visible(actor, Session).filter(user_id=actor.user_id)
    if request.method == "POST":
        wanted = request.POST.get("handle", "")
        ended = end_sessions(
            actor, mine.exclude(handle=here) if wanted == "others" else mine.filter(handle=wanted)
        )
        messages.success(request, f"已退出 {ended} 个登录。")
        return redirect("signin:sessions")
    rows = mine.order_by("-seen_at")
    return render(request, "signin/sessions.html", {"rows": rows, "here": here})

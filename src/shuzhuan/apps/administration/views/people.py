"""People, their roles, locks and sessions."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.administration.actions import people as actions
from shuzhuan.apps.administration.actions.invite import invite
from shuzhuan.apps.administration.forms import FILTER_ROLES, ExternalIdForm, GrantForm, InviteForm
from shuzhuan.apps.signin.actions.sign_out import end_sessions
from shuzhuan.apps.signin.models import Guard, SecondFactor, Session

UNPROCESSABLE = 422
ROWS_ON_A_PAGE = 50
SEARCH_CHARS_MAX = 64


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody in the region, filtered: 人员."""
    actor = actor_of_request(request)
    asked = {name: request.GET.get(name, "") for name in ("q", "role", "state")}
    rows = _filtered(_with_marks(visible(actor, User)), asked)
    held = visible(actor, Membership).filter(is_active=True).select_related("region")
    rows = rows.prefetch_related(Prefetch("memberships", held, to_attr="held"))
    page = Paginator(rows.order_by("login_name"), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "asked": asked, "roles": FILTER_ROLES, "states": STATES}
    return render(request, "administration/people.html", context)


STATES = (("locked", "已锁定"), ("off", "已停用"), ("waiting", "未启用"))


def _with_marks(rows: QuerySet[User]) -> QuerySet[User]:
    locked = _locks().filter(user=OuterRef("pk"))
    factor = SecondFactor.objects.filter(user=OuterRef("pk"))
    return rows.annotate(locked=Exists(locked), has_factor=Exists(factor))


def _locks() -> QuerySet[Guard]:
    return Guard.objects.filter(locked_until__gt=timezone.now())


def _filtered(rows: QuerySet[User], asked: dict[str, str]) -> QuerySet[User]:
    if word := asked["q"].strip()[:SEARCH_CHARS_MAX]:
        rows = rows.filter(Q(login_name__icontains=word) | Q(full_name__icontains=word))
    if asked["role"] in Role.values:
        held = Membership.objects.filter(role=asked["role"], is_active=True)
        rows = rows.filter(pk__in=held.values("user_id"))
    state = asked["state"]
    if state == "locked":
        rows = rows.filter(Exists(_locks().filter(user=OuterRef("pk"))))
    elif state == "off":
        rows = rows.filter(is_active=False)
    elif state == "waiting":
        rows = rows.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return rows


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: HttpRequest) -> HttpResponse:
    """A new person with a role and a one-time link: 邀请人员."""
    actor = actor_of_request(request)
    typed = request.POST if request.method == "POST" else None
    form = InviteForm(typed, place_ids=actor.place_ids)
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            member, token = invite(actor, **{**cleaned, "role": Role(cleaned["role"])})
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _hand_out(request, member.user, token)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "administration/invite.html", {"form": form}, status=status)


def _hand_out(request: HttpRequest, person: User, token: str) -> HttpResponse:
    """Show a one-time link, once; it is in no address and in no message store."""
    address = request.build_absolute_uri(reverse("signin:link", args=[token]))
    context = {"person": person, "address": address}
    return render(request, "administration/handout.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, lock, second factor, sessions: 人员详情."""
    actor = actor_of_request(request)
    found = get_visible(actor, User, pk=pk)
    typed = request.POST if request.POST.get("do") == "grant" else None
    form = GrantForm(typed, place_ids=actor.place_ids, kind=found.kind)
    if request.method == "POST":
        try:
            answer = _do(request, actor, found, form)
        except ValidationError as error:
            if form.is_bound:
                form.add_error(None, error)
            else:
                messages.error(request, "；".join(error.messages))
                return redirect("administration:person", pk=pk)
        else:
            if answer is not None:
                return answer
    return _show(request, actor, found, form)


def _do(request: HttpRequest, actor: Actor, found: User, form: GrantForm) -> HttpResponse | None:
    """Carry out one deed; nothing when the form of a new role has mistakes."""
    deed = request.POST.get("do", "")
    if deed == "link":
        return _hand_out(request, found, actions.renew_link(actor, found))
    if deed == "grant":
        if not form.is_valid():
            return None
        actions.grant(actor, found, Role(form.cleaned_data["role"]), form.cleaned_data["region"])
    elif deed == "end":
        chosen = request.POST.get("membership", "")
        if not chosen.isdecimal():
            raise BadRequest("no membership named")
        member = get_visible(actor, Membership, pk=int(chosen), user=found, is_active=True)
        actions.end_membership(actor, member)
    elif deed == "external_id":
        external = ExternalIdForm(request.POST)
        if not external.is_valid():
            raise ValidationError("统一身份认证编号太长。")
        actions.set_external_id(actor, found, external.cleaned_data["external_id"])
    elif deed in _DEEDS:
        _DEEDS[deed](actor, found)
    else:
        raise BadRequest("no such deed")
    messages.success(request, "已办理。")
    return redirect("administration:person", pk=found.pk)


_DEEDS: dict[str, Callable[[Actor, User], None]] = {
    "unlock": actions.unlock,
    "sessions": actions.end_sessions,
    "factor": actions.reset_second_factor,
    "off": lambda actor, found: actions.set_active(actor, found, active=False),
    "on": lambda actor, found: actions.set_active(actor, found, active=True),
}


def _show(request: HttpRequest, actor: Actor, found: User, form: GrantForm) -> HttpResponse:
    held = visible(actor, Membership).filter(user=found, is_active=True).select_related("region")
    context = {
        "person": found,
        "own": found.pk == actor.user_id,
        "held": held.order_by("region__path", "role"),
        "locked": _locks().filter(user=found).exists(),
        "factor": SecondFactor.objects.filter(user=found).first(),
        "sessions": visible(actor, Session).filter(user=found).order_by("-seen_at"),
        "form": form,
        "external": ExternalIdForm(initial={"external_id": found.external_id or ""}),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "administration/person.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Every session in the region; each can be ended: 会话."""
    actor = actor_of_request(request)
    rows = visible(actor, Session).filter(user__isnull=False)
    if request.method == "POST":
        ended = end_sessions(actor, rows.filter(handle=request.POST.get("handle", "")))
        messages.success(request, f"已结束 {ended} 个会话。")
        return redirect("administration:sessions")
    found = rows.select_related("user").order_by("-seen_at", "handle")
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "administration/sessions.html", {"page": page})

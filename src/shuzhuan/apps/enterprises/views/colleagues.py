"""Who works for the enterprise, and how one more joins."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.enterprises.actions.colleagues import end_membership, invite_colleague
from shuzhuan.apps.enterprises.forms.people import InviteForm
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries.archive import own_enterprise


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The colleagues with their roles; the certifier invites more."""
    actor = actor_of_request(request)
    enterprise = own_enterprise(actor)
    if request.method == "POST" and request.POST.get("do") == "end":
        return _end(request, enterprise)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            member, token = invite_colleague(
                actor, enterprise, cleaned["full_name"], cleaned["login_name"], cleaned["role"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _show(request, enterprise, InviteForm(), member.user, token)
    return _show(request, enterprise, form)


def _show(
    request: HttpRequest,
    enterprise: Enterprise,
    form: InviteForm,
    invited: User | None = None,
    token: str = "",
) -> HttpResponse:
    actor = actor_of_request(request)
    # Memberships have no scope of their own: these are the rows of the actor's own party.
    rows = Membership.objects.filter(
        party_id=enterprise.party_id, role__in=ENTERPRISE, is_active=True
    ).select_related("user")
    context = {
        "here": "colleagues",
        "enterprise": enterprise,
        "members": rows.order_by("created_at", "pk"),
        "form": form,
        "writes": actor.role == Role.ENTERPRISE_CERTIFIER,
        "me": actor.membership_id,
        "invited": invited,
        "link": request.build_absolute_uri(reverse("signin:link", args=[token])) if token else "",
    }
    return render(request, "enterprises/colleagues.html", context)


def _end(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    chosen = request.POST.get("member", "")
    rows = Membership.objects.filter(party_id=enterprise.party_id, is_active=True)
    member = rows.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    if member is None:
        raise Http404
    try:
        end_membership(actor_of_request(request), enterprise, member)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已停用。")
    return redirect("enterprises:colleagues")

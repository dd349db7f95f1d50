"""委派: the officer asks bodies to visit enterprises, and ends that."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.assessments.actions.engage import end_engagement, engage
from shuzhuan.apps.assessments.forms.engage import EndForm, EngageForm
from shuzhuan.apps.assessments.independence import unproven
from shuzhuan.apps.assessments.models import Engagement, EngagementKind
from shuzhuan.apps.assessments.queries.bodies import body, search
from shuzhuan.apps.assessments.queries.engagements import (
    LIVE,
    OVER,
    engagement_or_404,
    engagements,
    looks,
    of_enterprise,
    sheets_of,
)
from shuzhuan.apps.assessments.queries.plans import plans_under
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.scopes import enterprise_or_404

UNPROCESSABLE = 422
_DIGITS_MAX = 18
STATES = (("", "全部"), (LIVE, "进行中"), (OVER, "已结束"))


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Who was asked to visit whom in the place."""
    actor = actor_of_request(request)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    page, rows = engagements(actor, kind, state, request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "page": page,
        "rows": [(row, row.is_live(today), unproven(row)) for row in rows],
        "today": today,
        "kinds": EngagementKind.choices,
        "kind": kind,
        "states": STATES,
        "state": state,
    }
    return render(request, "assessments/visit/engagements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a body to visit one enterprise: search, choose, say what for and how long."""
    actor = actor_of_request(request)
    enterprise = enterprise_or_404(actor, pk)
    form = EngageForm(
        request.POST if request.method == "POST" else None, initial=EngageForm.usual()
    )
    chosen = _number(request.POST.get("party", ""))
    if request.method == "POST" and form.is_valid():
        made = _asked(actor, enterprise, chosen, form)
        if made is not None:
            messages.success(request, f"已委派{made.party.name}，双方都会收到消息。")
            return redirect("assessments:engagement", made.pk)
    query = request.POST.get("q", request.GET.get("q", ""))
    today = timezone.localdate()
    context = {
        "enterprise": enterprise,
        "form": form,
        "q": query,
        "found": search(query),
        "chosen": chosen,
        "rows": [(row, row.is_live(today)) for row in of_enterprise(actor, pk)],
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/visit/engage.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else 0


def _asked(
    actor: Actor, enterprise: Enterprise, chosen: int, form: EngageForm
) -> Engagement | None:
    cleaned = form.cleaned_data
    party = body(chosen)
    if party is None:
        form.add_error(None, "请先查找并选择一家服务商或第三方机构。")
        return None
    try:
        return engage(
            actor, enterprise, party, cleaned["kind"], cleaned["valid_from"], cleaned["valid_to"]
        )
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return None


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One engagement: the check of independence, what came of it."""
    return _page(request, pk, EndForm())


def _page(request: HttpRequest, pk: int, form: EndForm) -> HttpResponse:
    actor = actor_of_request(request)
    found = engagement_or_404(actor, pk)
    today = timezone.localdate()
    context = {
        "engagement": found,
        "live": found.is_live(today),
        "today": today,
        "looks": looks(found),
        "sheets": sheets_of(actor, found),
        "plans": plans_under(actor, found),
        "ends": actor.role in OFFICERS and found.ended_at is None,
        "form": form,
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/visit/engagement.html", context, status=status)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an engagement at once, with the reason."""
    actor = actor_of_request(request)
    found = engagement_or_404(actor, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form)
    try:
        end_engagement(actor, found, form.cleaned_data["reason"])
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return _page(request, pk, form)
    messages.success(request, "委派已结束，对方立即看不到这家企业。")
    return redirect("assessments:engagement", pk)

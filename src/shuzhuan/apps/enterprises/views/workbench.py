"""What an enterprise sees first: what to do next, how far the archive is, what is within reach."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.models import Draft
from shuzhuan.apps.enterprises.queries import next_steps
from shuzhuan.apps.enterprises.queries.archive import load, own_enterprise
from shuzhuan.apps.enterprises.queries.matching import Nearness, matches
from shuzhuan.apps.enterprises.sections import SECTIONS


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The enterprise's workbench: 我的工作台."""
    actor = actor_of_request(request)
    archive = load(own_enterprise(actor), timezone.localdate())
    drafts = {draft.section: draft for draft in visible(actor, Draft)}
    places = matches(archive)
    found = [match for place in places for match in place.matches]
    context = {
        "here": "home",
        "archive": archive,
        "enterprise": archive.enterprise,
        "steps": next_steps.steps(actor, archive, drafts, found),
        "entitled": [m for m in found if m.nearness == Nearness.ENTITLED],
        "nearly": [m for m in found if m.nearness == Nearness.NEARLY],
        "reachable": [m for m in found if m.nearness == Nearness.REACHABLE],
        "places": places,
    }
    return render(request, "enterprises/home.html", context)


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """The sections of the archive with how far each is: 企业档案."""
    actor = actor_of_request(request)
    found = load(own_enterprise(actor), timezone.localdate())
    saved = request.GET.get("saved", "")
    drafted = set(visible(actor, Draft).values_list("section", flat=True))
    context = {
        "here": "archive",
        "archive": found,
        "enterprise": found.enterprise,
        "drafts": [section for key, section in SECTIONS.items() if key in drafted],
        # Tells the page which copy in the browser has become needless.
        "saved": f"{actor.user_id}:{found.enterprise.pk}:{saved}" if saved in SECTIONS else "",
    }
    return render(request, "enterprises/archive.html", context)

"""The first page of everybody who works for the government."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS, Role
from shuzhuan.apps.projects.queries import queue
from shuzhuan.apps.workbench.kept import view_url
from shuzhuan.apps.workbench.models import ImportRun, Listing, SavedView
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.queries.figures import figures, waiting

IMPORTS_SHOWN = 5
VIEWS_SHOWN = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits, and how the place stands: 工作台."""
    actor = actor_of_request(request)
    places = places_of(actor)
    if actor.role == Role.FINANCE_OFFICER:
        context = {"places": places, "projects": queue.figures(actor), "mine": True}
        return render(request, "workbench/finance.html", context)
    officer = actor.role in OFFICERS
    context = {
        "places": places,
        "officer": officer,
        "projects": queue.figures(actor),
        "mine": actor.role in queue.LANE_OF,
        "figures": figures(actor, places),
        "waiting": waiting(actor) if officer else [],
        "views": [
            (view.name, view_url(Listing(view.listing), view.query))
            for view in visible(actor, SavedView).order_by("name")[:VIEWS_SHOWN]
        ]
        if officer
        else [],
        "imports": visible(actor, ImportRun).order_by("-created_at")[:IMPORTS_SHOWN]
        if officer
        else [],
        "compare": not places.one_county,
    }
    return render(request, "workbench/home.html", context)

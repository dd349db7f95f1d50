"""领导看板, 兑现督导, and the same on paper."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.funds.models import Fund
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.reports import pictures
from shuzhuan.apps.reports.queries.figures import figures, listing
from shuzhuan.apps.reports.queries.overview import overview, running
from shuzhuan.apps.reports.queries.pace import pace
from shuzhuan.apps.reports.queries.standing import standing
from shuzhuan.apps.reports.reports.leader_pdf import leader_pdf
from shuzhuan.apps.workbench.places import Places, places_of


def _asked(request: HttpRequest) -> tuple[Actor, Places, Region]:
    """The place that the address names, or the actor's own. Raises Http404 for a foreign one."""
    actor = actor_of_request(request)
    places = places_of(actor)
    text = request.GET.get("place", "")
    if not text:
        return actor, places, places.region
    region = places.by_id.get(int(text)) if text.isascii() and text.isdecimal() else None
    if region is None:
        raise Http404
    return actor, places, region


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How the place stands."""
    actor, places, region = _asked(request)
    seen = overview(actor, places, region, timezone.localdate())
    context = {
        "seen": seen,
        "places": places,
        "whole": region == places.region,
        "at": _at(places, region),
        "goals_chart": pictures.goals(seen),
        "way_chart": pictures.way(seen),
        "money_chart": pictures.money(seen),
        "late_chart": pictures.late(seen),
        "here": "leader",
    }
    return render(request, "reports/leader.html", context)


def _at(places: Places, region: Region) -> str:
    """What an address needs to stay with the place of the page."""
    return "" if region == places.region else f"?place={region.pk}"


@require_safe
def figure(request: HttpRequest, key: str) -> HttpResponse:
    """The projects behind one figure of the page; of what was appropriated, the funds."""
    actor, places, region = _asked(request)
    today, inside = timezone.localdate(), places.within(region)
    context = {"region": region, "places": places, "at": _at(places, region), "here": "leader"}
    if key == "appropriated":
        context |= {"funds": visible(actor, Fund).filter(place_id__in=inside).order_by("-year")}
        return render(request, "reports/figure_funds.html", context)
    pack = running(actor, places, inside).pack
    asked = figures(actor, inside, today, pack).get(key)
    if asked is None:
        raise Http404
    told = listing(actor, inside, places.names, asked, today, request.GET.get("page"))
    context |= {"told": told, "page": told.page, "figure": asked}
    return render(request, "reports/figure.html", context)


@require_safe
def pace_page(request: HttpRequest) -> HttpResponse:
    """How long each stage takes and who holds it: 兑现督导."""
    actor, places, region = _asked(request)
    inside = places.within(region)
    stays = pace(actor, inside, standing(actor, inside), timezone.localdate())
    money = [stay for stay in stays if stay.of_money]
    context = {
        "region": region,
        "at": _at(places, region),
        "stays": stays,
        "chart": pictures.pace(money) or pictures.pace(stays),
        "here": "pace",
    }
    return render(request, "reports/pace.html", context)


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The page as PDF."""
    actor, places, region = _asked(request)
    today = timezone.localdate()
    seen = overview(actor, places, region, today)
    stays = pace(actor, places.within(region), seen.now, today)
    response = HttpResponse(leader_pdf(seen, stays, timezone.now()), content_type="application/pdf")
    name = quote(f"{region.name}试点进展-{today:%Y%m%d}.pdf")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response

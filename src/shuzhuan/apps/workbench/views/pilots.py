"""The pilot list: who is in, since when and why, on any day."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.enterprises.forms.fields import DayField
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.apps.workbench.queries.pilots import PAGE_ROWS, changes, on_day, sizes


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """试点名单."""
    actor = actor_of_request(request)
    places = places_of(actor)
    today, error = timezone.localdate(), ""
    day = today
    try:
        day = DayField().clean(request.GET.get("on", "")) or today
    except ValidationError as refused:
        error = refused.messages[0]
    listed = Paginator(on_day(actor, day), PAGE_ROWS).get_page(request.GET.get("page"))
    by_month = sizes(actor, today)
    context = {
        "places": places, "day": day, "today": today, "error": error,
        "page": listed,
        "changes": changes(actor, day),
        "plot": {
            "title": "月末试点企业数", "unit": "家", "times": [month for month, _ in by_month],
            "series": [("试点企业", [count for _, count in by_month])], "source": "试点名单记录",
        } if any(count for _, count in by_month) else None,
    }  # fmt: skip
    return render(request, "workbench/pilots.html", context)

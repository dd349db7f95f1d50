"""补助公开: for everybody."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shuzhuan.apps.reports.queries.disclosure import disclosed


@require_safe
def disclosure(request: HttpRequest) -> HttpResponse:
    """What was paid to whom, by place and year."""
    told = disclosed(request.GET.dict())
    chosen = [("place", str(told.place.pk) if told.place else ""), ("year", told.year)]
    context = {
        "told": told,
        "page": told.page,
        "query": urlencode([(name, value) for name, value in chosen if value]),
    }
    return render(request, "reports/disclosure.html", context)

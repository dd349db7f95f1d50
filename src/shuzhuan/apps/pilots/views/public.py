"""What everybody reads of batches without signing in: 申报指南."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import ENTERPRISE
from shuzhuan.apps.pilots.queries import guide

ROWS_ON_A_PAGE = 20


@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    """Every batch that has been opened, the latest first."""
    today = timezone.localdate()
    page = Paginator(guide.public().defer("process", "guide"), ROWS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [(batch, *guide.window(batch, today)) for batch in page.object_list]
    return render(request, "pilots/public_list.html", {"page": page, "rows": rows})


@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: who may file, with what, by when, and what comes of it."""
    actor = actor_of_request(request)
    context = {
        "guide": guide.guide_or_404(pk),
        # Officers and bodies read; everybody else files as an enterprise, after signing in.
        "files": actor.role is None or actor.role in ENTERPRISE,
    }
    return render(request, "pilots/public_batch.html", context)

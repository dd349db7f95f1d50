"""The portal's first page, the way to one's own, and the components page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.notices.queries import latest
from shuzhuan.apps.pilots.queries.guide import receiving
from shuzhuan.apps.publicity.queries import running
from shuzhuan.site import samples
from shuzhuan.site.context import own_page
from shuzhuan.site.places import places

RECEIVING_SHOWN = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the platform does and where to start: 首页."""
    today = timezone.localdate()
    listed = [(place, place.state_on(today)) for place in places()]
    context = {
        "places": listed,
        "notices": latest(),
        "receiving": receiving(today)[:RECEIVING_SHOWN],
        "running": running(today),
    }
    return render(request, "site/home.html", context)


@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Go where the work of this person begins; whoever comes through the door comes here."""
    return redirect(own_page(actor_of_request(request)))


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Show every part of the pages with real content, for people who build pages: 组件."""
    return render(request, "site/components.html", samples.context(request.GET))

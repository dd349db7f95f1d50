"""What every page needs from the shell."""

from typing import Any

from django.http import HttpRequest

import shuzhuan
from shuzhuan.apps.access.actor import PUBLIC, Actor
from shuzhuan.site.access import TABLE
from shuzhuan.site.navigation import DUTIES, ENTRIES, Duty


def duties(actor: Actor) -> list[Duty]:
    """The places of work of an actor."""
    return [duty for duty in DUTIES if TABLE[duty.route].admits(actor, "GET")]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the templates the navigation with the current entry marked, and the version."""
    # Without the middleware, as on the page for a bad host, nobody is asking.
    actor = getattr(request, "actor", PUBLIC)
    return {
        "duties": lambda: duties(actor),
        "navigation": [(entry, entry.holds(request.path)) for entry in ENTRIES],
        "actor": actor,
        "version": shuzhuan.__version__,
    }

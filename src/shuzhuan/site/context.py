"""What every page needs from the shell."""

from typing import Any

from django.http import HttpRequest

import shuzhuan
from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.site.navigation import ENTRIES


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the templates the navigation with the current entry marked, and the version."""
    return {
        "navigation": [(entry, entry.holds(request.path)) for entry in ENTRIES],
        # Without the middleware, as on the page for a bad host, nobody is asking.
        "actor": getattr(request, "actor", PUBLIC),
        "version": shuzhuan.__version__,
    }

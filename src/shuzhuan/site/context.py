"""What every page needs from the shell."""

from typing import Any

from django.http import HttpRequest

import shuzhuan
from shuzhuan.site.navigation import ENTRIES


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the templates the navigation with the current entry marked, and the version."""
    return {
        "navigation": [(entry, entry.holds(request.path)) for entry in ENTRIES],
        "version": shuzhuan.__version__,
    }

"""Where a request comes from, without believing the visitor."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The visitor's address; behind n known proxies the n-th from the right of X-Forwarded-For."""
    near = str(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXIES
    if not hops:
        return near
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if len(told) < hops:
        return near
    try:
        return str(ipaddress.ip_address(told[-hops]))
    except ValueError:
        return near

"""The actor of a request, typed."""

from __future__ import annotations

from django.http import HttpRequest

from shuzhuan.apps.access.actor import Actor


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor that the access middleware set. Raises AttributeError outside of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor

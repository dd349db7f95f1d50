"""What every page needs from the shell."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

import shuzhuan
from shuzhuan.apps.access.actor import PUBLIC, Actor
from shuzhuan.apps.accounts.roles import GOVERNMENT
from shuzhuan.apps.inbox.queries import BADGE_MAX, unread_count
from shuzhuan.site.access import TABLE
from shuzhuan.site.navigation import (
    BEGINS,
    DUTIES,
    ENTRIES,
    NOT_IN_TABS,
    NOT_IN_TABS_SIGNED_IN,
    WORKBAR,
    Duty,
)

_ROOMS = {duty.route: duty for duty in DUTIES}


def duties(actor: Actor) -> list[Duty]:
    """The places of work of an actor."""
    return [duty for duty in DUTIES if TABLE[duty.route].admits(actor, "GET")]


def own_page(actor: Actor) -> str:
    """The address of the page where an actor's work begins."""
    return reverse(BEGINS.get(actor.role, "signin:account") if actor.role else "signin:account")


def workbar(actor: Actor, path: str) -> list[tuple[Duty, bool]]:
    """The rooms of a role, the one that the page lies in marked."""
    rooms = [_ROOMS[route] for route in WORKBAR.get(actor.role, ())] if actor.role else []
    nearest = max((room.nearness(path) for room in rooms), default=0)
    here = next((room for room in rooms if nearest and room.nearness(path) == nearest), None)
    return [(room, room is here) for room in rooms]


def unread_messages(request: HttpRequest, actor: Actor) -> int:
    """How many messages the actor has not read; asked once per request, never for the public."""
    if actor.is_public:
        return 0
    known: int | None = getattr(request, "unread_messages", None)
    if known is None:
        known = unread_count(actor)
        request.unread_messages = known  # type: ignore[attr-defined]
    return known


def own_links(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """The signed-in person's own entries: 我的 and 消息; nothing for the public."""
    if actor.is_public:
        return {}
    url, inbox = own_page(actor), reverse("inbox:list")
    unread = unread_messages(request, actor)
    return {
        "url": url,
        "current": request.path.startswith(url),
        "inbox": inbox,
        "inbox_current": request.path.startswith(inbox),
        "unread": unread,
        "badge": f"{BADGE_MAX}+" if unread > BADGE_MAX else str(unread),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the templates the navigation with the current entry marked, and the version."""
    # Without the middleware, as on the page for a bad host, nobody is asking.
    actor = getattr(request, "actor", PUBLIC)
    navigation = [(entry, entry.holds(request.path)) for entry in ENTRIES]
    return {
        "duties": lambda: duties(actor),
        "workbar": lambda: workbar(actor, request.path),
        "navigation": navigation,
        "shell_tabs": lambda: [
            (entry, current)
            for entry, current in navigation
            if entry.route not in (NOT_IN_TABS if actor.is_public else NOT_IN_TABS_SIGNED_IN)
        ],
        "shell_own": SimpleLazyObject(lambda: own_links(request, actor)),
        "actor": actor,
        "wide": actor.role in GOVERNMENT,  # dense tables: the whole screen, on every page alike
        "version": shuzhuan.__version__,
        "demo": settings.DEMO,
    }

"""Lists that somebody keeps as a view: which they are, and where they lead."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.projects.kept import Shelf, View, kept_by
from shuzhuan.apps.workbench.models import Listing, SavedView

_ROUTES = {Listing.ENTERPRISES: "workbench:enterprises", Listing.PROJECTS: "projects:queue"}


def view_url(listing: Listing, query: str) -> str:
    """A list with these filters."""
    url = reverse(_ROUTES[listing])
    return f"{url}?{query}" if query else url


def views_of(actor: Actor, listing: Listing) -> QuerySet[SavedView]:
    """Own views of a list and those that colleagues share, these first."""
    return visible(actor, SavedView).filter(listing=listing).order_by("-shared", "name")


@kept_by
def projects(actor: Actor) -> Shelf | None:
    """The officer's views of the queue."""
    if actor.role not in OFFICERS:
        return None
    rows = views_of(actor, Listing.PROJECTS).values_list("pk", "name", "query", "user_id")
    return Shelf(
        views=tuple(
            View(
                name, query,
                reverse("workbench:view_delete", args=[pk]) if user_id == actor.user_id else "",
            )
            for pk, name, query, user_id in rows
        ),
        save_url=reverse("workbench:view_save"),
    )  # fmt: skip

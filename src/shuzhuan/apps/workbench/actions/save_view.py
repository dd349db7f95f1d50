"""Keep a list as somebody likes to see it, and give it up again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.workbench.models import NAME_CHARS_MAX, QUERY_CHARS_MAX, Listing, SavedView

VIEWS_MAX = 30


@transaction.atomic
def save_view(actor: Actor, listing: Listing, name: str, query: str, *, shared: bool) -> SavedView:
    """Store or replace the own view of a list by this name. Raises ValidationError."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_CHARS_MAX:
        raise ValidationError(f"请给视图起个名字，最多{NAME_CHARS_MAX}个字。")
    if len(query) > QUERY_CHARS_MAX:
        raise ValidationError("条件太长，存不下，请减少几个条件。")
    own = SavedView.objects.filter(
        place_id=actor.region_id, user_id=user_of(actor), listing=listing
    )
    if own.count() >= VIEWS_MAX and not own.filter(name=name).exists():
        raise ValidationError(f"最多保存{VIEWS_MAX}个视图，请先删去不用的。")
    view, _ = SavedView.objects.update_or_create(
        place_id=actor.region_id, user_id=user_of(actor), listing=listing, name=name,
        defaults={"query": query, "shared": shared},
    )  # fmt: skip
    record("save_view", actor, view, detail={"list": str(listing), "name": name, "shared": shared})
    return view


@transaction.atomic
def delete_view(actor: Actor, pk: int) -> Listing:
    """Delete an own view, and tell of which list it was; a colleague's shared one stays. Raises
    Http404."""
    view = get_visible(actor, SavedView, pk=pk, user_id=user_of(actor))
    record("delete_view", actor, view, detail={"name": view.name})
    view.delete()
    return Listing(view.listing)

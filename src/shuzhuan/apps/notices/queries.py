"""What everybody may read, signed in or not: published notices, whatever place they are of.

The row-level wall of PostgreSQL narrows a signed-in person to the own places; these queries step
over it for published rows only, and fetch everything before they step back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.notices.models import Kind, Notice
from shuzhuan.apps.regions.models import Region

ROWS_ON_A_PAGE = 20
LATEST = 4
SEARCH_CHARS_MAX = 50
WHY = "published notices are for everybody"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the address, read; what is not one of the choices filters nothing."""

    place: str = ""
    kind: str = ""
    words: str = ""

    @property
    def any(self) -> bool:
        return bool(self.place or self.kind or self.words)


def read(query: dict[str, str]) -> Asked:
    """The filters in an address."""
    kind = query.get("kind", "")
    words = " ".join(query.get("q", "").replace("\x00", "").split())[:SEARCH_CHARS_MAX]
    place = query.get("place", "")
    return Asked(
        place=place if place.isalnum() and place.isascii() else "",
        kind=kind if kind in Kind.values else "",
        words=words,
    )


def _published() -> QuerySet[Notice]:
    return Notice.objects.filter(published_at__isnull=False, withdrawn_at__isnull=True)


def listing(asked: Asked, page: str | None) -> tuple[Page[Notice], list[Region]]:
    """One page of the list, newest first, and the places that have told something."""
    found = _published().select_related("place").defer("body")
    if asked.kind:
        found = found.filter(kind=asked.kind)
    for word in asked.words.split():
        found = found.filter(title__icontains=word)
    with opened(WHY):
        spoken = Region.objects.filter(pk__in=_published().values("place_id"))
        places = list(spoken.order_by("path"))
        if asked.place:
            found = found.filter(place__code=asked.place)
        shown = Paginator(found.order_by("-published_at", "-pk"), ROWS_ON_A_PAGE).get_page(page)
        shown.object_list = list(shown.object_list)
    return shown, places


def latest() -> list[Notice]:
    """The newest few, for the home page."""
    rows = _published().select_related("place").defer("body").order_by("-published_at", "-pk")
    with opened(WHY):
        return list(rows[:LATEST])


def public_or_404(pk: int) -> tuple[Notice, Notice | None]:
    """A notice that is or was published, and the published one in its place now, if any."""
    with opened(WHY):
        was = Notice.objects.filter(published_at__isnull=False).select_related("place", "replaces")
        notice = was.filter(pk=pk).first()
        if notice is None:
            raise Http404
        newer = None
        if notice.withdrawn_at is not None:
            newer = was.filter(replaces=notice).order_by("-published_at").first()
    return notice, newer

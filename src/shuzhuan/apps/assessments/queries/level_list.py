"""The enterprises behind a figure of the levels page, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.assessments.queries.levels import NO_INDUSTRY, Asked, comparable, current
from shuzhuan.apps.assessments.templatetags.levels import level_text
from shuzhuan.apps.enterprises.models import Enterprise, PilotState, SizeClass
from shuzhuan.apps.regions.models import Level, Region

NOTHING_GIVEN = "-"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Sheets in order, and in words what they were narrowed to."""

    rows: QuerySet[Assessment]
    words: tuple[str, ...]


def missing(actor: Actor, query: Mapping[str, str]) -> QuerySet[Enterprise] | None:
    """Enterprises without a current sheet of a kind, or None where the address asks for sheets."""
    kind = query.get("missing", "")
    if kind not in AssessmentKind.values:
        return None
    have = Assessment.objects.filter(
        place_id=OuterRef("place_id"), enterprise=OuterRef("pk"), kind=kind, is_current=True
    )
    rows = visible(actor, Enterprise).filter(~Exists(have))
    if query.get("pilots"):
        rows = rows.filter(pilot_state=PilotState.IN)
    return rows.select_related("place").order_by("name", "pk")


def sheets(actor: Actor, asked: Asked, query: Mapping[str, str]) -> Narrowed:
    """Current sheets of the asked kind, narrowed by what the address says."""
    words: list[str] = [asked.kind.label]
    rows = current(actor, asked)
    if query.get("version") == "all":
        rows = visible(actor, Assessment).filter(kind=asked.kind, is_current=True)
    before = _level(query, "before")
    if before is not None:
        rows = rows.filter(comparable(), before__level=before)
        words.append(f"改造前{level_text(before)}")
    level = _level(query, "level")
    if level is not None:
        rows = rows.filter(level=level)
        words.append(level_text(level) if before is None else f"验收{level_text(level)}")
    if industry := query.get("industry", ""):
        name = "" if industry == NOTHING_GIVEN else industry
        rows = rows.filter(enterprise__industry=name)
        words.append(name or NO_INDUSTRY)
    if size := query.get("size", ""):
        rows = rows.filter(enterprise__size_class="" if size == NOTHING_GIVEN else size)
        words.append(str(dict(SizeClass.choices).get(size, "规模未定")))
    if place := query.get("place", ""):
        test, name = _place(actor, place)
        rows = rows.filter(test)
        words.append(name)
    rows = rows.select_related("enterprise", "enterprise__place", "indicators")
    rows = rows.defer("indicators__document", "answers_json", "result")
    return Narrowed(rows.order_by("-level", "-points_milli", "pk"), tuple(words))


def bodies(found: Iterable[Assessment]) -> dict[int, str]:
    """Names of the bodies that judged, by id: they may belong to a place outside the actor's."""
    ids = {sheet.party_id for sheet in found if sheet.kind != AssessmentKind.SELF}
    if not ids:
        return {}
    with opened("the names of the bodies that judged enterprises"):
        return dict(Party.objects.filter(pk__in=ids).values_list("pk", "name"))


def _place(actor: Actor, text: str) -> tuple[Q, str]:
    """A region of the actor's, with all below; ``-`` is what lies in no park."""
    if text == NOTHING_GIVEN:
        parks = Q(place__level=Level.PARK) | Q(enterprise__park__isnull=False)
        return ~parks, "园区外"
    region = Region.objects.filter(
        pk=int(text) if text.isdigit() else 0, path__startswith=actor.region_path
    ).first()
    if region is None:
        return Q(pk__in=[]), "没有这个地区"
    inside = Q(place__path__startswith=region.path) | Q(enterprise__park=region)
    return inside, region.name


def _level(query: Mapping[str, str], key: str) -> int | None:
    text = query.get(key, "")
    return int(text) if text.isdigit() and len(text) == 1 else None

"""Indicator sets and looks at doubtful gradings, in several offices."""

from __future__ import annotations

from django.utils import timezone

from shuzhuan.apps.assessments.actions.sets import ensure_shipped, fill
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    DoubtKind,
    DoubtNote,
    PublishedSet,
)
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.enterprises.models import Enterprise
from tests.access.world import Thing, World, builder
from tests.access.world_more import OFFICES
from tests.cast import canary


@builder
def indicator_sets(world: World) -> None:
    """A draft in several offices; what ships is for everybody and carries no canary."""
    ensure_shipped()
    shipped = PublishedSet.objects.get(place__isnull=True, set_id="2024-manufacturing")
    for role, key in OFFICES:
        member = world.cast.person(role, key)
        place = world.cast.places[key]
        row = PublishedSet(
            place=place, based_on=shipped, created_by=member.user, changed_by=member.user
        )
        fill(row, parsed(shipped))
        row.version, row.note = "9.0.0", canary(place)
        row.save()
        world.add(Thing(row, place, audience="government"))


@builder
def doubt_notes(world: World) -> None:
    """Somebody looked at a sheet, in several places. The sheets are nobody's current ones."""
    ensure_shipped()
    shipped = PublishedSet.objects.get(place__isnull=True, set_id="2024-manufacturing")
    for role, key in OFFICES:
        member, place = world.cast.person(role, key), world.cast.places[key]
        for firm in Enterprise.objects.filter(place=place):
            sheet = Assessment.objects.create(
                place=place, enterprise=firm, party_id=firm.party_id, kind=AssessmentKind.SELF,
                state=AssessmentState.SUBMITTED, indicators=shipped, started_by=member.user,
                submitted_by=member.user, submitted_at=timezone.now(), level=0, points_milli=0,
                answers_json="{}",
            )  # fmt: skip
            note = DoubtNote.objects.create(
                place=place, enterprise=firm, assessment=sheet, kind=DoubtKind.SELF_FAR,
                key=f"test-{sheet.pk}", shown="x", by=member.user, finding=canary(place),
            )  # fmt: skip
            world.add(Thing(note, place, audience="watchers"))

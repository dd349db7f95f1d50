"""A publicity with two items and an objection in several offices.

The words of a publicity and the columns of its items are for everybody and carry no canary; what
is behind them (reasons of the office, names and words of objectors) does.
"""

from __future__ import annotations

import io
from datetime import timedelta

from django.utils import timezone

from shuzhuan.apps.accounts.models import PartyKind
from shuzhuan.apps.evidence.store import store
from shuzhuan.apps.publicity.actions.object import digest_of
from shuzhuan.apps.publicity.models import (
    Objection,
    ObjectionFile,
    Publicity,
    PublicityItem,
)
from tests.access.world import Thing, World, builder
from tests.access.world_more import OFFICES
from tests.cast import canary


@builder
def publicity(world: World) -> None:
    """Each office publishes an enterprise of its region; a vendor objects."""
    today = timezone.localdate()
    parties = world.cast.parties.values()
    for role, key in OFFICES:
        member, place = world.cast.person(role, key), world.cast.places[key]
        party = next(
            p for p in parties
            if p.kind == PartyKind.ENTERPRISE and p.place.path.startswith(place.path)
        )  # fmt: skip
        objector = next(
            p for p in parties if p.kind == PartyKind.VENDOR and p.place.path[:7] == place.path[:7]
        )
        word = canary(place)
        row = Publicity.objects.create(
            place=place, kind="selection", year=today.year, serial=1, number="公示-001",
            title="拟支持项目公示", basis="第十一条", fields=["单位名称"], days=5, unit="workday",
            starts_on=today, ends_on=today + timedelta(7), contact="0954-7012345", items_count=1,
            objections_count=1, objections_open=1, created_by=member.user,
        )  # fmt: skip
        item = PublicityItem.objects.create(
            place=place, publicity=row, position=1, party=party, subject_kind=word, subject_id=1,
            values={"单位名称": "某公司"}, objections_open=1,
        )  # fmt: skip
        objection = Objection.objects.create(
            place=place, item=item, party=objector, number="1-01", from_name=word, contact=word,
            text=word, key=f"key-{place.pk}", due_on=today, reply_code=word,
            reply_digest=digest_of(f"{word}{place.pk}"),
        )  # fmt: skip
        stored = store().put(io.BytesIO(f"%PDF-1.4 {word}".encode()))
        file = ObjectionFile.objects.create(
            place=place, objection=objection, party=objector, position=1, sha256=stored.sha256,
            size_bytes=stored.size_bytes, kind="pdf", name=f"{word}.pdf", original_name=f"{word}.pdf",
        )  # fmt: skip
        world.add(Thing(file, place, objector, audience="office"))
        world.add(Thing(row, place, audience="office"))
        world.add(Thing(item, place, party, audience="office_or_party"))
        world.add(Thing(objection, place, objector, audience="office_or_party"))

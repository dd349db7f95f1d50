"""Many projects at once, for lists that must stay quick."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.pilots.models import Batch, Pilot
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import State, parameters_of
from tests.apps.workbench.kit import fill
from tests.cast import Cast

STATES = [state for state in State if state != State.DRAFT]


def projects(cast: Cast, where: str, count: int) -> list[Project]:
    """Projects in every state, due around today, by bulk statements."""
    place = cast.places[where]
    fill(place, count)
    officer = cast.person(Role.COUNTY_OFFICER, where).user
    today = timezone.localdate()
    pilot = Pilot.objects.create(
        place=place, pack="pengyang", name=f"{place.name}试点", starts_on=today,
        ends_on=today + timedelta(days=365), created_by=officer,
    )  # fmt: skip
    batch = Batch.objects.create(
        place=place, pilot=pilot, number=1, title=f"{place.name}第一批", clause="7-1",
        opens_on=today, closes_on=today + timedelta(days=30), contact="0954-0000000",
        state="open", process=parameters_of(Library.load().get("pengyang")).to_json(),
        opened_at=timezone.now(), created_by=officer,
    )  # fmt: skip
    firms = Enterprise.objects.filter(place=place).order_by("pk")
    rows = []
    for at, firm in enumerate(firms):
        state = STATES[at % len(STATES)]
        rows.append(
            Project(
                place=place, pilot=pilot, batch=batch, enterprise=firm, state=state,
                lane=state.lane, number=f"{place.name}-2026-1-{at:05d}", title=f"改造{at}",
                entered_on=today, due_on=today + timedelta(days=at % 40 - 20),
                planned_fen=at * 100, filed_at=timezone.now(), created_by=officer,
            )
        )  # fmt: skip
    Project.objects.bulk_create(rows)
    return rows

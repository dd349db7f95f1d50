"""Everything of the leader's page, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.pilots.models import Pilot
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.apps.reports.queries import goals
from shuzhuan.apps.reports.queries.goals import Progress
from shuzhuan.apps.reports.queries.money import Books, books
from shuzhuan.apps.reports.queries.standing import (
    ACCEPTED,
    ENDS,
    LISTED_ON,
    Standing,
    from_on,
    standing,
)
from shuzhuan.apps.reports.queries.waiting import Waiting, waiting
from shuzhuan.apps.workbench.places import Places
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.process import State

# How far projects have come, by the state that has to be reached.
WAY: tuple[tuple[str, State], ...] = (
    ("通过专家评审", State.SELECTED),
    ("入库", State.LISTED),
    ("开始实施", State.IMPLEMENTING),
    ("申请验收", State.ACCEPTANCE_REQUESTED),
    ("验收通过", State.APPROVED),
    ("兑付", State.PAID),
    ("结项", State.CLOSED),
)


@dataclass(frozen=True)
class County:
    """One line of the comparison. Money in fen; ``target``: of the goal 改造, or empty."""

    region: Region
    total: int
    listed: int
    accepted: int
    target: str
    reserved_fen: int
    paid_fen: int
    returned_fen: int
    late: int

    @property
    def silent(self) -> bool:
        """Nothing happens there and nothing is wanted."""
        return not self.total and not self.target


@dataclass(frozen=True)
class Overview:
    """A place as its leader sees it. ``synthetic``: at least one pilot is invented."""

    region: Region
    today: date
    pack: Pack | None
    synthetic: bool
    now: Standing
    goals: tuple[Progress, ...]
    waiting: Waiting
    books: Books
    counties: tuple[County, ...]

    @property
    def way(self) -> list[tuple[str, int]]:
        """How many have come at least so far; behind the first step, ended ones do not count."""
        on = [(name, self.now.count(from_on(state) - {State.CLAW_BACK})) for name, state in WAY]
        return [("提交申报", self.now.total), *on]

    @property
    def ends(self) -> list[tuple[str, int]]:
        """How many ended beside the line, by how."""
        found = [(state.label, self.now.count([state])) for state in ENDS]
        return [(label, count) for label, count in found if count]

    @property
    def known_goals(self) -> list[Progress]:
        return [goal for goal in self.goals if goal.known]

    @property
    def unknown_goals(self) -> list[Progress]:
        return [goal for goal in self.goals if not goal.known]


def overview(actor: Actor, places: Places, region: Region, today: date) -> Overview:
    """Twelve statements at most, for one project and for ten thousand."""
    inside = places.within(region)
    now = standing(actor, inside)
    pilots = list(
        visible(actor, Pilot).filter(place_id__in=inside).values_list(
            "place_id", "pack", "synthetic"
        )
    )  # fmt: skip
    waits = waiting(actor, inside, places.names, today)
    packs = _packs(places, inside, pilots)
    own = sorted(set(packs.values()))
    pack = goals.pack_named(own[0]) if len(own) == 1 else None
    cloud = goals.cloud(actor, inside) if pack is not None else goals.Cloud()
    return Overview(
        region=region,
        today=today,
        pack=pack,
        synthetic=any(invented for _, _, invented in pilots),
        now=now,
        goals=tuple(goals.progress(pack, now, cloud)),
        waiting=waits,
        books=books(actor, inside),
        counties=tuple(_counties(places, region, now, waits, packs)),
    )


def _packs(
    places: Places, inside: Iterable[int], pilots: list[tuple[int, str, bool]]
) -> dict[int, str]:
    """By place: the pack that runs there, or that it is given."""
    found = {pk: places.by_id[pk].pack for pk in inside if places.by_id[pk].pack}
    return found | {place: pack for place, pack, _ in pilots}


def _counties(
    places: Places, region: Region, now: Standing, waits: Waiting, packs: dict[int, str]
) -> list[County]:
    """The counties of a city, the cities of a province; none of a county."""
    wanted = {Level.PROVINCE: Level.CITY, Level.CITY: Level.COUNTY}.get(Level(region.level))
    found = []
    for each in places.below:
        if each.level != wanted or not each.path.startswith(region.path):
            continue
        ids = places.within(each)
        here = now.within(ids)
        found.append(
            County(
                region=each,
                total=here.total,
                listed=here.count(LISTED_ON),
                accepted=here.count(ACCEPTED),
                target=_target({packs[pk] for pk in ids if pk in packs}),
                reserved_fen=here.fen("reserved_fen"),
                paid_fen=here.fen("paid_fen"),
                returned_fen=here.fen("returned_fen"),
                late=sum(waits.late_by_place.get(pk, 0) for pk in ids),
            )
        )
    return sorted(found, key=lambda county: (-county.total, county.region.path))


def _target(names: set[str]) -> str:
    """What the documents of a place want rebuilt, where they say it."""
    wanted = [
        goal.value
        for name in names
        for goal in goals.goals_of(goals.pack_named(name))
        if goal.id == "rebuilt" and goal.unit == "家"
    ]
    return f"{sum(float(value) for value in wanted):g}" if wanted else ""

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
    ENDS,
    Standing,
    come_to,
    one_of,
    standing,
    to_level,
)
from shuzhuan.apps.reports.queries.waiting import Waiting, waiting
from shuzhuan.apps.workbench.places import Places
from shuzhuan.engine.grading.model import numeral
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
LEVELS = (2, 3, 4)


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
    def way(self) -> list[tuple[str, str, int]]:
        """Key of the figure, step, and how many have come so far.

        Behind the first step, ended ones do not count.
        """
        on = [(f"way-{state}", name, self.now.count(come_to(state))) for name, state in WAY]
        return [("filed", "提交申报", self.now.total), *on]

    @property
    def listed(self) -> int:
        return self.now.count(come_to(State.LISTED))

    @property
    def accepted(self) -> int:
        return self.now.count(come_to(State.APPROVED))

    @property
    def levels(self) -> list[tuple[str, str, int]]:
        """Key of the figure, level, and how many came or are on the way to it; no empty ones."""
        found = [(f"level-{n}", f"{numeral(n)}级", self.now.count(*to_level(n))) for n in LEVELS]
        return [row for row in found if row[2]]

    @property
    def finding(self) -> str:
        """The place in two sentences: how many firms to which level, and what is late with whom."""
        levels = "，".join(f"{many:,}家改到{name}" for _, name, many in self.levels)
        if not self.listed:
            told = f"{self.now.total:,}家申报，还没有企业入库"
        else:
            told = f"{self.listed:,}家入库改造" + (f"：{levels}" if levels else "")
        if self.accepted:
            told += f"；{self.accepted:,}家已经验收通过"
        late = "，".join(f"{lane.label}{n:,}家" for lane, n in self.waiting.late_by_lane.items())
        count = self.waiting.late_count
        return f"{told}。" + (f"逾期{count:,}家：{late}。" if count else "没有逾期。")

    @property
    def ends(self) -> list[tuple[State, int]]:
        """How many ended beside the line, by how."""
        found = [(state, self.now.count(one_of(state))) for state in ENDS]
        return [(state, count) for state, count in found if count]

    @property
    def money(self) -> list[tuple[str, str, int]]:
        """Key of the figure, what it is, and fen: what firms invest, what the funds do."""
        books, owed = self.books, self.now.outstanding
        return [
            ("appropriated", "预算到账", books.appropriated_fen),
            ("planned", "计划投入", self.now.planned),
            ("reserved", "已锁定", books.reserved_fen),
            ("audited", "核定投入", self.now.audited),
            ("paid", "已兑付", books.paid_fen),
            ("returned", "已追回", books.returned_fen),
            *([("outstanding", "还没退回", owed)] if owed else []),
        ]

    @property
    def known_goals(self) -> list[Progress]:
        return [goal for goal in self.goals if goal.known]


@dataclass(frozen=True)
class Running:
    """What runs in some places. ``pack``: the one that all of them have, if they have one."""

    packs: dict[int, str]
    synthetic: bool

    @property
    def pack(self) -> Pack | None:
        own = sorted(set(self.packs.values()))
        return goals.pack_named(own[0]) if len(own) == 1 else None


def running(actor: Actor, places: Places, inside: Iterable[int]) -> Running:
    """One statement: by place, the pack that runs there, or that it is given."""
    ids = list(inside)
    pilots = list(
        visible(actor, Pilot).filter(place_id__in=ids).values_list("place_id", "pack", "synthetic")
    )
    found = {pk: places.by_id[pk].pack for pk in ids if places.by_id[pk].pack}
    return Running(
        found | {place: pack for place, pack, _ in pilots},
        any(invented for _, _, invented in pilots),
    )


def overview(actor: Actor, places: Places, region: Region, today: date) -> Overview:
    """Thirteen statements at most, for one project and for ten thousand."""
    inside = places.within(region)
    now = standing(actor, inside)
    here = running(actor, places, inside)
    waits = waiting(actor, inside, places.names, today)
    cloud = goals.cloud(actor, inside) if here.pack is not None else goals.Cloud()
    return Overview(
        region=region,
        today=today,
        pack=here.pack,
        synthetic=here.synthetic,
        now=now,
        goals=tuple(goals.progress(here.pack, now, cloud)),
        waiting=waits,
        books=books(actor, inside),
        counties=tuple(_counties(places, region, now, waits, here.packs)),
    )


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
                listed=here.count(come_to(State.LISTED)),
                accepted=here.count(come_to(State.APPROVED)),
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

"""Goals of a pack against what happened: counted from projects, never typed in.

A goal that nothing on the platform tells yet says so; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Line, LineKind
from shuzhuan.apps.reports.queries.standing import (
    ACCEPTED,
    BEFORE_LISTING,
    LISTED_ON,
    ON_THE_WAY,
    Cell,
    Standing,
)
from shuzhuan.engine.policy.pack import Library, Pack
from shuzhuan.engine.policy.schema_plan import Goal

NO_SOURCE = "尚无数据来源"
_GONE = "取消资格、追回的不算"
LEVEL_2, LEVEL_3, LEVEL_4 = 2, 3, 4


@dataclass(frozen=True)
class Cloud:
    """Projects with cloud services: audited in accepted ones, entered in those on the way."""

    done: int = 0
    ahead: int = 0


@dataclass(frozen=True)
class Progress:
    """One goal. ``done`` and ``ahead`` (on the way) are None where nothing tells them."""

    id: str
    text: str
    unit: str
    target: str
    cite: str
    by: str
    basis: str
    done: int | None = None
    ahead: int | None = None

    @property
    def known(self) -> bool:
        return self.done is not None

    @property
    def wanted(self) -> float:
        return float(self.target)

    @property
    def reached(self) -> bool:
        return self.done is not None and self.done >= self.wanted

    @property
    def lacking(self) -> str:
        """What neither happened nor is on the way."""
        missing = self.wanted - (self.done or 0) - (self.ahead or 0)
        return f"{missing:g}" if self.known and missing > 0 else ""


Counter = Callable[[Standing, Cloud], tuple[int, int, str]]


def _level(least: int, most: int) -> Counter:
    def fits(cell: Cell) -> bool:
        return cell.level_after is not None and least <= cell.level_after <= most

    def aims(cell: Cell) -> bool:
        return cell.level_target is not None and least <= cell.level_target <= most

    def counter(now: Standing, _: Cloud) -> tuple[int, int, str]:
        said = "及以上" if most > least else ""
        basis = f"市审核通过、验收评测达到{'零一二三四'[least]}级{said}；{_GONE}"
        return now.count(ACCEPTED, fits), now.count(ON_THE_WAY, aims), basis

    return counter


def _accepted(now: Standing, _: Cloud) -> tuple[int, int, str]:
    return now.count(ACCEPTED), now.count(ON_THE_WAY), f"市审核通过的项目；{_GONE}"


def _rebuilt(now: Standing, _: Cloud) -> tuple[int, int, str]:
    fits = now.count(ACCEPTED, lambda cell: (cell.level_after or 0) >= LEVEL_2)
    basis = f"市审核通过、改造后二级及以上；{_GONE}"
    return fits, now.count(ON_THE_WAY), basis


def _selected(now: Standing, _: Cloud) -> tuple[int, int, str]:
    return now.count(LISTED_ON), now.count(BEFORE_LISTING), f"已入库；{_GONE}"


def _cloud(_: Standing, cloud: Cloud) -> tuple[int, int, str]:
    return cloud.done, cloud.ahead, "市审核通过、云服务投入经审核大于0的项目"


COUNTERS: dict[str, Counter] = {
    "rebuilt": _rebuilt,
    "level2": _level(LEVEL_2, LEVEL_2),
    "level3": _level(LEVEL_3, LEVEL_4),
    "level4": _level(LEVEL_4, LEVEL_4),
    "accepted": _accepted,
    "selected": _selected,
    "cloud": _cloud,
}


def cloud(actor: Actor, place_ids: Iterable[int]) -> Cloud:
    """One statement over the lines for cloud services."""
    rows = visible(actor, Line).filter(
        place_id__in=list(place_ids), kind=LineKind.CLOUD, removed_at__isnull=True
    )
    done = Q(project__state__in=sorted(ACCEPTED), audited_fen__gt=0)
    ahead = Q(project__state__in=sorted(ON_THE_WAY))
    found = rows.filter(done | ahead).aggregate(
        done=Count("project", distinct=True, filter=done),
        ahead=Count("project", distinct=True, filter=ahead),
    )
    return Cloud(found["done"], found["ahead"])


def goals_of(pack: Pack | None) -> tuple[Goal, ...]:
    """The goals of a pack, in its order."""
    if pack is None or pack.source.targets is None:
        return ()
    return pack.source.targets.goals


def progress(pack: Pack | None, now: Standing, cloud: Cloud) -> list[Progress]:
    """Every goal of the pack, with what has been reached where something tells it."""
    found = []
    for goal in goals_of(pack):
        counter = COUNTERS.get(goal.id) if goal.unit == "家" else None
        done, ahead, basis = counter(now, cloud) if counter else (None, None, NO_SOURCE)
        found.append(
            Progress(
                goal.id, goal.text, str(goal.unit), f"{goal.value:g}", goal.cite,
                str(goal.by or ""), basis, done, ahead,
            )
        )  # fmt: skip
    return found


def pack_named(pack_id: str) -> Pack | None:
    """A pack of the library, or None."""
    library = Library.load()
    return library.get(pack_id) if pack_id in library.ids else None

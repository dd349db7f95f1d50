"""Goals of a pack against what happened: counted from projects, never typed in.

A goal that nothing on the platform tells yet says so; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.projects.models import Line, LineKind
from shuzhuan.apps.reports.queries.standing import (
    ACCEPTED,
    BEFORE_LISTING,
    LISTED_ON,
    ON_THE_WAY,
    Standing,
    Want,
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


@dataclass(frozen=True)
class Counted:
    """What fulfils a goal, what is on the way to it, and how that is said."""

    done: Want
    ahead: Want
    basis: str
    cloud: bool = False  # only projects with a line for cloud services


_PASSED, _AHEAD = Want(ACCEPTED), Want(ON_THE_WAY)


def _level(least: int, most: int) -> Counted:
    said = "及以上" if most > least else ""
    return Counted(
        Want(ACCEPTED, "level_after", least, most),
        Want(ON_THE_WAY, "level_target", least, most),
        f"市审核通过、验收评测达到{'零一二三四'[least]}级{said}；{_GONE}",
    )


COUNTED: Mapping[str, Counted] = {
    "rebuilt": Counted(
        Want(ACCEPTED, "level_after", LEVEL_2, LEVEL_4),
        _AHEAD,
        f"市审核通过、改造后二级及以上；{_GONE}",
    ),
    "level2": _level(LEVEL_2, LEVEL_2),
    "level3": _level(LEVEL_3, LEVEL_4),
    "level4": _level(LEVEL_4, LEVEL_4),
    "accepted": Counted(_PASSED, _AHEAD, f"市审核通过的项目；{_GONE}"),
    "selected": Counted(Want(LISTED_ON), Want(BEFORE_LISTING), f"已入库；{_GONE}"),
    "cloud": Counted(_PASSED, _AHEAD, "市审核通过、云服务投入经审核大于0的项目", cloud=True),
}


def clouds(actor: Actor, place_ids: Iterable[int]) -> tuple[QuerySet[Line], QuerySet[Line]]:
    """Lines for cloud services: audited in accepted projects, entered in those on the way."""
    rows = visible(actor, Line).filter(
        place_id__in=list(place_ids), kind=LineKind.CLOUD, removed_at__isnull=True
    )
    return (
        rows.filter(project__state__in=sorted(ACCEPTED), audited_fen__gt=0),
        rows.filter(project__state__in=sorted(ON_THE_WAY)),
    )


def cloud(actor: Actor, place_ids: Iterable[int]) -> Cloud:
    """Two statements over the lines for cloud services."""
    done, ahead = clouds(actor, place_ids)
    many = Count("project", distinct=True)
    return Cloud(*(rows.aggregate(many=many)["many"] for rows in (done, ahead)))


def goals_of(pack: Pack | None) -> tuple[Goal, ...]:
    """The goals of a pack, in its order."""
    if pack is None or pack.source.targets is None:
        return ()
    return pack.source.targets.goals


def counted_by(goal: Goal) -> Counted | None:
    """What tells how far a goal is; None where nothing does."""
    return COUNTED.get(goal.id) if goal.unit == "家" else None


def progress(pack: Pack | None, now: Standing, cloud: Cloud) -> list[Progress]:
    """Every goal of the pack, with what has been reached where something tells it."""
    found = []
    for goal in goals_of(pack):
        counted = counted_by(goal)
        done, ahead, basis = None, None, NO_SOURCE
        if counted is not None:
            done, ahead = now.count(counted.done), now.count(counted.ahead)
            basis = counted.basis
            if counted.cloud:
                done, ahead = cloud.done, cloud.ahead
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

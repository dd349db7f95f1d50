"""What the levels before and after the work have to be for the clause of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils import timezone

from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries import eligibility
from shuzhuan.engine.policy.pack import Pack

LEVELS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}


def level_words(level: int | None) -> str:
    """A level as it is written; empty for one that is not known."""
    return "" if level is None else LEVELS.get(str(level), "不到一级")


LEVEL_BEFORE, LEVEL_AFTER = "project.level_before", "project.level_after"


@dataclass(frozen=True)
class Rise:
    """What the levels have to do. ``least``: the lowest level after that is enough; 0 for none."""

    before: int | None
    least: int
    cite: str

    @property
    def before_words(self) -> str:
        return level_words(self.before)

    @property
    def least_words(self) -> str:
        return LEVELS.get(str(self.least), "")


def rise(project: Project) -> Rise | None:
    """The lowest level that the clause accepts after the work; None where it asks no level."""
    before = eligibility.level_before(project)
    pack = eligibility.pack_of(project)
    return _rise(pack, project.batch.clause, before, timezone.localdate())


@lru_cache(maxsize=256)
def _rise(pack: Pack, clause_id: str, before: int | None, today: date) -> Rise | None:
    """Kept, because it follows from the text of the pack alone: a pack never changes once read."""
    program = pack.bind(as_of=today)
    clause = program.decide({}).result(clause_id).clause
    asking = {c.id: c.cite for c in clause.conditions if LEVEL_AFTER in c.keys}
    if not asking:
        return None

    def enough(after: int) -> bool:
        result = program.decide({LEVEL_BEFORE: before, LEVEL_AFTER: after})
        seen = {c.id: c.state for c in result.result(clause_id).conditions}
        return all(seen[name] is True for name in asking)

    least = 0 if before is None else next(filter(enough, map(int, LEVELS)), 0)
    return Rise(before, least, "、".join(dict.fromkeys(asking.values())))


def too_low(project: Project, needed: Rise | None) -> str:
    """Why the target could not be paid for, as far as the level before is known; else empty."""
    if needed is None or needed.before is None:
        return ""
    if not needed.least:
        return f"改造前{needed.before_words}，已经没有可以提升的等级（{needed.cite}）。"
    if project.level_target is not None and project.level_target < needed.least:
        return (
            f"改造前{needed.before_words}，目标等级至少要填{needed.least_words}（{needed.cite}）。"
        )
    return ""

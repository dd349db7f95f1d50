"""第八、十条 at once: which conditions hold, which fail and which nobody has answered yet.

Two moments: at filing only what can be known then is asked; before money every condition is, and
the clause's amount is the ceiling. The facts come from the archive, from what officers confirmed
on this project, and from the project itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.enterprises.queries import archive as archives
from shuzhuan.apps.enterprises.queries.facts import FILLED_IN, facts_of
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.ceiling import Ceiling, ceiling
from shuzhuan.engine.money import format_plain
from shuzhuan.engine.policy.decision import ClauseResult, Decision
from shuzhuan.engine.policy.pack import Library, Pack

# What only the project's own course can answer; a filing is not asked for it.
LATER = frozenset(
    {
        "enterprise.is_pilot",
        "project.accepted",
        "project.tasks_completed",
        "project.invested",
        "project.level_before",
        "project.level_after",
    }
)


# What a county's review adds to the facts: the project was accepted and its tasks are done.
ACCEPTED: Mapping[str, object] = {"project.accepted": True, "project.tasks_completed": True}
# What an estimate takes for granted.
_HOPED = ("enterprise.is_pilot", *ACCEPTED)


@dataclass(frozen=True)
class Check:
    """One condition. ``state``: True holds, False fails, None unknown. ``section``: where in the
    archive the enterprise fills it in; empty where an officer confirms it."""

    id: str
    text: str
    cite: str
    state: bool | None
    facts: tuple[str, ...]
    section: str = ""


def pack_of(project: Project) -> Pack:
    """The pack that the batch runs."""
    return Library.load().get(
        project.batch.parameters.pack if project.batch.process else project.pilot.pack
    )


def level_before(project: Project) -> int | None:
    """The level before the work: the current on-site diagnosis, never a self-assessment."""
    if project.level_before is not None:
        return project.level_before
    rows = Assessment.objects.filter(
        enterprise_id=project.enterprise_id, kind=AssessmentKind.DIAGNOSIS, is_current=True
    )
    return rows.values_list("level", flat=True).first()


def facts(project: Project) -> dict[str, object]:
    """Raw facts: the archive, then what officers confirmed, then the project's own course."""
    pack = pack_of(project)
    archive = archives.load(project.enterprise, timezone.localdate())
    found = {**facts_of(archive, pack), **project.confirmed}
    before = level_before(project)
    if before is not None:
        found["project.level_before"] = before
    if project.level_after is not None:
        found["project.level_after"] = project.level_after
    if project.audited:
        found["project.invested"] = format_plain(project.audited_fen)
    return {key: value for key, value in found.items() if key in pack.facts}


def decide(
    project: Project, more: Mapping[str, object] | None = None
) -> tuple[Decision, ClauseResult]:
    """The decision of today and the clause that the batch pays by."""
    return decide_of(project, {**facts(project), **(more or {})})


def decide_of(project: Project, known: Mapping[str, object]) -> tuple[Decision, ClauseResult]:
    """The same of facts that were read before; reading them takes the whole archive."""
    decision = pack_of(project).bind(as_of=timezone.localdate()).decide(known)
    return decision, decision.result(project.batch.clause)


def checks(project: Project, known: Mapping[str, object] | None = None) -> list[Check]:
    """The conditions that a filing must meet, in the order of the document."""
    _, result = decide_of(project, facts(project) if known is None else known)
    found = []
    for condition, seen in zip(result.clause.conditions, result.conditions, strict=True):
        keys = condition.keys
        if LATER.intersection(keys):
            continue
        section = next((FILLED_IN[key] for key in keys if key in FILLED_IN), "")
        found.append(Check(seen.id, seen.text, seen.cite, seen.state, keys, section))
    return found


def estimate(project: Project) -> tuple[Decision, ClauseResult]:
    """What the clause would pay at most if the work went as hoped: for what was audited, else planned."""
    known = pack_of(project).facts
    # What a project on its way has not done yet would else count as a condition that fails.
    more: dict[str, object] = {key: True for key in _HOPED if key in known}
    spent = project.audited_fen if project.audited else project.planned_fen
    more["project.invested"] = format_plain(spent)
    if project.level_target is not None:
        more["project.level_after"] = project.level_target
    return decide(project, more)


def estimated(project: Project) -> Ceiling:
    """The amount of that, less what other projects of the enterprise hold."""
    return ceiling(project, *estimate(project))

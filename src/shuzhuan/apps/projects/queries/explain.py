"""How the engine comes to the ceiling of a project: now, or as it was stored with the decision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries import eligibility
from shuzhuan.apps.projects.queries.ceiling import ceiling
from shuzhuan.engine.policy.decision import ClauseResult, Decision


@dataclass(frozen=True)
class Explained:
    """``ceiling_fen``: what the clause pays at most. ``failed``: conditions that do not hold."""

    clause: str
    cite: str
    ceiling_fen: int
    steps: tuple[str, ...]
    failed: tuple[str, ...] = ()
    pack: str = ""
    as_of: str = ""


def now(project: Project) -> Explained:
    """For the case as it stands, with acceptance and tasks taken as confirmed."""
    return _told(project, *eligibility.decide(project, eligibility.ACCEPTED))


def hoped(project: Project) -> Explained:
    """For what was audited, else planned, as if the work went as hoped."""
    return _told(project, *eligibility.estimate(project))


def _told(project: Project, decision: Decision, result: ClauseResult) -> Explained:
    holds, most = result.status == "适用", ceiling(project, decision, result)
    return Explained(
        clause=result.clause.title,
        cite=result.clause.cite,
        ceiling_fen=most.fen if holds else 0,
        steps=(*result.steps, *most.told),
        failed=() if holds else _failed(result),
        pack=decision.program.pack_version,
        as_of=decision.program.as_of.isoformat(),
    )


def _failed(result: ClauseResult) -> tuple[str, ...]:
    return tuple(f"{c.text}（{c.cite}）" for c in result.conditions if c.state is not True)


def stored(project: Project) -> Explained:
    """As it was when the county passed it; what is stored is what was decided."""
    if not project.decision:
        return Explained("", "", project.ceiling_fen, ())
    raw: dict[str, Any] = json.loads(project.decision)
    clauses: list[dict[str, Any]] = raw["clauses"]
    found = next(c for c in clauses if c["id"] == project.batch.clause)
    return Explained(
        clause=str(found["title"]),
        cite=str(found["cite"]),
        ceiling_fen=project.ceiling_fen,
        steps=(*map(str, found["steps"]), *project.ceiling_note.splitlines()),
        pack=str(raw["pack"]["version"]),
        as_of=str(raw["as_of"]),
    )

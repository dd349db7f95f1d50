"""Who is told of a step: whoever must move next, and the enterprise of everything others did."""

from __future__ import annotations

from django.urls import reverse

from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.inbox.actions.settle import settle
from shuzhuan.apps.inbox.actions.tell import tell
from shuzhuan.apps.inbox.models import MessageLevel
from shuzhuan.apps.projects.actions.move import Move
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine.process import Lane

OFFICES = {
    Lane.COUNTY: Role.COUNTY_OFFICER,
    Lane.CITY: Role.CITY_OFFICER,
    Lane.FINANCE: Role.FINANCE_OFFICER,
}
_WARNINGS = frozenset({"return_filing", "return_acceptance", "order_rectification", "disqualify",
                       "order_claw_back", "reject_filing", "fail_experts"})  # fmt: skip


def tell_of(move: Move, step: Step) -> None:
    """Messages of one step, in its transaction. Work inside a state tells nobody."""
    project = move.project
    if move.transition.target is None:
        return
    settle(project)
    url = reverse("projects:page", args=[project.pk])
    name = project.title or project.enterprise.name
    body = _body(project, step)
    key = f"projects.step:{project.pk}:{step.number}"
    _tell_next(project, key, name, body, url)
    if move.actor.party_id != project.enterprise.party_id and project.lane != Lane.ENTERPRISE:
        tell(
            key=f"{key}:firm", title=f"{name}：{move.transition.done}", body=body, url=url,
            about=project, party_id=project.enterprise.party_id, party_roles=ENTERPRISE,
            level=_level(move.transition.action),
        )  # fmt: skip


def _tell_next(project: Project, key: str, name: str, body: str, url: str) -> None:
    lane = Lane(project.lane)
    title = f"{name}：{project.at.label}，请办理"
    if lane == Lane.ENTERPRISE:
        tell(
            key=key, title=title, body=body, url=url, about=project,
            party_id=project.enterprise.party_id, party_roles=ENTERPRISE,
            level=MessageLevel.TODO,
        )  # fmt: skip
    elif lane == Lane.AGENCY:
        parties = {e.party_id for e in (project.grader, project.auditor) if e is not None}
        for party_id in sorted(parties):
            tell(
                key=f"{key}:{party_id}", title=title, body=body, url=url, about=project,
                party_id=party_id, party_roles=(Role.AGENCY_STAFF,), level=MessageLevel.TODO,
            )  # fmt: skip
    elif lane in OFFICES:
        tell(
            key=key, title=title, body=body, url=url, about=project,
            offices=(OFFICES[lane],), office_region_id=project.place_id,
            level=MessageLevel.TODO,
        )  # fmt: skip


def _body(project: Project, step: Step) -> str:
    parts = []
    if step.reason:
        parts.append(f"说明：{step.reason}")
    if project.due_on is not None:
        parts.append(
            f"办理期限：{project.due_on}" + ("（暂定）" if project.due_provisional else "")
        )
    return "\n".join(parts)


def _level(action: str) -> str:
    return MessageLevel.WARN if action in _WARNINGS else MessageLevel.INFO

"""Who is told of a step: whoever must move next, and the enterprise of everything others did."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.inbox.actions.settle import settle
from shuzhuan.apps.inbox.actions.tell import Audience, Event, tell_all
from shuzhuan.apps.inbox.models import MessageLevel
from shuzhuan.apps.projects.actions.move import Move
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.process import PUBLIC_PERIODS, Lane

OFFICES = {
    Lane.COUNTY: Role.COUNTY_OFFICER,
    Lane.CITY: Role.CITY_OFFICER,
    Lane.FINANCE: Role.FINANCE_OFFICER,
}
_WARNINGS = frozenset({"return_filing", "return_acceptance", "order_rectification", "disqualify",
                       "order_claw_back", "reject_filing", "fail_experts"})  # fmt: skip

_PROPOSALS = frozenset({"propose_disqualification", "propose_claw_back_withdrawal",
                        "propose_claw_back_correction"})  # fmt: skip


def tell_of(move: Move, step: Step) -> None:
    """Messages of one step, in its transaction. Work inside a state tells nobody, unless the
    move passes to somebody else by it, somebody else has to agree, or money came back."""
    project = move.project
    url = reverse("projects:page", args=[project.pk])
    name = project.title or project.enterprise.name
    key = f"projects.step:{project.pk}:{step.number}"
    if move.transition.target is None and move.stood["lane"] == project.lane:
        if beside := _beside(move, step, key, name, url):
            tell_all(beside, about=project)
        return
    settle(project)
    events = _next(project, key, name, _body(step, _deadline(project, "贵单位")), url)
    if move.actor.party_id != project.enterprise.party_id and project.lane != Lane.ENTERPRISE:
        events.append(
            Event(
                key=f"{key}:firm", title=f"{name}：{move.transition.done}", url=url,
                body=_body(step, _deadline(project, project.get_lane_display())),
                audience=_party(project.enterprise.party_id, ENTERPRISE),
                level=_level(move.transition.action),
            )
        )  # fmt: skip
    if events:
        tell_all(events, about=project)


def _beside(move: Move, step: Step, key: str, name: str, url: str) -> list[Event]:
    """The colleague without whom a proposal is nothing; the enterprise that owes the money."""
    project, title = move.project, f"{name}：{move.transition.done}"
    firm, rest = _party(project.enterprise.party_id, ENTERPRISE), project.outstanding_fen
    if move.transition.action in _PROPOSALS:
        office, body = _office(project, Lane.COUNTY), f"{step.correction}说明：{step.reason}"
        return [Event(key, title, url, office, body, MessageLevel.TODO)]
    if move.transition.action == "record_partial_return":
        body = f"收到{format_cn(move.detail['received_fen'])}，还应退回{format_cn(rest)}。"
        return [Event(key, title, url, firm, body, MessageLevel.INFO)]
    if move.transition.action == "correct_claw_back":
        body = f"{step.correction}还应退回{format_cn(rest)}。\n说明：{move.detail['why']}"
        finance = _office(project, Lane.FINANCE)
        return [
            Event(f"{key}:firm", title, url, firm, body, MessageLevel.WARN),
            Event(f"{key}:finance", title, url, finance, body, MessageLevel.INFO),
        ]
    return []


def _office(project: Project, lane: Lane) -> Audience:
    offices = frozenset({str(OFFICES[lane])})
    return Audience(offices, project.place_id, None, frozenset(), frozenset())


def _party(party_id: int, roles: Iterable[Role]) -> Audience:
    return Audience(frozenset(), None, party_id, frozenset(map(str, roles)), frozenset())


def _next(project: Project, key: str, name: str, body: str, url: str) -> list[Event]:
    """Whoever must move next is to do so."""
    lane, title = Lane(project.lane), f"{name}：{project.at.label}，请办理"

    def todo(audience: Audience, ending: str = "") -> Event:
        return Event(f"{key}{ending}", title, url, audience, body, MessageLevel.TODO)

    if lane == Lane.ENTERPRISE:
        return [todo(_party(project.enterprise.party_id, ENTERPRISE))]
    if lane == Lane.AGENCY:
        parties = {e.party_id for e in (project.grader, project.auditor) if e is not None}
        return [todo(_party(pk, (Role.AGENCY_STAFF,)), f":{pk}") for pk in sorted(parties)]
    if lane in OFFICES:
        return [todo(_office(project, lane))]
    return []


def _body(step: Step, deadline: str) -> str:
    said = f"说明：{step.reason}" if step.reason else ""
    return "\n".join(part for part in (said, deadline) if part)


def _deadline(project: Project, whose: str) -> str:
    """The last day, and whose it is: a task for whoever moves next, news for everybody else."""
    if project.due_on is None or project.lane == Lane.NOBODY:
        return ""
    day = f"{project.due_on}" + ("（暂定）" if project.due_provisional else "")
    if project.at in PUBLIC_PERIODS:
        return f"公示到{day}为止，期满由{whose}办理。"
    return f"{project.at.label}：由{whose}办理，期限 {day}。"


def _level(action: str) -> str:
    return MessageLevel.WARN if action in _WARNINGS else MessageLevel.INFO

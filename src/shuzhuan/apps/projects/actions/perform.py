"""The one way in which a project changes: `perform`.

Role, state, place, guards and the second person come from the table in ``engine.process``; what
an action does besides moving comes from the handlers. A refusal is an answer too: it is stored
under its key, audited once, and nothing else of the attempt remains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access import prepared
from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import locking
from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.pilots.models import Batch, Pilot
from shuzhuan.apps.projects.actions.move import GUARDS, HANDLERS, LAST, Move, Refused, doer_of
from shuzhuan.apps.projects.actions.telling import tell_of
from shuzhuan.apps.projects.models import ActionRequest, Project, Step
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.audit.tree import canonical
from shuzhuan.engine.process import BY_ACTION, Lane, State, Transition
from shuzhuan.engine.workdays import china

LANE_ROLES: Mapping[Lane, frozenset[Role]] = {
    Lane.ENTERPRISE: ENTERPRISE,
    Lane.COUNTY: frozenset({Role.COUNTY_OFFICER}),
    Lane.CITY: frozenset({Role.CITY_OFFICER}),
    Lane.AGENCY: frozenset({Role.AGENCY_STAFF}),
    Lane.FINANCE: frozenset({Role.FINANCE_OFFICER}),
    Lane.NOBODY: frozenset(),
}
# What binds the enterprise is signed by whoever may sign for it.
CERTIFIED = frozenset(
    {"file", "refile", "withdraw", "start_work", "apply_acceptance", "report_rectified"}
)
OTHER_BODY = "这个请求已经用另外的内容提交过。请刷新页面，核对以后重新填写。"
STALE = "这个项目刚刚有了变动，请刷新页面，看过现在的情况再办。"


@dataclass(frozen=True)
class Done:
    """It was done; ``step`` is its number in the history. ``again``: by an earlier request."""

    project_id: int
    action: str
    state: str
    step: int
    again: bool = False
    ok: bool = True


@dataclass(frozen=True)
class NotDone:
    """It was refused; ``problems``: field → message, the empty field for the whole."""

    project_id: int
    action: str
    problems: Mapping[str, str]
    again: bool = False
    ok: bool = False

    @property
    def text(self) -> str:
        return "；".join(message for message in self.problems.values() if message)


def perform(
    actor: Actor,
    project_id: int,
    action: str,
    payload: Mapping[str, Any] | None = None,
    *,
    key: UUID | str,
    version: int | None = None,
) -> Done | NotDone:
    """Do one action of the table on one project, or refuse it; both are on record.

    ``key``: the UUID that the form minted; the same key with the same content is answered the
    same. ``version``: the one that the person had before them; None does not ask. Raises Http404
    for a project that the actor may not see and for an action that does not exist.
    """
    body = {k: v for k, v in (payload or {}).items() if k not in ("key", "csrfmiddlewaretoken")}
    request_key = _key_of(key)
    transition = BY_ACTION.get(action)
    if transition is None or actor.user_id is None:
        raise Http404
    digest = _digest(actor, project_id, action, body)
    stood = ""
    try:
        with transaction.atomic():
            project, before, made = _locked(actor, project_id, request_key, transition.not_after)
            if before is not None:
                return _again(project, before, digest)
            stood = project.state  # an attempt changes the object before it is refused
            move = Move(
                actor, project, transition, body, request_key, stood=columns(project), made=made
            )
            return _attempt(move, version, digest)
    except Refused as error:
        refused = error
    except ValidationError as error:
        refused = Refused.of(error)
    except PermissionDenied:
        refused = Refused("您的身份不能办这件事。")
    # The attempt has been undone as a whole; its answer is written by itself. Should another
    # request under the key have been answered in between, that answer stands for both.
    with transaction.atomic():
        project, before, _ = _locked(actor, project_id, request_key)
        if before is not None:
            return _again(project, before, digest)
        answer = NotDone(project_id, action, refused.problems)
        detail = {"action": action, "state": stood, "why": refused.text[:500]}
        record("project_refused", actor, project, outcome=Outcome.REFUSED, detail=detail)
        _remember(actor, project, action, request_key, digest, answer)
    return answer


def _key_of(key: UUID | str) -> UUID:
    try:
        return key if isinstance(key, UUID) else UUID(str(key))
    except ValueError:
        raise Http404 from None


def _locked(
    actor: Actor, project_id: int, key: UUID, by: Sequence[str] = ()
) -> tuple[Project, ActionRequest | None, dict[str, int | None]]:
    """The project with batch, pilot, enterprise and its place, locked until the transaction ends
    (SQLite has one writer anyway); what the key was answered before; who last did the actions
    ``by``. All are read once the lock is held: what another request has changed is seen."""
    with prepared.together():
        seen = prepared.ask(*locking(actor, Project, project_id))
        found = prepared.ask(_project(), [str(key), project_id])
        last = [prepared.ask(LAST, [project_id, action]) for action in by]
    if seen.fetchone() is None:
        raise Http404
    parts = iter(found.fetchone())
    project = prepared.row_of(Project, parts)
    project.batch, project.pilot = prepared.row_of(Batch, parts), prepared.row_of(Pilot, parts)
    project.enterprise = prepared.row_of(Enterprise, parts)
    project.enterprise.place = prepared.row_of(Region, parts)
    made = {action: doer_of(cursor) for action, cursor in zip(by, last, strict=True)}
    answered = prepared.row_of(ActionRequest, parts)
    return project, answered if answered.pk is not None else None, made


@cache
def _project() -> str:
    parts = [(Project, "p"), (Batch, "b"), (Pilot, "t"), (Enterprise, "e"), (Region, "r"),
             (ActionRequest, "q")]  # fmt: skip
    return (
        f"SELECT {', '.join(prepared.columns(*each) for each in parts)} "  # noqa: S608 - own names
        "FROM projects_project p JOIN pilots_batch b ON b.id = p.batch_id "
        "JOIN pilots_pilot t ON t.id = p.pilot_id "
        "JOIN enterprises_enterprise e ON e.id = p.enterprise_id "
        "JOIN regions_region r ON r.id = e.place_id "
        "LEFT JOIN projects_actionrequest q ON q.place_id = p.place_id AND q.key = %s "
        "WHERE p.id = %s"
    )


def _digest(actor: Actor, project_id: int, action: str, body: Mapping[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in body.items()}
    told = {"action": action, "project": project_id, "user": actor.user_id, "body": plain}
    return hashlib.sha256(canonical(told)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _again(project: Project, row: ActionRequest, digest: str) -> Done | NotDone:
    """What this key was answered before; another content under it is refused (trust 4)."""
    if row.body_sha256 != digest:
        return NotDone(project.pk, row.action, {"": OTHER_BODY}, again=True)
    kind = Done if row.done else NotDone
    return kind(**{**row.answer, "again": True})


def _remember(
    actor: Actor, project: Project, action: str, key: UUID, digest: str, answer: Done | NotDone
) -> None:
    assert actor.user_id is not None
    stored: dict[str, Any] = {"project_id": answer.project_id, "action": answer.action}
    if isinstance(answer, Done):
        stored |= {"state": answer.state, "step": answer.step}
    else:
        stored["problems"] = dict(answer.problems)
    row = ActionRequest(
        place_id=project.place_id,
        project=project,
        enterprise_id=project.enterprise_id,
        key=str(key),
        action=action,
        body_sha256=digest,
        user_id=actor.user_id,
        done=answer.ok,
        answer=stored,
    )
    prepared.add([row])


def _attempt(move: Move, version: int | None, digest: str) -> Done:
    """Do it, or raise Refused, ValidationError or PermissionDenied."""
    actor, project, transition = move.actor, move.project, move.transition
    permit(actor, project, transition)
    if version is not None and version != project.version:
        raise Refused(STALE)
    _second_person(move)
    reason = move.reason
    for name in transition.guards:
        GUARDS[name](move)
    handler = HANDLERS.get(transition.action)
    if handler is not None:
        handler(move)
    step = _advance(move, reason)
    for each in move.after:
        each()
    answer = Done(project.pk, transition.action, project.state, step.number)
    with prepared.together():
        tell_of(move, step)
        _remember(actor, project, transition.action, move.key, digest, answer)
    return answer


def permit(actor: Actor, project: Project, transition: Transition) -> None:
    """Refuse a wrong role, a wrong office and a wrong state. Raises Refused."""
    if actor.role not in LANE_ROLES[transition.by]:
        raise Refused(f"“{transition.label}”由{transition.by.label}办理，您的身份不能办。")
    if transition.by in (Lane.COUNTY, Lane.FINANCE) and actor.region_id != project.place_id:
        raise Refused(f"“{transition.label}”由项目所在地办理。")
    if transition.by == Lane.CITY and project.place_id not in actor.place_ids:
        raise Refused(f"“{transition.label}”由上级主管部门办理。")
    if transition.by == Lane.ENTERPRISE and actor.party_id != project.enterprise.party_id:
        raise Refused("只有企业自己能办。")
    if transition.action in CERTIFIED and actor.role != Role.ENTERPRISE_CERTIFIER:
        raise Refused(f"“{transition.label}”要由企业审定人确认。")
    if project.at not in transition.sources:
        raise Refused(f"项目现在是“{project.at.label}”，不能办“{transition.label}”。")


def _second_person(move: Move) -> None:
    """Nobody approves what they made (trust 6)."""
    for action in move.transition.not_after:
        if move.by(action) == move.user_id:
            made = BY_ACTION[action].label
            raise Refused(f"“{made}”是您办的，“{move.transition.label}”要由另一个人办。")


def _advance(move: Move, reason: str) -> Step:
    """Write the project and its step; the state changes only from what it was read as."""
    project, transition, today = move.project, move.transition, move.today
    before = project.at
    entered, waited = project.entered_on, china().between(project.entered_on, today)
    due_before = project.due_on
    if transition.target is not None:
        target = _origin(project) if transition.back else move.parameters.next(transition.target)
        project.state = str(target)
        project.entered_on = today
        due = move.parameters.due(target, today, china(), project.pilot.starts_on)
        project.due_on = due.day if due is not None else None
        project.due_provisional = due.provisional if due is not None else False
        project.due_cite = due.cite if due is not None else ""
    project.lane = str(_lane(project))
    seen = project.version
    project.version, project.updated_at = seen + 1, timezone.now()
    step = Step(
        place_id=project.place_id,
        project=project,
        enterprise_id=project.enterprise_id,
        number=seen,
        action=transition.action,
        before=str(before),
        after=project.state,
        user_id=move.user_id,
        role=str(move.actor.role),
        party_id=move.actor.party_id,
        reason=reason,
        detail=move.detail,
        at=timezone.now(),
        due_on=due_before,
        waited_days=waited if entered <= today else 0,
    )
    detail = {"before": str(before), "after": project.state, "step": step.number, **move.detail}
    if reason:
        detail["reason"] = reason
    # One statement claims the version and writes what the action changed.
    changed, values = prepared.change(project, _changed(move.stood, project))
    claim = f"UPDATE projects_project SET {changed} WHERE id = %s AND version = %s AND state = %s"  # noqa: S608 - own names
    try:
        with prepared.together():
            claimed = prepared.ask(claim, [*values, project.pk, seen, str(before)])
            for row in (*move.rows, step):
                prepared.add([row])
            record(transition.action, move.actor, project, detail=detail)
    except IntegrityError as error:
        if (said := _constraint(error)) is None:
            raise
        raise Refused(said) from error
    if claimed.rowcount != 1:
        raise Refused(STALE)
    return step


def _origin(project: Project) -> State:
    """Where the project stood before it came to where it is."""
    came = Step.objects.filter(project=project, after=project.state).exclude(before=project.state)
    return State(came.latest("number").before)


def _lane(project: Project) -> Lane:
    """Whose move it is: once both bodies have handed in, the county's, though the state stays."""
    if project.at == State.GRADING and project.graded and project.audited:
        return Lane.COUNTY
    return project.at.lane


def columns(project: Project) -> dict[str, Any]:
    """Every column of the project as it stands in memory; what is mutable is copied."""
    found = {
        field.attname: getattr(project, field.attname) for field in project._meta.concrete_fields
    }
    return {**found, "confirmed": dict(project.confirmed)}


def _changed(before: Mapping[str, Any], project: Project) -> list[str]:
    """The columns in which the project differs from what was read."""
    return [name for name, value in columns(project).items() if value != before[name]]


def _constraint(error: IntegrityError) -> str | None:
    """What the database refused of a project or its step, in the words of the constraint; None
    for a row of another kind, which nobody's input can have broken."""
    text = str(error)
    for constraint in (*Project._meta.constraints, *Step._meta.constraints):
        if constraint.name in text and constraint.violation_error_code != "":
            return str(constraint.violation_error_message)
    ours = any(model._meta.db_table in text for model in (Project, Step))
    return "与已有的数据冲突，没有保存。请刷新页面后核对。" if ours else None

"""One action on many projects: all of them, or none and who stood in the way.

Each project is moved by `perform` under a key derived from the form's, so that sending the form
twice is doing it once. Projects that start a publicity together share one, per batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.projects.actions import publishing
from shuzhuan.apps.projects.actions.move import Move, Refused
from shuzhuan.apps.projects.actions.perform import NotDone, perform, permit
from shuzhuan.apps.projects.models import ActionRequest, Project
from shuzhuan.apps.projects.queries import eligibility
from shuzhuan.engine.process import BY_ACTION

TARGETS_MAX = 200
# What can be done together, and the kind of publicity that it starts.
TOGETHER: Mapping[str, str] = {
    "start_selection_publicity": "selection",
    "close_selection_publicity": "",
    "list_project": "",
    "start_payment_publicity": "payment",
    "close_payment_publicity": "",
}


@dataclass(frozen=True)
class AllDone:
    """How many were moved."""

    count: int
    ok: bool = True


@dataclass(frozen=True)
class NoneDone:
    """Nothing was done; ``failures``: name of the project and why."""

    failures: tuple[tuple[str, str], ...]
    ok: bool = False


class _Undone(Exception):
    """Leaves the transaction, so that nothing of it remains."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        super().__init__()
        self.failures = failures


def bulk(actor: Actor, action: str, ids: Iterable[int], *, key: UUID) -> AllDone | NoneDone:
    """Do one action of TOGETHER on all the projects. Raises Http404 for any other action."""
    if action not in TOGETHER or actor.user_id is None:
        raise Http404
    wanted = sorted(set(ids))
    if not wanted:
        return NoneDone((("", "没有选择项目。"),))
    if len(wanted) > TARGETS_MAX:
        return NoneDone((("", f"一次最多办理 {TARGETS_MAX} 个项目，请缩小范围。"),))
    try:
        with transaction.atomic():
            return _all(actor, action, wanted, key)
    except _Undone as undone:
        failures = undone.failures
    with transaction.atomic():
        detail = {"action": action, "projects": wanted, "why": [list(f) for f in failures[:20]]}
        record(
            "projects_bulk_refused", actor, None, place_id=actor.region_id,
            outcome=Outcome.REFUSED, detail=detail,
        )  # fmt: skip
    return NoneDone(tuple(failures))


def _all(actor: Actor, action: str, wanted: list[int], key: UUID) -> AllDone:
    projects = _locked(actor, wanted)
    keys = {pk: uuid5(NAMESPACE_URL, f"{key}:{action}:{pk}") for pk in wanted}
    asked = ActionRequest.objects.filter(
        key__in=[str(each) for each in keys.values()], project__in=wanted, done=True
    )
    if asked.count() == len(wanted):
        return AllDone(len(wanted))
    items = _publicities(actor, action, projects, keys) if TOGETHER[action] else {}
    failures: list[tuple[str, str]] = []
    for project in projects:
        payload = {"item": items[project.pk]} if project.pk in items else {}
        answer = perform(actor, project.pk, action, payload, key=keys[project.pk])
        if isinstance(answer, NotDone):
            failures.append((_name(project), answer.text))
    if failures:
        raise _Undone(failures)
    return AllDone(len(projects))


def _locked(actor: Actor, wanted: list[int]) -> list[Project]:
    """All of them, in one order for everybody who locks several."""
    if visible(actor, Project).filter(pk__in=wanted).count() != len(wanted):
        raise Http404
    rows = (
        Project.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    return list(rows.select_related("batch", "enterprise", "enterprise__party", "place", "pilot"))


def _publicities(
    actor: Actor, action: str, projects: list[Project], keys: Mapping[int, UUID]
) -> dict[int, int]:
    """One publicity per batch; the key of each project's row in it. Raises _Undone."""
    kind, transition = TOGETHER[action], BY_ACTION[action]
    failures: list[tuple[str, str]] = []
    for project in projects:
        try:
            permit(actor, project, transition)
        except Refused as refused:
            failures.append((_name(project), refused.text))
    if failures:
        raise _Undone(failures)
    found: dict[int, int] = {}
    for batch_id in sorted({project.batch_id for project in projects}):
        group = [project for project in projects if project.batch_id == batch_id]
        parameters = group[0].batch.parameters
        fields = parameters.publicity[kind].fields
        specs = [publishing.spec_of(p, fields, amount_of(p, kind)) for p in group]
        move = Move(actor, group[0], transition, {}, keys[group[0].pk])
        try:
            publicity = publishing.publish(move, kind, parameters, specs)
        except ValidationError as error:
            raise _Undone([(group[0].batch.title, "；".join(error.messages))]) from error
        found |= dict(publicity.items.values_list("subject_id", "pk"))
    return found


def amount_of(project: Project, kind: str) -> int:
    """What a publicity of that kind shows for a project, in fen."""
    if kind == "payment":
        return project.proposed_fen
    return eligibility.estimated(project).fen


def _name(project: Project) -> str:
    return f"{project.enterprise.name}（{project.number or project.title}）"

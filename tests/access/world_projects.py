"""Pilots with batches, and a project per enterprise with everything that belongs to it.

What is opened is for everybody and carries no canary; a batch that is being prepared does. One
project is still a draft, one is judged by a body that was asked to.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership, Party
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import Engagement
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.pilots.models import Batch, BatchState, Pilot
from shuzhuan.apps.projects.models import (
    ActionRequest,
    Contract,
    Line,
    Opinion,
    Paper,
    Project,
    ReturnedSection,
    Step,
)
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import State, parameters_of
from tests.access import world_more, world_visits  # noqa: F401 - documents and bodies come first
from tests.access.world import Thing, World, builder
from tests.cast import canary

# enterprise, where its office is, where its project stands
STAND = (
    ("pengyang_mill", "pengyang", State.FORM_CHECK),
    ("park_foundry", "pengyang", State.LISTED),
    ("xiji_starch", "xiji", State.COUNTY_REVIEW),
    ("huian_stone", "huian", State.EXPERT_REVIEW),
    ("hongsibu_wine", "hongsibu", State.DRAFT),
)


@builder
def projects(world: World) -> None:
    """One open batch and one being prepared per county; a project in the open one."""
    opened: dict[str, Batch] = {}
    for key, where, state in STAND:
        officer = world.cast.person(Role.COUNTY_OFFICER, where)
        if where not in opened:
            opened[where] = _batches(world, where, officer)
        _project(world, world.cast.parties[key], opened[where], officer, state)


def _batches(world: World, where: str, officer: Membership) -> Batch:
    """Returns the open one."""
    place, today = world.cast.places[where], timezone.localdate()
    frozen = parameters_of(Library.load().get("pengyang")).to_json()
    found = []
    for number, state in enumerate((BatchState.OPEN, BatchState.PREPARED), start=1):
        public = state == BatchState.OPEN
        word = "" if public else canary(place)
        days = timedelta(days=number)
        pilot = Pilot.objects.create(
            place=place, pack="pengyang", name=f"试点{word}", starts_on=today - days,
            ends_on=today + timedelta(days=300), created_by=officer.user,
        )  # fmt: skip
        batch = Batch.objects.create(
            place=place, pilot=pilot, number=1, title=f"第一批{word}", clause="7-1", state=state,
            opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=30),
            contact=f"0954-0000000{word}", process=frozen if public else "",
            opened_at=timezone.now() if public else None, created_by=officer.user,
        )  # fmt: skip
        for row in (pilot, batch):
            part = "open" if public else ""
            world.add(Thing(row, place, audience="public_once_open", part=part))
        found.append(batch)
    return found[0]


def _project(world: World, owner: Party, batch: Batch, officer: Membership, state: State) -> None:
    word, today = canary(owner), timezone.localdate()
    firm = Enterprise.objects.get(party=owner)
    filler = world.person_of(owner, Role.ENTERPRISE_FILLER)
    place, part = batch.place, "draft" if state == State.DRAFT else ""
    project = Project.objects.create(
        place=place, pilot=batch.pilot, batch=batch, enterprise=firm, title=word, content=word,
        goal=word, vendor_name=word, number="" if part else f"{word}-001", state=state,
        lane=state.lane, entered_on=today, due_on=today, created_by=filler.user, planned_fen=100,
        filed_at=None if part else timezone.now(),
    )  # fmt: skip
    body = _judged(project, owner)

    def put(row: Model, audience: str = "project", user: int | None = None, by: str = "") -> None:
        row.save()
        world.add(Thing(row, place, owner, audience, part or by, user, vendor=body))

    put(project)
    own = {"place": place, "project": project, "enterprise": firm}
    document = Document.objects.get(owner=owner)
    assert document.current is not None
    put(Step(**own, number=1, action="file", before=state, after=state, user=filler.user,
             role=filler.role, reason=word))  # fmt: skip
    put(Paper(**own, paper="plan", document=document, version=document.current, user=filler.user))
    put(ReturnedSection(**own, round=1, section="content", reason=word, user=officer.user))
    contract = Contract(
        **own, number=word, vendor_name=word, signed_on=today, amount_fen=100, document=document,
        user=filler.user,
    )  # fmt: skip
    put(contract)
    put(Line(**own, kind="software", name=word, supplier=word, contract=contract, amount_fen=100,
             invoice_number=word, invoice_on=today, paid_on=today, invoice=document,
             user=filler.user))  # fmt: skip
    put(Opinion(**own, kind="form_check", verdict="pass", text=word, user=officer.user),
        "project_opinion")  # fmt: skip
    if body is not None:
        judge = next(m for m in world.cast.people.values() if m.party_id == body.pk)
        put(Opinion(**own, kind="audit", verdict="pass", text=word, user=judge.user, party=body),
            "project_opinion", by="by_body")  # fmt: skip
    put(ActionRequest(**own, key=str(uuid4()), action="edit_filing", body_sha256="0" * 64,
                      user=filler.user, done=True, answer={"note": word}),
        "project_request", filler.user_id)  # fmt: skip


def _judged(project: Project, owner: Party) -> Party | None:
    """The body that was asked to judge this project, where one visits the enterprise for that."""
    task = Engagement.objects.filter(enterprise__party=owner, kind="acceptance").first()
    if task is None:
        return None
    task.project_id = project.pk
    task.save()
    project.grader = project.auditor = task
    project.save()
    return task.party

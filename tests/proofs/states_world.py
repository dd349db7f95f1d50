"""The world of `prove-states`: people, fresh projects, payloads that fit, and what must hold."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.http import Http404

from shuzhuan.apps.access import wall
from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.access.again import AGAIN_MAX, thrown_out
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.administration.actions.found import FOUNDER
from shuzhuan.apps.administration.actions.invite import admit
from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.projects.actions import publishing
from shuzhuan.apps.projects.actions.move import GUARDS, Refused
from shuzhuan.apps.projects.actions.perform import Done, NotDone, perform
from shuzhuan.apps.projects.models import Opinion, Project, Step
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.process import BY_ACTION, TABLE, Lane, State
from shuzhuan.site.rehearsal import stage
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.drive import Drive, Firm
from shuzhuan.site.rehearsal.year import CASES
from tests.ledger.databases import Copies, current, use
from tests.proofs.states_bodies import payload

# The package gives its function under the name of the module.
performing: Any = import_module("shuzhuan.apps.projects.actions.perform")
START = date(2026, 3, 2)
BUDGET_FEN = 300_000_000_000


def be_careless(what: str) -> None:
    """Take one check out of the platform, for the control."""
    if what == "second":
        _replace(performing, "_second_person", lambda _: None)
    elif what in ("state", "role"):
        real, told = performing.permit, {"role": "身份不能办", "state": "项目现在是"}[what]

        def permit(actor: Actor, project: Project, transition: Any) -> None:
            try:
                real(actor, project, transition)
            except Refused as refused:
                if told not in refused.text:
                    raise

        _replace(performing, "permit", permit)
    elif what in ("objection", "publicity"):
        # The publicity itself would refuse to end, its item to pass: more locks on the same door.
        _replace(publishing, "close_when_all_moved", lambda _: None)
        _replace(publishing, "let_pass", lambda _: None)
        GUARDS["no_open_objection" if what == "objection" else "publicity_over"] = lambda _: None
    elif what == "audit":
        _replace(performing, "record", lambda *_, **__: None)


def _replace(module: Any, name: str, value: Any) -> None:
    assert hasattr(module, name), name  # a renamed check must not make a control harmless
    setattr(module, name, value)


@dataclass
class Found:
    """What a part of the proof saw."""

    problems: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass
class Start:
    """A copy of the database in which the project stands in some state, and the day of it."""

    copy: str
    moment: datetime
    documents: dict[str, Any]


class World:
    """One county with people, firms, a budget and one project, as often as it is asked for.

    The project is carried along the line once. In every state the database is copied; a walk gets
    a copy of that copy, so that it starts from what nobody has touched.
    """

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.clock = Clock(START)
        self.copies = Copies()
        self.starts: dict[State, Start] = {}
        self.deadlocks = 0
        self._lock = threading.Lock()

    @contextmanager
    def standing(self) -> Iterator[None]:
        with standing(self.clock):
            yield

    def key(self) -> UUID:
        return UUID(int=self.source.getrandbits(128), version=4)

    def build(self) -> None:
        """Everybody, a firm with a complete archive and a diagnosis, money; then every state."""
        ensure_shipped()
        self.stage = stage.build()
        self.drive = Drive(self.stage.players, self.key)
        self.drive.open_pilot(START, START + timedelta(days=364), days=60)
        self.drive.budget(BUDGET_FEN)
        self.firm: Firm = self.stage.firms[0]
        self.case = CASES[0]
        self.drive.archive(self.firm, stage.FIRMS[0][1])
        self.drive.diagnose(self.firm, self.case.level_before)
        self.people = dict(self.stage.actors)
        self.people["stranger"] = self._stranger()
        self.project = self.drive.fill(self.firm, self.case)
        self._carry()

    def _stranger(self) -> Actor:
        """An officer of the county next door, for whom nothing of this exists."""
        city = Region.objects.get(code="640400")
        other = Region.objects.create(code="640422", name="西吉县", level="county", parent=city)
        with transaction.atomic():
            member, _ = admit(
                FOUNDER, login_name="demo-stranger", full_name="邻县经办", region=other,
                role=Role.COUNTY_OFFICER,
            )  # fmt: skip
        return actor_of(member)

    def _carry(self) -> None:
        """Along the line from the draft on, and one step beside it where there is one."""
        beside = {
            State.FORM_CHECK: ("return_filing", State.RETURNED),
            State.COUNTY_REVIEW: ("order_rectification", State.RECTIFICATION),
            State.CLOSED: ("order_claw_back", State.CLAW_BACK),
        }
        d, p, firm, project = self.drive, self.stage.players, self.firm, self.project
        today = self.clock.workdays
        steps: tuple[tuple[State, tuple[Callable[[], object], ...]], ...] = (
            (State.DRAFT, (lambda: d.do(firm.certifier, project, "file"),)),
            (State.FORM_CHECK, (lambda: d.check_form(project),)),
            (State.EXPERT_REVIEW, (lambda: d.review(project),)),
            (State.SELECTED, (lambda: d.publicise_selection(project),)),
            (State.SELECTION_PUBLICITY, (
                lambda: today(6), lambda: self._by(p.county, "close_selection_publicity"))),
            (State.CLEARED, (lambda: self._by(p.county, "list_project"),)),
            (State.LISTED, (lambda: d.contract(firm, project, 70_000_000),)),
            (State.IMPLEMENTING, (
                lambda: d.spend(firm, project, self.case), lambda: d.apply(firm, project))),
            (State.ACCEPTANCE_REQUESTED, (lambda: d.assign(project),)),
            (State.GRADING, (lambda: d.accept(firm, project, self.case.level_target),)),
            (State.COUNTY_REVIEW, (lambda: self._by(p.county, "pass_county_review"),)),
            (State.CITY_REVIEW, (lambda: self._by(p.city, "pass_city_review"),)),
            (State.APPROVED, (lambda: d.publicise_payment(project),)),
            (State.PAYMENT_PUBLICITY, (
                lambda: today(6), lambda: self._by(p.county, "close_payment_publicity"))),
            (State.DETERMINATION, (lambda: self._by(p.county, "determine"),)),
            (State.CONFIRMATION, (lambda: self._by(p.second, "confirm_determination"),)),
            (State.PAYMENT, (lambda: d.pay(project),)),
            (State.PAID, (lambda: d.close(project),)),
            (State.CLOSED, ()),
        )  # fmt: skip
        for state, go in steps:
            self._keep(state)
            if state in beside:
                self.fresh(state)
                action, there = beside[state]
                self._by(p.county, action)
                self._keep(there)
                self.fresh(state)
            for each in go:
                each()

    def _by(self, actor: Actor, action: str) -> None:
        body = payload(self, action, self.now(self.project), self.firm, self.case)
        self.drive.do(actor, self.project, action, **body)

    def _keep(self, state: State) -> None:
        """Copy the database as it is now."""
        assert self.now(self.project).at == state, (state, self.now(self.project).state)
        copy = self.copies.make(f"at_{state}", current())
        self.starts[state] = Start(copy, self.clock.moment, dict(self.firm.documents))

    def fresh(self, state: State) -> tuple[Firm, Project, Any]:
        """The project in a state, in a database of its own; the one before is thrown away."""
        start = self.starts[state]
        self.clock.moment = start.moment
        before = current()
        use(self.copies.make(f"walk_{self.key().hex[:8]}", start.copy))
        if "walk_" in before:
            self.copies.drop(before)
        self.firm.documents = dict(start.documents)
        self.firm.enterprise.refresh_from_db()
        return self.firm, self.project, self.case

    # -- asking -------------------------------------------------------------------------------

    @staticmethod
    def now(project: Project) -> Project:
        """The project as it is stored."""
        rows = Project.objects.select_related("batch", "enterprise", "pilot")
        return rows.get(pk=project.pk)

    @staticmethod
    def ask(
        actor: Actor, project: Project, action: str, body: dict[str, Any], key: UUID
    ) -> Done | NotDone:
        """As a request would: behind the wall of the actor. Raises Http404."""
        walled = connection.vendor == "postgresql"
        if walled:
            wall.narrow(actor)
        try:
            return perform(actor, project.pk, action, body, key=key)
        finally:
            if walled:
                wall.open_connection(connection)

    def apart(self, work: Callable[[], Any]) -> Any:
        """In a thread with a connection of its own, as a request: again after a deadlock."""
        try:
            for left in reversed(range(AGAIN_MAX + 1)):
                try:
                    return work()
                except OperationalError as error:
                    if not left or not thrown_out(error):
                        raise
                    with self._lock:
                        self.deadlocks += 1
        except ValidationError:
            return None
        finally:
            connection.close()

    # -- what must hold ---------------------------------------------------------------------

    def invariants(self, project: Project) -> list[str]:
        """Rules that hold after every step, whatever was tried."""
        p = Project.objects.get(pk=project.pk)
        wrong = []
        handed_in = p.at == State.GRADING and p.graded and p.audited
        if p.lane != (Lane.COUNTY if handed_in else p.at.lane):
            wrong.append(f"{p.pk}: lane {p.lane} in {p.state}")
        steps = list(Step.objects.filter(project=p).order_by("number"))
        if [s.number for s in steps] != list(range(1, len(steps) + 1)):
            wrong.append(f"{p.pk}: the history has gaps")
        if p.version != len(steps) + 1:
            wrong.append(f"{p.pk}: version {p.version} after {len(steps)} steps")
        if steps and steps[-1].after != p.state:
            wrong.append(f"{p.pk}: stands at {p.state}, last step led to {steps[-1].after}")
        for step in steps:
            row = BY_ACTION[step.action]
            if State(step.before) not in row.sources:
                wrong.append(f"{p.pk}: {step.action} from {step.before}")
            if Role(step.role) not in LANE_ROLES_AGAIN[row.by]:
                wrong.append(f"{p.pk}: {step.action} by {step.role}")
        wrong += _second_people(steps) + self._money(p)
        return wrong

    @staticmethod
    def _money(p: Project) -> list[str]:
        moves = Transfer.objects.filter(subject_id=p.pk)
        sums = {"reserve": 0, "pay": 0, "release": 0, "claw_back": 0}
        open_fen = 0
        for move in moves:
            sums[move.purpose] += move.amount_fen
        resolved = {m.pending_id for m in moves if m.pending_id}
        open_fen = sum(m.amount_fen for m in moves if m.kind == "pending" and m.pk not in resolved)
        wrong = []
        if open_fen != p.reserved_fen:
            wrong.append(f"{p.pk}: {p.reserved_fen} reserved, the ledger has {open_fen}")
        if sums["pay"] != p.paid_fen or sums["claw_back"] != p.returned_fen:
            wrong.append(f"{p.pk}: paid {p.paid_fen}, the ledger has {sums}")
        if p.paid_fen > p.determined_fen or 2 * p.paid_fen > p.audited_fen:
            wrong.append(f"{p.pk}: paid {p.paid_fen} of {p.audited_fen}")
        if not p.returned_fen <= p.clawback_fen <= p.paid_fen:
            wrong.append(f"{p.pk}: {p.clawback_fen} ordered back, {p.returned_fen} of {p.paid_fen}")
        if p.paid_fen and p.payment_cleared_on is None:
            wrong.append(f"{p.pk}: paid without a publicity")
        return wrong

    def last_look(self) -> list[str]:
        """The whole ledger, and the chain of the log against its rows."""
        return [str(finding) for finding in verify()]


# Written again from the field's words, not read from the platform.
LANE_ROLES_AGAIN = {
    Lane.ENTERPRISE: {Role.ENTERPRISE_FILLER, Role.ENTERPRISE_CERTIFIER, Role.ENTERPRISE_FINANCE},
    Lane.COUNTY: {Role.COUNTY_OFFICER},
    Lane.CITY: {Role.CITY_OFFICER},
    Lane.AGENCY: {Role.AGENCY_STAFF},
    Lane.FINANCE: {Role.FINANCE_OFFICER},
}
PAIRS = (
    ("pass_county_review", "pass_city_review"), ("determine", "confirm_determination"),
    ("determine", "return_determination"), ("determine", "pay"), ("confirm_determination", "pay"),
    ("propose_disqualification", "disqualify"), ("pass_city_review", "start_payment_publicity"),
    ("order_claw_back", "confirm_returned"), ("order_claw_back", "record_partial_return"),
    ("propose_claw_back_withdrawal", "withdraw_claw_back"),
    ("propose_claw_back_correction", "correct_claw_back"),
    *((set_, booked) for set_ in ("propose_claw_back_correction", "correct_claw_back")
      for booked in ("confirm_returned", "record_partial_return")),
)  # fmt: skip


def _second_people(steps: list[Step]) -> list[str]:
    wrong, last = [], {}
    for step in steps:
        last[step.action] = step.user_id
        for made, approved in PAIRS:
            if step.action == approved and last.get(made) == step.user_id:
                wrong.append(f"{step.project_id}: {made} and {approved} by one person")
    return wrong


@dataclass(frozen=True)
class Snapshot:
    """Everything that a refusal must leave alone."""

    row: tuple[Any, ...]
    steps: int
    transfers: int
    opinions: int
    messages: int

    @classmethod
    def of(cls, project: Project) -> Snapshot:
        row = Project.objects.filter(pk=project.pk).values_list().get()
        return cls(
            row, Step.objects.filter(project=project).count(), Transfer.objects.count(),
            Opinion.objects.filter(project=project).count(), Message.objects.count(),
        )  # fmt: skip


def entries(project: Project, outcome: str) -> int:
    """Rows of the log about a project."""
    rows = Entry.objects.filter(kind="projects.project", object_id=str(project.pk))
    return rows.filter(outcome=outcome).count()


def refused_cleanly(
    world: World, actor: Actor, project: Project, action: str, body: dict[str, Any]
) -> str:
    """Ask for what must not be done; '' when refused, audited once and nothing changed."""
    before, logged = Snapshot.of(project), entries(project, "refused")
    where = f"{action} by {actor.role} in {project.state}"
    try:
        answer: Done | NotDone | None = world.ask(actor, project, action, body, world.key())
    except Http404:
        answer = None
    except Exception as error:
        return f"{where} was not refused but broke: {error!r}"
    if answer is not None and answer.ok:
        return f"{where} was done"
    if Snapshot.of(project) != before:
        return f"{where} was refused and changed something"
    expected = logged + (answer is not None)
    if entries(project, "refused") != expected:
        return f"{where} was logged {entries(project, 'refused') - logged} times"
    return ""


def wrong_ones(world: World, cells: int | None) -> Found:
    """Every transition by wrong people and in wrong states; ``cells``: so many of them."""
    found = Found()
    firm, project, case = world.fresh(State.CITY_REVIEW)
    people = {**world.people, "firm": firm.certifier}
    asked = []
    for row in TABLE:
        for key, actor in people.items():
            own = row.by != Lane.ENTERPRISE or actor.party_id == firm.certifier.party_id
            right = actor.role in LANE_ROLES_AGAIN[row.by] and own and key != "stranger"
            asked += [
                (row.action, key, state) for state in State if not right or state not in row.sources
            ]
    if cells is not None:
        asked = world.source.sample(asked, min(cells, len(asked)))
    bodies = {row.action: payload(world, row.action, project, firm, case) for row in TABLE}
    for action, key, state in asked:
        with transaction.atomic():
            Project.objects.filter(pk=project.pk).update(state=state, lane=state.lane)
            project.refresh_from_db()
            problem = refused_cleanly(world, people[key], project, action, bodies[action])
            if problem:
                found.problems.append(problem)
            transaction.set_rollback(True)
    found.figures = {"wrong_asked": len(asked)}
    return found

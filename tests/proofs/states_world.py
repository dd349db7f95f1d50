"""The world of `prove-states`: people, fresh projects, payloads that fit, and what must hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from unittest import mock
from uuid import UUID

from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.administration.actions.found import FOUNDER
from shuzhuan.apps.administration.actions.invite import admit
from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.pilots.actions.pilot import create_batch, create_pilot, open_batch
from shuzhuan.apps.projects.actions import guards
from shuzhuan.apps.projects.actions import perform as performing
from shuzhuan.apps.projects.actions.move import GUARDS, Refused
from shuzhuan.apps.projects.actions.perform import Done, NotDone, perform
from shuzhuan.apps.projects.models import Opinion, Project, Step
from shuzhuan.apps.projects.queries.eligibility import checks
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.process import BY_ACTION, TABLE, Lane, State
from shuzhuan.site.rehearsal import stage
from shuzhuan.site.rehearsal.clock import Clock, standing
from shuzhuan.site.rehearsal.drive import EXPERTS, Drive, Firm
from shuzhuan.site.rehearsal.year import CASES

FIRMS = 3
START = date(2026, 3, 2)
BUDGET_FEN = 300_000_000_000


def be_careless(what: str) -> None:
    """Take one check out of the platform, for the control."""
    if what == "second":
        performing._second_person = lambda _: None  # type: ignore[assignment]
    elif what in ("state", "role"):
        real = performing.permit

        def permit(actor: Actor, project: Project, transition: Any) -> None:
            try:
                real(actor, project, transition)
            except Refused as refused:
                if ("身份不能办" in refused.text) != (what == "role"):
                    if not (what == "state" and "项目现在是" in refused.text):
                        raise
                elif what == "state" and "项目现在是" not in refused.text:
                    raise

        performing.permit = permit  # type: ignore[assignment]
    elif what == "objection":
        GUARDS["no_open_objection"] = lambda _: None
    elif what == "publicity":
        GUARDS["publicity_over"] = lambda _: None
    elif what == "audit":
        performing.record = lambda *_, **__: None  # type: ignore[assignment]


@dataclass
class Found:
    """What a part of the proof saw."""

    problems: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


class World:
    """One county with people, firms and a budget; every walk gets a pilot of its own."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.clock = Clock(START)
        self.serial = 0
        self.started: set[date] = {START}

    @contextmanager
    def standing(self) -> Iterator[None]:
        with standing(self.clock):
            yield

    def key(self) -> UUID:
        return UUID(int=self.source.getrandbits(128), version=4)

    def build(self) -> None:
        """Everybody, three firms with complete archives and diagnoses, money."""
        ensure_shipped()
        self.stage = stage.build()
        self.drive = Drive(self.stage.players, self.key)
        self.drive.open_pilot(START, START + timedelta(days=364))
        self.drive.budget(BUDGET_FEN)
        self.firms: list[Firm] = self.stage.firms[:FIRMS]
        for number, firm in enumerate(self.firms):
            self.drive.archive(firm, stage.FIRMS[number][1])
            self.drive.diagnose(firm, CASES[number].level_before)
        self.people = dict(self.stage.actors)
        self.people["stranger"] = self._stranger()

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

    def fresh(self) -> tuple[Firm, Project, Any]:
        """A draft of some firm in a pilot that nobody has used; filled but not filed."""
        self.serial += 1
        p, today = self.stage.players, timezone.localdate()
        # A place begins one pilot a day: the latest day that none has taken.
        starts = today
        while starts in self.started:
            starts -= timedelta(days=1)
        self.started.add(starts)
        pilot = create_pilot(
            p.county, p.place, "pengyang", f"试点{self.serial}", starts,
            today + timedelta(days=400), synthetic=True,
        )  # fmt: skip
        batch = create_batch(
            p.county, pilot, title=f"批次{self.serial}", clause="7-1", opens_on=today,
            closes_on=today + timedelta(days=60), contact="演示",
        )  # fmt: skip
        self.drive.pilot, self.drive.batch = pilot, open_batch(p.county, batch.pk)
        number = self.serial % FIRMS
        return self.firms[number], self.drive.fill(self.firms[number], CASES[number]), CASES[number]

    def payload(self, action: str, project: Project, firm: Firm, case: Any) -> dict[str, Any]:
        """A body that fits an action, as far as the project has come."""
        today, agency = timezone.localdate(), self.stage.players.agency_party.pk
        pair = {"grader": agency, "auditor": agency, "reason": "更换"}
        amount = max(project.ceiling_fen - self.source.choice((0, 1, 100_000)), 1)
        bodies: dict[str, dict[str, Any]] = {
            "record_experts": {**EXPERTS, "reason": "评审意见"},
            "fail_experts": {**EXPERTS, "reason": "评审意见"},
            "assign_agencies": pair,
            "replace_agencies": pair,
            "pass_county_review": {"tasks_completed": "on", "amount": amount, "opinion": "同意"},
            "determine": {"amount": max(project.proposed_fen, 1), "reason": "核定"},
            "pay": {"paid_on": today, "voucher": "GK-1"},
            "confirm_returned": {"returned_on": today, "voucher": "TK-1"},
            "extend": {"due_on": today + timedelta(days=90), "reason": "延期"},
            "return_filing": {"reason": "补正", "return_content": "写清楚"},
            "return_acceptance": {"reason": "补正", "return_lines": "写清楚"},
            "edit_filing": {"title": case.title, "content": "内容", "goal": "目标"},
        }
        if action == "pass_form_check":
            return {f"confirm_{c.id}": "on" for c in checks(project) if c.state is None}
        if action in ("attach_paper", "edit_contract", "edit_line"):
            return self._with_papers(action, project, firm)
        return bodies.get(action, {"reason": "理由", "opinion": "意见"})

    def _with_papers(self, action: str, project: Project, firm: Firm) -> dict[str, Any]:
        """Bodies that name documents of the enterprise."""
        today, document = timezone.localdate(), self.drive.document
        if action == "attach_paper":
            return {"paper": "licence", "document": document(firm, "licence", "营业执照").pk}
        if action == "edit_contract":
            return {"number": f"HT-{self.key()}", "vendor_name": project.vendor_name or "供方",
                    "signed_on": today, "amount": 100,
                    "document": document(firm, "contract", "改造合同").pk}  # fmt: skip
        return {"kind": "software", "name": "软件", "supplier": "供方", "amount": 100_000,
                "invoice_number": f"F{self.source.getrandbits(60)}", "invoice_on": today,
                "paid_on": today, "invoice": document(firm, "invoice", "发票1").pk,
                "proof": document(firm, "payment", "付款凭证1").pk}  # fmt: skip

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
_PAIRS = (
    ("pass_county_review", "pass_city_review"), ("determine", "confirm_determination"),
    ("determine", "pay"), ("confirm_determination", "pay"), ("order_claw_back", "confirm_returned"),
)  # fmt: skip


def _second_people(steps: list[Step]) -> list[str]:
    wrong, last = [], {}
    for step in steps:
        last[step.action] = step.user_id
        for made, approved in _PAIRS:
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
    try:
        answer: Done | NotDone | None = perform(actor, project.pk, action, body, key=world.key())
    except Http404:
        answer = None
    where = f"{action} by {actor.role} in {project.state}"
    if answer is not None and answer.ok:
        return f"{where} was done"
    if Snapshot.of(project) != before:
        return f"{where} was refused and changed something"
    expected = logged + (answer is not None)
    if entries(project, "refused") != expected:
        return f"{where} was logged {entries(project, 'refused') - logged} times"
    return ""


def wrong_ones(world: World, source: random.Random, *, whole: bool) -> Found:
    """Every transition by wrong people and in wrong states."""
    found = Found()
    firm, project, case = world.fresh()
    people = {**world.people, "firm": firm.certifier}
    cells = []
    for row in TABLE:
        right = [k for k, a in people.items() if a.role in LANE_ROLES_AGAIN[row.by]]
        for key in people:
            for state in State:
                role_wrong = key not in right or key == "stranger"
                if role_wrong or state not in row.sources:
                    cells.append((row.action, key, state, role_wrong, state not in row.sources))
    if not whole:
        one_wrong = [c for c in cells if c[3] != c[4]]
        cells = source.sample(one_wrong, min(1_500, len(one_wrong)))
    bodies = {row.action: world.payload(row.action, project, firm, case) for row in TABLE}
    for action, key, state, _, _ in cells:
        with transaction.atomic():
            Project.objects.filter(pk=project.pk).update(state=state, lane=state.lane)
            project.refresh_from_db()
            actor = people[key]
            problem = refused_cleanly(world, actor, project, action, bodies[action])
            if problem:
                found.problems.append(problem)
            transaction.set_rollback(True)
    found.figures = {"wrong_asked": len(cells)}
    return found


def close_connection() -> None:
    """Each thread of a race closes its own."""
    connection.close()


__all__ = ["Found", "Snapshot", "World", "guards", "mock", "refused_cleanly", "wrong_ones"]

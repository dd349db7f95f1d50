"""What the page of a project shows: the way so far, money, history, and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import Prefetch
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.accounts.roles import ENTERPRISE, GOVERNMENT, OFFICERS, Role
from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.projects.models import (
    Contract,
    Line,
    Opinion,
    Paper,
    Project,
    ReturnedSection,
    Step,
)
from shuzhuan.apps.projects.queries import explain, filing
from shuzhuan.apps.projects.queries.due import Lit, last_day, lit
from shuzhuan.apps.projects.queries.own_money import Booking, booking
from shuzhuan.apps.projects.queries.rise import level_words
from shuzhuan.apps.publicity.models import Objection, PublicityItem
from shuzhuan.engine.process import BY_ACTION, MAIN_LINE, State

# What the page reads of a project in one statement.
WITH = (
    "batch", "pilot", "place", "enterprise", "enterprise__party", "grader", "auditor",
    "item__publicity", "reservation", "payment",
)  # fmt: skip
OFFICE, FIRM, AGENCY, VENDOR = "office", "firm", "agency", "vendor"
# From here on the acceptance's papers are asked for.
_WORKED = frozenset(MAIN_LINE[MAIN_LINE.index(State.IMPLEMENTING) :]) | {State.RECTIFICATION}


@dataclass(frozen=True)
class Stage:
    """One step of the place on the way. ``kind``: done, now or next, as the timeline draws it."""

    name: str
    kind: str
    day: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Told:
    """One line of the history; ``times``: equal work done one after another is told once."""

    step: Step
    words: str
    times: int

    @property
    def late(self) -> bool:
        """Whether a move came after its last day."""
        due, before = self.step.due_on, self.step.before
        if before == self.step.after or due is None:
            return False
        return timezone.localdate(self.step.at) > last_day(State(before), due)


@dataclass(frozen=True)
class Amount:
    """One figure of the project's money in fen."""

    label: str
    fen: int
    note: str = ""


@dataclass
class Shown:
    """Everything that the page may show to this actor; each part is read when it is drawn."""

    actor: Actor
    project: Project
    steps: list[Step]
    today: date = field(default_factory=timezone.localdate)

    @property
    def side(self) -> str:
        """Which page it is: the office's, the firm's, an agency's or a vendor's."""
        if self.actor.role in GOVERNMENT:
            return OFFICE
        if self.actor.role in ENTERPRISE:
            return FIRM
        return AGENCY if self.actor.role == Role.AGENCY_STAFF else VENDOR

    @property
    def officer(self) -> bool:
        return self.actor.role in OFFICERS

    @property
    def whole(self) -> bool:
        """Whether the actor sees the office's part: opinions, money, publicity and history."""
        return self.side in (OFFICE, FIRM)

    @property
    def due(self) -> Lit:
        return lit(self.project, self.today)

    @property
    def target(self) -> str:
        return level_words(self.project.level_target)

    @property
    def levels(self) -> str:
        """Before and after, or what is aimed at; empty while nothing is known."""
        p = self.project
        if p.level_before is None and p.level_target is None:
            return ""
        aim = f"目标{self.target}" if self.target else "—"
        return f"{level_words(p.level_before) or '未评'} → {level_words(p.level_after) or aim}"

    @cached_property
    def stages(self) -> list[Stage]:
        return stages(self.project, self.steps)

    @cached_property
    def history(self) -> list[Told]:
        """Newest first."""
        return list(reversed(folded(self.steps)))

    @cached_property
    def papers(self) -> list[tuple[str, Paper | None]]:
        """Name of each wanted paper and what was handed in for it."""
        rows = visible(self.actor, Paper).filter(project=self.project, is_current=True)
        held = {row.paper: row for row in rows.select_related("document", "version")}
        wanted = dict(filing.wanted_papers(self.project, "filing"))
        if self.project.at in _WORKED:
            wanted |= dict(filing.wanted_papers(self.project, "acceptance_request"))
        listed: list[tuple[str, Paper | None]] = [
            (name, held.pop(paper, None)) for paper, name in wanted.items()
        ]
        names = self.project.batch.parameters.papers
        return listed + [(names.get(paper, paper), row) for paper, row in held.items()]

    @cached_property
    def returned(self) -> list[tuple[str, ReturnedSection]]:
        """What was sent back, the latest round first, with the part's title."""
        rows = visible(self.actor, ReturnedSection).filter(project=self.project)
        titles = dict(
            (key, title)
            for step in ("filing", "acceptance_request")
            for key, title in filing.sections(self.project, step)
        )
        return [
            (titles.get(row.section, row.section), row) for row in rows.order_by("-round", "pk")
        ]

    @cached_property
    def contracts(self) -> list[Contract]:
        rows = visible(self.actor, Contract).filter(project=self.project)
        return list(rows.select_related("document"))

    @cached_property
    def lines(self) -> list[Line]:
        rows = visible(self.actor, Line).filter(project=self.project, removed_at__isnull=True)
        return list(rows.select_related("invoice", "proof", "contract"))

    @property
    def claimed_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @property
    def audited_fen(self) -> int:
        return sum(line.audited_fen or 0 for line in self.lines)

    @property
    def unaudited(self) -> int:
        return sum(1 for line in self.lines if line.audited_fen is None)

    @property
    def cut_fen(self) -> int:
        return sum(
            line.amount_fen - line.audited_fen
            for line in self.lines
            if line.audited_fen is not None
        )

    @property
    def visit(self) -> int | None:
        """The actor's own task on site, while it waits to be done."""
        task = self.project.grader
        if task is None or task.party_id != self.actor.party_id or self.project.graded:
            return None
        return task.pk

    @property
    def is_auditor(self) -> bool:
        """Whether the actor's body has the task of auditing, and has not yet handed it in."""
        task = self.project.auditor
        return (
            task is not None
            and task.party_id == self.actor.party_id
            and task.is_live(self.today)
            and self.project.at == State.GRADING
            and not self.project.audited
        )

    @cached_property
    def opinions(self) -> list[Opinion]:
        rows = visible(self.actor, Opinion).filter(project=self.project)
        return list(rows.select_related("user").order_by("-at", "-pk"))

    @cached_property
    def items(self) -> list[PublicityItem]:
        """Every publicity that showed the project, with its objections where they may be read."""
        heard = visible(self.actor, Objection).defer("text", "finding").order_by("pk")
        rows = PublicityItem.objects.filter(
            subject_kind="projects.Project", subject_id=self.project.pk
        )
        return list(
            rows.select_related("publicity")
            .prefetch_related(Prefetch("objections", heard, to_attr="heard"))
            .order_by("-pk")
        )

    @property
    def hears(self) -> bool:
        """Whether the publicity's own desk is open to the actor."""
        return self.officer and self.actor.region_id == self.project.place_id

    @cached_property
    def bodies(self) -> dict[str, str]:
        """Names of the agencies that were engaged, wherever they are registered."""
        tasks = {"grader": self.project.grader, "auditor": self.project.auditor}
        ids = {name: task.party_id for name, task in tasks.items() if task is not None}
        if not ids:
            return {}
        with opened("the agencies that the office engaged"):
            names = dict(Party.objects.filter(pk__in=ids.values()).values_list("pk", "name"))
        return {name: names.get(pk, "") for name, pk in ids.items()}

    @cached_property
    def money(self) -> list[Amount]:
        return amounts(self.project)

    @cached_property
    def receipts(self) -> list[Booking]:
        """What came back after an order to pay back, oldest first."""
        if not self.project.returned_fen:
            return []
        rows = visible(self.actor, Transfer).filter(reverses=self.project.payment_id)
        return [booking(row) for row in rows.order_by("number")]

    @cached_property
    def explained(self) -> explain.Explained | None:
        return explain.stored(self.project) if self.project.decision else None


def amounts(project: Project) -> list[Amount]:
    """All figures in the order in which they arise; those that have not arisen are left out."""
    p = project
    found = [
        Amount("计划投入", p.planned_fen, "申报时填写"),
        Amount("申报投入", p.claimed_fen, "企业逐笔登记"),
        Amount("核定投入", p.audited_fen if p.audited else 0, "投资审核结果"),
        Amount("补助上限", p.ceiling_fen, "按条款测算"),
        Amount("拟补助", p.proposed_fen, "县初审提出"),
        Amount("已锁定", p.reserved_fen, "兑付公示时锁定"),
        Amount("核定补助", p.determined_fen, ""),
        Amount("已兑付", p.paid_fen, f"{p.paid_on:%Y-%m-%d}" if p.paid_on else ""),
        Amount("应追回", p.clawback_fen, ""),
        Amount("已追回", p.returned_fen, ""),
        Amount("还没退回", p.outstanding_fen, ""),
    ]
    return [amount for amount in found if amount.fen or amount.label == "计划投入"]


def stages(project: Project, steps: Iterable[Step]) -> list[Stage]:
    """The place's own steps, with the day on which each was left and where the project stands."""
    parameters = project.batch.parameters
    left: dict[State, datetime] = {}
    last = State.DRAFT
    for step in steps:
        before = State(step.before)
        if step.before != step.after:
            left[before] = step.at
            last = before if before in MAIN_LINE else last
    at = project.at
    # Beside the line, or ended, it stands where it left the line.
    position = MAIN_LINE.index(at if at in MAIN_LINE else last)
    found = []
    for each in parameters.steps:
        states = [state for state in MAIN_LINE if state.step == each.id]
        first, end = MAIN_LINE.index(states[0]), MAIN_LINE.index(states[-1])
        if end < position:
            days = [left[state] for state in states if state in left]
            day = timezone.localdate(max(days)) if days else None
            found.append(Stage(each.name, "done", day))
        elif first <= position:
            note = at.label if at.label != each.name else ""
            found.append(Stage(each.name, "now", project.entered_on, note))
        else:
            found.append(Stage(each.name, "next"))
    return found


def folded(steps: Iterable[Step]) -> list[Told]:
    """Equal work of one person on one day becomes one line."""
    found: list[Told] = []
    for step in steps:
        words = BY_ACTION[step.action].done
        before = found[-1] if found else None
        if (
            before is not None
            and step.before == step.after
            and before.step.action == step.action
            and before.step.user_id == step.user_id
            and timezone.localdate(before.step.at) == timezone.localdate(step.at)
        ):
            found[-1] = Told(step, words, before.times + 1)
        else:
            found.append(Told(step, words, 1))
    return found

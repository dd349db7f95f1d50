"""What an enterprise asks of its money: how much, where it is now, who has it, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.funds.models import Purpose, Transfer
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries import explain
from shuzhuan.apps.projects.queries.due import Lit, last_day, lit
from shuzhuan.engine.process import MAIN_LINE, OVER, TERMINAL, Lane, State
from shuzhuan.engine.workdays import china

# From the application for acceptance to the payment: these the offices and agencies do.
_TO_PAYMENT = MAIN_LINE[
    MAIN_LINE.index(State.ACCEPTANCE_REQUESTED) : MAIN_LINE.index(State.PAYMENT) + 1
]
_SETTLED = OVER | {State.PAID, State.CLOSED, State.CLAW_BACK}
_WORDS = {
    Purpose.RESERVE: "锁定额度，专门留给这个项目",
    Purpose.PAY: "付款",
    Purpose.RELEASE: "释放锁定的额度",
    Purpose.CLAW_BACK: "退回",
}
# What a state means for the money, in the words of somebody who waits for it.
_MEANS = {
    State.DRAFT: "申报还没有提交。提交以后由主管部门审查、专家评审、公示，入库后开始实施。",
    State.RETURNED: "申报退回补正。补正提交以后接着审查。",
    State.FORM_CHECK: "主管部门在审查申报材料。",
    State.EXPERT_REVIEW: "专家在评审方案。",
    State.SELECTED: "评审已通过，等主管部门公示。",
    State.SELECTION_PUBLICITY: "正在公示。期满没有异议就入库。",
    State.CLEARED: "公示无异议，等主管部门入库。",
    State.LISTED: "已经入库。登记合同以后开始实施。",
    State.IMPLEMENTING: "改造正在进行。投入登记齐、完工以后申请验收，验收通过才能核定补助。",
    State.ACCEPTANCE_REQUESTED: "验收申请已收到，等主管部门委派评测和审核机构。",
    State.GRADING: "机构在现场评测定级，并逐笔核定投入。补助按核定的投入计算。",
    State.COUNTY_REVIEW: "评测和审核都已交齐，县里在初审，提出拟补助金额。",
    State.RECTIFICATION: "验收没有通过，整改期间暂停拨付。整改提交以后复评，通过了接着办。",
    State.CITY_REVIEW: "县里已提出拟补助金额，市里在审核。",
    State.APPROVED: "市里已审核通过。开始公示时锁定这笔钱，别的项目不能占用。",
    State.PAYMENT_PUBLICITY: "钱已经锁定，正在公示。期满没有异议就核定金额。",
    State.DETERMINATION: "公示无异议，县里在核定金额。",
    State.CONFIRMATION: "金额已核定，等第二位经办人复核。",
    State.PAYMENT: "金额已定，等财政部门付款。",
    State.PAID: "钱已付出，等主管部门结项。",
    State.CLOSED: "钱已付清，项目已结项。相关资料请保存五年备查。",
    State.WITHDRAWN: "申报已撤回，没有补助。",
    State.REJECTED: "没有入选，没有补助。",
    State.DISQUALIFIED: "资格已取消，没有补助，锁定的额度已释放。",
    State.CLAW_BACK: "要求退回补助。请按通知退回，财政部门每收到一笔就登记一笔，退清为止。",
    State.CLAWED_BACK: "补助已退回，事情已了结。",
}


@dataclass(frozen=True)
class Booking:
    """One transfer of the ledger as the enterprise reads it; ``note`` names the voucher."""

    day: date
    words: str
    fen: int
    note: str
    payment: bool


@dataclass(frozen=True)
class Ahead:
    """One step before the payment and the day until which it is to be done at the latest."""

    name: str
    who: str
    day: date
    provisional: bool


@dataclass(frozen=True)
class Money:
    """One project's money. ``hoped``: what the plan could bring while nothing has been audited."""

    project: Project
    explained: explain.Explained | None
    hoped: bool
    due: Lit
    waited: int
    ahead: tuple[Ahead, ...]
    bookings: tuple[Booking, ...]

    @property
    def means(self) -> str:
        return _MEANS[self.project.at]

    @property
    def moving(self) -> bool:
        """Whether somebody has to do something yet."""
        return self.project.at not in TERMINAL

    @property
    def expecting(self) -> bool:
        """Whether a payment may still come."""
        return self.project.at not in _SETTLED

    @property
    def own_turn(self) -> bool:
        return self.project.lane == Lane.ENTERPRISE

    @property
    def running(self) -> bool:
        """Whether the way to the payment has begun; before that its end is an example."""
        return self.project.at in _TO_PAYMENT or self.project.at == State.RECTIFICATION

    @property
    def last(self) -> Ahead | None:
        return self.ahead[-1] if self.ahead else None

    @property
    def head(self) -> tuple[str, int]:
        """The one figure that counts now, with its words."""
        p = self.project
        if p.at == State.CLAW_BACK:
            return ("还应退回" if p.returned_fen else "应退回"), p.outstanding_fen
        if p.at == State.CLAWED_BACK:
            return "已退回", p.returned_fen
        if p.at in OVER:
            return "", 0
        ceiling = self.explained.ceiling_fen if self.explained is not None else 0
        for words, fen in (
            ("已到账", p.paid_fen),
            ("核定补助", p.determined_fen),
            ("已锁定", p.reserved_fen),
            ("拟补助", p.proposed_fen),
            ("预计最多" if self.hoped else "补助上限", ceiling),
        ):
            if fen:
                return words, fen
        return "", 0


@dataclass(frozen=True)
class Purse:
    """All of an enterprise's money: by project, the running ones first, and what has no project."""

    projects: list[Money]
    others: list[Booking]

    @property
    def expecting(self) -> bool:
        return any(money.expecting for money in self.projects)


def own_money(actor: Actor, party: Party, today: date) -> Purse:
    """The money of an enterprise as far as the actor may see it, in two statements."""
    rows = visible(actor, Project).filter(enterprise__party=party)
    rows = rows.select_related("batch", "place", "pilot", "enterprise__place", "enterprise__park")
    projects = list(rows.order_by("-created_at", "-pk"))
    booked: dict[int | None, list[Booking]] = {project.pk: [] for project in projects}
    others: list[Booking] = []
    for row in _transfers(actor, party):
        booked.get(row.subject_id, others).append(booking(row))
    found = [_money(project, tuple(booked[project.pk]), today) for project in projects]
    return Purse(sorted(found, key=lambda money: money.project.at in TERMINAL), others)


def bookings(actor: Actor, party: Party) -> list[Booking]:
    """Every transfer to and from the enterprise that the actor may see, newest first."""
    return [booking(row) for row in reversed(_transfers(actor, party))]


def _transfers(actor: Actor, party: Party) -> list[Transfer]:
    """Without the fund and the people behind them: those stay with the office."""
    return list(visible(actor, Transfer).filter(party=party).order_by("recorded_at", "pk"))


def booking(row: Transfer) -> Booking:
    """One transfer in the words of the enterprise."""
    purpose = Purpose(row.purpose)
    words = _WORDS.get(purpose, str(purpose.label))
    return Booking(row.dated, words, row.amount_fen, row.reason, purpose == Purpose.PAY)


def _money(project: Project, booked: tuple[Booking, ...], today: date) -> Money:
    # A decision that the failed acceptance led to is made anew after the work is put right.
    decided = bool(project.decision) and project.at != State.RECTIFICATION
    hoped = not decided and project.at not in TERMINAL
    explained = None
    if decided:
        explained = explain.stored(project)
    elif hoped and project.planned_fen:
        explained = explain.hoped(project)
    return Money(
        project=project,
        explained=explained,
        hoped=hoped,
        due=lit(project, today),
        waited=china().between(project.entered_on, today),
        ahead=tuple(_ahead(project, today)),
        bookings=booked,
    )


def _ahead(project: Project, today: date) -> Iterator[Ahead]:
    """The steps up to the payment if each takes all its days; one line for a step of the place.

    Before the work is done nobody knows when acceptance is applied for: as if it were today.
    """
    if project.at in _SETTLED:
        return
    parameters, calendar = project.batch.parameters, china()
    day, provisional = today, False
    states = _TO_PAYMENT
    if project.at in _TO_PAYMENT:
        states = _TO_PAYMENT[_TO_PAYMENT.index(project.at) :]
    elif project.at == State.RECTIFICATION:
        states = _TO_PAYMENT[_TO_PAYMENT.index(State.GRADING) :]
        day = max(project.due_on or today, today)
        yield Ahead("整改并提交", Lane.ENTERPRISE.label, day, provisional)
    pending: Ahead | None = None
    for state in (state for state in states if parameters.has(state)):
        if state == project.at and project.due_on is not None:
            # What is late already cannot be done before today.
            day = max(last_day(state, project.due_on), today)
            provisional = provisional or project.due_provisional
        else:
            due = parameters.due(state, day, calendar)
            if due is not None:
                day, provisional = last_day(state, due.day), provisional or due.provisional
        step = parameters.step(state.step)
        name = step.name if step is not None else state.label
        if pending is not None and pending.name != name:
            yield pending
        pending = Ahead(name, state.lane.label, day, provisional)
    if pending is not None:
        yield pending

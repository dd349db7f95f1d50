"""Reviews and money: 县初审、市审核、兑付公示、核定、兑付, and the ways in which it ends."""

from __future__ import annotations

from django.utils import timezone

from shuzhuan.apps.assessments.actions.engage import end_engagement
from shuzhuan.apps.enterprises.actions.pilot import leave_pilot
from shuzhuan.apps.enterprises.models import PilotState
from shuzhuan.apps.funds.actions.payments import pay, release, reserve
from shuzhuan.apps.funds.models import Fund, FundLine
from shuzhuan.apps.projects.actions import publishing
from shuzhuan.apps.projects.actions.filing import opinion
from shuzhuan.apps.projects.actions.move import Move, Refused, guards, handles
from shuzhuan.apps.projects.actions.work import store_decision
from shuzhuan.apps.projects.models import OpinionKind, Project, Step, Verdict
from shuzhuan.apps.projects.queries import eligibility
from shuzhuan.apps.publicity.models import Objection, ObjectionState

PROPOSED = "提请取消资格"


@handles("pass_county_review")
def pass_county_review(move: Move) -> None:
    """The officer confirms acceptance and tasks, and proposes an amount within the ceiling."""
    project = move.project
    project.confirmed = {**project.confirmed, **eligibility.ACCEPTED}
    store_decision(move)
    project.proposed_fen = move.fen("amount")
    project.suspended = False
    text = move.text("opinion", 2000)
    opinion(move, OpinionKind.COUNTY, Verdict.PASS, text, amount_fen=project.proposed_fen)
    move.detail["proposed_fen"] = project.proposed_fen


@handles("order_rectification")
def order_rectification(move: Move) -> None:
    """第十三条: payment stops while it lasts; there is one re-check."""
    project = move.project
    project.rechecks += 1
    project.suspended = True
    project.proposed_fen = 0
    opinion(move, OpinionKind.COUNTY, Verdict.RETURN, move.reason, round=project.rechecks)


@handles("pass_city_review")
def pass_city_review(move: Move) -> None:
    text = move.text("opinion", 2000)
    opinion(move, OpinionKind.CITY, Verdict.PASS, text, amount_fen=move.project.proposed_fen)


@handles("return_county")
def return_county(move: Move) -> None:
    opinion(move, OpinionKind.CITY, Verdict.RETURN, move.reason)


def fund_of(project: Project) -> tuple[Fund, FundLine]:
    """The open fund of the place and the budget line that pays the batch's clause."""
    pack = eligibility.pack_of(project)
    budget = pack.source.budget
    keys = (
        [line.id for line in budget.lines if project.batch.clause in line.clauses] if budget else []
    )
    funds = Fund.objects.filter(
        place_id=project.place_id, pack=pack.id, closed_on__isnull=True,
        year__lte=timezone.localdate().year,
    )  # fmt: skip
    line = (
        FundLine.objects.select_related("fund")
        .filter(fund__in=funds, key__in=keys)
        .order_by("-fund__year", "position")
        .first()
    )
    if line is None:
        raise Refused("还没有设立这项补助的专项资金，请财政部门先建立资金和预算。")
    return line.fund, line


@handles("start_payment_publicity")
def start_payment_publicity(move: Move) -> None:
    """Whether the budget suffices is decided here: the money is reserved with the publicity."""
    project = move.project
    fund, line = fund_of(project)
    maker, checker = move.by("pass_county_review"), move.by("pass_city_review")
    if maker is None or checker is None:
        maker, checker = move.by("pass_county_review") or move.user_id, move.user_id
    project.reservation = reserve(
        move.actor, fund=fund, line=line, party=project.enterprise.party,
        amount_fen=project.proposed_fen, maker_id=maker, checker_id=checker, dated=move.today,
        subject=project.number, subject_id=project.pk, key=move.derived_key("reserve"),
        policy=f"{project.batch.parameters.pack} {project.batch.parameters.version}",
        audited=False,
    )  # fmt: skip
    project.reserved_fen = project.proposed_fen
    project.payment_cleared_on = None
    move.detail |= {"reserved_fen": project.reserved_fen, "transfer": project.reservation.pk}
    publishing.show(move, "payment", project.proposed_fen)


@handles("close_payment_publicity")
def close_payment_publicity(move: Move) -> None:
    move.project.payment_cleared_on = move.today
    publishing.let_pass(move)


def _release(move: Move, first: int | None, before: str) -> None:
    """Give the reserved money back, once. It takes two (trust 6): ``first``, who did what is
    called ``before``, and now somebody else. Raises Refused."""
    project = move.project
    if project.reservation is None or project.reserved_fen == 0:
        return
    release(
        move.actor, pending=project.reservation, maker_id=_other(move, first, before),
        checker_id=move.user_id,
        dated=move.today, reason=move.reason, key=move.derived_key("release"), audited=False,
    )  # fmt: skip
    move.detail["released_fen"] = project.reserved_fen
    project.reserved_fen = 0
    project.reservation = None


def _other(move: Move, first: int | None, before: str) -> int:
    if first is None:
        raise Refused(f"释放锁定的资金要两个人：先由一位同事{before}，再由另一位办理。")
    if first == move.user_id:
        raise Refused(f"{before}是您办的，释放锁定的资金要由另一个人办。")
    return first


def _no_amounts(project: Project) -> None:
    project.proposed_fen = project.determined_fen = 0
    project.payment_cleared_on = None


@handles("uphold_payment_objection")
def uphold_payment_objection(move: Move) -> None:
    upheld = Objection.objects.filter(item_id=move.project.item_id, state=ObjectionState.UPHELD)
    _release(move, upheld.order_by("pk").values_list("decided_by_id", flat=True).last(), "办结异议")
    _no_amounts(move.project)
    publishing.close_when_all_moved(move)


@handles("retract_payment_publicity")
def retract_payment_publicity(move: Move) -> None:
    """What was shown is no longer shown, so its money is free until it is shown again."""
    item = move.project.item
    assert item is not None
    _release(move, item.withdrawn_by_id or item.publicity.closed_by_id, "撤下公示")
    publishing.close_when_all_moved(move)


@handles("uphold_selection_objection", "retract_selection_publicity")
def leave_selection_publicity(move: Move) -> None:
    publishing.close_when_all_moved(move)


@handles("determine")
def determine(move: Move) -> None:
    """H4: at or below what was shown and reserved, with the explanation beside it."""
    project = move.project
    project.determined_fen = move.fen("amount")
    amount = project.determined_fen
    opinion(move, OpinionKind.DETERMINATION, Verdict.PASS, move.reason, amount_fen=amount)
    move.detail["determined_fen"] = amount


@handles("return_determination")
def return_determination(move: Move) -> None:
    opinion(move, OpinionKind.DETERMINATION, Verdict.RETURN, move.reason)
    move.project.determined_fen = 0


@handles("pay")
def pay_project(move: Move) -> None:
    """The treasury has paid: the reservation is posted, the rest of it is free."""
    project = move.project
    maker, reservation = move.by("confirm_determination"), project.reservation
    assert maker is not None and reservation is not None and project.payment_cleared_on is not None
    paid_on = move.past_day("paid_on")
    if paid_on < project.entered_on:
        raise Refused(f"付款日期不能早于核定复核（{project.entered_on}）。", "paid_on")
    voucher = move.text("voucher", 64)
    project.payment = pay(
        move.actor, pending=reservation, amount_fen=project.determined_fen, maker_id=maker,
        checker_id=move.user_id, dated=paid_on, reason=f"国库支付凭证 {voucher}",
        key=move.derived_key("pay"), audited=False,
    )  # fmt: skip
    project.paid_fen, project.paid_on = project.determined_fen, paid_on
    project.reserved_fen, project.reservation = 0, None
    move.detail |= {"paid_fen": project.paid_fen, "transfer": project.payment.pk}
    move.detail["voucher"] = voucher


@handles("close")
def close(move: Move) -> None:
    _end_engagements(move, "项目已结项")


def _end_engagements(move: Move, reason: str) -> None:
    for each in {e.pk: e for e in (move.project.grader, move.project.auditor) if e}.values():
        each.refresh_from_db()
        if each.ended_at is None:
            end_engagement(move.actor, each, reason)


def _proposer(move: Move) -> int | None:
    """Who proposed to disqualify since the money was reserved."""
    steps = Step.objects.filter(project=move.project).order_by("number")
    reserved = steps.filter(action="start_payment_publicity").last()
    if reserved is None:
        return None
    proposals = steps.filter(action="propose_disqualification", number__gt=reserved.number)
    return proposals.values_list("user_id", flat=True).last()


@guards("release_proposed")
def release_proposed(move: Move) -> None:
    """Where money is reserved, a colleague has proposed it."""
    if move.project.reserved_fen:
        _other(move, _proposer(move), PROPOSED)


@handles("disqualify")
def disqualify(move: Move) -> None:
    """第十三条、方案二（四）2: no pilot, no subsidy; what was reserved is free again."""
    project = move.project
    publishing.take_out(move, move.reason)
    _release(move, _proposer(move), PROPOSED)
    _no_amounts(project)
    _end_engagements(move, "项目已取消资格")
    if project.enterprise.pilot_state == PilotState.IN:
        leave_pilot(move.actor, project.enterprise, move.today, move.reason[:200])

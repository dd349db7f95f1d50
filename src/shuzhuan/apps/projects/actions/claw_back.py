"""追回: what was paid is ordered back, comes back in one or several receipts, or the order falls.

The amount of an order is corrected by two as long as it is not settled: never below what has come
back, never above what was paid. The ledger knows receipts only, so it is exact before and after.

Every receipt is a transfer of its own that names the payment; whoever ordered the money back made
it and the finance officer who confirms the receipt checks it (trust 6).
"""

from __future__ import annotations

from shuzhuan.apps.enterprises.actions.pilot import leave_pilot
from shuzhuan.apps.enterprises.models import PilotState
from shuzhuan.apps.funds.actions import payments
from shuzhuan.apps.projects.actions.move import Move, Refused, guards, handles
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine.money import format_cn

_PROPOSAL = "propose_claw_back_correction"
_ORDERS = ("order_claw_back", _PROPOSAL, "correct_claw_back")
_RECEIPTS = ("record_partial_return", "confirm_returned")


@handles("order_claw_back")
def order(move: Move) -> None:
    """第十三、十七条: what was paid comes back; all of it unless an amount is named."""
    project = move.project
    named = move.payload.get("amount") not in ("", None)
    amount = move.fen("amount") if named else project.paid_fen
    if not 0 < amount <= project.paid_fen:
        raise Refused("追回金额应当大于0，不超过已兑付的金额。", "amount")
    project.clawback_fen = amount
    move.detail["clawback_fen"] = amount


@guards("leaves_a_rest")
def leaves_a_rest(move: Move) -> None:
    """A part is more than nothing and less than what is outstanding; the last one settles."""
    rest = move.project.outstanding_fen
    if rest == 0:
        raise Refused("已经全部退回，请用“确认退清”办理。")
    amount = move.fen("amount")
    if amount <= 0:
        raise Refused("退款金额应当大于0。", "amount")
    if amount > rest:
        raise Refused(f"超过还没有退回的{format_cn(rest)}，请核对。", "amount")
    if amount == rest:
        raise Refused(f"这一笔正好退清余下的{format_cn(rest)}，请用“确认退清”办理。", "amount")


@handles("record_partial_return")
def record_part(move: Move) -> None:
    _receive(move, move.fen("amount"))


@handles("confirm_returned")
def settle(move: Move) -> None:
    """The last receipt: all that was ordered back is in the fund and year that it came from.

    After a correction down to what has come back there is nothing left to receive.
    """
    project = move.project
    if project.outstanding_fen:
        _receive(move, project.outstanding_fen)
    if project.enterprise.pilot_state == PilotState.IN:
        leave_pilot(move.actor, project.enterprise, move.today, "补助资金已追回")


def _receive(move: Move, amount_fen: int) -> None:
    """Book one receipt. Raises Refused, among others for a paper that is on record already."""
    project = move.project
    maker, payment = move.by("order_claw_back"), project.payment
    assert maker is not None and payment is not None
    returned_on = move.past_day("returned_on")
    voucher = move.text("voucher", 64)
    receipts = Step.objects.filter(project=project, action__in=_RECEIPTS)
    if receipts.filter(detail__voucher=voucher).exists():
        raise Refused(f"退款凭证{voucher}已经登记过，请核对。", "voucher")
    payments.claw_back(
        move.actor, payment=payment, amount_fen=amount_fen, maker_id=maker,
        checker_id=move.user_id, dated=returned_on, reason=f"退款凭证 {voucher}",
        key=move.derived_key("claw_back"), audited=False,
    )  # fmt: skip
    project.returned_fen += amount_fen
    move.detail |= {"received_fen": amount_fen, "returned_fen": project.returned_fen}
    move.detail["voucher"] = voucher


@guards("amount_to_correct")
def amount_to_correct(move: Move) -> None:
    _correctable(move.project, move.fen("amount"))


def _correctable(project: Project, amount_fen: int) -> None:
    """Refuse what an order cannot be corrected to. Raises Refused."""
    if amount_fen == project.clawback_fen:
        raise Refused(f"现在要求追回的就是{format_cn(amount_fen)}。", "amount")
    if amount_fen <= 0:
        raise Refused("更正后的金额应当大于0；全部不用退的，请用“提请撤销追回”。", "amount")
    if amount_fen < project.returned_fen:
        raise Refused(f"不能少于已经收到的{format_cn(project.returned_fen)}。", "amount")
    if amount_fen > project.paid_fen:
        raise Refused(f"不能超过已兑付的{format_cn(project.paid_fen)}。", "amount")


@handles(_PROPOSAL)
def propose_correction(move: Move) -> None:
    move.detail |= {"before_fen": move.project.clawback_fen, "clawback_fen": move.fen("amount")}


def proposed_correction(project: Project) -> Step | None:
    """The last proposal, unless the amount has been ordered anew or corrected since."""
    steps = Step.objects.filter(project=project, action__in=_ORDERS)
    last = steps.latest("number")
    return last if last.action == _PROPOSAL else None


@guards("correction_proposed")
def correction_proposed(move: Move) -> None:
    """A colleague has proposed it, and what came back meanwhile leaves room for it."""
    proposal = proposed_correction(move.project)
    if proposal is None:
        raise Refused("更正追回金额要两个人：先由一位同事提请更正，再由另一位办理。")
    _correctable(move.project, proposal.detail["clawback_fen"])


@handles("correct_claw_back")
def correct(move: Move) -> None:
    """The second person confirms the amount that was proposed; its reason goes with it."""
    project, proposal = move.project, proposed_correction(move.project)
    assert proposal is not None
    move.detail |= {"before_fen": project.clawback_fen, "why": proposal.reason}
    project.clawback_fen = move.detail["clawback_fen"] = proposal.detail["clawback_fen"]


@guards("nothing_returned")
def nothing_returned(move: Move) -> None:
    """What has come back stays: the order that it answers cannot fall any more."""
    returned = move.project.returned_fen
    if returned:
        raise Refused(f"已经收到退款{format_cn(returned)}，这次追回不能再撤销。")


@guards("withdrawal_proposed")
def withdrawal_proposed(move: Move) -> None:
    """A colleague has proposed it since the money was ordered back."""
    steps = Step.objects.filter(project=move.project)
    ordered = steps.filter(action="order_claw_back").latest("number")
    later = steps.filter(action="propose_claw_back_withdrawal", number__gt=ordered.number)
    if not later.exists():
        raise Refused("撤销追回要两个人：先由一位同事提请撤销追回，再由另一位办理。")


@handles("withdraw_claw_back")
def withdraw(move: Move) -> None:
    """Ordered in error: nothing is owed; the ledger never knew of it."""
    move.detail["clawback_fen"] = move.project.clawback_fen
    move.project.clawback_fen = 0

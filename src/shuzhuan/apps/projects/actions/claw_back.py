"""追回: what was paid is ordered back, comes back in one or several receipts, or the order falls.

Every receipt is a transfer of its own that names the payment; whoever ordered the money back made
it and the finance officer who confirms the receipt checks it (trust 6).
"""

from __future__ import annotations

from shuzhuan.apps.enterprises.actions.pilot import leave_pilot
from shuzhuan.apps.enterprises.models import PilotState
from shuzhuan.apps.funds.actions import payments
from shuzhuan.apps.projects.actions.move import Move, Refused, guards, handles
from shuzhuan.apps.projects.models import Step
from shuzhuan.engine.money import format_cn

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
    amount, rest = move.fen("amount"), move.project.outstanding_fen
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
    """The last receipt: all that was ordered back is in the fund and year that it came from."""
    project = move.project
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

"""What happens to money on its way to a payee: 锁定, 兑付, 释放, 追回.

All run in the caller's transaction or their own. ``key`` is the UUID that the form minted: the
same key with the same content gives the same transfer (or the same refusal) again, with other
content a refusal. ``audited=False`` leaves the audit row to the caller.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.funds.actions.log import logged
from shuzhuan.apps.funds.actions.posting import (
    Draft,
    Signed,
    amount_checked,
    authorised,
    pool_and_payee,
    posted,
)
from shuzhuan.apps.funds.actions.refusals import once, request_of
from shuzhuan.apps.funds.models import Fund, FundLine, Purpose, Transfer
from shuzhuan.apps.funds.models.ledger import POLICY_CHARS_MAX, SUBJECT_CHARS_MAX


def reserve(  # noqa: PLR0913 - a movement of money names everything
    actor: Actor,
    *,
    fund: Fund,
    line: FundLine,
    party: Party,
    amount_fen: int,
    maker_id: int,
    checker_id: int,
    dated: date,
    subject: str,
    subject_id: int,
    key: str | UUID,
    policy: str = "",
    audited: bool = True,
) -> Transfer:
    """Set money of a budget line aside for a payee: 额度锁定. Raises MoneyRefused.

    ``subject`` and ``subject_id``: number and id of the project. Whether the budget suffices is
    decided here and nowhere later.
    """
    authorised(actor, fund)
    if line.fund_id != fund.pk:
        raise ValidationError("这个预算方向不属于这笔资金。")
    signed = Signed(maker_id, checker_id, dated)
    subject, policy = subject[:SUBJECT_CHARS_MAX], policy[:POLICY_CHARS_MAX]
    body = {**signed.body(), "subject": subject, "policy": policy, "subject_id": subject_id}
    body |= {"amount": amount_checked(amount_fen), "line": line.pk, "party": party.pk}
    request = request_of(key, Purpose.RESERVE, fund, body)

    def post() -> Transfer:
        pool, payee = pool_and_payee(fund, line, party)
        return posted(
            Draft(
                key=request.key,
                fund=fund,
                purpose=Purpose.RESERVE,
                debit_id=pool,
                credit_id=payee,
                amount_fen=amount_fen,
                signed=signed,
                line=line,
                party=party,
                payee=party.name,
                subject=subject,
                subject_id=subject_id,
                policy=policy,
            )
        )

    return once(request, post, logged(actor, fund) if audited else None)


def pay(  # noqa: PLR0913 - a movement of money names everything
    actor: Actor,
    *,
    pending: Transfer,
    amount_fen: int,
    maker_id: int,
    checker_id: int,
    dated: date,
    reason: str,
    key: str | UUID,
    audited: bool = True,
) -> Transfer:
    """Book what the treasury has paid of a reservation: 兑付; the rest is free at once."""
    signed = Signed(maker_id, checker_id, dated, reason)
    return _follow(actor, Purpose.PAY, pending, amount_fen, signed, key, audited)


def release(  # noqa: PLR0913 - a movement of money names everything
    actor: Actor,
    *,
    pending: Transfer,
    maker_id: int,
    checker_id: int,
    dated: date,
    reason: str,
    key: str | UUID,
    audited: bool = True,
) -> Transfer:
    """Give a whole reservation back to its budget line: 额度释放."""
    signed = Signed(maker_id, checker_id, dated, reason)
    return _follow(actor, Purpose.RELEASE, pending, pending.amount_fen, signed, key, audited)


def claw_back(  # noqa: PLR0913 - a movement of money names everything
    actor: Actor,
    *,
    payment: Transfer,
    amount_fen: int,
    maker_id: int,
    checker_id: int,
    dated: date,
    reason: str,
    key: str | UUID,
    audited: bool = True,
) -> Transfer:
    """Book money that a payee gave back: 追回, to the fund, year and line that it came from."""
    signed = Signed(maker_id, checker_id, dated, reason)
    return _follow(actor, Purpose.CLAW_BACK, payment, amount_fen, signed, key, audited)


def _follow(
    actor: Actor,
    purpose: Purpose,
    before: Transfer,
    amount_fen: int,
    signed: Signed,
    key: str | UUID,
    audited: bool,
) -> Transfer:
    """What follows another transfer keeps its accounts, payee and subject."""
    fund, back = before.fund, purpose == Purpose.CLAW_BACK
    authorised(actor, fund)
    body = {**signed.body(), "amount": amount_checked(amount_fen), "before": before.pk}
    request = request_of(key, purpose, fund, body)

    def post() -> Transfer:
        return posted(
            Draft(
                key=request.key,
                fund=fund,
                purpose=purpose,
                debit_id=before.credit_id if back else before.debit_id,
                credit_id=before.debit_id if back else before.credit_id,
                amount_fen=amount_fen,
                signed=signed,
                line=before.line,
                party=before.party,
                payee=before.payee,
                subject=before.subject,
                subject_id=before.subject_id,
                policy=before.policy,
                pending=None if back else before,
                reverses=before if back else None,
            )
        )

    return once(request, post, logged(actor, fund) if audited else None)

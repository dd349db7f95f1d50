"""Money that arrives and is put on budget lines: one person enters it, another confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS, Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.funds.actions.log import logged
from shuzhuan.apps.funds.actions.posting import (
    Draft,
    Signed,
    account,
    amount_checked,
    authorised,
    posted,
)
from shuzhuan.apps.funds.actions.refusals import OTHER_BODY, Log, MoneyRefused, once, request_of
from shuzhuan.apps.funds.models import (
    Account,
    AccountKind,
    BudgetItem,
    BudgetKind,
    BudgetProposal,
    BudgetState,
    Fund,
    FundLine,
    FundSource,
    Purpose,
    Transfer,
)
from shuzhuan.apps.funds.models.budget import PAPER_CHARS_MAX
from shuzhuan.apps.funds.models.ledger import REASON_CHARS_MAX
from shuzhuan.apps.funds.queries.balances import given
from shuzhuan.engine.money import MAX_FEN, format_cn

CONFIRMING = OFFICERS | {Role.FINANCE_OFFICER, Role.LEADER}
WITH_LINE = (BudgetKind.ALLOCATE, BudgetKind.RECALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One amount in fen, by source and, where the budget is arranged, by line."""

    source: FundSource
    amount_fen: int
    line: FundLine | None = None


def appropriate(  # noqa: PLR0913 - a movement of money names everything
    actor: Actor,
    *,
    fund: Fund,
    source: FundSource,
    amount_fen: int,
    maker_id: int,
    checker_id: int,
    dated: date,
    reason: str,
    key: str | UUID,
    audited: bool = True,
) -> Transfer:
    """Book money that arrived from a source: 资金到账. Raises MoneyRefused."""
    signed = Signed(maker_id, checker_id, dated, reason)
    log = logged(actor, fund) if audited else None
    return _moved(actor, fund, Purpose.APPROPRIATE, Item(source, amount_fen), signed, key, log)


def allocate(  # noqa: PLR0913 - a movement of money names everything
    actor: Actor,
    *,
    fund: Fund,
    source: FundSource,
    line: FundLine,
    amount_fen: int,
    maker_id: int,
    checker_id: int,
    dated: date,
    reason: str,
    key: str | UUID,
    audited: bool = True,
) -> Transfer:
    """Put money of a source on a budget line: 预算安排. Raises MoneyRefused."""
    signed = Signed(maker_id, checker_id, dated, reason)
    log = logged(actor, fund) if audited else None
    return _moved(actor, fund, Purpose.ALLOCATE, Item(source, amount_fen, line), signed, key, log)


def _moved(
    actor: Actor,
    fund: Fund,
    purpose: Purpose,
    item: Item,
    signed: Signed,
    key: str | UUID,
    log: Log | None,
) -> Transfer:
    authorised(actor, fund)
    _check_items(fund, BudgetKind(purpose.value), [item])
    body = {
        **signed.body(),
        "amount": item.amount_fen,
        "source": item.source.pk,
        "line": item.line.pk if item.line else None,
    }
    request = request_of(key, purpose, fund, body)

    def post() -> Transfer:
        debit, credit = _accounts(fund, purpose, item)
        return posted(
            Draft(
                key=request.key,
                fund=fund,
                purpose=purpose,
                debit_id=debit.pk,
                credit_id=credit.pk,
                amount_fen=item.amount_fen,
                signed=signed,
                source=item.source,
                line=item.line,
            )
        )

    return once(request, post, log)


def _accounts(fund: Fund, purpose: Purpose, item: Item) -> tuple[Account, Account]:
    """From which account to which."""
    received = account(fund, AccountKind.RECEIVED, source=item.source)
    if item.line is None:
        outside = account(fund, AccountKind.SOURCE, source=item.source)
        pair = (outside, received)
    else:
        pair = (received, account(fund, AccountKind.POOL, line=item.line))
    back = purpose in (Purpose.SURRENDER, Purpose.RECALL)
    return (pair[1], pair[0]) if back else pair


def _check_items(fund: Fund, kind: BudgetKind, items: Sequence[Item]) -> int:
    """The total in fen. Raises ValidationError for an item that does not fit the fund."""
    if not items:
        raise ValidationError("请至少填一个金额。")
    cells = {(item.source.pk, item.line.pk if item.line else None) for item in items}
    if len(cells) != len(items):
        raise ValidationError("同一个来源和方向只能填一次。")
    for item in items:
        amount_checked(item.amount_fen)
        if item.source.fund_id != fund.pk or (item.line and item.line.fund_id != fund.pk):
            raise ValidationError("来源或预算方向不属于这笔资金。")
        if (item.line is not None) != (kind in WITH_LINE):
            raise ValidationError(f"{kind.label}的明细填得不对。")
    total = sum(item.amount_fen for item in items)
    if total > MAX_FEN:
        raise ValidationError("合计超过10万亿元，请检查是否多写了零。")
    return total


@transaction.atomic
def propose_budget(
    actor: Actor,
    *,
    fund: Fund,
    kind: BudgetKind,
    items: Sequence[Item],
    dated: date,
    paper: str,
    key: str | UUID,
) -> BudgetProposal:
    """Enter a change of the budget for a second person to confirm: 财政经办录入."""
    if actor.role != Role.FINANCE_OFFICER or actor.region_id != fund.place_id:
        raise PermissionDenied
    if actor.user_id is None:
        raise PermissionDenied
    total = _check_items(fund, kind, items)
    paper = " ".join(paper.split())
    if not paper or len(paper) > PAPER_CHARS_MAX:
        raise ValidationError(f"请写依据的文号或凭证号，最多 {PAPER_CHARS_MAX} 个字。")
    if dated > timezone.localdate():
        raise ValidationError(f"业务日期 {dated:%Y-%m-%d} 还没有到。")
    rows = sorted([i.source.pk, i.line.pk if i.line else 0, i.amount_fen] for i in items)
    body = {"kind": str(kind), "dated": dated.isoformat(), "paper": paper, "items": rows}
    request = request_of(key, "propose", fund, {**body, "maker": actor.user_id})
    try:
        with transaction.atomic():
            proposal = BudgetProposal.objects.create(
                place_id=fund.place_id,
                fund=fund,
                key=request.key,
                body_hash=request.body_hash,
                kind=kind,
                dated=dated,
                paper=paper,
                total_fen=total,
                maker_id=actor.user_id,
            )
    except IntegrityError:
        twin = BudgetProposal.objects.filter(key=request.key).first()
        if twin is None:
            raise
        if twin.body_hash != request.body_hash:
            raise MoneyRefused("key", OTHER_BODY) from None
        return twin
    BudgetItem.objects.bulk_create(
        BudgetItem(
            place_id=fund.place_id, proposal=proposal, source=i.source, line=i.line,
            amount_fen=i.amount_fen,
        )
        for i in items
    )  # fmt: skip
    record("funds.propose", actor, proposal, detail={**body, "fund": fund.pk, "total_fen": total})
    return proposal


@transaction.atomic
def confirm_budget(actor: Actor, pk: int) -> BudgetProposal:
    """Confirm what somebody else entered, and book it: 复核记账. Raises MoneyRefused.

    All amounts or none; the ratio of the document is judged with the new sums.
    """
    proposal = _open_proposal(actor, pk)
    if proposal.state == BudgetState.CONFIRMED and proposal.checker_id == actor.user_id:
        return proposal  # the button was pressed twice
    _check_second(actor, proposal)
    signed = Signed(proposal.maker_id, actor.user_id or 0, proposal.dated, proposal.paper)
    items = proposal.items.select_related("source", "line").order_by("pk")
    for item in items:
        wanted = Item(item.source, item.amount_fen, item.line)
        _check_recall(proposal, wanted)
        key = uuid5(proposal.key, str(item.pk))
        _moved(actor, proposal.fund, Purpose(proposal.kind), wanted, signed, key, None)
    _decide(actor, proposal, BudgetState.CONFIRMED, "")
    record("funds.confirm", actor, proposal, detail={"total_fen": proposal.total_fen})
    return proposal


@transaction.atomic
def decline_budget(actor: Actor, pk: int, reason: str) -> BudgetProposal:
    """Send back what somebody else entered, with a reason: 退回. Nothing is booked."""
    proposal = _open_proposal(actor, pk)
    _check_second(actor, proposal)
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_CHARS_MAX:
        raise ValidationError(f"请写明退回的原因，最多 {REASON_CHARS_MAX} 个字。")
    _decide(actor, proposal, BudgetState.DECLINED, reason)
    record("funds.decline", actor, proposal, detail={"reason": reason})
    return proposal


def _open_proposal(actor: Actor, pk: int) -> BudgetProposal:
    rows = visible(actor, BudgetProposal).select_for_update(no_key=True, of=("self",))
    proposal = rows.select_related("fund").filter(pk=pk).first()
    if proposal is None:
        raise Http404
    return proposal


def _check_second(actor: Actor, proposal: BudgetProposal) -> None:
    if actor.role not in CONFIRMING or actor.region_id != proposal.place_id:
        raise PermissionDenied
    if proposal.maker_id == actor.user_id:
        raise MoneyRefused("people", "经办和复核必须是两个人：您录入的要请同事复核。")
    if proposal.state != BudgetState.PROPOSED:
        raise ValidationError(f"这件事项{proposal.get_state_display()}，不用再办。")


def _check_recall(proposal: BudgetProposal, item: Item) -> None:
    """From a line at most what the source gave it comes back to the source."""
    if proposal.kind != BudgetKind.RECALL or item.line is None:
        return
    left = given(proposal.fund, item.source.pk, item.line.pk)
    if item.amount_fen > left:
        raise MoneyRefused(
            "too_much",
            f"“{item.source.name}”安排给“{item.line.name}”的只有 {format_cn(left)}，"
            f"调不回 {format_cn(item.amount_fen)}。",
        )


def _decide(actor: Actor, proposal: BudgetProposal, state: BudgetState, reason: str) -> None:
    proposal.state, proposal.decision_reason = state, reason
    proposal.checker_id, proposal.decided_at = actor.user_id, timezone.now()
    proposal.save(update_fields=["state", "decision_reason", "checker", "decided_at"])

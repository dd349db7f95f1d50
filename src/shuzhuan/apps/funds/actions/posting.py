"""The one way a transfer is written; see docs/ledger.md for the rules.

Order of locks: the fund, then its accounts by id, then (with the audit row) the log of the place.
A caller that writes its own audit row does so after the ledger, or it may wait for somebody who
waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q, Sum, Value
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party, User, UserKind
from shuzhuan.apps.accounts.roles import GOVERNMENT
from shuzhuan.apps.funds.actions.refusals import MoneyRefused
from shuzhuan.apps.funds.models import (
    Account,
    AccountKind,
    Counts,
    Entry,
    Fund,
    FundLine,
    FundSource,
    Kind,
    Period,
    Purpose,
    Side,
    Transfer,
)
from shuzhuan.apps.funds.models.ledger import REASON_CHARS_MAX, TICK, effect
from shuzhuan.engine.money import MAX_FEN, format_cn

KINDS = {
    Purpose.RESERVE: Kind.PENDING,
    Purpose.PAY: Kind.POST,
    Purpose.RELEASE: Kind.VOID,
}


@dataclass(frozen=True, slots=True)
class Signed:
    """Who made and who checked it (ids of users), the business date, and why."""

    maker_id: int
    checker_id: int
    dated: date
    reason: str = ""

    def body(self) -> dict[str, object]:
        """Its part of what a request asks for."""
        return {
            "maker": self.maker_id,
            "checker": self.checker_id,
            "dated": self.dated.isoformat(),
            "reason": self.reason[:REASON_CHARS_MAX],
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """A transfer that is wanted. Amounts in fen."""

    key: UUID
    fund: Fund
    purpose: Purpose
    debit_id: int
    credit_id: int
    amount_fen: int
    signed: Signed
    source: FundSource | None = None
    line: FundLine | None = None
    party: Party | None = None
    payee: str = ""
    subject: str = ""
    subject_id: int | None = None
    policy: str = ""
    pending: Transfer | None = None
    reverses: Transfer | None = None

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.purpose, Kind.SINGLE)


def authorised(actor: Actor, fund: Fund) -> None:
    """Raise PermissionDenied unless the actor works for the government of the fund's place."""
    if actor.role not in GOVERNMENT or fund.place_id not in actor.place_ids:
        raise PermissionDenied


def amount_checked(amount_fen: int) -> int:
    """The amount, if it is one. Raises ValidationError."""
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int):
        raise ValidationError("金额要用整数的分。")
    if not 1 <= amount_fen <= MAX_FEN:
        raise ValidationError("金额应当大于零，并且不超过10万亿元。")
    return amount_fen


def account(fund: Fund, kind: AccountKind, **owner: Any) -> Account:
    """The account, made when it is needed for the first time."""
    found, _ = Account.objects.get_or_create(place_id=fund.place_id, fund=fund, kind=kind, **owner)
    return found


def pool_and_payee(fund: Fund, line: FundLine, party: Party) -> tuple[int, int]:
    """Ids of the two accounts of a reservation; the payee's is made for its first one."""
    either = Q(kind=AccountKind.POOL) | Q(kind=AccountKind.PAYEE, party=party)
    rows = Account.objects.filter(either, fund=fund, line=line).values_list("kind", "pk")
    found = dict(rows)
    payee = found.get(AccountKind.PAYEE)
    if payee is None:
        payee = account(fund, AccountKind.PAYEE, line=line, party=party).pk
    return found[AccountKind.POOL], payee


def posted(draft: Draft) -> Transfer:
    """Write the transfer, its two entries and the new sums. Raises MoneyRefused.

    Must run inside a transaction; everything is undone when it raises.
    """
    _check_people(draft)
    fund = _locked_fund(draft.fund.pk)
    accounts = _locked_accounts(draft.debit_id, draft.credit_id)
    debit, credit = accounts[draft.debit_id], accounts[draft.credit_id]
    _check_day(fund, draft)
    _check_pending(draft)
    _check_reversal(draft)
    _count_in_fund(fund, draft)
    _move(debit, Side.DEBIT, draft)
    _move(credit, Side.CREDIT, draft)
    return _written(fund, debit, credit, draft)


def _locked_fund(pk: int) -> Fund:
    """The fund's row as it is now, held until the transaction ends."""
    return Fund.objects.select_for_update(no_key=True).get(pk=pk)


def _locked_accounts(*ids: int) -> dict[int, Account]:
    """The accounts as they are now, locked in the order of their ids."""
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def _check_people(draft: Draft) -> None:
    pair = {draft.signed.maker_id, draft.signed.checker_id}
    if len(pair) == 1:
        raise MoneyRefused("people", "经办和复核必须是两个人。")
    if User.objects.filter(pk__in=pair, kind=UserKind.BUSINESS).count() != len(pair):
        raise MoneyRefused("people", "管理员不能经办或复核资金。")


def _check_day(fund: Fund, draft: Draft) -> None:
    day = draft.signed.dated
    if day > timezone.localdate():
        raise MoneyRefused("day", f"业务日期 {day:%Y-%m-%d} 还没有到。")
    if day.year < fund.year:
        raise MoneyRefused("day", f"业务日期 {day:%Y-%m-%d} 早于资金的年度 {fund.year} 年。")
    earlier = draft.pending or draft.reverses
    if earlier is not None and day < earlier.dated:
        raise MoneyRefused(
            "day",
            f"业务日期不能早于第 {earlier.number} 笔"
            f"{earlier.get_purpose_display()}的日期 {earlier.dated:%Y-%m-%d}。",
        )
    if fund.closed_on is not None and draft.purpose in (Purpose.RESERVE, Purpose.APPROPRIATE):
        raise MoneyRefused("closed", f"{fund.name}已经结清，不再接受新的{draft.purpose.label}。")
    closed = Period.objects.filter(fund=fund, starts__lte=day, ends__gte=day).first()
    if closed is not None:
        raise MoneyRefused("period", f"{closed} 已经结账，不能再记这期间的业务；更正请记在今天。")


def _check_pending(draft: Draft) -> None:
    """A reservation resolves once, and never to more than was reserved."""
    pending = draft.pending
    if pending is None:
        return
    if pending.kind != Kind.PENDING:
        raise MoneyRefused("resolved", "这一笔不是额度锁定，不能兑付或释放。")
    done = Transfer.objects.filter(pending=pending).first()
    if done is not None:
        raise MoneyRefused(
            "resolved", f"这笔锁定已经办过：第 {done.number} 笔，{done.get_purpose_display()}。"
        )
    if draft.amount_fen > pending.amount_fen:
        raise MoneyRefused(
            "too_much",
            f"兑付 {format_cn(draft.amount_fen)} 超过锁定的 {format_cn(pending.amount_fen)}。",
        )


def _check_reversal(draft: Draft) -> None:
    """A claw-back takes from a payment, and together they take at most what was paid."""
    payment = draft.reverses
    if payment is None:
        return
    if payment.kind != Kind.POST:
        raise MoneyRefused("reversed", "只能追回已经兑付的款项；追回本身不能再追回。")
    taken = Transfer.objects.filter(reverses=payment).aggregate(all=Sum("amount_fen"))["all"] or 0
    left = payment.amount_fen - taken
    if draft.amount_fen > left:
        raise MoneyRefused(
            "too_much",
            f"追回 {format_cn(draft.amount_fen)} 超过这笔兑付还能追回的 {format_cn(left)}。",
        )


def _count_in_fund(fund: Fund, draft: Draft) -> None:
    """Move the sums that the ratio is judged by; at most the stated part for supporting work."""
    sign = {
        Purpose.APPROPRIATE: 1, Purpose.SURRENDER: -1, Purpose.ALLOCATE: 1, Purpose.RECALL: -1,
    }.get(draft.purpose, 0)  # fmt: skip
    if draft.purpose in (Purpose.APPROPRIATE, Purpose.SURRENDER):
        fund.appropriated_fen += sign * draft.amount_fen
    elif sign and draft.line is not None and draft.line.counts == Counts.SUPPORT:
        fund.support_fen += sign * draft.amount_fen
    if sign:
        check_ratio(fund)


def check_ratio(fund: Fund) -> None:
    """Refuse sums that break the document's ratio; compared in whole numbers, nothing rounded."""
    total, support = fund.appropriated_fen, fund.support_fen
    num, den = fund.support_num, fund.support_den
    if num is not None and den is not None and support * den > total * num:
        most = total * num // den
        raise MoneyRefused(
            "ratio",
            f"{fund.ratio_cite}：用于配套工作的不得超过到账资金的 {num * 100 // den}%。"
            f"到账 {format_cn(total)}，配套最多 {format_cn(most)}，"
            f"这样安排以后是 {format_cn(support)}。",
        )
    num, den = fund.enterprise_num, fund.enterprise_den
    if num is not None and den is not None and (total - support) * den < total * num:
        raise MoneyRefused(
            "ratio",
            f"{fund.ratio_cite}：用于企业数字化改造的不得低于到账资金的 {num * 100 // den}%。"
            f"到账 {format_cn(total)}，这样安排以后最多剩 {format_cn(total - support)}。",
        )


def _move(row: Account, side: Side, draft: Draft) -> None:
    """Change the sums of one account in one conditional UPDATE; the row's copy follows.

    The condition says what must not become negative: what is free in an account, or what a
    source has given and not yet got back.
    """
    held = draft.pending.amount_fen if draft.pending is not None else 0
    pending, posted_fen = effect(draft.kind, draft.amount_fen, held)
    on_debit = side == Side.DEBIT
    name = "debits" if on_debit else "credits"
    needed = F(f"{name}_posted") + F(f"{name}_pending") + Value(pending + posted_fen)
    rows = Account.objects.filter(pk=row.pk, **{f"{name}_pending__gte": -pending})
    if on_debit and row.kind != AccountKind.SOURCE:
        rows = rows.filter(credits_posted__gte=needed)
    elif not on_debit and row.kind == AccountKind.SOURCE:
        rows = rows.filter(debits_posted__gte=needed)
    changed = rows.update(
        **{
            f"{name}_pending": F(f"{name}_pending") + pending,
            f"{name}_posted": F(f"{name}_posted") + posted_fen,
            "entries_count": F("entries_count") + 1,
        }
    )
    if changed != 1:
        raise _short(row, draft)
    setattr(row, f"{name}_pending", getattr(row, f"{name}_pending") + pending)
    setattr(row, f"{name}_posted", getattr(row, f"{name}_posted") + posted_fen)
    row.entries_count += 1


def _short(row: Account, draft: Draft) -> MoneyRefused:
    wanted = f"{draft.purpose.label} {format_cn(draft.amount_fen)}"
    if row.kind == AccountKind.POOL and draft.line is not None:
        return MoneyRefused(
            "short",
            f"预算方向“{draft.line.name}”可用 {format_cn(row.free_fen)}，不够{wanted}。",
        )
    if row.kind == AccountKind.RECEIVED and draft.source is not None:
        return MoneyRefused(
            "short", f"“{draft.source.name}”到账待安排 {format_cn(row.free_fen)}，不够{wanted}。"
        )
    return MoneyRefused("short", f"余额不够{wanted}。")


def _written(fund: Fund, debit: Account, credit: Account, draft: Draft) -> Transfer:
    transfer = Transfer.objects.create(
        place_id=fund.place_id,
        key=draft.key,
        fund=fund,
        number=fund.size + 1,
        kind=draft.kind,
        purpose=draft.purpose,
        debit=debit,
        credit=credit,
        amount_fen=draft.amount_fen,
        pending=draft.pending,
        reverses=draft.reverses,
        dated=draft.signed.dated,
        recorded_at=_after(fund.last_recorded_at),
        maker_id=draft.signed.maker_id,
        checker_id=draft.signed.checker_id,
        source=draft.source,
        line=draft.line,
        party=draft.party,
        payee=draft.payee,
        subject=draft.subject,
        subject_id=draft.subject_id,
        policy=draft.policy,
        reason=draft.signed.reason[:REASON_CHARS_MAX],
    )
    Entry.objects.bulk_create(
        _entry(row, side, transfer) for row, side in ((debit, Side.DEBIT), (credit, Side.CREDIT))
    )
    Fund.objects.filter(pk=fund.pk).update(
        size=transfer.number,
        last_recorded_at=transfer.recorded_at,
        appropriated_fen=fund.appropriated_fen,
        support_fen=fund.support_fen,
    )
    return transfer


def _after(last: datetime | None) -> datetime:
    """Now, but later than the transfer before, so that a statement knows what it has seen."""
    now = timezone.now()
    return now if last is None or now > last else last + TICK


def _entry(row: Account, side: Side, transfer: Transfer) -> Entry:
    return Entry(
        place_id=row.place_id,
        account=row,
        transfer=transfer,
        number=row.entries_count,
        side=side,
        debits_pending=row.debits_pending,
        debits_posted=row.debits_posted,
        credits_pending=row.credits_pending,
        credits_posted=row.credits_posted,
    )

"""Recompute the whole ledger from its transfers and compare: 核对账本.

Shares no code with the posting: it is what finds out that the posting was wrong, or that somebody
has changed the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from shuzhuan.apps.funds.models import Account, Entry, Fund, IdempotentRequest, Period, Transfer
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.money import MAX_FEN, format_cn

CHUNK_ROWS = 2000
FINDINGS_MAX = 200  # of one fund; a broken book is not told row by row for ever


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``code`` names the invariant, the text says where."""

    code: str
    fund_id: int
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass
class _Sums:
    """One account, recomputed."""

    kind: str
    place_id: int
    line_id: int | None
    party_id: int | None
    pending: dict[str, int] = field(default_factory=lambda: {"debit": 0, "credit": 0})
    posted: dict[str, int] = field(default_factory=lambda: {"debit": 0, "credit": 0})
    entries: int = 0

    def four(self) -> tuple[int, int, int, int]:
        return (
            self.pending["debit"], self.posted["debit"], self.pending["credit"],
            self.posted["credit"],
        )  # fmt: skip

    def sane(self) -> bool:
        """Nothing negative, nothing given away that is not there."""
        debit = self.posted["debit"] + self.pending["debit"]
        credit = self.posted["credit"] + self.pending["credit"]
        if min(self.four()) < 0:
            return False
        if self.kind == "source":
            return self.posted["debit"] >= credit
        return self.posted["credit"] >= debit


@dataclass
class _Book:
    """What is known while the transfers of one fund are read."""

    fund: Fund
    accounts: dict[int, _Sums]
    support_lines: frozenset[int]
    findings: list[Finding] = field(default_factory=list)
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)  # pending and post, by pk
    resolved: set[int] = field(default_factory=set)
    taken: dict[int, int] = field(default_factory=dict)
    appropriated: int = 0
    support: int = 0
    number: int = 0
    last: Any = None

    def note(self, code: str, text: str) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(code, self.fund.pk, f"{self.fund.name}：{text}"))


def verify(place: Region | None = None) -> list[Finding]:
    """What is wrong in the ledgers of a place and below, or everywhere; empty when all is well.

    Each fund is locked while it is read, so that nobody posts into the middle.
    """
    funds = Fund.objects.order_by("pk")
    if place is not None:
        funds = funds.filter(place__path__startswith=place.path)
    found: list[Finding] = []
    for pk in funds.values_list("pk", flat=True):
        with transaction.atomic():
            found += _verified(Fund.objects.select_for_update(no_key=True).get(pk=pk))
    return found


def _verified(fund: Fund) -> list[Finding]:
    accounts = {
        row["pk"]: _Sums(row["kind"], row["place_id"], row["line_id"], row["party_id"])
        for row in Account.objects.filter(fund=fund).values(
            "pk", "kind", "place_id", "line_id", "party_id"
        )
    }
    support = fund.lines.filter(counts="support").values_list("pk", flat=True)
    book = _Book(fund, accounts, frozenset(support))
    periods = list(Period.objects.filter(fund=fund))
    for rows, entries in _chunks(fund):
        for row in rows:
            _check_row(book, row, periods)
            _apply(book, row, entries.pop(row["pk"], []))
        if entries:
            book.note("entries", f"有 {len(entries)} 笔分录没有对应的记账")
    _compare(book)
    return book.findings


def _chunks(fund: Fund) -> Iterator[tuple[list[dict[str, Any]], dict[int, list[dict[str, Any]]]]]:
    """Transfers in their order, some at a time, with their entries."""
    after = -1
    while True:
        rows: list[Any] = list(
            Transfer.objects.filter(fund=fund, number__gt=after).order_by("number").values(
                "pk", "key", "number", "kind", "purpose", "debit_id", "credit_id", "amount_fen",
                "pending_id", "reverses_id", "dated", "recorded_at", "maker_id", "checker_id",
                "line_id", "place_id", "party_id",
            )[:CHUNK_ROWS]
        )  # fmt: skip
        if not rows:
            return
        inside = {"transfer__fund": fund, "transfer__number__gt": after}
        after = rows[-1]["number"]
        entries: dict[int, list[dict[str, Any]]] = {}
        for entry in (
            Entry.objects.filter(**inside, transfer__number__lte=after)
            .order_by("transfer__number", "-side")
            .values()
        ):
            entries.setdefault(entry["transfer_id"], []).append(dict(entry))
        yield rows, entries


def _check_row(book: _Book, row: dict[str, Any], periods: list[Period]) -> None:
    """The transfer by itself and against those before it."""
    at = f"第 {row['number']} 笔"
    if row["number"] != book.number + 1:
        book.note("sequence", f"{at}前面缺了，上一笔是第 {book.number} 笔")
    book.number = row["number"]
    if book.last is not None and row["recorded_at"] <= book.last:
        book.note("sequence", f"{at}的记账时间不晚于前一笔")
    book.last = row["recorded_at"]
    if not 1 <= row["amount_fen"] <= MAX_FEN:
        book.note("amount", f"{at}的金额 {row['amount_fen']} 分不可能")
    if row["maker_id"] == row["checker_id"]:
        book.note("people", f"{at}的经办和复核是同一个人")
    for period in periods:
        inside = period.starts <= row["dated"] <= period.ends
        if inside and row["recorded_at"] > period.closed_at:
            book.note("period", f"{at}的业务日期 {row['dated']} 在记账前已经结账")
    if row["kind"] in ("post", "void"):
        _check_resolution(book, row, at)
    if row["purpose"] == "claw_back":
        _check_claw_back(book, row, at)
    if row["kind"] in ("pending", "post"):
        book.seen[row["pk"]] = row


def _check_resolution(book: _Book, row: dict[str, Any], at: str) -> None:
    pending = book.seen.get(row["pending_id"] or 0)
    if pending is None or pending["kind"] != "pending":
        book.note("resolution", f"{at}没有对应的额度锁定")
        return
    if row["pending_id"] in book.resolved:
        book.note("resolution", f"{at}把第 {pending['number']} 笔锁定又办了一次")
    book.resolved.add(row["pending_id"])
    if row["amount_fen"] > pending["amount_fen"]:
        book.note("resolution", f"{at}超过第 {pending['number']} 笔锁定的金额")
    if (row["debit_id"], row["credit_id"]) != (pending["debit_id"], pending["credit_id"]):
        book.note("resolution", f"{at}的账户与第 {pending['number']} 笔锁定不同")
    if row["dated"] < pending["dated"]:
        book.note("resolution", f"{at}的业务日期早于第 {pending['number']} 笔锁定")


def _check_claw_back(book: _Book, row: dict[str, Any], at: str) -> None:
    payment = book.seen.get(row["reverses_id"] or 0)
    if payment is None or payment["kind"] != "post":
        book.note("claw_back", f"{at}追回的不是一笔兑付")
        return
    pk = row["reverses_id"]
    book.taken[pk] = book.taken.get(pk, 0) + row["amount_fen"]
    if book.taken[pk] > payment["amount_fen"]:
        book.note("claw_back", f"第 {payment['number']} 笔兑付追回的超过兑付的")
    if (row["debit_id"], row["credit_id"]) != (payment["credit_id"], payment["debit_id"]):
        book.note("claw_back", f"{at}没有回到第 {payment['number']} 笔兑付出来的地方")


def _apply(book: _Book, row: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Add the transfer to its two accounts and compare with the entries written for it."""
    at = f"第 {row['number']} 笔"
    amount = row["amount_fen"]
    held = book.seen[row["pending_id"]]["amount_fen"] if row["pending_id"] in book.seen else 0
    by_side = {entry["side"]: entry for entry in entries}
    if len(entries) != 2 or set(by_side) != {"debit", "credit"}:  # noqa: PLR2004 - both sides
        book.note("entries", f"{at}应当有借贷两条分录，有 {len(entries)} 条")
    for side in ("debit", "credit"):
        sums = book.accounts.get(row[f"{side}_id"])
        if (
            sums is None
            or sums.place_id != row["place_id"]
            or row["place_id"] != book.fund.place_id
        ):
            book.note("place", f"{at}的账户不属于这笔资金")
            continue
        if row["kind"] == "pending":
            sums.pending[side] += amount
        if row["kind"] in ("post", "void"):
            sums.pending[side] -= held
        if row["kind"] in ("post", "single"):
            sums.posted[side] += amount
        sums.entries += 1
        if not sums.sane():
            book.note("limit", f"{at}以后账户 {row[f'{side}_id']} 透支")
        entry = by_side.get(side)
        if entry is not None:
            _check_entry(book, at, row, entry, sums)
    _count(book, row)


def _check_entry(
    book: _Book, at: str, row: dict[str, Any], entry: dict[str, Any], sums: _Sums
) -> None:
    if entry["account_id"] != row[f"{entry['side']}_id"]:
        book.note("entries", f"{at}的分录记在别的账户上")
    if entry["number"] != sums.entries:
        book.note("sequence", f"{at}的分录号是 {entry['number']}，应当是 {sums.entries}")
    told = tuple(
        entry[name]
        for name in ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    )
    if told != sums.four():
        book.note("running", f"{at}的分录余额与重算的不同")


def _count(book: _Book, row: dict[str, Any]) -> None:
    """The sums of the ratio, judged after each step."""
    sign = {"appropriate": 1, "allocate": 1, "surrender": -1, "recall": -1}.get(row["purpose"], 0)
    if row["purpose"] in ("appropriate", "surrender"):
        book.appropriated += sign * row["amount_fen"]
    elif sign and row["line_id"] in book.support_lines:
        book.support += sign * row["amount_fen"]
    fund = book.fund
    num, den = fund.support_num, fund.support_den
    if num is not None and den is not None and book.support * den > book.appropriated * num:
        book.note(
            "ratio",
            f"第 {row['number']} 笔以后配套安排 {format_cn(book.support)}，"
            f"超过到账 {format_cn(book.appropriated)} 的规定比例",
        )


def _compare(book: _Book) -> None:
    """What is kept in the accounts, the fund and the answers, against what was recomputed."""
    fund, total = book.fund, 0
    for row in Account.objects.filter(fund=fund):
        sums = book.accounts[row.pk]
        kept = (row.debits_pending, row.debits_posted, row.credits_pending, row.credits_posted)
        if kept != sums.four():
            book.note("balance", f"账户 {row.pk} 存的余额与重算的不同：{kept} 与 {sums.four()}")
        if row.entries_count != sums.entries:
            book.note("sequence", f"账户 {row.pk} 存的分录数与重算的不同")
        total += kept[3] - kept[1]
    if total:
        book.note("zero_sum", f"全部账户相加不为零，差 {total} 分")
    same = [
        ("balance", "到账的合计", fund.appropriated_fen == book.appropriated),
        ("balance", "配套安排的合计", fund.support_fen == book.support),
        ("sequence", "记账笔数", fund.size == book.number),
    ]
    for code, name, holds in same:
        if not holds:
            book.note(code, f"存的{name}与重算的不同")
    _check_answers(book)


def _check_answers(book: _Book) -> None:
    """Every transfer is the answer to exactly one request, with its key."""
    answers = IdempotentRequest.objects.filter(transfer__fund=book.fund)
    if answers.exclude(key=F("transfer__key")).exists():
        book.note("answers", "有答复记的请求编号与记账的不同")
    if answers.values("transfer").distinct().count() != book.number:
        book.note("answers", "有记账没有留下请求的答复")
    if Transfer.objects.filter(fund=book.fund).count() != book.number:
        book.note("sequence", "记账的笔数与流水号对不上")

"""Random movements through the application, each compared with the reference.

``play`` raises ``Caught`` with the name of the invariant at the first difference.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.utils import timezone

from shuzhuan.apps.funds import actions
from shuzhuan.apps.funds.actions import MoneyRefused
from shuzhuan.apps.funds.models import Account, Transfer
from shuzhuan.apps.funds.queries.statement import statement
from shuzhuan.apps.funds.queries.verify import verify
from tests.apps.funds.kit import WAN, Desk
from tests.ledger.reference import Booked, Movement, Reference

# Which rule a refusal stands for; the names are those of docs/ledger.md.
RULES = {
    "short": "limit", "resolved": "resolve_once", "too_much": "never_more", "reversed": "claw_back",
    "people": "two_people", "period": "closed_period", "day": "business_date", "key": "one_answer",
    "ratio": "ratio",
}  # fmt: skip
OPERATIONS = {
    "appropriate": 3, "allocate": 7, "reserve": 34, "pay": 20, "release": 8, "claw_back": 14,
    "again": 8, "other_body": 3, "close": 1,
}  # fmt: skip
VERIFY_EVERY = 25
STATEMENT_EVERY = 30
DAYS_BACK = 40


class Caught(Exception):
    """An invariant does not hold."""

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant


Call = Callable[..., Transfer]


class Player:
    """One run over some funds with a seed."""

    def __init__(self, desks: list[Desk], seed: int) -> None:
        self.desks = desks
        self.random = random.Random(seed)
        self.reference = Reference(len(desks))
        self.reserved: list[Booked] = []
        self.paid: list[Booked] = []
        self.others: list[Booked] = []
        # what was asked before: the call, its key, its arguments, and what came of it
        self.asked: list[tuple[Call, UUID, dict[str, Any], tuple[int | None, str | None]]] = []
        self.statements: list[tuple[Desk, Any, date, bytes]] = []
        self.parties = sorted(desks[0].cast.parties.values(), key=lambda party: party.pk)
        self.granted = self.refused = 0

    def play(self, steps: int) -> None:
        """``steps`` operations, the invariants after each. Raises Caught."""
        for at, desk in enumerate(self.desks):
            self.move(Movement("appropriate", at, 1000 * WAN, self.today(), *self.people(desk)))
        for step in range(1, steps + 1):
            names, weights = list(OPERATIONS), list(OPERATIONS.values())
            getattr(self, f"do_{self.random.choices(names, weights)[0]}")()
            self.compare()
            if step % VERIFY_EVERY == 0:
                self.verified()
            if step % STATEMENT_EVERY == 0:
                self.ask_statement()
        self.verified()
        self.ask_statements_again()
        append_only()

    # -- operations ------------------------------------------------------------------------------

    def today(self) -> date:
        return timezone.localdate()

    def people(self, desk: Desk) -> tuple[int, int]:
        one, two = desk.finance.user_id or 0, desk.officer.user_id or 0
        return (one, one) if self.random.random() < 0.03 else (one, two)

    def day(self, book: int, since: date | None = None) -> date:
        """Mostly an open day; sometimes one that is closed, if there are any."""
        closed = self.reference.books[book].closed
        first = max(since or date.min, self.today() - timedelta(days=DAYS_BACK))
        if closed is not None and self.random.random() < 0.05 and since is None:
            return closed
        if closed is not None:
            first = max(first, closed + timedelta(days=1))
        return first + timedelta(days=self.random.randint(0, (self.today() - first).days))

    def amount(self, most: int) -> int:
        """Small, everything, one too many, or in between."""
        most = max(most, 1)
        return self.random.choice(
            [1, most, most + 1, *(self.random.randint(1, most) for _ in "ab")]
        )

    def fresh(self, what: str) -> tuple[int, Desk, tuple[int, int], date]:
        book = self.random.randrange(len(self.desks))
        desk = self.desks[book]
        return book, desk, self.people(desk), self.day(book)

    def do_appropriate(self) -> None:
        book, _, people, day = self.fresh("appropriate")
        self.move(Movement("appropriate", book, self.random.randint(1, 50 * WAN), day, *people))

    def do_allocate(self) -> None:
        book, _, people, day = self.fresh("allocate")
        line = self.random.choice(["rebuild", "rebuild", "services"])
        amount = self.amount(min(self.reference.books[book].free("received"), 100 * WAN))
        self.move(Movement("allocate", book, amount, day, *people, line=line))

    def do_reserve(self) -> None:
        book, _, people, day = self.fresh("reserve")
        line = self.random.choice(["rebuild", "rebuild", "services"])
        free = self.reference.books[book].free("pool", line)
        amount = self.amount(free if self.random.random() < 0.3 else max(free // 8, 1))
        party = self.random.choice(self.parties).pk
        self.move(Movement("reserve", book, amount, day, *people, line=line, payee=party))

    def follow(self, what: str, before: Booked, amount: int) -> None:
        first = before.movement
        people = self.people(self.desks[first.book])
        day = self.day(first.book, first.dated)
        self.move(
            Movement(
                what, first.book, amount, day, *people, line=first.line, payee=first.payee,
                before=before,
            )
        )  # fmt: skip

    def some(self, *lists: list[Booked]) -> Booked | None:
        rows = self.random.choice(lists)
        return self.random.choice(rows[-12:]) if rows else None

    def do_pay(self) -> None:
        before = self.some(self.reserved, self.reserved, self.reserved, self.paid)
        if before is not None:
            self.follow("pay", before, self.amount(before.movement.amount))

    def do_release(self) -> None:
        before = self.some(self.reserved, self.reserved, self.reserved, self.paid)
        if before is not None:
            self.follow("release", before, before.movement.amount)

    def do_claw_back(self) -> None:
        before = self.some(self.paid, self.paid, self.paid, self.reserved, self.others)
        if before is not None and before.movement.payee:
            self.follow("claw_back", before, self.amount(before.movement.amount - before.taken))

    def do_close(self) -> None:
        book = self.random.randrange(len(self.desks))
        closed, desk = self.reference.books[book].closed, self.desks[book]
        first = (closed or self.today() - timedelta(days=DAYS_BACK)) + timedelta(days=1)
        last = self.today() - timedelta(days=2)
        if first > last:
            return
        until = first + timedelta(days=self.random.randint(0, min(6, (last - first).days)))
        actions.close_period(desk.finance, fund=desk.fund, until=until)
        self.reference.books[book].closed = until

    def do_again(self) -> None:
        """The same request gets the same answer, whatever has happened since."""
        if not self.asked:
            return
        call, key, arguments, before = self.random.choice(self.asked)
        now = self.call(call, key, arguments)
        if (now[0].pk if now[0] else None, now[1]) != before:
            raise Caught("one_answer", f"{call.__name__} 重复提交，先后的答复不同：{before} {now}")

    def do_other_body(self) -> None:
        if not self.asked:
            return
        call, key, arguments, _ = self.random.choice(self.asked)
        name = "amount_fen" if "amount_fen" in arguments else "reason"
        other = arguments[name] + 1 if name == "amount_fen" else "另一个原因"
        came, code = self.call(call, key, {**arguments, name: other})
        if came is not None or code != "key":
            raise Caught("one_answer", f"{call.__name__} 同一编号另外的内容得到 {came or code}")

    # -- asking and comparing --------------------------------------------------------------------

    def move(self, move: Movement) -> None:
        """Ask the application, and compare what came of it with the rules."""
        expected = self.reference.judge(move)
        call, arguments = self.call_of(move)
        key = UUID(int=self.random.getrandbits(128), version=4)
        came, code = self.call(call, key, arguments)
        if code != expected:
            rule = RULES.get(expected or code or "", expected or code or "")
            said = "办成了" if came else f"被拒（{code}）"
            raise Caught(
                rule, f"{move.what} {move.amount} 分{said}，按规则应当{expected or '办成'}"
            )
        self.asked.append((call, key, arguments, (came.pk if came else None, code)))
        if came is None:
            self.refused += 1
            return
        self.granted += 1
        booked = self.reference.apply(move, came)
        {"reserve": self.reserved, "pay": self.paid}.get(move.what, self.others).append(booked)

    def call_of(self, move: Movement) -> tuple[Call, dict[str, Any]]:
        desk = self.desks[move.book]
        arguments: dict[str, Any] = {
            "maker_id": move.maker, "checker_id": move.checker, "dated": move.dated,
        }  # fmt: skip
        if move.what == "reserve":
            party = next(p for p in self.parties if p.pk == move.payee)
            arguments |= {
                "fund": desk.fund, "line": getattr(desk, move.line), "party": party,
                "subject": f"PY-{move.payee}", "subject_id": move.payee,
            }  # fmt: skip
        elif move.what in ("appropriate", "allocate"):
            arguments |= {"fund": desk.fund, "source": desk.region, "reason": "依据"}
            if move.line:
                arguments["line"] = getattr(desk, move.line)
        else:
            before = move.before.handle if move.before else None
            arguments["payment" if move.what == "claw_back" else "pending"] = before
            arguments["reason"] = "原因"
        if move.what != "release":
            arguments["amount_fen"] = move.amount
        return getattr(actions, move.what), arguments

    def call(
        self, call: Call, key: UUID, arguments: dict[str, Any]
    ) -> tuple[Transfer | None, str | None]:
        try:
            return call(self.desks[0].finance, key=key, **arguments), None
        except MoneyRefused as refused:
            return None, refused.refusal_code
        except ValidationError as refused:
            return None, refused.messages[0]
        except Error as error:
            raise Caught("crash", f"{call.__name__}：{error}") from error

    def compare(self) -> None:
        """Every account of the application against the reference."""
        kept: dict[tuple[object, ...], tuple[int, ...]] = {}
        funds = {desk.fund.pk: at for at, desk in enumerate(self.desks)}
        for row in Account.objects.filter(fund__in=funds).select_related("line", "source"):
            if row.source is not None and row.source.key != "region":
                continue
            line = (row.line.key,) if row.line else ()
            payee = (row.party_id,) if row.party_id else ()
            kept[(funds[row.fund_id], row.kind, *line, *payee)] = (
                row.debits_pending, row.debits_posted, row.credits_pending, row.credits_posted,
            )  # fmt: skip
        for at, book in enumerate(self.reference.books):
            for key, sums in book.sums.items():
                if key[-1] == "" or tuple(sums) == kept.get((at, *key), (0, 0, 0, 0)):
                    continue
                raise Caught("balance", f"账户 {key}：{kept.get((at, *key))}，应当是 {tuple(sums)}")
            for key, held in kept.items():
                if key[0] == at and any(held) and key[1:] not in book.sums:
                    raise Caught("balance", f"账户 {key} 不应当有钱：{held}")

    def verified(self) -> None:
        found = verify()
        if found:
            raise Caught(found[0].code, found[0].text)

    def ask_statement(self) -> None:
        """At a moment, sometimes of the past, and a day, sometimes of the past."""
        desk = self.random.choice(self.desks)
        day = self.today() - timedelta(days=self.random.choice([0, 0, 3, 10]))
        told = statement(desk.fund, dated_to=day)
        self.statements.append((desk, told.known_at, day, told.canonical()))

    def ask_statements_again(self) -> None:
        for desk, known, day, before in self.statements:
            if statement(desk.fund, known, day).canonical() != before:
                raise Caught("statement", f"{known} 的对账单后来变了")


def append_only() -> None:
    """Nothing changes or removes a row, by whatever route."""
    columns = {
        "funds_transfer": "amount_fen = amount_fen + 1", "funds_entry": "number = number + 100000",
        "funds_idempotentrequest": "action = 'x'", "funds_period": "ends = ends",
    }  # fmt: skip
    for table, change in columns.items():
        statements = [f"UPDATE {table} SET {change}", f"DELETE FROM {table}"]  # noqa: S608
        if connection.vendor == "sqlite":
            statements.append(
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"  # noqa: S608
            )
        else:
            statements.append(f"TRUNCATE {table} CASCADE")
            statements.append(
                f"INSERT INTO {table} SELECT * FROM {table} "  # noqa: S608
                f"ON CONFLICT (id) DO UPDATE SET id = excluded.id"
            )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            if not cursor.fetchone()[0]:
                continue
        for sql in statements:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(sql)
                    transaction.set_rollback(True)
            except Error:
                continue
            raise Caught("append_only", f"数据库接受了 {sql.split(' SET')[0]}")

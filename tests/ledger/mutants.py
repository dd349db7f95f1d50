"""Ledgers that are broken on purpose, and the invariant that must notice each.

A mutant replaces a piece of the application. Where the database would refuse its mistake anyway,
the guard there is taken away too: the proof asks whether the invariants notice, not whether one
of two locks holds.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.db.models import F

from shuzhuan.apps.audit.append_only import statements as append_only_statements
from shuzhuan.apps.funds import triggers
from shuzhuan.apps.funds.actions import budget, payments, posting, refusals
from shuzhuan.apps.funds.actions.refusals import MoneyRefused
from shuzhuan.apps.funds.models import (
    Account,
    Entry,
    Fund,
    IdempotentRequest,
    Kind,
    Purpose,
    Side,
)
from shuzhuan.apps.funds.models.ledger import effect
from tests.apps.funds.kit import Desk
from tests.ledger.drain import drain, twins
from tests.ledger.driver import Caught, Player

STEPS = 400
ROUNDS = 3  # a race is looked for more than once

BOTH = ("sqlite", "postgresql")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """What breaks, which invariants may notice it, and how it is looked for."""

    name: str
    breaks: Callable[[], None]
    invariants: frozenset[str]
    find: Callable[[list[Desk], int], None]
    on: tuple[str, ...] = BOTH


MUTANTS: list[Mutant] = []


def steps(desks: list[Desk], seed: int) -> None:
    Player(desks, seed).play(STEPS)


def race(desks: list[Desk], seed: int) -> None:
    for at in range(ROUNDS):
        drain(desks[at % len(desks)] if at < len(desks) else desks[0], 120, 4)


def mixed_race(desks: list[Desk], seed: int) -> None:
    drain(desks[0], 160, 4, mixed=True)


def duplicates(desks: list[Desk], seed: int) -> None:
    desks[0].filled()
    twins(desks[0], 16)


def mutant(
    *invariants: str,
    find: Callable[[list[Desk], int], None] = steps,
    on: tuple[str, ...] = BOTH,
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a broken ledger by what it replaces."""

    def register(breaks: Callable[[], None]) -> Callable[[], None]:
        MUTANTS.append(Mutant(breaks.__name__, breaks, frozenset(invariants), find, on))
        return breaks

    return register


def replace(module: Any, name: str, value: Any) -> None:
    """Put a broken piece in the place of a sound one."""
    assert hasattr(module, name), name  # a renamed piece must not make a mutant harmless
    setattr(module, name, value)


def nothing(*_: Any, **__: Any) -> None:
    """A check that checks nothing."""


def without_guards() -> None:
    """Take away what the database itself refuses in transfers, accounts and funds."""
    with connection.cursor() as cursor:
        for sql in triggers.dropped(connection.vendor):
            cursor.execute(sql)
        if connection.vendor == "sqlite":
            cursor.execute("DROP INDEX IF EXISTS transfer_resolves_once")
        else:
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' "
                "AND conrelid::regclass::text IN ('funds_transfer', 'funds_account', 'funds_fund')"
            )
            for table, name in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            cursor.execute("DROP INDEX IF EXISTS transfer_resolves_once")
    if connection.vendor == "sqlite":
        connection_created.connect(_unchecked, dispatch_uid="ledger.mutants")
    connections.close_all()


def _unchecked(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")


# -- limits ------------------------------------------------------------------------------------

_before = threading.local()


def _looks_first(write: Callable[[Account, Side, int, int], None]) -> None:
    """Decide by what was read before the transaction, then ``write`` without a condition."""
    without_guards()
    sound = refusals.once

    def once(request: Any, post: Any, log: Any) -> Any:
        _before.rows = {row.pk: row for row in Account.objects.all()}
        time.sleep(0.002)  # the moment between looking and writing
        return sound(request, post, log)

    def move(row: Account, side: Side, draft: posting.Draft) -> None:
        held = draft.pending.amount_fen if draft.pending else 0
        pending, posted = effect(draft.kind, draft.amount_fen, held)
        seen = getattr(_before, "rows", {}).get(row.pk, row)
        if side == Side.DEBIT and row.kind != "source" and seen.free_fen < pending + posted:
            raise MoneyRefused("short", "不够")
        write(seen, side, pending, posted)
        Account.objects.filter(pk=row.pk).update(entries_count=F("entries_count") + 1)
        row.refresh_from_db()

    replace(payments, "once", once)
    replace(posting, "_move", move)


@mutant("limit", "balance", "running", find=race)
def read_compare_write() -> None:
    def write(seen: Account, side: Side, pending: int, posted: int) -> None:
        name = "debits" if side == Side.DEBIT else "credits"
        Account.objects.filter(pk=seen.pk).update(
            **{
                f"{name}_pending": getattr(seen, f"{name}_pending") + pending,
                f"{name}_posted": getattr(seen, f"{name}_posted") + posted,
            }
        )

    _looks_first(write)


@mutant("limit", find=race)
def increment_without_condition() -> None:
    def write(seen: Account, side: Side, pending: int, posted: int) -> None:
        name = "debits" if side == Side.DEBIT else "credits"
        Account.objects.filter(pk=seen.pk).update(
            **{
                f"{name}_pending": F(f"{name}_pending") + pending,
                f"{name}_posted": F(f"{name}_posted") + posted,
            }
        )

    _looks_first(write)


@mutant("limit")
def reserved_money_counts_as_free() -> None:
    without_guards()
    sound = posting._move

    def move(row: Account, side: Side, draft: posting.Draft) -> None:
        if draft.purpose != Purpose.RESERVE or side == Side.CREDIT:
            sound(row, side, draft)
            return
        if row.credits_posted - row.debits_posted < draft.amount_fen:
            raise MoneyRefused("short", "不够")
        row.debits_pending += draft.amount_fen
        row.entries_count += 1
        row.save()

    replace(posting, "_move", move)


@mutant("ratio")
def ratio_ignored() -> None:
    without_guards()
    replace(posting, "check_ratio", nothing)


# -- people, days, periods ---------------------------------------------------------------------


@mutant("two_people")
def one_person_is_enough() -> None:
    without_guards()
    replace(posting, "_check_people", nothing)


@mutant("closed_period", "business_date")
def closed_period_accepted() -> None:
    without_guards()
    replace(posting, "_check_day", nothing)


# -- reservations and payments -----------------------------------------------------------------


@mutant("resolve_once")
def resolved_twice() -> None:
    without_guards()
    sound = posting._check_pending

    def check(draft: posting.Draft) -> None:
        try:
            sound(draft)
        except MoneyRefused as refused:
            if refused.refusal_code != "resolved":
                raise

    replace(posting, "_check_pending", check)


@mutant("never_more")
def paid_more_than_reserved() -> None:
    without_guards()
    sound = posting._check_pending

    def check(draft: posting.Draft) -> None:
        try:
            sound(draft)
        except MoneyRefused as refused:
            if refused.refusal_code != "too_much":
                raise

    replace(posting, "_check_pending", check)


@mutant("balance", "limit", "running")
def rest_stays_reserved() -> None:
    without_guards()

    def keeps(kind: Kind, amount_fen: int, pending_fen: int) -> tuple[int, int]:
        return (
            (-amount_fen, amount_fen)
            if kind == Kind.POST
            else effect(kind, amount_fen, pending_fen)
        )

    replace(posting, "effect", keeps)


# -- claw-backs --------------------------------------------------------------------------------


@mutant("never_more", "claw_back")
def clawed_back_more_than_paid() -> None:
    without_guards()
    replace(posting, "_check_reversal", nothing)


@mutant("balance", "claw_back", "place")
def returned_to_another_year() -> None:
    without_guards()
    sound = posting.posted

    def posted(draft: posting.Draft) -> Any:
        if draft.purpose == Purpose.CLAW_BACK:
            other = Fund.objects.exclude(pk=draft.fund.pk).order_by("pk").first()
            pool = Account.objects.get(fund=other, kind="pool", line__key=draft.line.key)  # type: ignore[union-attr]
            draft = dataclasses.replace(draft, credit_id=pool.pk)
        return sound(draft)

    replace(payments, "posted", posted)


# -- keys and answers --------------------------------------------------------------------------


def drafted_as(draft: Callable[..., posting.Draft]) -> None:
    for module in (payments, budget):
        vars(module).update(Draft=draft)


@mutant("one_answer")
def no_keys() -> None:
    def once(request: Any, post: Any, log: Any) -> Any:
        fresh = dataclasses.replace(request, key=uuid4())

        def rekeyed() -> Any:
            sound = posting.Draft

            def draft(**fields: Any) -> Any:
                return sound(**{**fields, "key": fresh.key})

            drafted_as(draft)
            try:
                return post()
            finally:
                drafted_as(sound)

        return refusals.once(fresh, rekeyed, log)

    replace(payments, "once", once)
    replace(budget, "once", once)


@mutant("one_answer")
def any_body_gets_the_answer() -> None:
    sound = refusals.answered

    def answered(request: Any) -> Any:
        row = IdempotentRequest.objects.filter(key=request.key).first()
        return sound(dataclasses.replace(request, body_hash=row.body_hash) if row else request)

    replace(refusals, "answered", answered)


@mutant("one_answer")
def refusals_forgotten() -> None:
    sound = refusals._store

    def store(request: Any, came: Any) -> None:
        if not isinstance(came, MoneyRefused):
            sound(request, came)

    replace(refusals, "_store", store)


@mutant("answers", "one_answer", "crash")
def answers_not_kept() -> None:
    replace(refusals, "_store", nothing)
    replace(refusals, "answered", nothing)


@mutant("one_answer", "crash", find=duplicates)
def twins_are_not_expected() -> None:
    """The key is looked up first, but whoever loses the race gets an error."""

    def once(request: Any, post: Any, log: Any) -> Any:
        before = refusals.answered(request)
        time.sleep(0.02)
        if before is not None:
            return before
        came = refusals._tried(request, post, log)
        if isinstance(came, MoneyRefused):
            raise came
        return came

    replace(payments, "once", once)


# -- append-only, locks, statements ------------------------------------------------------------


@mutant("append_only")
def rows_can_be_changed() -> None:
    with connection.cursor() as cursor:
        for table in triggers.GUARDED:
            for sql in append_only_statements(connection.vendor, table)[1]:
                cursor.execute(sql)


@mutant("append_only", on=("sqlite",))
def rows_can_be_replaced() -> None:
    """SQLite fires no DELETE trigger for INSERT OR REPLACE."""
    with connection.cursor() as cursor:
        for table in triggers.GUARDED:
            cursor.execute(f"DROP TRIGGER {table}_no_replace")


@mutant("limit", "balance", "running", "sequence", "crash", find=race)
def no_locks() -> None:
    """On PostgreSQL nothing is locked; on SQLite the transaction begins without the lock."""
    if connection.vendor == "sqlite":
        connections.close_all()
        connection.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
        return
    replace(posting, "_locked_fund", lambda pk: Fund.objects.get(pk=pk))
    replace(posting, "_locked_accounts", lambda *ids: Account.objects.in_bulk(ids))


@mutant("crash", find=mixed_race, on=("postgresql",))
def locks_in_any_order() -> None:
    """The accounts are locked as they come, and nothing is locked before: two can wait for each other."""

    def locked(*ids: int) -> dict[int, Account]:
        rows = {}
        for pk in ids:
            rows[pk] = Account.objects.select_for_update(no_key=True).get(pk=pk)
            time.sleep(0.01)
        return rows

    replace(posting, "_locked_fund", lambda pk: Fund.objects.get(pk=pk))
    replace(posting, "_locked_accounts", locked)


@mutant("statement", "sequence")
def recorded_in_the_past() -> None:
    def after(last: Any) -> Any:
        from django.utils import timezone

        return timezone.now() - timedelta(hours=1)

    replace(posting, "_after", after)


@mutant("running", "sequence", "entries")
def entries_without_their_sums() -> None:
    sound = posting._entry

    def entry(row: Account, side: Side, transfer: Any) -> Entry:
        made = sound(row, side, transfer)
        made.debits_posted = made.credits_posted = 0
        return made

    replace(posting, "_entry", entry)


@mutant("balance", "zero_sum")
def balance_changed_by_hand() -> None:
    """Somebody with the database gives a line one fen; the transfers know nothing of it."""
    sound = posting._written
    count = iter(range(10**9))

    def written(*arguments: Any) -> Any:
        made = sound(*arguments)
        if next(count) == 60:
            rows = Account.objects.filter(kind="pool", fund=made.fund)
            rows.update(credits_posted=F("credits_posted") + 1)
        return made

    replace(posting, "_written", written)


def noticed(each: Mutant, desks: list[Desk], seed: int) -> Caught | None:
    """Break the ledger and look; what noticed it, or None."""
    each.breaks()
    try:
        each.find(desks, seed)
    except Caught as caught:
        return caught
    return None

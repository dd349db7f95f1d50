"""What holds of the whole ledger: append-only, statements for ever, recomputation, random lives."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds import actions
from shuzhuan.apps.funds.forms import AmountField
from shuzhuan.apps.funds.models import (
    Account,
    Entry,
    FundLine,
    FundSource,
    IdempotentRequest,
    Period,
    Transfer,
)
from shuzhuan.apps.funds.queries.books import statement_book
from shuzhuan.apps.funds.queries.statement import statement
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.funds.triggers import GUARDED
from shuzhuan.engine.money import MAX_FEN, format_plain
from tests.apps.funds.kit import WAN, Desk
from tests.cast import Cast, client_of
from tests.ledger.driver import Player

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast).filled()


# -- append-only -------------------------------------------------------------------------------

GROWING = (Transfer, Entry, IdempotentRequest, Period, FundLine, FundSource)


def used(desk: Desk) -> None:
    desk.pay(desk.reserve(40 * WAN), 30 * WAN)
    actions.close_period(
        desk.finance, fund=desk.fund, until=timezone.localdate() - timedelta(days=1)
    )


def changed(row: Any) -> None:
    row.save()


def removed_by_sql(row: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608


def changed_by_sql(row: Any) -> None:
    with connection.cursor() as cursor:
        sql = f"UPDATE {row._meta.db_table} SET place_id = place_id WHERE id = %s"  # noqa: S608
        cursor.execute(sql, [row.pk])


def replaced(row: Any) -> None:
    """INSERT OR REPLACE on SQLite; what PostgreSQL has for it."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
        else:
            cursor.execute(
                f"INSERT INTO {table} SELECT * FROM {table} "  # noqa: S608
                "ON CONFLICT (id) DO UPDATE SET place_id = excluded.place_id"
            )


ROUTES = {
    "save": changed,
    "update": lambda row: type(row).objects.filter(pk=row.pk).update(place=row.place_id),
    "bulk_update": lambda row: type(row).objects.bulk_update([row], ["place"]),
    "update_conflicts": lambda row: type(row).objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["place"]
    ),
    "sql_update": changed_by_sql,
    "sql_delete": removed_by_sql,
    "replace": replaced,
}


@pytest.mark.parametrize("model", GROWING, ids=lambda model: model.__name__)
@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_changed_or_removed_by_any_route(desk: Desk, model: Any, route: str) -> None:
    used(desk)
    before = list(model.objects.order_by("pk").values())
    row = model.objects.order_by("pk").first()
    with pytest.raises(Error), transaction.atomic():
        ROUTES[route](row)
    assert list(model.objects.order_by("pk").values()) == before


def test_every_growing_table_is_guarded() -> None:
    assert {model._meta.db_table for model in GROWING} == set(GUARDED)


def test_control_a_table_that_is_not_guarded_can_be_changed(desk: Desk) -> None:
    changed(Account.objects.first())


# -- statements --------------------------------------------------------------------------------


def test_the_same_question_gives_the_same_bytes_for_ever(desk: Desk) -> None:
    today = timezone.localdate()
    early = desk.reserve(40 * WAN, dated=today - timedelta(days=5))
    first = statement(desk.fund)
    past = statement(desk.fund, dated_to=today - timedelta(days=5))
    kept = [
        (told.known_at, told.dated_to, told.canonical(), statement_book(told))
        for told in (first, past)
    ]
    for at in range(30):  # much happens, some of it dated before the day that was asked
        pending = desk.reserve(WAN, dated=today - timedelta(days=at % 9))
        payment = desk.pay(pending, WAN)
        if at % 3 == 0:
            desk.claw_back(payment, 1)
    desk.pay(early, WAN, dated=today - timedelta(days=5))
    desk.party.name = "改了名字的公司"
    desk.party.save()
    for known, day, before, book in kept:
        again = statement(desk.fund, known, day)
        assert again.canonical() == before
        assert statement_book(again) == book
    later = statement(desk.fund, dated_to=today - timedelta(days=5))
    assert later.canonical() != kept[1][2]  # control: the other question has another answer


def test_a_statement_tells_what_the_accounts_hold(desk: Desk) -> None:
    payment = desk.pay(desk.reserve(40 * WAN), 30 * WAN)
    desk.claw_back(payment, 10 * WAN)
    desk.reserve(5 * WAN)
    told = statement(desk.fund)
    row = told.lines[0]
    assert (row.allocated_fen, row.reserved_fen, row.paid_fen, row.returned_fen) == (
        500 * WAN, 5 * WAN, 30 * WAN, 10 * WAN,
    )  # fmt: skip
    assert row.available_fen == 475 * WAN
    kept = {
        a.pk: (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
        for a in Account.objects.filter(fund=desk.fund, entries_count__gt=0)
    }
    data = json.loads(told.canonical())
    assert {
        a["id"]: (
            a["debits_pending"],
            a["debits_posted"],
            a["credits_pending"],
            a["credits_posted"],
        )
        for a in data["accounts"]
    } == kept


def test_nobody_asks_about_the_future(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="将来"):
        statement(desk.fund, timezone.now() + timedelta(minutes=1))
    here = client_of(desk.cast.person(Role.LEADER, "pengyang"))
    url = reverse("funds:statement", args=[desk.fund.pk])
    future = ("2999-01-01T00:00:00", "9999-12-31T23:59:59-20:00")
    for known in (*future, "gestern", "2026-02-30", "0001-01-01T00:00:00"):
        answer = here.get(url, {"known": known})
        assert answer.status_code == 400, known
        assert "没有算出对账单" in answer.content.decode()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    told = here.get(url, {"known": yesterday}).context["told"]
    assert told.rows == ()
    assert told.appropriated_fen == 0


def test_the_address_of_an_answer_gives_the_same_file(desk: Desk) -> None:
    here = client_of(desk.cast.person(Role.LEADER, "pengyang"))
    page = here.get(reverse("funds:statement", args=[desk.fund.pk]))
    fixed = page.context["query"]
    urls = [
        f"{reverse(f'funds:{name}', args=[desk.fund.pk])}?{fixed}"
        for name in ("statement_bytes", "statement_book")
    ]
    before = [here.get(url).content for url in urls]
    desk.reserve(WAN)
    assert [here.get(url).content for url in urls] == before


# -- recomputation -----------------------------------------------------------------------------


def test_a_sound_ledger_has_no_findings(desk: Desk) -> None:
    payment = desk.pay(desk.reserve(40 * WAN), 30 * WAN)
    desk.claw_back(payment, 10 * WAN)
    desk.release(desk.reserve(WAN))
    assert verify() == []
    assert verify(desk.cast.places["ningxia"]) == []


@pytest.mark.parametrize(
    ("column", "code"),
    [("credits_posted", "balance"), ("debits_pending", "balance"), ("entries_count", "sequence")],
)
def test_a_changed_account_is_found(desk: Desk, column: str, code: str) -> None:
    from django.db.models import F

    Account.objects.filter(kind="pool", line=desk.rebuild).update(**{column: F(column) + 1})
    found = verify(desk.cast.places["guyuan"])
    assert code in {finding.code for finding in found}
    assert all(desk.fund.name in str(finding) for finding in found)
    assert verify(desk.cast.places["fujian"]) == []


def test_the_command_tells_and_fails(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    from django.core.exceptions import ImproperlyConfigured

    from shuzhuan.site.operations import verify_ledger

    verify_ledger(argparse.Namespace(place="640425"))
    assert "2 笔记账，没有发现不对" in capsys.readouterr().out
    Account.objects.filter(kind="received").update(credits_pending=1)
    with pytest.raises(ImproperlyConfigured, match="处不对"):
        verify_ledger(argparse.Namespace(place=""))
    assert "余额与重算的不同" in capsys.readouterr().out
    with pytest.raises(ImproperlyConfigured, match="没有区划代码"):
        verify_ledger(argparse.Namespace(place="1"))


# -- who sees ----------------------------------------------------------------------------------


def test_an_enterprise_sees_its_own_transfers_and_nothing_else(desk: Desk) -> None:
    mine = desk.reserve(WAN)
    desk.reserve(WAN, party=desk.cast.parties["park_foundry"])
    for role in (Role.ENTERPRISE_FILLER, Role.ENTERPRISE_FINANCE):
        actor = actor_of(desk.cast.person(role, "pengyang_mill"))
        assert list(visible(actor, Transfer)) == [mine]
        assert not visible(actor, Account).exists()
    for role, where in ((Role.VENDOR_STAFF, "vendor_guyuan"), (Role.EXPERT, "ningxia")):
        assert not visible(actor_of(desk.cast.person(role, where)), Transfer).exists()


# -- random lives and random texts -------------------------------------------------------------


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_a_random_life_equals_the_reference(cast: Cast, seed: int) -> None:
    """Two funds, every kind of movement and mistake; see tests/ledger."""
    year = (timezone.localdate() - timedelta(days=60)).year
    with transaction.atomic():
        Player([Desk(cast, year=year), Desk(cast, year=year - 1)], seed).play(60)
        transaction.set_rollback(True)


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet="0123456789.-+eE,_ 　１２３０元万\u0000\n", max_size=34))
def test_an_amount_is_read_exactly_or_refused(text: str) -> None:
    from django.forms import ValidationError as Refused

    try:
        fen = AmountField().clean(text)
    except Refused as refused:
        assert refused.messages[0]
        return
    if text == "":
        assert fen is None
        return
    assert fen is not None
    assert 0 < fen <= MAX_FEN
    assert text.isascii()
    assert format_plain(fen).rstrip("0").rstrip(".") in (text, text.rstrip("0").rstrip("."))

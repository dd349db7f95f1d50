"""Reserving, paying, releasing and clawing back: what is granted, what is refused and why."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry as AuditEntry
from shuzhuan.apps.funds import actions
from shuzhuan.apps.funds.actions import MoneyRefused, keeping_refusals
from shuzhuan.apps.funds.models import Account, Fund, IdempotentRequest, Period, Transfer
from shuzhuan.apps.funds.queries.balances import balances
from tests.apps.funds.kit import WAN, Desk
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast).filled()


def line(desk: Desk) -> tuple[int, ...]:
    """available, reserved, paid, returned of the line for enterprises, in 万元."""
    row = balances(desk.fund).lines[0]
    found = (row.available_fen, row.reserved_fen, row.paid_fen, row.returned_fen)
    assert row.allocated_fen == found[0] + found[1] + found[2] - found[3]
    return tuple(fen // WAN for fen in found)


def refused(code: str) -> pytest.RaisesContext[MoneyRefused]:  # type: ignore[name-defined]
    return pytest.raises(MoneyRefused, check=lambda error: error.refusal_code == code)


class TestLife:
    def test_money_is_reserved_paid_in_part_and_the_rest_is_free_at_once(self, desk: Desk) -> None:
        assert line(desk) == (500, 0, 0, 0)
        pending = desk.reserve(40 * WAN)
        assert line(desk) == (460, 40, 0, 0)
        desk.pay(pending, 35 * WAN)
        assert line(desk) == (465, 0, 35, 0)

    def test_a_released_reservation_is_free_again(self, desk: Desk) -> None:
        desk.release(desk.reserve(40 * WAN))
        assert line(desk) == (500, 0, 0, 0)

    def test_money_comes_back_to_the_line_and_year_it_came_from(self, desk: Desk) -> None:
        payment = desk.pay(desk.reserve(40 * WAN), 40 * WAN)
        back = desk.claw_back(payment, 15 * WAN)
        assert (back.fund_id, back.credit_id) == (payment.fund_id, payment.debit_id)
        assert back.reverses_id == payment.pk
        assert line(desk) == (475, 0, 40, 15)

    def test_each_movement_is_one_row_of_the_log(self, desk: Desk) -> None:
        before = AuditEntry.objects.count()
        pending = desk.reserve(40 * WAN)
        desk.pay(pending, 40 * WAN)
        rows = AuditEntry.objects.order_by("pk")[before:]
        assert [row.action for row in rows] == ["funds.reserve", "funds.pay"]
        desk.reserve(WAN, audited=False)
        assert AuditEntry.objects.count() == before + 2


class TestRefusals:
    def test_the_budget_is_decided_when_money_is_reserved(self, desk: Desk) -> None:
        desk.reserve(499 * WAN)
        with refused("short") as told:
            desk.reserve(2 * WAN)
        assert "可用 1万元，不够额度锁定 2万元" in told.value.messages[0]
        assert line(desk) == (1, 499, 0, 0)
        desk.reserve(1 * WAN)
        assert line(desk) == (0, 500, 0, 0)

    def test_a_reservation_resolves_once_and_to_no_more_than_it_is(self, desk: Desk) -> None:
        pending = desk.reserve(40 * WAN)
        with refused("too_much"):
            desk.pay(pending, 40 * WAN + 1)
        payment = desk.pay(pending, 30 * WAN)
        for again in (lambda: desk.pay(pending, 1), lambda: desk.release(pending)):
            with refused("resolved"):
                again()
        with refused("resolved"):
            desk.pay(payment, 1)

    def test_a_claw_back_takes_no_more_than_was_paid(self, desk: Desk) -> None:
        payment = desk.pay(desk.reserve(40 * WAN), 30 * WAN)
        other = desk.pay(desk.reserve(40 * WAN), 30 * WAN)
        first = desk.claw_back(payment, 20 * WAN)
        with refused("too_much"):
            desk.claw_back(payment, 10 * WAN + 1)
        desk.claw_back(payment, 10 * WAN)
        with refused("reversed"):
            desk.claw_back(first, 1)
        with refused("reversed"):
            desk.claw_back(desk.reserve(WAN), 1)
        desk.claw_back(other, 30 * WAN)

    def test_maker_and_checker_are_two_people_and_no_administrators(self, desk: Desk) -> None:
        with refused("people"):
            desk.reserve(WAN, checker_id=desk.finance.user_id)
        admin = desk.cast.person(Role.SYSTEM_ADMIN, "ningxia").user_id
        with refused("people"):
            desk.reserve(WAN, checker_id=admin)

    def test_days(self, desk: Desk) -> None:
        today = timezone.localdate()
        with refused("day"):
            desk.reserve(WAN, dated=today + timedelta(days=1))
        with refused("day"):
            desk.reserve(WAN, dated=date(desk.year - 1, 12, 31))
        pending = desk.reserve(WAN)
        with refused("day"):
            desk.pay(pending, WAN, dated=today - timedelta(days=1))

    def test_a_closed_period_accepts_nothing(self, desk: Desk) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)
        period = actions.close_period(desk.finance, fund=desk.fund, until=yesterday)
        with refused("period") as told:
            desk.reserve(WAN, dated=yesterday)
        assert str(period) in told.value.messages[0]
        desk.reserve(WAN)
        with pytest.raises(ValidationError, match="已经结账"):
            actions.close_period(desk.finance, fund=desk.fund, until=yesterday)
        with pytest.raises(ValidationError, match="最晚到昨天"):
            actions.close_period(desk.finance, fund=desk.fund, until=timezone.localdate())
        assert Period.objects.count() == 1

    def test_a_closed_fund_takes_no_reservations_but_money_comes_back(self, desk: Desk) -> None:
        pending = desk.reserve(40 * WAN)
        with refused("closed"):
            actions.close_fund(desk.finance, fund=desk.fund)
        payment = desk.pay(pending, 40 * WAN)
        actions.close_fund(desk.finance, fund=desk.fund)
        with refused("closed"):
            desk.reserve(WAN)
        desk.claw_back(payment, WAN)

    @pytest.mark.parametrize("fen", [0, -1, 10**15 + 1, 2**63, True, 1.5, "5"])
    def test_amounts_that_are_none(self, desk: Desk, fen: int) -> None:
        with pytest.raises(ValidationError):
            desk.reserve(fen)
        assert not IdempotentRequest.objects.filter(action="reserve").exists()

    def test_only_the_government_of_the_place_moves_money(self, desk: Desk) -> None:
        pending = desk.reserve(WAN)
        for role, where in (
            (Role.FINANCE_OFFICER, "hongsibu"),
            (Role.ENTERPRISE_FINANCE, "pengyang_mill"),
            (Role.SYSTEM_ADMIN, "ningxia"),
            (Role.EXPERT, "ningxia"),
        ):
            actor = actor_of(desk.cast.person(role, where))
            with pytest.raises(PermissionDenied):
                actions.pay(actor, pending=pending, amount_fen=1, **desk.signed(reason="x"))


class TestKeys:
    def test_the_same_request_twice_is_one_transfer(self, desk: Desk) -> None:
        key = uuid4()
        first = desk.reserve(WAN, key=key)
        log = AuditEntry.objects.count()
        assert desk.reserve(WAN, key=str(key)) == first
        assert line(desk)[1] == 1
        assert AuditEntry.objects.count() == log

    def test_the_same_key_with_other_content_is_refused(self, desk: Desk) -> None:
        key = uuid4()
        desk.reserve(WAN, key=key)
        for other in (
            lambda: desk.reserve(2 * WAN, key=key),
            lambda: desk.reserve(WAN, key=key, subject="PY-2026-002"),
            lambda: desk.reserve(WAN, key=key, party=desk.cast.parties["park_foundry"]),
            lambda: desk.allocate(WAN, key=key),
        ):
            with refused("key") as told:
                other()
            assert "这个请求已经用另外的内容提交过" in told.value.messages[0]

    def test_a_refused_key_stays_refused_when_money_arrives(self, desk: Desk) -> None:
        key = uuid4()
        with refused("short") as first:
            desk.reserve(501 * WAN, key=key)
        desk.allocate(100 * WAN)
        with refused("short") as second:
            desk.reserve(501 * WAN, key=key)
        assert second.value.messages == first.value.messages
        desk.reserve(501 * WAN)

    def test_a_refusal_is_kept_when_the_caller_rolls_back(self, desk: Desk) -> None:
        key = uuid4()
        with pytest.raises(MoneyRefused), keeping_refusals(), transaction.atomic():
            desk.reserve(501 * WAN, key=key)
        assert IdempotentRequest.objects.get(key=key).refusal_code == "short"
        other = uuid4()
        with pytest.raises(MoneyRefused), transaction.atomic():
            desk.reserve(501 * WAN, key=other)
        assert not IdempotentRequest.objects.filter(key=other).exists()

    def test_a_key_is_a_uuid(self, desk: Desk) -> None:
        with pytest.raises(ValidationError, match="请求编号"):
            desk.reserve(WAN, key="1; DROP TABLE")


class TestOpening:
    def test_lines_sources_and_ratios_come_from_the_document(self, desk: Desk) -> None:
        fund = desk.fund
        assert [row.key for row in fund.sources.all()] == ["region", "county"]
        sides = {row.key: row.counts for row in fund.lines.all()}
        assert sides == {
            "rebuild": "enterprise", "benchmark": "enterprise", "services": "support",
        }  # fmt: skip
        assert (fund.support_num, fund.support_den) == (1, 10)
        assert (fund.enterprise_num, fund.enterprise_den) == (9, 10)
        assert "第四条" in fund.ratio_cite
        assert Account.objects.filter(fund=fund, kind="pool").count() == 3

    def test_what_the_document_leaves_open_has_to_be_decided(self, cast: Cast) -> None:
        finance = actor_of(cast.person(Role.FINANCE_OFFICER, "pengyang"))
        with pytest.raises(ValidationError, match="还没有选定"):
            actions.open_fund(finance, "pengyang", 2026)
        assert not Fund.objects.exists()

    def test_once_a_year(self, desk: Desk) -> None:
        with pytest.raises(ValidationError, match="已经设立"):
            actions.open_fund(desk.finance, "pengyang", desk.year, {"benchmark": "enterprise"})

    def test_only_where_the_document_names_lines(self, cast: Cast) -> None:
        finance = actor_of(cast.person(Role.FINANCE_OFFICER, "hongsibu"))
        for pack in ("hongsibu", "pengyang", "nowhere"):
            with pytest.raises(ValidationError, match="没有写明"):
                actions.open_fund(finance, pack, 2026)


def test_a_payee_of_another_kind_can_be_paid(desk: Desk) -> None:
    vendor = Party.objects.filter(kind=PartyKind.VENDOR).first()
    desk.reserve(WAN, party=vendor)
    assert Transfer.objects.get(party=vendor).payee == vendor.name


def test_impossible_rows_are_refused_by_the_database_too(desk: Desk) -> None:
    """The actions are gone round: rows are written as somebody with the database would."""
    payment = desk.pay(desk.reserve(40 * WAN), 30 * WAN)
    pending = desk.reserve(10 * WAN)
    actions.close_period(
        desk.finance, fund=desk.fund, until=timezone.localdate() - timedelta(days=1)
    )
    other = Desk(desk.cast, year=desk.year + 1).fund

    def row(**changes: object) -> Transfer:
        same = {f.attname: getattr(pending, f.attname) for f in Transfer._meta.concrete_fields}
        return Transfer(**{**same, "id": None, "key": uuid4(), "number": 99, **changes})

    resolving = {"kind": "post", "purpose": "pay", "pending_id": pending.pk}
    taking = {
        "kind": "single", "purpose": "claw_back", "reverses_id": payment.pk,
        "debit_id": payment.credit_id, "credit_id": payment.debit_id,
    }  # fmt: skip
    bad = [
        row(amount_fen=0),
        row(amount_fen=10**15 + 1),
        row(checker_id=pending.maker_id),
        row(dated=timezone.localdate() - timedelta(days=1)),
        row(fund_id=other.pk),
        row(credit_id=pending.debit_id),
        row(number=pending.number),
        row(key=pending.key),
        row(**resolving, amount_fen=10 * WAN + 1),
        row(**{**resolving, "kind": "void", "purpose": "release"}, amount_fen=WAN),
        row(**{**resolving, "pending_id": payment.pk}),
        row(**taking, amount_fen=30 * WAN + 1),
        row(**{**taking, "debit_id": payment.debit_id, "credit_id": payment.credit_id}),
        row(kind="single", purpose="claw_back"),
    ]
    for transfer in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            transfer.save(force_insert=True)
    for good in (row(), row(**resolving, amount_fen=WAN, number=100)):
        good.save(force_insert=True)  # control: the same route, with possible rows

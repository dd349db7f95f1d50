"""The life of a publicity: numbers, periods, objections, decisions, ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, IntegrityError, connection, transaction
from django.http import Http404

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.publicity import hooks
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.finish import cancel, close, withdraw_item
from shuzhuan.apps.publicity.actions.start import short_name
from shuzhuan.apps.publicity.clear import item_is_clear
from shuzhuan.apps.publicity.models import (
    ItemState,
    Objection,
    ObjectionState,
    Publicity,
    PublicityItem,
    State,
)
from tests.apps.publicity.kit import (
    FIELDS,
    LAST,
    Clock,
    first,
    objected,
    officer,
    published,
    spec,
)
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def log() -> list[str]:
    rows = Entry.objects.filter(kind__startswith="publicity.").order_by("pk")
    return list(rows.values_list("action", flat=True))


class TestStart:
    """Numbers, columns, and what is refused."""

    def test_numbers_count_by_place_and_year(self, cast: Cast, clock: Clock) -> None:
        numbers = [published(cast).number, published(cast).number]
        assert numbers == ["彭阳-公示-2026-001", "彭阳-公示-2026-002"]
        assert published(cast, place="xiji").number == "西吉-公示-2026-001"
        clock.at(date(2027, 1, 4))
        assert published(cast).number == "彭阳-公示-2027-001"
        assert log() == ["start_publicity"] * 4

    @pytest.mark.parametrize(
        ("name", "short"),
        [
            ("红寺堡区", "红寺堡"),
            ("宁夏回族自治区", "宁夏"),
            ("彭阳县工业园区", "彭阳县"),
            ("固原市", "固原"),
            ("市县", "市县"),
        ],
    )
    def test_places_are_abbreviated(self, name: str, short: str) -> None:
        assert short_name(name) == short

    def test_rows_hold_exactly_the_permitted_columns(self, cast: Cast) -> None:
        publicity = published(cast)
        item = first(publicity)
        assert list(item.values) == list(FIELDS)
        assert item.values["拟补助奖励金额"] == "300,000.01"
        assert item.amount_fen == 30_000_001
        assert (publicity.items_count, publicity.amount_field) == (2, "拟补助奖励金额")

    def test_without_a_column_of_money_no_amount_is_kept(self, cast: Cast) -> None:
        item = first(published(cast, fields=FIELDS[:2]))
        assert item.amount_fen is None
        assert list(item.values) == list(FIELDS[:2])

    def test_a_column_that_the_rules_do_not_permit_is_refused(self, cast: Cast) -> None:
        values = {"单位名称": "甲", "项目内容": "乙", "法定代表人": "丙"}
        with pytest.raises(ValidationError, match="不能有法定代表人"):
            published(cast, items=[spec(cast, values=values)])
        assert not Publicity.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"days": 0},
            {"unit": "week"},
            {"kind": "nonsense"},
            {"title": " "},
            {"contact": ""},
            {"basis": ""},
            {"fields": ()},
            {"fields": ("单位名称", "单位名称")},
            {"fields": ("补助金额", "奖励金额")},
            {"items": []},
            {"starts_on": date(2026, 9, 27)},
            {"starts_on": date(2026, 12, 1)},
            {"hearing_days": 0},
        ],
        ids=str,
    )
    def test_a_publicity_that_says_too_little_is_refused(self, cast: Cast, wrong: Any) -> None:
        with pytest.raises(ValidationError):
            published(cast, **wrong)
        assert not Publicity.objects.exists()

    def test_a_subject_stands_in_a_publicity_once(self, cast: Cast) -> None:
        with pytest.raises(ValidationError, match="只能出现一次"):
            published(cast, items=[spec(cast, 1), spec(cast, 1)])

    @pytest.mark.parametrize(
        ("role", "where"),
        [
            (Role.LEADER, "pengyang"),
            (Role.FINANCE_OFFICER, "pengyang"),
            (Role.COUNTY_OFFICER, "xiji"),
            (Role.CITY_OFFICER, "guyuan"),
            (Role.ENTERPRISE_FILLER, "pengyang_mill"),
        ],
    )
    def test_only_the_own_office_publishes(self, cast: Cast, role: Role, where: str) -> None:
        from shuzhuan.apps.publicity.actions.start import start

        parts: dict[str, Any] = {
            "kind": "other", "title": "甲", "basis": "乙", "fields": FIELDS, "days": 5,
            "unit": "workday", "items": [spec(cast)], "starts_on": date(2026, 9, 28), "contact": "丙",
        }  # fmt: skip
        with pytest.raises(PermissionDenied):
            start(officer(cast, where, role), place=cast.places["pengyang"], **parts)


class TestObjections:
    """Received while the period runs, counted, held back when they flood."""

    def test_an_objection_is_received_and_counted(self, cast: Cast) -> None:
        publicity = published(cast)
        item = first(publicity)
        objection = objected(item)
        publicity.refresh_from_db()
        item.refresh_from_db()
        assert (publicity.objections_open, publicity.objections_count) == (1, 1)
        assert item.objections_open == 1
        assert objection.number == "2026001-01"
        assert len(objection.reply_code) == 10
        # ten working days after 28 September, over the holiday
        assert objection.due_on == date(2026, 10, 17) - timedelta(1)
        assert not objection.due_provisional
        assert log()[-1] == "object_to_publicity"

    def test_contact_and_code_are_not_stored_in_the_clear(self, cast: Cast) -> None:
        objection = objected(first(published(cast)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT contact, reply_code, source FROM publicity_objection")
            stored = repr(cursor.fetchall())
        assert "13895410000" not in stored
        assert objection.reply_code not in stored

    def test_the_last_day_counts_to_its_last_minute(self, cast: Cast, clock: Clock) -> None:
        item = first(published(cast))
        clock.at(LAST, 23, 59)
        assert objected(item).pk

    def test_nothing_is_received_after_the_end(self, cast: Cast, clock: Clock) -> None:
        item = first(published(cast))
        clock.at(LAST + timedelta(1), 0, 0)
        with pytest.raises(ValidationError, match="2026-10-10 结束"):
            objected(item)
        assert not Objection.objects.exists()

    def test_nothing_is_received_before_it_begins(self, cast: Cast) -> None:
        item = first(published(cast, starts_on=date(2026, 9, 29)))
        with pytest.raises(ValidationError, match="2026-09-29 开始"):
            objected(item)

    def test_sending_a_form_twice_is_objecting_once(self, cast: Cast) -> None:
        item = first(published(cast))
        one, two = objected(item), objected(item)
        assert (one.pk, one.reply_code) == (two.pk, two.reply_code)
        assert Publicity.objects.get().objections_count == 1
        assert objected(item, "k2").number == "2026001-02"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "张"),
            ("name", "张" * 51),
            ("contact", "微信 abc"),
            ("contact", "12345"),
            ("text", "有问题"),
            ("text", "字" * 2001),
        ],
    )
    def test_what_cannot_be_heard_is_refused_by_its_field(
        self, cast: Cast, field: str, value: str
    ) -> None:
        with pytest.raises(ValidationError) as caught:
            objected(first(published(cast)), **{field: value})
        assert list(caught.value.message_dict) == [field]

    @pytest.mark.parametrize("contact", ["138 9541 0000", "0954-7012345", "a.b@example.cn"])
    def test_phones_and_mail_are_taken(self, cast: Cast, contact: str) -> None:
        assert objected(first(published(cast)), contact=contact).contact == contact

    def test_one_address_does_not_flood_an_item(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        item = first(publicity)
        for number in range(3):
            objected(item, f"k{number}", address="203.0.113.7")
        with pytest.raises(ValidationError, match="最多提 3 次"):
            objected(item, "k9", address="203.0.113.7")
        assert objected(item, "k9", address="203.0.113.8").pk
        clock.at(date(2026, 9, 29), 12, 1)
        assert objected(item, "k10", address="203.0.113.7").pk

    def test_an_enterprise_objects_in_its_own_name(self, cast: Cast) -> None:
        item = first(published(cast))
        actor = officer(cast, "xiji_starch", Role.ENTERPRISE_FILLER)
        assert objected(item, actor=actor).party_id == cast.parties["xiji_starch"].pk

    def test_a_missing_item_is_missing(self, cast: Cast) -> None:
        from shuzhuan.apps.publicity.actions.object import object_to

        with pytest.raises(Http404):
            object_to(PUBLIC, 987654, "张三", "13895410000", "字" * 20, key="k")


class TestDecide:
    """Once and for all, with a finding, by the office that published."""

    def test_dismissed_leaves_the_item_running(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        objection = objected(first(publicity))
        done = decide(
            officer(cast), objection.pk, upheld=False, finding="发票已核对，不是同一批。", key="a"
        )
        assert done.state == ObjectionState.DISMISSED
        item = first(publicity)
        assert (item.state, item.objections_open) == (ItemState.RUNNING, 0)
        assert not item_is_clear(item, LAST)
        assert item_is_clear(item, LAST + timedelta(1))

    def test_upheld_takes_the_item_out(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        objection = objected(first(publicity))
        decide(officer(cast), objection.pk, upheld=True, finding="确实重复领取。", key="a")
        clock.at(LAST + timedelta(2))
        close(officer(cast), publicity)
        states = list(publicity.items.order_by("position").values_list("state", flat=True))
        assert states == [ItemState.UPHELD, ItemState.PASSED]
        assert not item_is_clear(first(publicity), LAST + timedelta(2))

    def test_twice_with_the_same_form_is_once(self, cast: Cast) -> None:
        objection = objected(first(published(cast)))
        for _ in range(2):
            decide(officer(cast), objection.pk, upheld=False, finding="核对无误。。", key="a")
        assert log().count("decide_objection") == 1
        assert Publicity.objects.get().objections_open == 0

    def test_a_second_decision_is_refused(self, cast: Cast) -> None:
        objection = objected(first(published(cast)))
        decide(officer(cast), objection.pk, upheld=False, finding="核对无误。", key="a")
        with pytest.raises(ValidationError, match="已经答复过"):
            decide(officer(cast), objection.pk, upheld=True, finding="改主意了。", key="b")
        objection.refresh_from_db()
        assert objection.state == ObjectionState.DISMISSED

    def test_a_finding_is_required(self, cast: Cast) -> None:
        objection = objected(first(published(cast)))
        with pytest.raises(ValidationError, match="请写明核查了什么"):
            decide(officer(cast), objection.pk, upheld=False, finding=" 无 ", key="a")
        objection.refresh_from_db()
        assert objection.state == ObjectionState.OPEN

    def test_other_offices_find_nothing(self, cast: Cast) -> None:
        objection = objected(first(published(cast)))
        for place, role in (("xiji", Role.COUNTY_OFFICER), ("guyuan", Role.CITY_OFFICER)):
            with pytest.raises(Http404):
                decide(
                    officer(cast, place, role),
                    objection.pk,
                    upheld=False,
                    finding="核对无误。",
                    key="a",
                )
        with pytest.raises(PermissionDenied):
            decide(
                officer(cast, role=Role.LEADER),
                objection.pk,
                upheld=False,
                finding="核对无误。",
                key="a",
            )


class TestEnds:
    """Closing, cancelling, withdrawing."""

    def test_nothing_closes_before_the_last_day_is_over(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        clock.at(LAST, 23, 59)
        with pytest.raises(ValidationError, match="次日起才能结束"):
            close(officer(cast), publicity)
        clock.at(LAST + timedelta(1), 0, 0)
        assert close(officer(cast), publicity).state == State.CLOSED
        assert close(officer(cast), publicity).state == State.CLOSED
        assert log().count("close_publicity") == 1
        assert set(publicity.items.values_list("state", flat=True)) == {ItemState.PASSED}

    def test_closing_waits_for_the_answers(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        objection = objected(first(publicity))
        clock.at(LAST + timedelta(3))
        with pytest.raises(ValidationError, match="还有 1 件异议"):
            close(officer(cast), publicity)
        decide(officer(cast), objection.pk, upheld=False, finding="核对无误。", key="a")
        assert close(officer(cast), publicity).state == State.CLOSED

    def test_the_database_does_not_close_over_an_open_objection(self, cast: Cast) -> None:
        publicity = published(cast)
        objected(first(publicity))
        who = publicity.created_by_id
        with pytest.raises(IntegrityError), transaction.atomic():
            Publicity.objects.filter(pk=publicity.pk).update(
                state=State.CLOSED, closed_at=publicity.created_at, closed_by=who
            )

    def test_cancelled_needs_a_reason_and_passes_nothing(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        with pytest.raises(ValidationError, match="请写明原因"):
            cancel(officer(cast), publicity, " ")
        cancel(officer(cast), publicity, "名单有误，更正后重新公示")
        item = first(publicity)
        assert not item_is_clear(item, LAST + timedelta(9))
        with pytest.raises(ValidationError, match="已撤销"):
            objected(item)
        with pytest.raises(ValidationError, match="已撤销"):
            close(officer(cast), publicity)
        with pytest.raises(ValidationError, match="已撤销"):
            cancel(officer(cast), publicity, "再来")

    def test_a_withdrawn_item_does_not_pass(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        item = first(publicity)
        withdraw_item(officer(cast), item, "企业放弃")
        with pytest.raises(ValidationError, match="已经撤下"):
            withdraw_item(officer(cast), item, "企业放弃")
        with pytest.raises(ValidationError, match="已经撤下"):
            objected(item)
        clock.at(LAST + timedelta(1))
        close(officer(cast), publicity)
        assert not item_is_clear(PublicityItem.objects.get(pk=item.pk), LAST + timedelta(1))

    def test_other_offices_end_nothing(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        clock.at(LAST + timedelta(1))
        other = officer(cast, "xiji")
        for step in (
            lambda: close(other, publicity),
            lambda: cancel(other, publicity, "原因"),
            lambda: withdraw_item(other, first(publicity), "原因"),
        ):
            with pytest.raises(Http404):
                step()

    def test_nothing_is_deleted(self, cast: Cast) -> None:
        publicity = published(cast)
        item = first(publicity)
        for row in (objected(item), item, publicity):
            with pytest.raises(TypeError):
                row.delete()


class TestHooks:
    """Other apps react inside the same transaction."""

    def test_every_step_is_told_once(
        self, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[str] = []
        for name in ("objections", "decisions", "closings", "cancellings", "withdrawals"):
            rules = [lambda actor, row, name=name: heard.append(name)]
            monkeypatch.setattr(hooks, f"_{name}", rules)
        publicity, other = published(cast), published(cast)
        objection = objected(first(publicity))
        decide(officer(cast), objection.pk, upheld=False, finding="核对无误。", key="a")
        withdraw_item(officer(cast), first(publicity), "企业放弃")
        cancel(officer(cast), other, "名单有误")
        clock.at(LAST + timedelta(1))
        close(officer(cast), publicity)
        assert heard == ["objections", "decisions", "withdrawals", "cancellings", "closings"]

    def test_a_rule_that_fails_undoes_the_step(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(actor: Any, row: Any) -> None:
            raise ValidationError("项目不能这样改")

        monkeypatch.setattr(hooks, "_objections", [fail])
        item = first(published(cast))
        with pytest.raises(ValidationError, match="项目"):
            objected(item)
        item.refresh_from_db()
        assert (Objection.objects.count(), item.objections_open) == (0, 0)


def test_the_database_knows_its_states(cast: Cast) -> None:
    item = first(published(cast))
    with pytest.raises(Error), transaction.atomic():
        PublicityItem.objects.filter(pk=item.pk).update(state="passed", objections_open=1)

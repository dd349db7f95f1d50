"""Pages: nothing but the permitted columns, filters, budgets, the desk's whole way by forms."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.publicity import desk, queries
from shuzhuan.apps.publicity.actions.finish import cancel, close, withdraw_item
from shuzhuan.apps.publicity.models import Objection, ObjectionState, Publicity, State
from tests.apps.publicity.kit import (
    FIELDS,
    LAST,
    MONDAY,
    WORDS,
    Clock,
    first,
    objected,
    officer,
    published,
    spec,
)
from tests.cast import Cast, canary, client_of

pytestmark = pytest.mark.django_db
OPENING = 3 if connection.vendor == "postgresql" else 0  # stepping over the wall and back
GIVEN = {"name": "张三", "contact": "13895410000", "text": WORDS, "truth": "on", "key": "k1"}


@pytest.fixture(autouse=True)
def _clock(clock: Clock) -> None:
    """Every test happens on the Monday before National Day unless it says otherwise."""


def desk_client(cast: Cast, place: str = "pengyang") -> Client:
    return client_of(cast.person(Role.COUNTY_OFFICER, place))


def hidden_word(answer: bytes) -> str:
    found = re.search(rb'name="key" value="([^"]+)"', answer)
    assert found is not None
    return found[1].decode()


class TestNothingElse:
    """The public sees exactly the permitted columns, in every form."""

    def bodies(self, publicity: Publicity) -> list[str]:
        client = Client()
        pk, item = publicity.pk, first(publicity).pk
        paths = (
            "/publicity/", f"/publicity/{pk}/", f"/publicity/{pk}.json", f"/publicity/{pk}.xlsx",
            f"/publicity/items/{item}/object/", "/publicity/answer/",
        )  # fmt: skip
        found = []
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            body = answer.content
            if body[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(body)) as packed:
                    body = b"".join(packed.read(name) for name in packed.namelist())
            found.append(body.decode())
        return found

    def test_no_canary_of_anybody_and_nothing_of_an_objection(self, cast: Cast) -> None:
        values = {"单位名称": "某公司", "项目内容": "改造"}
        publicity = published(cast, items=[spec(cast, values=values)])
        row = first(publicity)
        objected(row, name="李四四", contact="13900001111", text="这是不能公开的异议内容，有细节。")
        withdraw_item(officer(cast), row, "撤下原因不公开")
        words = {canary(o) for o in [*cast.places.values(), *cast.parties.values()]}
        words |= {"李四四", "13900001111", "不能公开", "不公开</", "projects.Project", "县级经办"}
        for body in self.bodies(publicity):
            assert not [word for word in words if word in body]

    def test_the_table_has_the_columns_and_no_other(self, cast: Cast) -> None:
        publicity = published(cast)
        data = json.loads(Client().get(f"/publicity/{publicity.pk}.json").content)
        assert data["fields"] == list(FIELDS)
        assert [list(item) for item in data["items"]] == [list(FIELDS)] * 2
        assert data["items"][0]["拟补助奖励金额"] == "300,000.01"
        assert data["ends_on"] == "2026-10-10"
        page = Client().get(f"/publicity/{publicity.pk}/").content.decode()
        heads = re.findall(r'<th scope="col"[^>]*>(?:<span[^>]*>)?([^<]+)', page)
        assert heads == ["序号", "单位名称", "项目内容", "拟补助奖励金额（元）", "提异议"]

    def test_a_value_that_came_in_by_the_side_is_not_shown(self, cast: Cast) -> None:
        """Even if something else stood in the stored values, only the listed columns are read."""
        from shuzhuan.apps.publicity.models import PublicityItem

        publicity = published(cast, rows=1)
        values = {**first(publicity).values, "法定代表人": "canaryperson"}
        PublicityItem.objects.create(
            place=publicity.place, publicity=publicity, position=9, values=values, subject_id=99,
            party=cast.parties["pengyang_mill"], subject_kind="canarykind", amount_fen=1,
        )  # fmt: skip
        for body in self.bodies(publicity):
            assert "canaryperson" not in body
            assert "canarykind" not in body

    def test_words_are_never_markup(self, cast: Cast) -> None:
        values = {"单位名称": "<script>alert(1)</script>", "项目内容": "=1+1"}
        publicity = published(cast, title="<b>题", items=[spec(cast, values=values)])
        for body in self.bodies(publicity)[:2]:
            assert "<script>alert" not in body
            assert "<b>题" not in body
        book = self.bodies(publicity)[3]
        assert "<f>" not in book

    def test_whoever_is_signed_in_reads_other_places(self, cast: Cast) -> None:
        publicity = published(cast)
        path = f"/publicity/{publicity.pk}/"
        for role, key in (
            (Role.COUNTY_OFFICER, "huian"),
            (Role.ENTERPRISE_FILLER, "huian_stone"),
            (Role.VENDOR_STAFF, "vendor_quanzhou"),
        ):
            client = client_of(cast.person(role, key))
            assert "彭阳杂粮加工厂1" in client.get(path).content.decode()
            assert publicity.title in client.get("/publicity/").content.decode()
            given = {**GIVEN, "key": f"k-{key}", "name": key}
            item = first(publicity).pk
            answer = client.post(f"/publicity/items/{item}/object/", given)
            assert "异议已收到" in answer.content.decode()


class TestPublic:
    """List, page, form, receipt, answer."""

    def test_running_first_and_filters(self, cast: Cast, clock: Clock) -> None:
        old = published(cast, title="旧公示", kind="payment")
        clock.at(LAST + timedelta(1))
        close(officer(cast), old)
        published(cast, title="新公示")
        published(cast, place="xiji", title="西吉公示")

        def titles(query: str) -> list[str]:
            text = Client().get(f"/publicity/?{query}").content.decode()
            return re.findall(r"<li><a href=\"/publicity/\d+/\">([^<]+)</a>", text)

        assert titles("") == ["西吉公示", "新公示", "旧公示"]
        assert titles("place=640425") == ["新公示", "旧公示"]
        assert titles("kind=payment") == ["旧公示"]
        assert titles("year=2026") == ["西吉公示", "新公示", "旧公示"]
        assert titles("year=2025") == []
        assert titles("kind=x&place=%27--&year=٢٠٢٦&page=x") == ["西吉公示", "新公示", "旧公示"]

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (MONDAY, "还剩 5 个工作日"),
            (date(2026, 10, 5), "还剩 3 个工作日"),
            (LAST, "今天是最后一天"),
            (LAST + timedelta(1), "公示期满"),
        ],
    )
    def test_the_page_says_what_is_left(
        self, cast: Cast, clock: Clock, day: date, words: str
    ) -> None:
        publicity = published(cast)
        clock.at(day)
        page = Client().get(f"/publicity/{publicity.pk}/").content.decode()
        assert words in page
        assert ("提异议</a>" in page) == (day <= LAST)

    def test_provisional_ends_are_marked(self, cast: Cast, clock: Clock) -> None:
        clock.at(date(2026, 12, 28))
        publicity = published(cast)
        page = Client().get(f"/publicity/{publicity.pk}/").content.decode()
        assert "暂定，以国务院公布的放假安排为准" in page

    def test_ended_and_cancelled_ones_stay_readable(self, cast: Cast, clock: Clock) -> None:
        publicity, other = published(cast), published(cast)
        cancel(officer(cast), other, "名单<b>有误")
        clock.at(LAST + timedelta(1))
        close(officer(cast), publicity)
        page = Client().get(f"/publicity/{publicity.pk}/").content.decode()
        assert "彭阳杂粮加工厂1" in page
        assert "提异议</a>" not in page
        assert "名单&lt;b&gt;有误" in Client().get(f"/publicity/{other.pk}/").content.decode()

    def test_object_and_look_up(self, cast: Cast) -> None:
        publicity, client = published(cast), Client()
        path = f"/publicity/items/{first(publicity).pk}/object/"
        page = client.get(path)
        assert hidden_word(page.content) != hidden_word(client.get(path).content)
        wrong = client.post(path, {"key": "k1"}).content.decode()
        assert "有 4 处需要修改" in wrong
        receipt = client.post(path, GIVEN)
        objection = Objection.objects.get()
        text = receipt.content.decode()
        assert objection.number in text
        assert objection.reply_code in text
        assert "no-store" in receipt["Cache-Control"]
        assert objection.reply_code in client.post(path, GIVEN).content.decode()
        assert Objection.objects.count() == 1
        code = objection.reply_code
        given = {"number": objection.number, "code": f" {code[:5].lower()}-{code[5:]} "}
        found = Client().post("/publicity/answer/", given).content.decode()
        assert "核查中" in found
        assert WORDS not in found
        assert "张三" not in found

    @pytest.mark.parametrize(
        "given", [{}, {"number": "2026001-01", "code": "AAAAAAAAAA"}, {"number": "x", "code": " -"}]
    )
    def test_a_wrong_code_finds_nothing(self, cast: Cast, given: dict[str, str]) -> None:
        objected(first(published(cast)))
        answer = Client().post("/publicity/answer/", given).content.decode()
        assert "核查中" not in answer
        if given:
            assert "没有找到" in answer
            assert Entry.objects.filter(action="look_up_answer", outcome="refused").exists()

    def test_a_code_opens_one_objection_only(self, cast: Cast) -> None:
        publicity = published(cast)
        one = objected(first(publicity))
        two = objected(first(publicity), "k2")
        given = {"number": two.number, "code": one.reply_code}
        assert "没有找到" in Client().post("/publicity/answer/", given).content.decode()

    def test_objecting_after_the_end_is_refused_in_words(self, cast: Cast, clock: Clock) -> None:
        item = first(published(cast))
        clock.at(LAST + timedelta(1), 0, 0)
        path = f"/publicity/items/{item.pk}/object/"
        assert "现在不接收异议" in Client().get(path).content.decode()
        assert "公示期已于 2026-10-10 结束" in Client().post(path, GIVEN).content.decode()
        assert not Objection.objects.exists()

    def test_empty_pages_say_what_to_do(self, cast: Cast) -> None:
        assert 'href="/notices/"' in Client().get("/publicity/").content.decode()
        assert "看全部" in Client().get("/publicity/?year=1999").content.decode()


class TestDesk:
    """The office hears and closes, by forms, without scripts."""

    def test_hear_answer_close(self, cast: Cast, clock: Clock) -> None:
        publicity = published(cast)
        objection = objected(first(publicity))
        client = desk_client(cast)
        assert objection.number in client.get("/work/publicity/").content.decode()
        path = f"/work/publicity/objections/{objection.pk}/"
        page = client.get(path)
        text = page.content.decode()
        assert WORDS in text
        assert "138****0000" in text
        assert "13895410000" not in text
        assert "有 2 处需要修改" in client.post(f"{path}decide/", {}).content.decode()
        given = {"result": "dismissed", "finding": "发票已核对，不是同一批。", "key": "d1"}
        assert client.post(f"{path}decide/", given).status_code == 302
        again = client.post(f"{path}decide/", {**given, "key": "d2"}).content.decode()
        assert "已经答复过" in again
        look = {"number": objection.number, "code": objection.reply_code}
        assert "发票已核对" in Client().post("/publicity/answer/", look).content.decode()
        sheet = f"/work/publicity/{publicity.pk}/"
        assert "结束公示" not in client.get(sheet).content.decode()
        early = client.post(f"{sheet}close/", follow=True).content.decode()
        assert "次日起才能结束" in early
        clock.at(LAST + timedelta(2))
        client = desk_client(cast)
        assert publicity.title in client.get("/work/publicity/?view=over").content.decode()
        assert "结束公示" in client.get(sheet).content.decode()
        client.post(f"{sheet}close/")
        publicity.refresh_from_db()
        assert publicity.state == State.CLOSED

    def test_the_whole_contact_needs_a_reason_and_leaves_a_record(self, cast: Cast) -> None:
        objection = objected(first(published(cast)))
        client = desk_client(cast)
        path = f"/work/publicity/objections/{objection.pk}/contact/"
        short = client.post(path, {"reason": "x"}, follow=True).content.decode()
        assert "13895410000" not in short
        full = client.post(path, {"reason": "电话核实异议内容"})
        assert "13895410000" in full.content.decode()
        assert "no-store" in full["Cache-Control"]
        assert Entry.objects.filter(action="unmask", outcome="done").count() == 1

    def test_cancel_and_withdraw_by_forms(self, cast: Cast) -> None:
        publicity = published(cast)
        client = desk_client(cast)
        item = f"/work/publicity/items/{first(publicity).pk}/withdraw/"
        assert "请写明原因" in client.post(item).content.decode()
        assert client.get(item).status_code == 200
        client.post(item, {"reason": "企业放弃"})
        assert "不能撤下" in client.get(item).content.decode()
        sheet = f"/work/publicity/{publicity.pk}/"
        assert "企业放弃" in client.get(sheet).content.decode()
        assert "请写明原因" in client.post(f"{sheet}cancel/").content.decode()
        client.post(f"{sheet}cancel/", {"reason": "名单有误"})
        publicity.refresh_from_db()
        assert (publicity.state, publicity.cancelled_reason) == (State.CANCELLED, "名单有误")

    def test_lights_and_empty_views(self, cast: Cast, clock: Clock) -> None:
        client = desk_client(cast)
        for view, _ in desk.VIEWS:
            assert client.get(f"/work/publicity/?view={view}").status_code == 200
        objection = objected(first(published(cast)))
        for days, word in ((0, "还剩 10 个工作日"), (-3, "还剩 3 个工作日"), (1, "已逾期")):
            clock.at(objection.due_on + timedelta(days) if days else MONDAY)
            client = desk_client(cast)
            assert word in client.get("/work/publicity/?view=objections").content.decode()

    def test_another_office_sees_neither(self, cast: Cast) -> None:
        publicity = published(cast)
        objection = objected(first(publicity))
        other = desk_client(cast, "xiji")
        for path in (
            f"/work/publicity/{publicity.pk}/",
            f"/work/publicity/objections/{objection.pk}/",
            f"/work/publicity/items/{first(publicity).pk}/withdraw/",
        ):
            assert other.get(path).status_code == 404
        assert "没有待核查" in other.get("/work/publicity/?view=objections").content.decode()


class TestTenThousand:
    """Lists of ten thousand rows take a fixed number of queries."""

    @pytest.fixture
    def many(self, cast: Cast) -> None:
        model = published(cast)
        Publicity.objects.bulk_create(
            [
                Publicity(
                    place=model.place if n % 2 else cast.places["xiji"], year=2026 - n % 3,
                    kind=("selection", "payment")[n % 2], serial=n, number=f"公示-{n}",
                    title=f"第{n}次公示", basis="第十一条", fields=["单位名称"], days=5, unit="workday",
                    starts_on=MONDAY - timedelta(n % 700), ends_on=MONDAY + timedelta(1 + n % 30),
                    contact="0954", created_by_id=model.created_by_id,
                    **({} if n % 5 == 0 else {
                        "state": State.CLOSED, "closed_at": model.created_at,
                        "closed_by_id": model.created_by_id,
                    }),
                )
                for n in range(2, 10_002)
            ],
            batch_size=500,
        )  # fmt: skip

    def test_public_list(self, cast: Cast, many: None, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(4 + OPENING):
            page = Client().get("/publicity/?place=640425&kind=payment&page=3").content.decode()
        assert page.count("publicity-kind") == queries.ROWS_ON_A_PAGE
        with django_assert_max_num_queries(4 + OPENING):
            Client().get("/publicity/")

    def test_desk(self, cast: Cast, many: None, django_assert_max_num_queries: Any) -> None:
        item = first(Publicity.objects.order_by("pk")[0])
        Objection.objects.bulk_create(
            [
                Objection(
                    place=item.place, item=item, number=f"n{n}", from_name="张三", text=WORDS,
                    contact="13800000000", key=f"k{n}", reply_code="A", reply_digest="d",
                    due_on=MONDAY + timedelta(n % 40), state=ObjectionState.OPEN,
                )
                for n in range(10_000)
            ],
            batch_size=500,
        )  # fmt: skip
        client = desk_client(cast)
        for view, _ in desk.VIEWS:
            with django_assert_max_num_queries(12 + OPENING):
                assert client.get(f"/work/publicity/?view={view}&page=2").status_code == 200

    def test_a_publicity_of_ten_thousand_rows(
        self, cast: Cast, django_assert_max_num_queries: Any
    ) -> None:
        publicity = published(cast, rows=10_000)
        with django_assert_max_num_queries(3 + OPENING):
            page = Client().get(f"/publicity/{publicity.pk}/?page=2").content.decode()
        assert page.count("提异议</a>") == queries.ITEMS_ON_A_PAGE
        assert (
            len(json.loads(Client().get(f"/publicity/{publicity.pk}.json").content)["items"])
            == 10_000
        )
        assert Client().get(f"/publicity/{publicity.pk}.xlsx").content[:2] == b"PK"

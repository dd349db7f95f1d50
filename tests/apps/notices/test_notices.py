"""Notices: who writes, who reads, and that published words stay."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, connection, transaction
from django.http import Http404
from django.test import Client

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.notices import actions, queries
from shuzhuan.apps.notices.models import Kind, Notice, State
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
OPENING = 3 if connection.vendor == "postgresql" else 0  # stepping over the wall and back
WORDS = "本批试点企业名单公示如下。\n\n  如有异议，请在五个工作日内反映。"


def officer(cast: Cast, place: str = "pengyang", role: Role = Role.COUNTY_OFFICER) -> Any:
    return actor_of(cast.person(role, place))


def published(cast: Cast, title: str = "试点公示", place: str = "pengyang", **more: Any) -> Notice:
    role = Role.CITY_OFFICER if place in ("guyuan", "quanzhou") else Role.COUNTY_OFFICER
    who = officer(cast, place, role)
    draft = actions.write_draft(who, more.get("kind", Kind.DISCLOSURE), title, WORDS)
    return actions.publish(who, draft.pk, draft.edits)


def log() -> list[str]:
    rows = Entry.objects.filter(kind="notices.notice").order_by("pk")
    return list(rows.values_list("action", flat=True))


class TestLife:
    """Draft, published, withdrawn; each step is one row of the log."""

    def test_a_draft_is_published_and_withdrawn_with_a_reason(self, cast: Cast) -> None:
        notice = published(cast)
        assert notice.state == State.PUBLISHED
        assert notice.paragraphs == [
            "本批试点企业名单公示如下。",
            "如有异议，请在五个工作日内反映。",
        ]
        with pytest.raises(ValidationError):
            actions.withdraw(officer(cast), notice.pk, "  ")
        assert actions.withdraw(officer(cast), notice.pk, "名单有误").state == State.WITHDRAWN
        with pytest.raises(ValidationError):
            actions.withdraw(officer(cast), notice.pk, "再一次")
        assert log() == ["write_notice", "publish_notice", "withdraw_notice"]

    def test_publishing_twice_is_publishing_once(self, cast: Cast) -> None:
        notice = published(cast)
        again = actions.publish(officer(cast), notice.pk, 99)
        assert again.published_at == notice.published_at
        assert log().count("publish_notice") == 1

    def test_published_words_are_not_changed_by_an_action(self, cast: Cast) -> None:
        notice = published(cast)
        with pytest.raises(ValidationError):
            actions.change_draft(officer(cast), notice.pk, 1, Kind.NOTICE, "别的", "别的")

    @pytest.mark.parametrize(
        "change",
        ["title = 'x'", "body = 'x'", "kind = 'guide'", "published_at = NULL"],
    )
    def test_the_database_refuses_to_change_published_words(self, cast: Cast, change: str) -> None:
        notice = published(cast)
        statement = f"UPDATE notices_notice SET {change} WHERE id = %s"  # noqa: S608 - own words
        with pytest.raises(Error, match="keeps its words"), transaction.atomic():
            connection.cursor().execute(statement, [notice.pk])

    def test_control_a_draft_may_be_changed_by_the_same_statement(self, cast: Cast) -> None:
        draft = actions.write_draft(officer(cast), Kind.NOTICE, "稿", "文")
        connection.cursor().execute(
            "UPDATE notices_notice SET title = 'x' WHERE id = %s", [draft.pk]
        )
        draft.refresh_from_db()
        assert draft.title == "x"

    def test_a_withdrawal_is_not_taken_back(self, cast: Cast) -> None:
        notice = published(cast)
        actions.withdraw(officer(cast), notice.pk, "名单有误")
        with pytest.raises(Error, match="keeps its words"), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(withdrawn_at=None, withdrawn_reason="")

    def test_nothing_is_deleted(self, cast: Cast) -> None:
        with pytest.raises(TypeError):
            published(cast).delete()

    def test_a_new_version_takes_the_place_of_the_old_one(self, cast: Cast) -> None:
        old, who = published(cast), officer(cast)
        new = actions.new_version(who, old.pk)
        assert actions.new_version(who, old.pk).pk == new.pk
        old.refresh_from_db()
        assert old.state == State.PUBLISHED
        actions.change_draft(who, new.pk, 1, new.kind, "试点公示（更正）", new.body)
        actions.publish(who, new.pk, 2)
        old.refresh_from_db()
        assert old.state == State.WITHDRAWN
        page = Client().get(f"/notices/{old.pk}/").content.decode()
        assert f'href="/notices/{new.pk}/"' in page
        assert "如有异议" not in page

    def test_nobody_overwrites_or_publishes_unseen_words(self, cast: Cast) -> None:
        who = officer(cast)
        draft = actions.write_draft(who, Kind.NOTICE, "稿", "一")
        actions.change_draft(who, draft.pk, 1, Kind.NOTICE, "稿", "二")
        with pytest.raises(ValidationError, match="同事"):
            actions.change_draft(who, draft.pk, 1, Kind.NOTICE, "稿", "三")
        with pytest.raises(ValidationError, match="同事"):
            actions.publish(who, draft.pk, 1)

    def test_a_discarded_draft_stays_discarded(self, cast: Cast) -> None:
        who = officer(cast)
        draft = actions.write_draft(who, Kind.NOTICE, "稿", "一")
        assert actions.withdraw(who, draft.pk, "重复").state == State.DISCARDED
        with pytest.raises(ValidationError):
            actions.publish(who, draft.pk, 1)


class TestWhoMay:
    """The office speaks for itself; a foreign draft is like a missing one."""

    @pytest.mark.parametrize("place", ["xiji", "huian"])
    def test_another_county_finds_nothing(self, cast: Cast, place: str) -> None:
        draft = actions.write_draft(officer(cast), Kind.NOTICE, "稿", "一")
        with pytest.raises(Http404):
            actions.publish(officer(cast, place), draft.pk, 1)
        with pytest.raises(Http404):
            actions.withdraw(officer(cast, place), draft.pk, "原因")

    def test_the_office_above_does_not_speak_for_the_county(self, cast: Cast) -> None:
        notice = published(cast)
        with pytest.raises(Http404):
            actions.withdraw(officer(cast, "guyuan", Role.CITY_OFFICER), notice.pk, "原因")

    def test_a_leader_does_not_write(self, cast: Cast) -> None:
        with pytest.raises(PermissionDenied):
            actions.write_draft(officer(cast, role=Role.LEADER), Kind.NOTICE, "稿", "一")

    def test_a_draft_is_missing_for_the_public(self, cast: Cast) -> None:
        draft = actions.write_draft(officer(cast), Kind.NOTICE, "还没发", "一")
        hidden, missing = Client().get(f"/notices/{draft.pk}/"), Client().get("/notices/987654/")
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.content == missing.content
        assert "还没发" not in Client().get("/notices/").content.decode()

    def test_whoever_is_signed_in_reads_what_other_places_published(self, cast: Cast) -> None:
        notice = published(cast)
        for role, key in (
            (Role.COUNTY_OFFICER, "huian"),
            (Role.ENTERPRISE_FILLER, "huian_stone"),
            (Role.VENDOR_STAFF, "vendor_quanzhou"),
        ):
            client = client_of(cast.person(role, key))
            assert "如有异议" in client.get(f"/notices/{notice.pk}/").content.decode()
            assert "试点公示" in client.get("/notices/").content.decode()
            assert "试点公示" in client.get("/").content.decode()


class TestPublicList:
    """Filters, search, paging, and a budget that does not grow."""

    def test_filters_and_search(self, cast: Cast) -> None:
        published(cast, "彭阳 试点公示")
        published(cast, "固原办事指南", "guyuan", kind=Kind.GUIDE)

        def titles(query: str) -> set[str]:
            text = Client().get(f"/notices/?{query}").content.decode()
            return {t for t in ("彭阳 试点公示", "固原办事指南") if f">{t}</a>" in text}

        assert titles("") == {"彭阳 试点公示", "固原办事指南"}
        assert titles("place=640425") == {"彭阳 试点公示"}
        assert titles("kind=guide") == {"固原办事指南"}
        assert titles("q=公示+彭阳") == {"彭阳 试点公示"}
        assert titles("q=%25") == set()
        assert titles("kind=nonsense&place=%27--&page=x") == {"彭阳 试点公示", "固原办事指南"}

    def test_withdrawn_ones_leave_the_list_and_keep_their_page(self, cast: Cast) -> None:
        notice = published(cast)
        actions.withdraw(officer(cast), notice.pk, "名单<b>有误")
        assert "试点公示" not in Client().get("/notices/").content.decode()
        page = Client().get(f"/notices/{notice.pk}/").content.decode()
        assert "名单&lt;b&gt;有误" in page
        assert "五个工作日" not in page

    def test_words_are_never_markup(self, cast: Cast) -> None:
        who = officer(cast)
        draft = actions.write_draft(who, Kind.NOTICE, "<i>题", "<script>alert(1)</script>")
        actions.publish(who, draft.pk, 1)
        page = Client().get(f"/notices/{draft.pk}/").content.decode()
        assert "<script>alert" not in page
        assert "<i>题" not in page

    def test_budget_does_not_grow_with_the_list(
        self, cast: Cast, django_assert_max_num_queries: Any
    ) -> None:
        first = published(cast)
        for number in range(queries.ROWS_ON_A_PAGE + 5):
            published(cast, f"公告{number}")
        with django_assert_max_num_queries(3 + OPENING):
            page = Client().get("/notices/?kind=disclosure&q=公告").content.decode()
        assert page.count('class="notice-kind"') == queries.ROWS_ON_A_PAGE
        assert "page=2" in page
        with django_assert_max_num_queries(1 + OPENING):
            Client().get(f"/notices/{first.pk}/")
        with django_assert_max_num_queries(3 + 2 * OPENING):  # with batches and publicities
            assert Client().get("/").content.decode().count('class="notice-kind"') == 4

    def test_empty_pages_say_what_to_do(self, cast: Cast) -> None:
        assert 'href="/policies/"' in Client().get("/notices/").content.decode()
        assert "看全部" in Client().get("/notices/?q=没有的").content.decode()
        writer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        assert "写第一份" in writer.get("/work/notices/").content.decode()
        assert "看全部" in writer.get("/work/notices/?state=draft").content.decode()


class TestOfficePages:
    """The whole way by forms, without scripts."""

    def test_write_see_publish_revise_withdraw(
        self, cast: Cast, django_assert_max_num_queries: Any
    ) -> None:
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        wrong = client.post("/work/notices/new/", {"kind": "notice"}).content.decode()
        assert "有 2 处需要修改" in wrong
        words = {"kind": "notice", "title": "申报通知", "body": "一\r\n二"}
        notice_url = client.post("/work/notices/new/", words)["Location"]
        page = client.get(notice_url).content.decode()
        assert "<p>一</p><p>二</p>" in page
        client.post(f"{notice_url}publish/", {"seen": "1"})
        notice = Notice.objects.get()
        assert notice.state == State.PUBLISHED
        assert client.get(f"{notice_url}change/").status_code == 302
        changing = client.post(f"{notice_url}revise/")["Location"]
        client.post(changing, {**words, "title": "申报通知（更正）", "seen": "1"})
        new = Notice.objects.exclude(pk=notice.pk).get()
        client.post(f"/work/notices/{new.pk}/publish/", {"seen": "2"})
        assert "请写明原因" in client.post(f"/work/notices/{new.pk}/withdraw/").content.decode()
        client.post(f"/work/notices/{new.pk}/withdraw/", {"reason": "不再受理"})
        assert {n.state for n in Notice.objects.all()} == {State.WITHDRAWN}
        with django_assert_max_num_queries(9 + OPENING):
            assert "申报通知" in client.get("/work/notices/?state=withdrawn").content.decode()

"""The pages: the inbox, the address, the outbox, and the way in from every page."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.inbox.mails import letter
from shuzhuan.apps.inbox.models import MailAddress, Message, Outgoing
from tests.apps.inbox.mailroom import files, told, with_address
from tests.cast import Cast, client_of

MANY = 10_000
FILLER = (Role.ENTERPRISE_FILLER, "pengyang_mill")


def _many(member: Membership) -> None:
    now = timezone.now()
    Message.objects.bulk_create(
        Message(
            user=member.user, membership=member, place=member.region, key=f"k{n}", title=f"消息{n}",
            url="/my/", level="todo" if n % 10 == 0 else "info", is_read=n % 3 != 0,
            read_at=None if n % 3 == 0 else now, created_at=now - timedelta(minutes=n),
        )
        for n in range(MANY)
    )  # fmt: skip


def test_reading_changes_nothing_opening_marks_as_read_and_leads_on(cast: Cast) -> None:
    member = cast.person(*FILLER)
    client = client_of(member)
    told(member)
    message = Message.objects.get()
    text = client.get("/inbox/").content.decode()
    assert "请补正材料" in text
    assert 'class="inbox-mark inbox-mark-todo">待办' in text
    assert "1 条未读" in text
    assert client.get(f"/inbox/{message.pk}/").status_code == 200
    assert client.get(f"/inbox/{message.pk}/open/").status_code == 405
    message.refresh_from_db()
    assert not message.is_read
    answer = client.post(f"/inbox/{message.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/my/")
    message.refresh_from_db()
    assert message.is_read
    assert message.read_at is not None
    assert Entry.objects.filter(action="inbox.open", outcome="done").count() == 1
    # Read, and still to be done.
    text = client.get("/inbox/?show=todo").content.decode()
    assert "请补正材料" in text
    assert "条未读" not in text
    assert "没有未读的消息" in client.get("/inbox/?show=unread").content.decode()


def test_a_message_for_another_role_asks_to_change_it(cast: Cast) -> None:
    member = cast.person(*FILLER)
    second = Membership.objects.create(
        user=member.user, role=Role.ENTERPRISE_CERTIFIER, region=member.region, party=member.party,
        user_kind=member.user_kind,
    )  # fmt: skip
    told(member, key="x")
    Message.objects.update(membership=second)
    client = client_of(member)
    assert "给您的另一身份：企业审定人" in client.get("/inbox/").content.decode()
    answer = client.post(f"/inbox/{Message.objects.get().pk}/open/")
    assert answer["Location"] == "/sign-in/role/?next=%2Fmy%2F"


def test_everything_at_once(cast: Cast) -> None:
    member, other = cast.person(*FILLER), cast.person(Role.ENTERPRISE_FILLER, "xiji_starch")
    for key in "abc":
        told(member, key=key)
        told(other, key=key)
    assert "全部标为已读" in client_of(member).get("/inbox/").content.decode()
    client_of(member).post("/inbox/read/")
    assert Message.objects.filter(is_read=True).count() == 3
    assert not Message.objects.filter(user=other.user, is_read=True).exists()


def test_an_empty_inbox_says_what_will_come(cast: Cast) -> None:
    client = client_of(cast.person(*FILLER))
    assert "还没有消息" in client.get("/inbox/").content.decode()
    assert "没有待办" in client.get("/inbox/?show=todo").content.decode()


@pytest.mark.parametrize("show", ["", "unread", "todo"])
def test_ten_thousand_messages(cast: Cast, show: str) -> None:
    member = cast.person(*FILLER)
    _many(member)
    client = client_of(member)
    for page in ("30", "1"):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get("/inbox/", {"show": show, "page": page})
        statements = [q["sql"] for q in asked if "inbox_message" in q["sql"]]
        assert len(statements) <= 5  # rows, pages, unread, todo, bell
        assert len(asked) <= 12
        assert answer.content.decode().count('<li class="inbox-row') == 20
        assert "99+" in answer.content.decode()
    listed = [sql for sql in statements if "ORDER BY" in sql]
    assert len(listed) == 1
    assert "message_list" in (plan := _plan(listed[0])) or "message_todo" in plan
    assert "TEMP B-TREE" not in plan


def _plan(sql: str) -> str:
    """How the database reads a page."""
    word = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE inbox_message")
        cursor.execute(f"{word} {sql}")
        return repr(cursor.fetchall())


def test_unread_come_first(cast: Cast) -> None:
    member = cast.person(*FILLER)
    _many(member)
    text = client_of(member).get("/inbox/").content.decode()
    titles = [int(n) for n in re.findall(r"<span>消息(\d+)</span>", text)]
    assert titles == [n * 3 for n in range(20)]


def test_the_bell_costs_one_question_and_none_for_the_public(cast: Cast) -> None:
    member = cast.person(*FILLER)
    told(member)
    for client, wanted in ((client_of(member), 1), (Client(), 0)):
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
        assert sum("inbox_message" in q["sql"] for q in asked) == wanted


OWN = [
    (Role.ENTERPRISE_FILLER, "pengyang_mill", "/my/"),
    (Role.VENDOR_STAFF, "vendor_guyuan", "/visits/"),
    (Role.COUNTY_OFFICER, "pengyang", "/work/"),
    (Role.FINANCE_OFFICER, "pengyang", "/work/projects/"),
    (Role.AGENCY_STAFF, "agency_ningxia", "/visits/"),
    (Role.SYSTEM_ADMIN, "ningxia", "/system/regions/"),
    (Role.SECURITY_ADMIN, "ningxia", "/security/people/"),
    (Role.EXPERT, "ningxia", ""),
]


@pytest.mark.parametrize(("role", "where", "url"), OWN)
def test_everybody_has_a_way_to_their_own_first_page(
    cast: Cast, role: Role, where: str, url: str
) -> None:
    client = client_of(cast.person(role, where))
    text = client.get("/").content.decode()
    header, tabs = text.split("</header>")[0], text.split('aria-label="底部导航"')[1]
    found = re.search(r'class="who-link who-own" href="([^"]+)"', header)
    assert found is not None
    assert url in ("", found[1])
    assert f'href="{found[1]}"' in tabs
    assert 'href="/inbox/"' in header
    assert 'href="/inbox/"' in tabs
    assert tabs.count("<li>") == 5
    # 404: nobody has opened an archive for the enterprises of the cast.
    assert client.get(found[1]).status_code in ((404,) if url == "/my/" else (200,))


def test_the_door_leads_an_enterprise_to_registration(cast: Cast) -> None:
    text = Client().get("/sign-in/").content.decode()
    assert 'href="/enterprises/register/"' in text
    assert 'href="/inbox/"' not in text


@pytest.fixture
def on(settings: Any, tmp_path: Path) -> None:
    settings.MAIL, settings.ADDRESS = files(tmp_path), "https://sz.example.gov.cn"


def _link() -> str:
    """The link of the last confirming mail, as it would be sent."""
    mail = letter(Outgoing.objects.filter(kind="confirm").latest("pk"), None)
    assert mail is not None
    found = re.search(r"https://sz\.example\.gov\.cn(/account/mail/confirm/\S+)", mail.body)
    assert found is not None
    return found[1]


def test_an_address_is_confirmed_by_its_link_once(cast: Cast, on: None) -> None:
    member = cast.person(*FILLER)
    client = client_of(member)
    answer = client.post("/account/mail/", {"address": "zhang@example.cn", "wish": "todo"})
    assert answer.status_code == 302
    row = MailAddress.objects.get()
    assert row.confirmed_at is None
    assert "等待确认" in client.get("/account/mail/").content.decode()
    told(member)
    assert not Outgoing.objects.filter(kind="message").exists()  # not confirmed: no mail
    link, visitor = _link(), Client()
    assert "zhang@example.cn" in visitor.get(link).content.decode()
    assert (
        MailAddress.objects.get().confirmed_at is None
    )  # a program that opens links changes nothing
    assert visitor.post(link).status_code == 200
    row = MailAddress.objects.get()
    assert (str(row.address), str(row.pending), row.nonce) == ("zhang@example.cn", "", "")
    assert row.confirmed_at is not None
    assert visitor.post(link).status_code == 410
    assert visitor.get(link).status_code == 410
    assert Entry.objects.filter(action="inbox.confirm_address", outcome="refused").count() == 1
    told(member, key="m:2")
    assert Outgoing.objects.filter(kind="message").count() == 1
    stored = _stored("inbox_mailaddress")
    assert "zhang@" not in stored


def _stored(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
        return repr(cursor.fetchall())


def test_a_link_ends_after_a_day_and_with_the_next_address(
    cast: Cast, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = cast.person(*FILLER)
    client = client_of(member)
    client.post("/account/mail/", {"address": "a@example.cn", "wish": "all"})
    first = _link()
    client.post("/account/mail/", {"address": "b@example.cn", "wish": "all"})
    assert Client().post(first).status_code == 410
    second = _link()
    later = timezone.now() + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert Client().post(second).status_code == 410
    assert Client().get("/account/mail/confirm/forged:abc:def/").status_code == 410
    assert MailAddress.objects.get().confirmed_at is None


def test_the_old_address_goes_on_until_the_new_one_is_confirmed(cast: Cast, on: None) -> None:
    member = cast.person(*FILLER)
    with_address(member, "old@example.cn")
    client = client_of(member)
    client.post("/account/mail/", {"address": "new@example.cn", "wish": "all"})
    told(member)
    mail = letter(Outgoing.objects.get(kind="message"), Message.objects.get())
    assert mail is not None
    assert mail.to == ["old@example.cn"]
    Client().post(_link())
    mail = letter(Outgoing.objects.get(kind="message"), Message.objects.get())
    assert mail is not None
    assert mail.to == ["new@example.cn"]


def test_nobody_fills_a_strangers_letter_box(cast: Cast, on: None) -> None:
    client = client_of(cast.person(*FILLER))
    for number in range(5):
        client.post("/account/mail/", {"address": f"v{number}@example.cn", "wish": "all"})
    answer = client.post("/account/mail/", {"address": "v9@example.cn", "wish": "all"})
    assert answer.status_code == 422
    assert "今天已经发过 5 封确认邮件" in answer.content.decode()
    assert Outgoing.objects.count() == 5


def test_wrong_and_removed_addresses(cast: Cast, on: None) -> None:
    client = client_of(cast.person(*FILLER))
    answer = client.post("/account/mail/", {"address": "zhang", "wish": "all"})
    assert answer.status_code == 422
    assert "邮件地址不对" in answer.content.decode()
    client.post("/account/mail/", {"address": "a@example.cn", "wish": "all"})
    client.post("/account/mail/", {"remove": "1"})
    assert not MailAddress.objects.exists()


def test_while_mail_is_off_the_pages_say_so(cast: Cast, settings: Any) -> None:
    settings.MAIL = None
    client = client_of(cast.person(*FILLER))
    text = client.get("/account/mail/").content.decode()
    assert "本平台没有开通邮件" in text
    assert '<form class="form-column"' not in text
    answer = client.post("/account/mail/", {"address": "a@example.cn", "wish": "all"})
    assert answer.status_code == 422
    assert not Outgoing.objects.exists()
    administrator = client_of(cast.person(Role.SYSTEM_ADMIN, "ningxia"))
    assert "邮件没有开通" in administrator.get("/administration/mail/").content.decode()


def test_the_outbox_shows_reasons_and_no_addresses_and_tries_again(cast: Cast, on: None) -> None:
    member = cast.person(*FILLER)
    with_address(member)
    for number in range(3):
        told(member, key=f"m:{number}", title="给张三的秘密")
    Outgoing.objects.filter(key="m:0").update(
        state="given_up", attempts=12, last_error="收件地址被邮件服务器拒绝（550）"
    )
    Outgoing.objects.filter(key="m:1").update(
        state="failed", attempts=2, last_error="连接邮件服务器超时", next_at=timezone.now() + timedelta(hours=1)
    )  # fmt: skip
    administrator = client_of(cast.person(Role.SYSTEM_ADMIN, "ningxia"))
    with CaptureQueriesContext(connection) as asked:
        text = administrator.get("/administration/mail/").content.decode()
    assert sum("inbox_outgoing" in q["sql"] for q in asked) == 3
    assert "收件地址被邮件服务器拒绝（550）" in text
    assert "连接邮件服务器超时" in text
    for secret in ("zhang@", "秘密", member.user.login_name):
        assert secret not in text
    answer = administrator.post("/administration/mail/", follow=True)
    assert "2 封邮件会马上再发一次" in answer.content.decode()
    assert set(Outgoing.objects.values_list("state", "attempts")) == {("waiting", 0)}
    assert client_of(member).get("/administration/mail/").status_code == 403

"""What leaves the outbox, when, how often, and what is said when it does not."""

from __future__ import annotations

import email
import threading
from datetime import datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.actions import send, settle
from shuzhuan.apps.inbox.actions.read import open_message
from shuzhuan.apps.inbox.actions.send import send_due
from shuzhuan.apps.inbox.models import MailAddress, Message, Outgoing
from shuzhuan.site.environment import mail
from tests.apps.inbox.mailroom import files, mail_to, smtp_server, told, with_address
from tests.cast import Cast, build

pytestmark = pytest.mark.django_db(transaction=True)
FILLER = (Role.ENTERPRISE_FILLER, "pengyang_mill")


@pytest.fixture
def people() -> Cast:
    return build()


@pytest.fixture
def on(settings: Any, tmp_path: Path) -> Path:
    settings.MAIL, settings.ADDRESS = files(tmp_path), "https://sz.example.gov.cn"
    return tmp_path


class Clock:
    """A clock that the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=timezone.get_current_timezone())
        monkeypatch.setattr(timezone, "now", lambda: self.now)


def test_a_real_conversation(people: Cast, settings: Any) -> None:
    member = people.person(*FILLER)
    settings.ADDRESS = "https://sz.example.gov.cn"
    with smtp_server() as server:
        settings.MAIL = mail_to(port=server.port, user="szdt", password="geheim")
        with_address(member)
        told(member, title="请补正 2 项材料")
        done = send_due()
        assert (done.sent, done.total) == (1, 1)
        assert len(server.logins) == 1
        assert send_due().total == 0
    [(recipient, source)] = server.mails
    assert recipient == "zhang@example.cn"
    letter = email.message_from_bytes(source, policy=policy.default)
    row = Outgoing.objects.get()
    assert letter["Subject"] == "【数转灯塔】请补正 2 项材料"
    assert letter["Message-ID"].startswith(f"<{row.pk}.")
    assert letter["Auto-Submitted"] == "auto-generated"
    message = Message.objects.get()
    assert f"https://sz.example.gov.cn/inbox/{message.pk}/" in letter.get_content()
    assert "缺少合同" in letter.get_content()
    assert row.state == "sent"
    assert row.sent_at is not None


def test_a_refused_recipient_is_given_up_without_saying_who(people: Cast, settings: Any) -> None:
    member = people.person(*FILLER)
    with smtp_server() as server:
        settings.MAIL = mail_to(port=server.port)
        with_address(member)
        told(member)
        server.refuse_recipient = "450 zhang@example.cn is busy"
        assert send_due().failed == 1
        Outgoing.objects.update(next_at=timezone.now())
        server.refuse_recipient = "550 zhang@example.cn unknown"
        assert send_due().given_up == 1
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("given_up", 2)
    assert row.last_error == "收件地址被邮件服务器拒绝（550）"


def test_a_failed_mail_rests_longer_each_time_and_is_given_up_after_a_day(
    people: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    settings.MAIL = mail_to(port=1)  # nobody listens there
    member = people.person(*FILLER)
    with_address(member)
    told(member)
    began, waits = clock.now, []
    while Outgoing.objects.get().state != "given_up":
        assert send_due().total == 1
        row = Outgoing.objects.get()
        if row.state == "failed":
            assert row.last_error.startswith("连不上邮件服务器")
            waits.append(row.next_at - clock.now)
            clock.now = row.next_at - timedelta(seconds=1)
            assert send_due().total == 0  # not a second too early
            clock.now = row.next_at
    assert waits[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)]
    assert max(waits) == timedelta(hours=6)
    assert len(waits) == send.ATTEMPTS_MAX - 1
    assert timedelta(hours=20) < clock.now - began < timedelta(hours=36)
    clock.now += timedelta(days=30)
    assert send_due().total == 0


def test_a_worker_killed_after_claiming_leaves_the_mail_to_the_next(
    people: Cast, on: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    member = people.person(*FILLER)
    with_address(member)
    told(member)
    [claimed] = send.claim()  # and is killed here
    assert send_due().total == 0
    clock.now += send.LEASE
    assert send_due().sent == 1
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("sent", 2)
    # Had the first one sent it after all, it would be the same mail to whoever receives it.
    assert [file.name for file in on.iterdir()] == [f"{row.pk}.{row.created_at:%Y%m%d%H%M%S%f}.eml"]
    # And it may not write over what the second one stored.
    assert send._store(claimed, state="failed", last_error="spät") == 0


def test_two_workers_never_send_one_mail_twice(
    people: Cast, on: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = people.person(*FILLER)
    with_address(member)
    for number in range(60):
        told(member, key=f"m:{number}")
    taken: list[str] = []
    guard = threading.Lock()
    original = send._one

    def counted(row: Outgoing, *rest: Any) -> None:
        with guard:
            taken.append(row.key)
        original(row, *rest)

    monkeypatch.setattr(send, "_one", counted)
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        try:
            send_due()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(f"m:{number}" for number in range(60))
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"sent"}
    assert len(list(on.iterdir())) == 60


def test_what_is_not_needed_any_more_is_not_sent(people: Cast, on: Path) -> None:
    from shuzhuan.apps.access.actor import actor_of

    member, mill = people.person(*FILLER), people.parties["pengyang_mill"]
    with_address(member)
    told(member, key="read")
    open_message(actor_of(member), Message.objects.get().pk)
    told(member, key="done", about=mill)
    with transaction.atomic():
        settle(mill)
    told(member, key="kept")
    done = send_due()
    assert (done.dropped, done.sent) == (2, 1)
    assert Outgoing.objects.get(state="sent").key == "kept"
    told(member, key="info", level="info")
    address = MailAddress.objects.get()
    address.wish = "todo"
    address.save()
    assert send_due().dropped == 1
    told(member, key="last")
    MailAddress.objects.all().delete()
    assert send_due().dropped == 1


def test_a_damaged_row_does_not_hold_up_the_others(
    people: Cast, on: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = people.person(*FILLER)
    with_address(member)
    told(member, key="bad")
    told(member, key="good")
    original = send.letter

    def broken(row: Outgoing, message: Message | None) -> Any:
        if row.key == "bad":
            raise ValueError("zhang@example.cn")
        return original(row, message)

    monkeypatch.setattr(send, "letter", broken)
    done = send_due()
    assert (done.sent, done.failed) == (1, 1)
    assert Outgoing.objects.get(key="bad").last_error == "没有发出（ValueError）"


def test_nothing_is_sent_inside_a_transaction_or_while_mail_is_off(
    people: Cast, on: Path, settings: Any
) -> None:
    member = people.person(*FILLER)
    with_address(member)
    told(member)
    with transaction.atomic(), pytest.raises(RuntimeError):
        send_due()
    settings.MAIL = None
    assert send_due().total == 0
    assert Outgoing.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("smtp://u:p%40ss@mail.example.cn:587?from=a@b.cn", {"password": "p@ss", "starttls": True}),
        ("smtps://mail.example.cn?from=a@b.cn", {"port": 465, "starttls": False}),
        ("smtp://127.0.0.1:25?from=a@b.cn&tls=none", {"port": 25, "starttls": False}),
        ("file:///srv/mails?from=a@b.cn", {"folder": "/srv/mails"}),
    ],
)
def test_good_addresses_of_a_server(
    monkeypatch: pytest.MonkeyPatch, url: str, part: dict[str, Any]
) -> None:
    monkeypatch.setenv("SHUZHUAN_MAIL_URL", url)
    found = mail("https://sz.example.gov.cn")
    assert found is not None
    assert part.items() <= found.items()


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://mail.example.cn?from=a@b.cn", "https://s"),
        ("smtp://mail.example.cn:587", "https://s"),
        ("smtp://mail.example.cn?from=a@b.cn&tls=none", "https://s"),
        ("smtp://mail.example.cn?from=a@b.cn&tsl=1", "https://s"),
        ("smtp://mail.example.cn?from=a@b.cn", ""),
    ],
)
def test_wrong_addresses_of_a_server(monkeypatch: pytest.MonkeyPatch, url: str, site: str) -> None:
    from django.core.exceptions import ImproperlyConfigured

    monkeypatch.setenv("SHUZHUAN_MAIL_URL", url)
    with pytest.raises(ImproperlyConfigured):
        mail(site)

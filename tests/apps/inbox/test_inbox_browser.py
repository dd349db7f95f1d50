"""Somebody of an enterprise is asked to do something, sees it on the phone, opens it: it is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.models import Message, Outgoing
from tests.apps.inbox.mailroom import files, told, with_address
from tests.cast import build, client_of

AXE = Path(__file__).resolve().parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = (
    ";axe.run({resultTypes:['violations']}).then(result => result.violations.map("
    "each => each.id + ' ' + each.nodes.map(node => node.target.join(' ')).join(', ')))"
)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _page(chromium: Any, live_server: Any, member: Membership, width: int) -> tuple[Any, list[str]]:
    context = chromium.new_context(viewport={"width": width, "height": 844})
    key = client_of(member).session.session_key
    context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    return page, noise


def _sound(page: Any, noise: list[str]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, page.url
    assert page.evaluate(AXE.read_text(encoding="utf-8") + RUN) == [], page.url
    assert noise == [], page.url


def test_a_todo_on_the_phone(chromium: Any, live_server: Any) -> None:
    cast = build()
    member = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    told(member, title="请在 3 月 13 日前补正 2 项申报材料", url="/account/")
    told(member, key="m:2", title="申报书已收到", body="", level="info", url="/account/")
    page, noise = _page(chromium, live_server, member, 390)
    page.goto(live_server.url + "/")
    page.get_by_role("navigation", name="底部导航").get_by_role("link", name="消息").click()
    page.wait_for_url("**/inbox/")
    _sound(page, noise)
    page.get_by_role("link", name=re.compile("待办")).click()
    row = page.locator(".inbox-row")
    assert row.count() == 1
    page.get_by_role("button", name="请在 3 月 13 日前补正 2 项申报材料").click()
    page.wait_for_url("**/account/")
    assert Message.objects.get(key="m:1").is_read
    assert not Message.objects.get(key="m:2").is_read
    page.goto(live_server.url + "/inbox/?show=unread")
    assert page.locator(".inbox-title").all_inner_texts() == ["申报书已收到"]
    page.get_by_role("button", name="全部标为已读").click()
    page.get_by_text("1 条消息已标为已读").wait_for()
    assert not Message.objects.filter(is_read=False).exists()
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_are_accessible(
    chromium: Any, live_server: Any, width: int, settings: Any, tmp_path: Path
) -> None:
    settings.MAIL, settings.ADDRESS = files(tmp_path), live_server.url
    cast = build()
    officer, system = cast.person(Role.COUNTY_OFFICER, "pengyang"), cast.person(
        Role.SYSTEM_ADMIN, "ningxia"
    )  # fmt: skip
    with_address(officer)
    told(officer, level="warn", body="期限 2026-03-13。\n" + "很长的说明" * 40)
    Outgoing.objects.update(state="given_up", attempts=12, last_error="连接邮件服务器超时")
    pk = Message.objects.get().pk
    visits = [
        (officer, path) for path in ("/inbox/", f"/inbox/{pk}/", "/account/mail/", "/sign-in/role/")
    ]
    for member, path in [*visits, (system, "/administration/mail/")]:
        page, noise = _page(chromium, live_server, member, width)
        page.goto(live_server.url + path)
        _sound(page, noise)
        page.context.close()

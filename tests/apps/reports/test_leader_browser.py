"""The leader with a phone: sees what is late, goes to the book, takes the flowchart along."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast, client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_leader_with_a_phone(
    chromium: Any, live_server: Any, cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAYMENT, clock.workdays)
    clock.workdays(12)
    person = cast.person(Role.LEADER, "pengyang")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    cookie = client_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
    try:
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))

        def fits() -> None:
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, page.url
            assert violations(page) == [], page.url

        page.goto(live_server.url + "/")
        page.click('nav[aria-label="底部导航"] >> text=我的')
        page.wait_for_url("**/leader/")
        assert page.locator(".plot svg").count() >= 3  # the drawings are drawn
        assert "逾期2个工作日" in page.inner_text("main")
        assert "1 / 10" in page.inner_text("main")
        fits()
        with page.expect_download() as download:
            page.click("text=下载PDF")
        assert download.value.suggested_filename.endswith(".pdf")
        page.click("text=兑现督导")
        page.wait_for_url("**/leader/pace/")
        fits()
        page.click('nav[aria-label="统计与台账"] >> text=资金使用台账')
        page.wait_for_url("**/work/ledger-book/")
        assert "与总账核对一致" in page.inner_text("main")
        fits()
        page.click(f"text={project.enterprise.name}")
        page.wait_for_url(f"**/work/ledger-book/{project.pk}/")
        assert "350,000.00" in page.inner_text("main")
        fits()
        page.goto(live_server.url + f"/batches/{drive.batch.pk}/flow/")
        picture = page.locator(".flowbox img")
        assert picture.evaluate("image => image.complete && image.naturalWidth > 1000")
        # It scrolls in its own box; the page does not.
        assert page.locator(".flowbox").evaluate("box => box.scrollWidth > box.clientWidth")
        fits()
        page.goto(live_server.url + "/disclosure/")
        fits()
        assert noise == []
    finally:
        context.close()

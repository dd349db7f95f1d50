"""The officer's path in a real browser: import, mend, commit, filter, pilot list, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise, PilotEntry
from tests.apps.workbench.kit import book, cells
from tests.apps.workbench.test_import import HEADERS, row
from tests.cast import client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("/work/", "/work/enterprises/", "/work/import/", "/work/pilots/", "/work/bulk/enter/")


@pytest.fixture
def at_once(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


def signed_in(chromium: Any, live_server: Any, person: Any, **more: Any) -> Any:
    context = chromium.new_context(accept_downloads=True, **more)
    session = client_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return context


def workbook(folder: Path, rows: list[list[Any]]) -> str:
    path = folder / "摸底.xlsx"
    path.write_bytes(book(HEADERS, rows).read())
    return str(path)


def test_the_whole_path(
    chromium: Any, live_server: Any, cast: Any, tmp_path: Path, at_once: None
) -> None:
    from playwright.sync_api import expect

    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    context = signed_in(chromium, live_server, person, viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.goto(live_server.url + "/work/")
        page.click("text=导入摸底名单")
        rows = [row(n, 改造意愿="意愿强烈" if n % 2 else "没有意愿") for n in range(1, 41)]
        page.set_input_files("#i-file", workbook(tmp_path, [*rows, row(41, 从业人员="很多")]))
        page.click("text=上传并核对")
        assert "有 1 处要修改" in page.inner_text("h1")
        assert "H42" in page.inner_text("table")
        with page.expect_download() as download:
            page.click("a:has-text('下载标出错处的表')")
        marked = cells(Path(download.value.path()).read_bytes())
        marked[-1][marked[0].index("从业人员（人）")] = 77
        mended = tmp_path / "改好.xlsx"
        mended.write_bytes(book(marked[0], marked[1:]).read())
        page.click("a:has-text('重新上传')")
        page.set_input_files("#i-file", str(mended))
        page.click("text=上传并核对")
        page.click("text=确认导入（新增 41，更新 0）")
        assert "已全部导入" in page.inner_text("h1")
        assert Enterprise.objects.count() == 41
        page.click("text=看企业名单")
        page.fill("#f-q", "QY1yxgs")  # pinyin initials, as typed
        expect(page.locator("#results tbody tr")).to_have_count(1)
        page.goto(live_server.url + "/work/enterprises/")
        page.click("text=更多条件")
        page.check("fieldset:has-text('改造意愿') >> label:has-text('意愿强烈')")
        page.click("text=按这些条件筛选")
        expect(page.locator("#results tbody tr")).to_have_count(21)
        page.click("text=全部结果批量办理")
        page.click(".menu-body >> text=进入试点名单")
        page.fill("#id_reason", "专班会议纪要3号")
        page.click("text=对 21 家办理")
        page.wait_for_selector("text=只看未办")
        assert PilotEntry.objects.count() == 21
        page.click("text=看试点名单")
        assert "21 家" in page.inner_text("header.workhead")
        page.goto(live_server.url + "/work/enterprises/?pilot=in")
        page.click("summary:has-text('导出')")
        with page.expect_download() as download:
            page.click("text=导出全部结果")
        taken = cells(Path(download.value.path()).read_bytes())
        assert len(taken) == 22 and taken[1][1].startswith("91640425")
        assert noise == []
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_are_accessible(
    chromium: Any, live_server: Any, cast: Any, width: int, scheme: str
) -> None:
    from tests.apps.workbench.kit import fill

    fill(cast.places["pengyang"], 60)
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    context = signed_in(
        chromium, live_server, person,
        viewport={"width": width, "height": 844}, color_scheme=scheme,
    )  # fmt: skip
    try:
        for path in PAGES:
            page = context.new_page()
            page.goto(live_server.url + path)
            for opened in page.query_selector_all("details.more > summary"):
                opened.click()
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, (path, overflow)
            assert violations(page) == [], path
            page.close()
    finally:
        context.close()

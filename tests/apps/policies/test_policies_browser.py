"""The newcomer's path in a real browser: on a phone, without scripts, by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.site.test_shell_browser import violations

PHONE = {"width": 390, "height": 844}
RESULT = (
    "enterprise.is_pilot=true&project.eligible_spend=800000&project.level_after=3"
    "&enterprise.annual_cloud_fee=60000&enterprise.in_park=false"
)
PAGES = (
    "/policies/", "/policies/?q=上云", "/policies/quanzhou/", "/policies/yinchuan/",
    "/policies/zhongning/", "/policies/quanzhou/1/", "/policies/quanzhou/18/",
    "/policies/hongsibu/2-2-4/", "/calc/", "/calc/quanzhou/",
    "/calc/quanzhou/?ask=project.eligible_spend&answer=abc", "/calc/quanzhou/?ask=project.level_after",
    f"/calc/quanzhou/result/?{RESULT}", "/calc/quanzhou/result/?project.x=1", "/batch/",
)  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport=PHONE, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_fit_are_accessible_and_quiet(
    chromium: Any, live_server: Any, width: int, scheme: str
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    try:
        for path in PAGES:
            page = context.new_page()
            noise: list[str] = []
            page.on("console", lambda message, noise=noise: noise.append(message.text))
            page.on("pageerror", lambda error, noise=noise: noise.append(str(error)))
            page.goto(live_server.url + path, wait_until="load")
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, (path, overflow)
            assert [t for t in noise if "status of 400" not in t] == [], path
            assert violations(page) == [], path
            page.close()
    finally:
        context.close()


def walk_to_the_result(page: Any, url: str) -> None:
    """Home → 政策库 → clause → 算一算 → answers → result."""
    page.goto(url)
    page.click("nav.entries a >> text=政策库")
    page.click("text=泉州市推动中小企业数字化转型试点城市工作若干措施")
    page.click(".clauserow a >> text=支持试点企业数字化改造")
    page.click("text=用这一条算一算")
    page.click("button:has-text('是')")
    for _ in range(2):
        if "数据采集传输设备" in page.inner_text("#question"):
            page.fill("#answer", "80")
            page.select_option("#unit", "wan")
            page.click("text=下一题")
        else:
            page.click("button:has-text('三级')")
    page.click("text=不知道，先跳过")
    page.click("text=看完整结果")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_newcomers_path_on_a_phone(
    chromium: Any, live_server: Any, tmp_path: Path, scripts: bool
) -> None:
    context = chromium.new_context(
        viewport=PHONE, java_script_enabled=scripts, accept_downloads=True
    )
    fresh = chromium.new_context()
    try:
        page = context.new_page()
        walk_to_the_result(page, live_server.url)
        assert "300,000.00" in page.inner_text(".totalbox")
        assert "80万元×50%=40万元，超过三级上限30万元，取30万元" in page.inner_text("main")
        with page.expect_download() as download:
            page.click("text=下载 PDF")
        path = tmp_path / "result.pdf"
        download.value.save_as(path)
        assert path.read_bytes().startswith(b"%PDF")
        link = page.input_value("#share-link")
        assert link.startswith(live_server.url)
        other = fresh.new_page()
        other.goto(link)
        assert other.inner_text(".total") == page.inner_text(".total")
        assert not fresh.cookies()
    finally:
        context.close()
        fresh.close()


def test_amounts_are_read_back_while_typing(phone: Any, live_server: Any) -> None:
    phone.goto(live_server.url + "/calc/quanzhou/?ask=project.eligible_spend")
    phone.fill("#answer", "80万")
    phone.wait_for_selector("#answer-echo:has-text('800,000.00 元，即 80万元')")
    phone.fill("#answer", "8")
    phone.select_option("#unit", "wan")
    phone.wait_for_selector("#answer-echo:has-text('80,000.00 元')")
    phone.fill("#answer", "很多")
    phone.wait_for_selector("#answer-echo:has-text('请只填数字')")


def test_a_mistake_loses_nothing(phone: Any, live_server: Any) -> None:
    phone.goto(
        live_server.url + "/calc/quanzhou/?enterprise.is_pilot=true&ask=project.eligible_spend"
    )
    phone.fill("#answer", "八十万")
    phone.click("text=下一题")
    assert phone.input_value("#answer") == "八十万"
    assert phone.is_visible("[role=alert]")
    phone.fill("#answer", "80万")
    phone.click("text=下一题")
    assert "enterprise.is_pilot=true" in phone.url and "project.eligible_spend=800000" in phone.url


def test_back_shows_the_answer_given(phone: Any, live_server: Any) -> None:
    phone.goto(live_server.url + "/calc/quanzhou/?enterprise.is_pilot=true")
    phone.click("text=上一题")
    assert phone.get_attribute("button:has-text('是')", "aria-pressed") == "true"


def test_changing_an_answer_returns_to_the_result(phone: Any, live_server: Any) -> None:
    phone.goto(f"{live_server.url}/calc/quanzhou/result/?{RESULT}")
    phone.click("[aria-label='修改：改造后数字化水平']")
    phone.click("button:has-text('二级')")
    assert "/result/" in phone.url
    assert "200,000.00" in phone.inner_text(".totalbox")


def test_another_reading_by_one_click(phone: Any, live_server: Any) -> None:
    facts = (
        "enterprise.is_pilot=true&project.is_only_project=true&project.batch=1"
        "&project.level_before=1&project.level_after=2&project.invested=700000"
        "&project.hardware_spend=280000"
    )
    phone.goto(f"{live_server.url}/calc/zhongning/result/?{facts}")
    assert "378,000.00" in phone.inner_text(".totalbox")
    phone.click("a.readingoption:has-text('整个项目不予补助')")
    assert "378,000.00" not in phone.inner_text("main")


def test_by_keyboard_alone(chromium: Any, live_server: Any) -> None:
    page = chromium.new_page()
    try:
        page.goto(live_server.url + "/calc/quanzhou/")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == "是":
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**enterprise.is_pilot=true**")
        page.goto(live_server.url + "/calc/quanzhou/?ask=project.eligible_spend")
        page.focus("#answer")
        page.keyboard.type("80万")
        page.keyboard.press("Enter")
        page.wait_for_url("**project.eligible_spend=800000**")
    finally:
        page.close()


def test_targets_on_a_phone_are_large_enough(phone: Any, live_server: Any) -> None:
    for path in (
        "/calc/quanzhou/",
        "/calc/quanzhou/?ask=project.eligible_spend",
        f"/calc/quanzhou/result/?{RESULT}",
    ):
        phone.goto(live_server.url + path)
        small = phone.evaluate(
            "[...document.querySelectorAll('main .btn, .bigchoice, main .form-control, main .form-select,"
            " .readingoption')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)"
            ".map(e => e.outerHTML.slice(0, 90))"
        )
        assert small == [], path


def test_the_library_filters_while_typing(phone: Any, live_server: Any) -> None:
    phone.goto(live_server.url + "/policies/")
    phone.fill("#q", "上云")
    phone.wait_for_selector("#library-list mark")
    assert "q=%E4%B8%8A%E4%BA%91" in phone.url

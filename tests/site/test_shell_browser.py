"""The shell in a real browser: nothing overflows, nothing is refused, everybody can use it."""

from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/", "/components/", "/policies/", "/nowhere/")
EXPECTED_NOISE = "Failed to load resource: the server responded with a status of 404"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def violations(page: Any) -> list[str]:
    """Run axe-core on an open page and name what it finds."""
    found: list[str] = page.evaluate(
        AXE.read_text(encoding="utf-8")
        + ";axe.run({resultTypes:['violations']}).then(result => result.violations.map("
        "each => each.id + ' ' + each.nodes.map(node => node.target.join(' ')).join(', ')))"
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
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
            assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
            assert [text for text in noise if EXPECTED_NOISE not in text] == [], path
            assert violations(page) == [], path
            page.close()
    finally:
        context.close()


def test_control_axe_sees_a_picture_without_words(chromium: Any, live_server: Any) -> None:
    page = chromium.new_page()
    try:
        page.goto(live_server.url)
        page.evaluate("document.querySelector('main').append(document.createElement('img'))")
        assert any(text.startswith("image-alt") for text in violations(page))
    finally:
        page.close()


def test_theme_is_kept_and_charts_follow(chromium: Any, live_server: Any) -> None:
    context = chromium.new_context(color_scheme="light")
    try:
        page = context.new_page()
        page.goto(live_server.url + "/components/")
        page.wait_for_selector("html[data-charts-drawn='4']")
        before = page.inner_html("[data-chart] .plot-canvas")
        page.click("[data-theme-toggle]")
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
        assert page.inner_html("[data-chart] .plot-canvas") != before
        page.reload()
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    finally:
        context.close()


def test_error_summary_puts_the_cursor_into_the_field(chromium: Any, live_server: Any) -> None:
    page = chromium.new_page()
    try:
        page.goto(live_server.url + "/components/")
        page.click("[data-error-summary] a >> nth=0")
        assert page.evaluate("document.activeElement.id") == "id_eligible_spend"
    finally:
        page.close()


def test_targets_on_a_phone_are_large_enough(chromium: Any, live_server: Any) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        page.goto(live_server.url + "/components/")
        small = page.evaluate(
            "[...document.querySelectorAll('.btn, .tabs a, .pages a, .iconbutton, .form-control,"
            " .form-select, .choices label')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == []
    finally:
        context.close()


def test_the_keyboard_reaches_the_content_first(chromium: Any, live_server: Any) -> None:
    page = chromium.new_page()
    try:
        page.goto(live_server.url)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
    finally:
        page.close()


def test_pages_work_without_javascript(chromium: Any, live_server: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(live_server.url + "/components/")
        assert page.is_visible("text=改造到三级，每家企业最多补多少：红寺堡最高")
        page.click("details.plot-data summary >> nth=0")
        assert page.is_visible("details.plot-data table >> nth=0")
    finally:
        context.close()

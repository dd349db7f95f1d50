"""A self-assessment on a phone: by keyboard alone, with the network gone, on two devices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.models import Answer, Assessment, AssessmentKind
from shuzhuan.apps.enterprises.models import Enterprise
from tests.apps.assessments.sheets import assessed, fill
from tests.cast import Cast, client_of
from tests.conftest import PATIENCE_MS
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
ITEM = "document.querySelector('[data-stage] [data-item]').dataset.item"
NEXT = ".assess-bar button:has-text('下一项')"
SAVED = "[data-line][data-state=saved]"


def device(chromium: Any, live_server: Any, person: Membership, **more: Any) -> Any:
    context = chromium.new_context(viewport=PHONE, **more)
    cookie = client_of(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context


@pytest.fixture
def phone(chromium: Any, live_server: Any, cast: Cast, mill: Enterprise) -> Iterator[Any]:
    person = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    context = device(chromium, live_server, person)
    yield context
    context.close()


def stored(item: str) -> Any:
    found = Answer.objects.filter(item=item).first()
    return None if found is None else (json.loads(found.value), found.saves)


def wait_for(page: Any, check: Any) -> None:
    """Until it is so, in the database or on the page."""
    for _ in range(PATIENCE_MS // 50):
        if check():
            return
        page.wait_for_timeout(50)
    pytest.fail("没有等到")


def open_item(context: Any, live_server: Any, sheet: Assessment, item: str) -> Any:
    """The page of an item, with all others fetched."""
    page = context.new_page()
    with page.expect_response("**/every/"):
        page.goto(f"{live_server.url}/my/level/{sheet.pk}/{item}/")
    page.wait_for_load_state("networkidle")
    return page


def test_a_whole_self_assessment_with_the_keyboard_alone(
    phone: Any, live_server: Any, certifier: Actor
) -> None:
    page = phone.new_page()
    keep: list[str] = []
    page.on("request", lambda r: keep.append(r.url) if r.url.endswith("/keep/") else None)
    page.goto(f"{live_server.url}/my/level/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the content
    while page.evaluate("document.activeElement.textContent.trim()") != "开始自评":
        page.keyboard.press("Tab")
    with page.expect_response("**/every/"):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # past 全部题目; from now on each item takes the focus itself
    for number in range(1, 32):
        item = page.evaluate(ITEM)
        assert item == (f"q{number}" if number <= 15 else f"s{number - 15}")
        page.keyboard.press("Tab")
        if item in ("q2", "q3", "q11"):
            page.keyboard.type("35")
        else:
            page.keyboard.press("Space")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        page.keyboard.press("Enter")
        if item in ("q2", "q3", "q11"):  # a number is acknowledged before the page goes on
            wait_for(page, lambda item=item: page.evaluate(ITEM) != item)
    page.wait_for_url(f"{live_server.url}/my/level/*/")
    sheet = Assessment.objects.get()
    assert (sheet.answered, sheet.saves, len(keep)) == (31, 31, 31)  # one round trip each
    assert page.evaluate("localStorage.length") == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.textContent.trim()") != "核对并提交":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/commit/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.id") != "c-name":
        page.keyboard.press("Tab")
    page.keyboard.type(certifier.name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/levels/*/**")
    assert page.is_visible("text=到下一级最短的路")
    sheet.refresh_from_db()
    assert sheet.is_current and sheet.level is not None


def test_nothing_is_lost_and_nothing_counted_twice_when_the_network_dies(
    phone: Any, live_server: Any, mill: Enterprise, certifier: Actor
) -> None:
    sheet = start(certifier, mill, AssessmentKind.SELF)
    page = open_item(phone, live_server, sheet, "q4")
    page.check("input[value=B]")
    page.wait_for_selector(SAVED)
    phone.set_offline(True)
    page.click(NEXT)
    assert page.evaluate(ITEM) == "q5"  # the next item needs no network
    page.check("[data-item=q5] input[value=D]")
    page.check("[data-item=q5] input[value=C]")  # changed one's mind
    page.wait_for_selector("[data-item=q5] [data-state=offline]")
    page.click(NEXT)
    page.check("[data-item=q6] input[value=B]")
    page.check("[data-item=q6] input[value=C]")
    page.click(NEXT)
    page.check("[data-item=q7] input[value=B]")
    page.wait_for_selector("[data-item=q7] [data-state=offline]")
    page.close()  # and the tab is closed
    assert [stored(item) for item in ("q5", "q6", "q7")] == [None, None, None]

    phone.set_offline(False)
    page = open_item(phone, live_server, sheet, "q6")
    assert page.is_checked("[data-item=q6] input[value=B]")
    assert page.is_checked("[data-item=q6] input[value=C]")
    wait_for(page, lambda: Answer.objects.filter(saves=1).count() == 4)
    assert stored("q5") == (["C"], 1)
    assert stored("q6") == (["B", "C"], 1)
    assert stored("q7") == (["B"], 1)
    wait_for(page, lambda: page.evaluate("localStorage.length") == 0)
    sheet.refresh_from_db()
    assert (sheet.saves, sheet.answered) == (4, 4)
    page.reload()  # no ghost comes back
    page.wait_for_load_state("networkidle")
    sheet.refresh_from_db()
    assert sheet.saves == 4


def test_the_network_returns_while_the_page_is_open(
    phone: Any, live_server: Any, mill: Enterprise, certifier: Actor
) -> None:
    sheet = start(certifier, mill, AssessmentKind.SELF)
    page = open_item(phone, live_server, sheet, "q12")
    phone.set_offline(True)
    for item in ("q12", "q13", "q14"):
        page.check(f"[data-item={item}] input[value=B]")
        page.click(NEXT)
    phone.set_offline(False)
    wait_for(page, lambda: Answer.objects.count() == 3)
    wait_for(page, lambda: page.evaluate("localStorage.length") == 0)
    assert {stored(item)[1] for item in ("q12", "q13", "q14")} == {1}


def test_a_save_whose_acknowledgement_was_lost_is_counted_once(
    phone: Any, live_server: Any, mill: Enterprise, certifier: Actor
) -> None:
    sheet = start(certifier, mill, AssessmentKind.SELF)
    page = open_item(phone, live_server, sheet, "q5")
    lost: list[str] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.post_data)
        route.fetch()  # the server has it
        route.abort()  # the browser does not know

    page.route("**/keep/", lose)
    page.check("input[value=B]")
    wait_for(page, lambda: stored("q5") == (["B"], 1))
    page.check("input[value=C]")  # changed while it is not known what became of the first
    wait_for(page, lambda: stored("q5") == (["C"], 2))
    page.wait_for_selector(SAVED)
    assert not page.is_visible("text=不同的答案")  # nobody is in conflict with oneself
    assert page.evaluate("localStorage.length") == 0


def test_two_devices_two_answers_the_person_decides(
    chromium: Any, phone: Any, live_server: Any, cast: Cast, mill: Enterprise, certifier: Actor
) -> None:
    sheet = start(certifier, mill, AssessmentKind.SELF)
    tablet = device(chromium, live_server, cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    try:
        mine = open_item(phone, live_server, sheet, "q5")
        theirs = open_item(tablet, live_server, sheet, "q5")
        theirs.check("input[value=B]")
        theirs.wait_for_selector(SAVED)
        mine.check("input[value=C]")
        mine.wait_for_selector("text=保存了不同的答案")
        assert stored("q5") == (["B"], 1)
        assert violations(mine) == []
        mine.goto(f"{live_server.url}/my/level/{sheet.pk}/q9/")
        mine.click("[data-attention] a")  # the question stays open until it is decided
        assert mine.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        mine.click("button:has-text('保留我填的')")
        mine.wait_for_selector(SAVED)
        assert stored("q5") == (["C"], 2)

        theirs.check("input[value=D]")
        theirs.click("button:has-text('用已保存的')")
        theirs.wait_for_load_state("networkidle")
        assert theirs.is_checked("input[value=C]")
        assert stored("q5") == (["C"], 2)
        assert theirs.evaluate("localStorage.length") == 0
    finally:
        tablet.close()


def test_none_excludes_the_rest_and_ways_of_a_share_exclude_each_other(
    phone: Any, live_server: Any, mill: Enterprise, certifier: Actor
) -> None:
    sheet = start(certifier, mill, AssessmentKind.SELF)
    page = open_item(phone, live_server, sheet, "q1")
    page.check("input[value=B]")
    page.check("input[value=C]")
    page.check("input[value=A]")
    assert not page.is_checked("input[value=B]") and not page.is_checked("input[value=C]")
    page.check("input[value=D]")
    assert not page.is_checked("input[value=A]")
    wait_for(page, lambda: (stored("q1") or [None])[0] == ["D"])
    page.click(NEXT)
    page.fill("[data-item=q2] [name=percent]", "101")
    page.click(NEXT)
    page.wait_for_selector(".field-error:has-text('超过 100%')")
    assert page.evaluate(ITEM) == "q2" and stored("q2") is None
    page.fill("[data-item=q2] [name=part]", "12")
    assert page.input_value("[data-item=q2] [name=percent]") == ""
    page.fill("[data-item=q2] [name=whole]", "40")
    page.click(NEXT)
    wait_for(page, lambda: stored("q2") is not None)
    assert stored("q2")[0] == {"part": "12", "whole": "40"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_are_accessible(  # noqa: PLR0917 - fixtures
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, certifier: Actor,
    filler: Actor, width: int, scheme: str,
) -> None:  # fmt: skip
    done = assessed(certifier, mill)
    sheet = start(filler, mill, AssessmentKind.SELF)
    fill(filler, sheet, s16=None)
    base = f"/my/level/{sheet.pk}/"
    paths = [
        "/my/level/", base, f"{base}q1/", f"{base}q2/", f"{base}s1/", f"{base}q1/evidence/",
        f"{base}commit/", f"/levels/{done.pk}/", f"/levels/{done.pk}/?keep=s1&keep=q5",
        f"/my/level/{done.pk}/withdraw/", f"/enterprises/{mill.pk}/",
    ]  # fmt: skip
    person = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    context = device(chromium, live_server, person, color_scheme=scheme)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 844})
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    for path in paths:
        page.goto(live_server.url + path, wait_until="networkidle")
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, (path, overflow)
        assert noise == [], path
        assert violations(page) == [], path
    save_answer(filler, sheet.pk, "s16", 0, key="last", seen=0)
    page.goto(f"{live_server.url}{base}commit/")
    assert violations(page) == []
    context.close()


def test_an_item_works_without_scripts(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, certifier: Actor
) -> None:
    sheet = start(certifier, mill, AssessmentKind.SELF)
    person = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    context = device(chromium, live_server, person, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/my/level/{sheet.pk}/q5/")
    page.check("input[value=C]")
    page.click("button:has-text('上一项')")
    assert page.url.endswith("/q4/") and stored("q5") == (["C"], 1)
    page.click("text=全部题目")
    assert page.is_visible("text=已答 1 项")
    context.close()

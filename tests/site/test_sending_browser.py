"""A slow network and a hasty thumb: a form says that it is on its way and is sent once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BUTTON = "main form:last-of-type button[type=submit]"
# Asked last, and answered by nobody: what reaches this would have been sent.
COUNT = """() => {
  window.sent = 0;
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) window.sent += 1;
    event.preventDefault();
  });
}"""


@pytest.fixture
def door(chromium: Any, live_server: Any) -> Iterator[Any]:
    """The page to sign in, which counts what it would have sent."""
    page = chromium.new_page()
    page.goto(live_server.url + "/sign-in/")
    page.evaluate(COUNT)
    yield page
    page.close()


def test_the_button_says_that_it_works_and_sends_once(door: Any) -> None:
    button = door.locator(BUTTON)
    before = button.inner_text()
    button.click()
    assert (button.inner_text(), button.get_attribute("aria-busy")) == ("正在提交…", "true")
    button.click()
    assert door.evaluate("window.sent") == 1
    # Whoever goes back finds the button as it was.
    door.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert (button.inner_text(), button.get_attribute("aria-busy")) == (before, None)


def test_what_was_typed_elsewhere_is_named_once_before_it_is_lost(door: Any) -> None:
    door.evaluate(
        "const form = document.querySelector('main form'), other = form.cloneNode(true);"
        "other.dataset.unsaved = ''; form.before(other)"
    )
    door.fill("main form[data-unsaved] input[name=login_name]", "somebody")
    button = door.locator(BUTTON)
    button.click()
    note = door.locator("form[data-unsaved] [data-unsaved-note]")
    assert "还没有保存" in note.inner_text()
    assert door.evaluate("window.sent") == 0
    button.click()
    assert door.evaluate("window.sent") == 1

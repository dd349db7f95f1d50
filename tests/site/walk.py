"""People at their own screens, each signing in by name, pass-word and authenticator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import SECOND_FACTOR
from shuzhuan.apps.signin.models import SecondFactor
from tests.apps.signin_kit import bound, code
from tests.cast import PASSWORD

DESK, TABLET, PHONE = 1440, 820, 390
HEIGHT = 900
REFUSED = "status of 422"  # a form that is shown again with what was wrong


class Somebody:
    """One window of one width; ``person`` None: a citizen who does not sign in."""

    def __init__(
        self, chromium: Any, url: str, width: int, person: Membership | None = None
    ) -> None:
        self.url, self.width, self.person = url, width, person
        touch = width < DESK
        size = {"width": width, "height": HEIGHT}
        self.context = chromium.new_context(viewport=size, has_touch=touch)
        self.page = self.context.new_page()
        self.noise: list[str] = []
        self.page.on("console", lambda message: self._heard(message.text))
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        if person is not None and person.role in SECOND_FACTOR:
            bound(person)

    def _heard(self, text: str) -> None:
        if REFUSED not in text:
            self.noise.append(text)

    def sign_in(self) -> Somebody:
        """Through the door. A session lives eight hours, so whoever comes on another day signs in again."""
        person, page = self.person, self.page
        assert person is not None
        self.context.clear_cookies()
        self.go("/sign-in/")
        page.get_by_label("登录名").fill(person.user.login_name)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.press("登录")
        if person.role in SECOND_FACTOR:
            # The clock of the play runs faster than the authenticator: let its code count again.
            SecondFactor.objects.filter(user=person.user).update(last_step=0)
            page.get_by_label("验证码").fill(code())
            self.press("继续")
        return self

    def go(self, path: str) -> Somebody:
        """Open an address; it has to be there, and the page has to fit."""
        answer = self.page.goto(self.url + path)
        assert answer.status == 200, (path, answer.status)
        return self.fits()

    def fits(self) -> Somebody:
        """Nothing to scroll sideways, nothing refused by the browser."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, (self.page.url, wide)
        assert self.noise == [], (self.page.url, self.noise)
        return self

    def click(self, name: str) -> Somebody:
        """Follow the first link with these words."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()
        return self.fits()

    def press(self, name: str) -> Somebody:
        """Send the form of the button with these words."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()
        return self.fits()

    def sees(self, *texts: str) -> Somebody:
        """These words stand on the page."""
        body = self.page.locator("body")
        for text in texts:
            found = self.page.get_by_text(text).locator("visible=true").first
            try:
                found.wait_for()
            except PlaywrightError:
                raise AssertionError(
                    f"{text!r} is not on {self.page.url}:\n{body.inner_text()}"
                ) from None
        return self

    def misses(self, *texts: str) -> Somebody:
        """These words stand nowhere on the page."""
        body = self.page.locator("main").inner_text()
        assert [text for text in texts if text in body] == [], self.page.url
        return self

    def form(self, action: str, within: str = "") -> Any:
        """The form that posts an action of a project, unfolded."""
        address = f"[action*='/projects/'][action$='/{action}/']"
        found = self.page.locator(f"{within} form{address}").first
        folded = found.locator("xpath=ancestor::details[not(@open)]/summary")
        for summary in folded.all():
            summary.click()
        return found

    def do(self, action: str, within: str = "", **fields: str | Path | bool) -> Somebody:
        """Fill in the form of an action by its fields' names and send it."""
        form = self.form(action, within)
        for name, value in fields.items():
            fill(form.locator(f"[name='{name}']"), value)
        with self.page.expect_navigation():
            form.locator("button[type=submit], button:not([type])").first.click()
        return self.fits()

    def close(self) -> None:
        self.context.close()


def fill(field: Any, value: str | Path | bool) -> None:
    """Type, choose, tick or attach, whatever the field is."""
    kind = field.first.evaluate("each => each.tagName === 'SELECT' ? 'select' : each.type")
    if isinstance(value, Path):
        field.first.set_input_files(value)
    elif kind == "select":
        field.select_option(value)
    elif kind == "radio":
        field.and_(field.page.locator(f"[value='{value}']")).check()
    elif kind == "checkbox":
        field.check()
    else:
        field.fill(value)

"""What the tests of the office's pages share: forms are sent as the page draws them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.projects.models import Project
from tests.cast import client_of

_INPUT = re.compile(r"<(input|textarea|select)\b([^>]*)>")
_NAME, _VALUE = re.compile(r'name="([^"]*)"'), re.compile(r'value="([^"]*)"')


@dataclass
class Desk:
    """One person before the page of one project."""

    person: Membership
    project: Project

    def __post_init__(self) -> None:
        self.url = f"/projects/{self.project.pk}/"

    @property
    def client(self) -> Client:
        """Signed in now: the clock of the tests moves on by days."""
        return client_of(self.person)

    def see(self) -> str:
        """The page."""
        answer = self.client.get(self.url)
        assert answer.status_code == 200, answer.status_code
        return str(answer.content.decode())

    def offered(self, action: str) -> bool:
        return f'action="{self.url}{action}/"' in self.see()

    def send(self, action: str, form: str = "", **typed: Any) -> HttpResponse:
        """Fill in the form of an action as the page draws it, and send it."""
        found = fields_of(self.see(), f"{self.url}{form or action}/")
        unknown = [name for name in typed if name not in found]
        assert not unknown, f"the form of {action} does not ask for {unknown}"
        given = {name: value for name, value in found.items() if value is not None}
        answer = self.client.post(f"{self.url}{action}/", {**given, **typed})
        self.project.refresh_from_db()
        return answer

    def does(self, action: str, form: str = "", **typed: Any) -> None:
        """Send it; it has to be done."""
        answer = self.send(action, form, **typed)
        assert answer.status_code == 302, (action, refusals(answer))

    def refused(self, action: str, form: str = "", **typed: Any) -> str:
        """Send it; it has to be refused. Returns the page with the refusal."""
        self.project.refresh_from_db()
        before = (self.project.state, self.project.version)
        answer = self.send(action, form, **typed)
        assert answer.status_code == 422, (action, answer.status_code)
        assert (self.project.state, self.project.version) == before
        return str(answer.content.decode())


def fields_of(page: str, address: str) -> dict[str, str | None]:
    """Names and values of the first form with this address; None for what is not ticked."""
    start = page.index(f'action="{address}"')
    part = page[start : page.index("</form>", start)]
    found: dict[str, str | None] = {}
    for kind, attributes in _INPUT.findall(part):
        name = _NAME.search(attributes)
        if name is None:
            continue
        value = _VALUE.search(attributes)
        text: str | None = html.unescape(value[1]) if value else ""
        if 'type="checkbox"' in attributes and "checked" not in attributes:
            text = None
        if kind == "select":
            text = _chosen(part, attributes)
        found[html.unescape(name[1])] = text
    return found


def _chosen(part: str, attributes: str) -> str:
    inner = part[part.index(attributes) :]
    inner = inner[: inner.index("</select>")]
    chosen = re.search(r'<option value="([^"]*)"[^>]*selected', inner)
    return chosen[1] if chosen else ""


def refusals(answer: HttpResponse) -> list[str]:
    """What the error summary says."""
    text = answer.content.decode()
    if "error-summary" not in text:
        return []
    part = text[text.index("error-summary") :]
    return [re.sub(r"<[^>]+>", "", li) for li in re.findall(r"<li>(.*?)</li>", part)[:5]]


EXPERTS = {
    f"expert{n}_{name}": value
    for n, points in enumerate(("88", "85", "90"), start=1)
    for name, value in (("name", f"评审人{n}"), ("points", points), ("text", "可行"))
}

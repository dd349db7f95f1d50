"""The pages of the door and of the administrators in a real browser, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from tests.apps.signin_kit import bound
from tests.cast import build, client_of

AXE = Path(__file__).resolve().parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = (
    ";axe.run({resultTypes:['violations']}).then(result => result.violations.map("
    "each => each.id + ' ' + each.nodes.map(node => node.target.join(' ')).join(', ')))"
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def visits() -> list[tuple[Membership | None, bool, str]]:
    """Who opens which page, with or without the second factor passed."""
    cast = build()
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    system = cast.person(Role.SYSTEM_ADMIN, "ningxia")
    security = cast.person(Role.SECURITY_ADMIN, "ningxia")
    bound(officer)
    return [
        (None, False, "/sign-in/"),
        (officer, False, "/sign-in/second-factor/"),
        (system, False, "/sign-in/second-factor/"),
        (officer, True, "/account/"),
        (officer, True, "/account/password/"),
        (officer, True, "/account/sessions/"),
        (system, True, "/system/regions/"),
        (security, True, "/security/people/"),
        (security, True, f"/security/people/{officer.user_id}/"),
        (security, True, "/security/people/invite/"),
    ]


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_are_accessible_and_quiet(chromium: Any, live_server: Any, width: int) -> None:
    for person, passed, path in visits():
        context = chromium.new_context(viewport={"width": width, "height": 844})
        if person is not None:
            key = client_of(person, second_factor=passed).session.session_key
            cookie = {"name": "sessionid", "value": key, "url": live_server.url}
            context.add_cookies([cookie])
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda message, noise=noise: noise.append(message.text))
        page.goto(live_server.url + path, wait_until="load")
        assert page.url == live_server.url + path
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
        assert page.evaluate(AXE.read_text(encoding="utf-8") + RUN) == [], path
        assert noise == [], path
        context.close()

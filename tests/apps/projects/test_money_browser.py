"""The pages of money, clients and tasks fit a phone and a desk, and are open to everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.vendors.actions.consent import PARTS, grant_consent, request_consent
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast, client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHO = (
    (Role.ENTERPRISE_CERTIFIER, "pengyang_mill", ("/my/", "/my/money/")),
    (Role.VENDOR_STAFF, "vendor_guyuan", ("/visits/", "/visits/?state=all", "/vendor/")),
    (Role.AGENCY_STAFF, "agency_ningxia", ("/visits/",)),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_fit_and_are_accessible(
    chromium: Any, live_server: Any, cast: Cast, drive: Drive, mill: Firm, clock: Clock, scheme: str
) -> None:
    today = timezone.localdate()
    asked = request_consent(drive.players.vendor, mill.enterprise.uscc, "代办")
    grant_consent(mill.certifier, asked, today, today + timedelta(days=300), frozenset(PARTS))
    drive.carry(mill, CASE, State.GRADING, clock.workdays)
    for role, key, paths in WHO:
        context = chromium.new_context(color_scheme=scheme)
        cookie = client_of(cast.person(role, key)).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            for path in paths:
                page.goto(live_server.url + path, wait_until="networkidle")
                overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert overflow <= 0, (path, width)
                assert violations(page) == [], (path, width)
        context.close()

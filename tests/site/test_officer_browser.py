"""An office on a phone: nothing runs out of the page, and what is tapped fits a thumb."""

from __future__ import annotations

from typing import Any

import pytest

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise
from tests.apps.projects.many import projects
from tests.apps.projects.test_office_browser import opened
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = (
    "宁夏彭阳县红河镇现代农业综合开发与数字化供应链服务有限责任公司ABCDEFGHIJKLMNOPQRSTUVWXYZ2026"
)
PAGES = ("/work/", "/work/projects/", "/work/enterprises/", "/work/levels/", "/funds/", "/leader/",
         "/work/ledger-book/", "/account/")  # fmt: skip
# What of the page a thumb is to hit is lower than 44 px, by its words.
LOW = """() => [...document.querySelectorAll(
    'main :is(.kicker, .blockhead, th, td) > a, main dd > a:only-child, main summary, .workbar a'
  )].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.height < 43.5 && !one.closest('thead');
  }).map(one => one.textContent.trim())"""

# The rooms whose marker differs from the ground, by their words.
MARKED = """() => [...document.querySelectorAll('.workbar a')].filter(
    one => getComputedStyle(one).borderBottomColor !== getComputedStyle(document.body).backgroundColor
  ).map(one => one.textContent)"""


def test_an_office_fits_a_phone(cast: Cast, chromium: Any, live_server: Any) -> None:
    projects(cast, "pengyang", 20)
    firm = Enterprise.objects.filter(place=cast.places["pengyang"]).order_by("pk").first()
    assert firm is not None
    Enterprise.objects.filter(pk=firm.pk).update(name=LONG)
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    page = opened(chromium, live_server, officer, width=390, height=844)
    for path in (*PAGES, f"/enterprises/{firm.pk}/"):
        page.goto(f"{live_server.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.evaluate(LOW) == [], path
        room = page.query_selector(".workbar [aria-current]")
        if room is not None:  # the room one is in stands within the page
            box = room.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, path
    # The narrowest screen, or four times the size on a small desk.
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/work/", "/work/projects/"):
        page.goto(f"{live_server.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    # The whole ledger stands on a desk's screen; in high contrast one room alone is marked.
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/work/ledger-book/")
    assert page.evaluate("document.querySelector('.tablewrap .ledgerbook').offsetWidth") > 1000
    assert page.evaluate(
        "[...document.querySelectorAll('.tablewrap')].every(one => one.scrollWidth <= one.clientWidth)"
    )
    page.emulate_media(forced_colors="active")
    assert page.evaluate(MARKED) == ["试点进展"]


def test_every_page_of_an_office_has_one_width(cast: Cast, chromium: Any, live_server: Any) -> None:
    page = opened(chromium, live_server, cast.person(Role.COUNTY_OFFICER, "pengyang"))
    edges = set()
    for path in ("/work/", "/work/publicity/", "/funds/", "/policies/"):
        page.goto(f"{live_server.url}{path}")
        edges.add(round(page.locator(".wordmark").bounding_box()["x"]))
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, path
    assert len(edges) == 1, edges

"""The demonstration as a newcomer meets it: every persona by one click, with something to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.assessments.models import Assessment
from shuzhuan.site.demo import GROUPS
from shuzhuan.site.rehearsal.half import build_demo
from tests.site.walk import DESK, PHONE, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where each of them lands, what stands there, and the first thing that waits for them.
WAITS = {
    "firm12": ("/my/", "第二批", "main a[href^='/my/projects/'], main a[href^='/batches/']"),
    "firm6": ("/my/", "实施中", "main a[href*='/lines/']"),
    "firm7": ("/my/", "整改", "main a[href*='/acceptance/']"),
    "firm1": ("/my/", "已兑付", "main a[href^='/projects/'], main a[href^='/my/projects/']"),
    "vendor": ("/visits/", "入企任务", "main .tasks a"),
    "agency": ("/visits/", "入企任务", "main .tasks a[href^='/projects/']"),
    "county": ("/work/", "待我办", "main a[href*='lane=mine']"),
    "second": ("/work/", "待我办", "main a[href*='lane=mine']"),
    "city": ("/work/", "待我办", "main a[href*='lane=mine']"),
    "finance": ("/work/projects/", "待兑付", "main a[href*='lane=mine']"),
    "leader": ("/leader/", "要督办", "main a[href^='/projects/']"),
    "security": ("/security/people/", "县级经办甲", "main table a"),
    "audit": ("/audit/", "审计日志", "main a[href='/audit/checkpoints/']"),
    "system": ("/system/regions/", "彭阳县", "main a"),
}
ON_A_PHONE = frozenset({"firm12", "firm6", "firm7", "firm1", "leader", "finance"})


@pytest.fixture
def demonstration(settings: Any, tmp_path: Any, db: None) -> Iterator[None]:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    settings.DEMO = True
    build_demo(lambda text: None)
    yield


def test_everybody_comes_in_by_one_click_and_finds_something_to_do(
    chromium: Any, live_server: Any, transactional_db: None, demonstration: None, settings: Any
) -> None:
    assert WAITS.keys() == {persona.key for _, group in GROUPS for persona in group}
    today = timezone.localdate().isoformat()
    for _, group in GROUPS:
        for persona in group:
            width = PHONE if persona.key in ON_A_PHONE else DESK
            somebody = Somebody(chromium, live_server.url, width)
            meets(somebody, persona.key, persona.title, today)
            somebody.close()
    shows_levels(live_server.url, chromium)
    settings.DEMO = False
    stranger = Somebody(chromium, live_server.url, DESK)
    assert stranger.page.goto(live_server.url + "/demo/").status == 404
    assert stranger.context.request.post(f"{live_server.url}/demo/county/").status in (403, 404)
    stranger.close()


def meets(somebody: Somebody, key: str, title: str, today: str) -> None:
    """One click at the door, the first page, and the first thing on it that waits."""
    path, words, first = WAITS[key]
    page = somebody.go("/demo/").page
    with page.expect_navigation():
        page.get_by_role("button", name=title).first.click()
    somebody.fits().sees(words)
    assert page.url == f"{somebody.url}{path}", key
    somebody.sees("演示环境")
    waits = page.locator(first).first
    leads = waits.get_attribute("href")
    with page.expect_navigation() as answer:
        waits.click()
    assert answer.value.status == 200, (key, leads)
    somebody.fits()
    later = [day for day in _moments(page) if day[:10] > today]
    assert later == [], (key, page.url, later)


def shows_levels(url: str, chromium: Any) -> None:
    """A firm stands among its peers; the office sees levels, movement, weak trades and a doubt."""
    own = Assessment.objects.filter(kind="self", is_current=True)
    firms = {
        key: User.objects.get(login_name=f"demo-{key}").memberships.get().party_id
        for key in ("firm1", "firm6", "firm7", "firm12")
    }
    for key, party in firms.items():
        assert party is not None
        sheet = own.get(party_id=party)
        somebody = Somebody(chromium, url, PHONE).go("/demo/")
        somebody.page.locator(f"form[action='/demo/{key}/'] button").click()
        somebody.page.wait_for_url("**/my/")
        somebody.go(f"/levels/{sheet.pk}/").fits().sees("和同行比", "另有 5 家")
        somebody.close()
    county = Somebody(chromium, url, DESK).go("/demo/")
    county.page.locator("form[action='/demo/county/'] button").click()
    county.page.wait_for_url("**/work/")
    county.go("/work/levels/").sees("升 6 家，不变 1 家，降 0 家")
    county.go("/work/levels/?kind=self").sees("占已评的 31%")
    county.go("/work/levels/scenarios/?kind=self").sees("轻工纺织", "装备制造")
    county.go("/work/levels/doubts/").sees("彭阳城阳农机制造有限公司（演示）", "自评高于现场")
    county.close()


def _moments(page: Any) -> list[str]:
    """Days with a time of day: something that has happened."""
    found: list[str] = page.evaluate(
        "document.querySelector('main').innerText.match(/20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d/g) || []"
    )
    return found

"""Finance enters, a colleague confirms on a phone, everybody looks; every page fits and is accessible."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.models import BudgetProposal
from shuzhuan.apps.funds.queries.balances import balances
from tests.apps.funds.kit import WAN, Desk
from tests.cast import Cast, client_of

AXE = Path(__file__).resolve().parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = (
    ";axe.run({resultTypes:['violations']}).then(result => result.violations.map("
    "each => each.id + ' ' + each.nodes.map(node => node.target.join(' ')).join(', ')))"
)
SHOTS = os.environ.get("SHUZHUAN_SHOTS", "")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Window:
    """A person at a screen of some width."""

    def __init__(self, chromium: Any, url: str, cast: Cast, role: Role, width: int) -> None:
        self.url = url
        context = chromium.new_context(viewport={"width": width, "height": 844})
        key = client_of(cast.person(role, "pengyang")).session.session_key
        context.add_cookies([{"name": "sessionid", "value": key, "url": url}])
        self.page = context.new_page()
        self.noise: list[str] = []
        self.page.on("console", lambda message: self.noise.append(message.text))

    def go(self, name: str, *args: object) -> None:
        self.page.goto(self.url + reverse(f"funds:{name}", args=args))

    def check(self, name: str) -> None:
        """The page fits, is accessible, and says nothing on the console."""
        page = self.page
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, name
        assert page.evaluate(AXE.read_text(encoding="utf-8") + RUN) == [], name
        assert self.noise == [], name
        if SHOTS:
            page.screenshot(
                path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True
            )


@pytest.mark.parametrize(("first", "second"), [(1440, 390), (390, 1440)])
def test_money_arrives_and_is_arranged(
    chromium: Any, live_server: Any, cast: Cast, first: int, second: int
) -> None:
    desk = Desk(cast)
    finance = Window(chromium, live_server.url, cast, Role.FINANCE_OFFICER, first)
    leader = Window(chromium, live_server.url, cast, Role.LEADER, second)
    finance.go("home")
    finance.check("empty")
    finance.page.get_by_role("link", name="录入到账").click()
    finance.page.get_by_label("依据文号").fill("宁财（企）指标〔2026〕12号")
    finance.page.get_by_label("自治区奖补资金").fill("１２")
    finance.page.get_by_role("button", name="提交复核").click()
    assert finance.page.get_by_text("全角字符").first.is_visible()
    finance.check("mistake")
    finance.page.get_by_label("自治区奖补资金").fill("10000000")
    finance.page.get_by_role("button", name="提交复核").click()
    assert finance.page.get_by_text("经办和复核必须是两个人").is_visible()
    finance.check("own")
    leader.go("home")
    leader.page.get_by_role("link", name="资金到账 10,000,000.00 元").click()
    leader.check("proposal")
    leader.page.get_by_role("button", name="核对无误，记账").click()
    assert leader.page.get_by_text("已复核并记账").is_visible()
    finance.go("propose", desk.fund.pk, "allocate")
    cells = finance.page.get_by_label("自治区奖补资金")
    cells.nth(0).fill("8000000")
    cells.nth(2).fill("1000000")
    finance.page.get_by_label("依据文号").fill("资金使用计划1号")
    finance.check("allocate")
    finance.page.get_by_role("button", name="提交复核").click()
    leader.go("proposal", BudgetProposal.objects.latest("pk").pk)
    leader.page.get_by_role("button", name="核对无误，记账").click()
    now = balances(desk.fund)
    assert (now.allocated_fen, now.support_fen) == (900 * WAN, 100 * WAN)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_of_a_fund_that_is_used(
    chromium: Any, live_server: Any, cast: Cast, width: int
) -> None:
    desk = Desk(cast).filled(1000 * WAN, 850 * WAN)
    desk.allocate(20 * WAN, line=desk.services)
    payment = desk.pay(desk.reserve(40 * WAN), 37 * WAN + 5050)
    desk.claw_back(payment, 5 * WAN)
    desk.reserve(40 * WAN, party=cast.parties["park_foundry"], subject="PY-2026-002")
    window = Window(chromium, live_server.url, cast, Role.FINANCE_OFFICER, width)
    for name in ("fund", "ledger", "statement", "periods"):
        window.go(name, desk.fund.pk)
        if name == "fund":
            window.page.wait_for_selector("[data-chart] canvas, [data-chart] svg")
        window.check(name)
    window.go("open")
    window.check("open")

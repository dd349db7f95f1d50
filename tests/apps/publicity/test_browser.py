"""A citizen reads a publicity on a phone, objects, and looks the answer up later."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.publicity.models import Objection
from tests.apps.publicity.kit import WORDS, Clock, first, objected, published
from tests.cast import Cast, client_of

AXE = Path(__file__).resolve().parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = (
    ";axe.run({resultTypes:['violations']}).then(result => result.violations.map("
    "each => each.id + ' ' + each.nodes.map(node => node.target.join(' ')).join(', ')))"
)
SHOTS = os.environ.get("SHUZHUAN_SHOTS", "")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def check(page: Any, name: str) -> None:
    """The page fits, is accessible, and says nothing on the console."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, name
    assert page.evaluate(AXE.read_text(encoding="utf-8") + RUN) == [], name
    if SHOTS:
        width = page.viewport_size["width"]
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def officer_of(cast: Cast) -> Client:
    return client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))


def signed_in(context: Any, client: Client, url: str) -> None:
    key = client.session.session_key
    context.add_cookies([{"name": "sessionid", "value": key, "url": url}])


def test_a_citizen_objects_on_a_phone_and_reads_the_answer(
    chromium: Any, live_server: Any, cast: Cast, clock: Clock
) -> None:
    publicity = published(cast)
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.goto(f"{live_server.url}/publicity/")
    check(page, "list")
    page.get_by_role("link", name=publicity.title).click()
    assert page.get_by_text("还剩 5 个工作日").is_visible()
    check(page, "page")
    page.get_by_role("link", name="对第 1 项提异议").click()
    check(page, "object")
    page.get_by_role("button", name="提交异议").click()
    assert page.get_by_role("heading", name="有 4 处需要修改").is_visible()
    check(page, "object-wrong")
    page.get_by_label("姓名或单位名称").fill("张三")
    page.get_by_label("手机号或邮箱").fill("13895410000")
    page.get_by_label("异议内容").fill(WORDS)
    page.get_by_label("以上内容真实").check()
    page.get_by_role("button", name="提交异议").click()
    assert page.get_by_role("heading", name="异议已收到").is_visible()
    check(page, "receipt")
    number = page.locator("#number").inner_text()
    code = page.locator("#code").inner_text()
    objection = Objection.objects.get()
    assert (number, code) == (objection.number, objection.reply_code)
    given = {"result": "upheld", "finding": "发票已核对，确实重复领取，这一项不通过。", "key": "d"}
    officer_of(cast).post(f"/work/publicity/objections/{objection.pk}/decide/", given)
    page.get_by_role("link", name="查答复").first.click()
    check(page, "answer")
    page.get_by_label("异议编号").fill(number)
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查答复").click()
    assert page.get_by_text("确实重复领取").is_visible()
    check(page, "answered")
    assert noise == []
    context.close()


def test_the_desk_by_mouse(chromium: Any, live_server: Any, cast: Cast, clock: Clock) -> None:
    publicity = published(cast, rows=12)
    objection = objected(first(publicity))
    objected(publicity.items.order_by("position")[3], "k2", name="李四")
    for width in (1440, 390):
        context = chromium.new_context(viewport={"width": width, "height": 844})
        signed_in(context, officer_of(cast), live_server.url)
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda message, noise=noise: noise.append(message.text))
        for name, path in (
            ("desk", "/work/publicity/"),
            ("desk-running", "/work/publicity/?view=running"),
            ("sheet", f"/work/publicity/{publicity.pk}/"),
            ("objection", f"/work/publicity/objections/{objection.pk}/"),
            ("withdraw", f"/work/publicity/items/{first(publicity).pk}/withdraw/"),
            ("public-page", f"/publicity/{publicity.pk}/"),
            ("public-list", "/publicity/"),
        ):
            page.goto(live_server.url + path)
            check(page, name)
        assert noise == []
        context.close()

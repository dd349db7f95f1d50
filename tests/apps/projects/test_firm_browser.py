"""On a phone: from the public batch page to the receipt, and later a line with its invoice photo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.projects.models import Line, Paper, Project
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from shuzhuan.site.rehearsal.papers import paper
from tests.apps.evidence.good_files import jpg
from tests.apps.projects.conftest import CASE
from tests.cast import Cast, client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(chromium: Any, live_server: Any, cast: Cast) -> Iterator[Any]:
    context = chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    person = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    cookie = client_of(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context
    context.close()


def fits(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []


def test_from_the_public_page_to_the_receipt(
    phone: Any, live_server: Any, drive: Drive, mill: Firm, tmp_path: Path
) -> None:
    drive.diagnose(mill, 1)
    page = phone.new_page()
    page.goto(f"{live_server.url}/")
    page.click("text=第一批试点企业申报")
    fits(page)
    page.click("text=我要申报 >> nth=0")
    assert page.is_visible("text=按企业档案，申报条件都符合")
    fits(page)
    page.click("button:has-text('开始申报')")
    page.wait_for_url("**/filing/")
    page.fill("#edit_filing-content-title", "生产管理数字化改造")
    page.fill("#edit_filing-content-content", "上生产执行系统，采集关键设备数据。")
    page.fill("#edit_filing-content-goal", "订单到交付全程可查。")
    page.click("#s-content button")
    page.wait_for_url("**/filing/#s-content")
    page.fill("#edit_filing-plan-vendor_name", "某数字科技公司")
    page.click("#s-plan button")
    page.wait_for_url("**/filing/#s-plan")
    page.fill("#edit_filing-schedule-planned_fen", "70万")
    page.fill("#edit_filing-schedule-starts_on", "2026-04-01")
    page.fill("#edit_filing-schedule-ends_on", "2026-09-01")
    page.select_option("#edit_filing-schedule-level_target", "2")
    page.click("#s-schedule button")
    page.wait_for_selector("#edit_filing-schedule-planned_fen_error")
    assert page.input_value("#edit_filing-schedule-planned_fen") == "70万"
    assert page.input_value("#edit_filing-schedule-ends_on") == "2026-09-01"
    fits(page)
    page.fill("#edit_filing-schedule-planned_fen", "700000")
    page.click("#s-schedule button")
    page.wait_for_url("**/filing/#s-schedule")
    for name in ("plan", "licence"):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(paper(name))
        page.set_input_files(f"#attach_paper-{name}-document_file", str(file))
        page.click(f"#p-{name} form button:has-text('附上')")
        page.wait_for_url(f"**/filing/#p-{name}")
    assert page.is_visible("text=内容和材料齐全")
    fits(page)
    page.check("[name=truthful]")
    page.click(".sendform button")
    page.wait_for_url("**/receipt/")
    assert page.is_visible("text=彭阳县-2026-1-001")
    fits(page)
    project = Project.objects.get()
    assert project.at == State.FORM_CHECK and Paper.objects.count() == 2


def test_a_line_with_the_photo_of_its_invoice(
    phone: Any, live_server: Any, drive: Drive, mill: Firm, clock: Clock, tmp_path: Path
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    photo = tmp_path / "发票.jpg"
    photo.write_bytes(jpg())
    page = phone.new_page()
    page.goto(f"{live_server.url}/my/")
    page.click("text=登记投入，完工后申请验收")
    page.click("text=登记一笔")
    page.check("input[value=software]")
    page.fill("#edit_line-name", "生产执行系统")
    page.fill("#edit_line-supplier", "某数字科技公司")
    page.fill("#edit_line-amount", "50000.50")
    page.fill("#edit_line-invoice_number", "24642000000012345678")
    page.fill("#edit_line-invoice_on", clock.today.isoformat())
    page.set_input_files("#edit_line-invoice_file", str(photo))
    fits(page)
    page.click("button:has-text('保存')")  # the day of payment is missing
    page.wait_for_selector("#edit_line-paid_on_error")
    assert page.input_value("#edit_line-supplier") == "某数字科技公司"
    assert "发票 2464" in page.locator("#edit_line-invoice option:checked").inner_text()
    page.fill("#edit_line-paid_on", clock.today.isoformat())
    page.click("button:has-text('保存')")
    page.wait_for_url("**/lines/")
    assert page.is_visible("text=缺付款凭证") and page.is_visible("text=50,000.50")
    fits(page)
    row = Line.objects.get(project=project)
    assert row.invoice is not None and row.invoice.slot == "invoice"
    page.set_viewport_size({"width": 1440, "height": 900})
    fits(page)

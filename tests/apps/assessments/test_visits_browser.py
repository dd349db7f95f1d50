"""A diagnosis with a tablet, the plan that follows, and the enterprise that agrees on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    Finding,
    Measure,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.evidence.models import Document, Link
from tests.apps.assessments import onsite
from tests.apps.assessments.sheets import assessed
from tests.apps.evidence.good_files import jpg
from tests.cast import Cast, client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
SHOTS = os.environ.get("SHUZHUAN_SHOTS", "")


def screen(chromium: Any, live_server: Any, person: Membership, size: dict[str, int]) -> Any:
    context = chromium.new_context(viewport=size)
    cookie = client_of(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context.new_page()


def calm(page: Any, name: str) -> None:
    """Nothing scrolls sideways, and nothing breaks the rules of access."""
    page.wait_for_load_state("networkidle")
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, name
    assert violations(page) == [], name


def test_from_the_visit_to_the_agreement(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, tmp_path: Path
) -> None:
    """One item on site, the lists and the commitment, the plan, and the enterprise agrees."""
    assessed(onsite.certifier(cast), mill)
    engagement = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    vendor = onsite.vendor(cast)
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(jpg())
    page = screen(chromium, live_server, cast.person(Role.VENDOR_STAFF, "vendor_guyuan"), TABLET)
    page.goto(f"{live_server.url}/visits/")
    calm(page, "list")
    page.click(f"text={mill.name}")
    _one_item(page, mill, photo)
    _lists_and_commitment(page, live_server, cast, mill, engagement, vendor)
    _plan(page, mill, vendor)
    page.context.close()
    _agreement(chromium, live_server, cast)


def _one_item(page: Any, mill: Enterprise, photo: Path) -> None:
    """What was seen and a photograph, saved as one goes."""
    page.click("text=开始诊断")
    page.wait_for_url("**/items/q1/")

    page.check("input[value=B]")
    page.check("input[value=C]")
    page.fill("[data-item=q1] [name=finding]", "车间机台没有联网，办公楼有光纤")
    page.set_input_files("#photo-q1", str(photo))
    page.wait_for_selector("[data-item=q1] .doclist li")
    calm(page, "item")
    page.click("[value=next]:visible")
    page.wait_for_url("**/items/q2/")
    assert "35.5%" in page.inner_text(".visit-beside")  # what the enterprise said of itself
    answer = Answer.objects.get(assessment__kind=Kind.DIAGNOSIS)
    assert answer.finding == "车间机台没有联网，办公楼有光纤"
    assert Document.objects.get().owner_id == mill.party_id
    assert Link.objects.get().object_id == answer.pk


def _lists_and_commitment(
    page: Any, live_server: Any, cast: Cast, mill: Enterprise, engagement: Any, vendor: Any
) -> None:
    """The rest of the sheet by the action; then the lists, the commitment."""
    sheet = Assessment.objects.get(kind=Kind.DIAGNOSIS)
    sheet = start(vendor, mill, Kind.DIAGNOSIS, engagement=engagement)
    Answer.objects.filter(assessment=sheet).exclude(item="q1").delete()
    fill_rest(cast, sheet)
    page.goto(f"{live_server.url}/visits/{engagement.pk}/")
    calm(page, "overview")
    page.click("text=问题、需求与拟建场景")
    page.locator("select[name=problem-item]").first.select_option("q1")
    page.locator("input[name=problem-text]").first.fill("机台没有联网")
    page.locator("select[name=scenario-item]").first.select_option("s1")
    calm(page, "findings")
    page.click("button:has-text('保存')")
    page.wait_for_load_state("networkidle")
    assert Finding.objects.count() == 2
    page.goto(f"{live_server.url}/visits/{engagement.pk}/commit/")
    page.fill("[name=committed_name]", vendor.name)
    calm(page, "commit")
    page.click("text=承诺并提交")
    page.wait_for_url(f"{live_server.url}/visits/{engagement.pk}/")


def _plan(page: Any, mill: Enterprise, vendor: Any) -> None:
    """Measures, and the figures at once."""
    page.click("text=一企一策方案")
    page.click("text=开始编制")
    page.select_option("#m-item", "s1")
    page.click("button:has-text('添加')")
    page.check("input[name=option][value='2']")
    page.select_option("[name=kind]", "software")
    page.fill("[name=product]", "产品设计软件")
    page.fill("[name=cost]", "200000")
    calm(page, "measure")
    page.click("button:has-text('保存')")
    page.wait_for_url("**/plan/")
    for item, option in (("q1", "D"), ("q5", "D"), ("q8", "F")):
        page.select_option("#m-item", item)
        page.click("button:has-text('添加')")
        page.check(f"input[name=option][value={option}]")
        page.select_option("[name=kind]", "device")
        page.fill("[name=product]", f"网关{item}")
        page.fill("[name=cost]", "100000")
        page.click("button:has-text('保存')")
        page.wait_for_url("**/plan/")
    for number in range(2, 8):
        Measure.objects.create(
            place=mill.place, enterprise=mill, party_id=vendor.party_id, plan=Plan.objects.get(),
            position=90 + number, item=f"s{number}", target="2", kind="cloud", product=f"云{number}",
            cost_fen=0,
        )  # fmt: skip
    page.reload()
    text = page.inner_text("main")
    assert "二级" in text
    assert "250,000.00" in text  # half of 500,000 元
    assert "第七条（一）" in text
    calm(page, "plan")
    page.click("text=提交企业确认")
    page.wait_for_load_state("networkidle")
    assert Plan.objects.get().state == PlanState.SUBMITTED


def _agreement(chromium: Any, live_server: Any, cast: Cast) -> None:
    """The enterprise reads it on a phone and agrees."""
    phone = screen(
        chromium, live_server, cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"), PHONE
    )
    phone.goto(f"{live_server.url}/my/plan/")
    calm(phone, "own")
    phone.click("text=第1版")
    assert "250,000.00" in phone.inner_text("main")
    calm(phone, "read")
    phone.click("button:has-text('确认方案')")
    phone.wait_for_load_state("networkidle")
    assert Plan.objects.get().state == PlanState.ACCEPTED
    calm(phone, "accepted")
    phone.context.close()


def fill_rest(cast: Cast, sheet: Assessment) -> None:
    """Every item but the first, which the browser saved."""
    from shuzhuan.apps.assessments.actions.save_answer import save_answer
    from tests.apps.assessments.sheets import QUESTIONS, scenarios

    values = {**QUESTIONS, **scenarios()}
    for item, value in values.items():
        if item != "q1":
            save_answer(onsite.vendor(cast), sheet.pk, item, value, key=f"k-{item}", seen=0)


def test_the_officer_asks_and_compares_on_desk_and_phone(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise
) -> None:
    onsite.diagnosed(cast)
    after = onsite.accepted(cast)
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        page = screen(chromium, live_server, officer, size)
        page.goto(f"{live_server.url}/levels/{after.pk}/compare/")
        assert "得分变化" in page.inner_text("main")
        calm(page, f"compare-{name}")
        page.goto(f"{live_server.url}/enterprises/{mill.pk}/engage/?q=评测")
        calm(page, f"engage-{name}")
        page.goto(f"{live_server.url}/work/visits/")
        calm(page, f"engagements-{name}")
        page.click(f"text={mill.name} >> nth=0")
        calm(page, f"engagement-{name}")
        page.context.close()
    body = screen(chromium, live_server, cast.person(Role.AGENCY_STAFF, "agency_ningxia"), TABLET)
    body.goto(f"{live_server.url}/body/")
    calm(body, "body")
    body.fill("[name=controller_name]", "马某某")
    body.fill("[name=controller_id]", onsite.PERSON)
    body.click("button:has-text('保存')")
    body.wait_for_load_state("networkidle")
    assert "6****4" in body.inner_text("main")
    calm(body, "body-saved")
    body.context.close()


def test_the_network_dies_on_site_and_nothing_is_lost(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, tmp_path: Path
) -> None:
    """Option, finding and remark of three items; the tab is closed before the network is back."""
    engagement = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    sheet = start(onsite.vendor(cast), mill, Kind.DIAGNOSIS, engagement=engagement)
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(jpg())
    page = screen(chromium, live_server, cast.person(Role.VENDOR_STAFF, "vendor_guyuan"), TABLET)
    tablet = page.context
    address = f"{live_server.url}/visits/{engagement.pk}/items/q4/"
    with page.expect_response("**/every/"):
        page.goto(address)
    page.wait_for_load_state("networkidle")
    page.check("input[value=B]")
    page.wait_for_selector("[data-line][data-state=saved]")
    tablet.set_offline(True)
    page.fill("[name=finding]", "看过三台设备")
    page.click("[value=next]:visible")
    for item in ("q5", "q6"):
        page.check(f"[data-item={item}] input[value=C]")
        page.fill(f"[data-item={item}] [name=finding]", f"{item}现场看到的")
        page.fill(f"[data-item={item}] [name=remark]", f"{item}备注")
        page.wait_for_selector(f"[data-item={item}] [data-state=offline]")
        page.click("[value=next]:visible")
    # Without the network a photograph is not taken, and says so; the words stay.
    page.check("[data-item=q7] input[value=B]")
    page.set_input_files("#photo-q7", str(photo))
    page.wait_for_selector("[data-item=q7] .field-error:has-text('没有传上去')")
    page.close()
    assert Answer.objects.filter(assessment=sheet).count() == 1

    tablet.set_offline(False)
    page = tablet.new_page()
    page.goto(f"{live_server.url}/visits/{engagement.pk}/")  # any page of the visit sends the rest
    page.wait_for_selector("text=已答 4 项")  # read again once everything has gone
    assert page.evaluate("localStorage.length") == 0
    rows = {row.item: row for row in Answer.objects.filter(assessment=sheet)}
    assert set(rows) == {"q4", "q5", "q6", "q7"}
    assert (rows["q4"].finding, rows["q4"].saves) == ("看过三台设备", 2)
    for item in ("q5", "q6"):
        kept = (rows[item].value, rows[item].finding, rows[item].remark, rows[item].saves)
        assert kept == ('["C"]', f"{item}现场看到的", f"{item}备注", 1)
    calm(page, "back")
    tablet.close()


def test_a_colleagues_save_is_told_and_the_person_decides(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise
) -> None:
    from shuzhuan.apps.assessments.actions.save_answer import save_answer

    engagement = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    vendor = onsite.vendor(cast)
    sheet = start(vendor, mill, Kind.DIAGNOSIS, engagement=engagement)
    page = screen(chromium, live_server, cast.person(Role.VENDOR_STAFF, "vendor_guyuan"), PHONE)
    page.goto(f"{live_server.url}/visits/{engagement.pk}/items/q4/")
    page.wait_for_load_state("networkidle")
    save_answer(vendor, sheet.pk, "q4", ["B"], key="colleague", finding="同事写的")
    page.check("input[value=C]")
    page.wait_for_selector("text=现场发现：同事写的")
    assert Answer.objects.get().finding == "同事写的"
    calm(page, "clash")
    page.click("button:has-text('用已保存的')")
    page.wait_for_load_state("networkidle")
    assert page.input_value("[name=finding]") == "同事写的"
    page.context.close()

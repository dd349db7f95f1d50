"""The county officer's path in a real browser: return, check, experts, publicity, listing."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast, client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(chromium: Any, live_server: Any, person: Membership, **size: int) -> Any:
    """A page of somebody who is signed in now."""
    context = chromium.new_context(viewport=size or {"width": 1440, "height": 900})
    session = client_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return context.new_page()


def test_from_form_check_to_listing(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast, chromium: Any, live_server: Any
) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    project.refresh_from_db()
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    page = opened(chromium, live_server, person)
    page.goto(f"{live_server.url}/work/projects/")
    page.click("a[href='/work/projects/?lane=mine']")
    page.click(f"a:has-text('{mill.enterprise.name}')")
    page.wait_for_url(f"**/projects/{project.pk}/")
    assert page.inner_text("h1") == project.title
    assert violations(page) == []

    page.click("summary:has-text('退回补正')")
    page.fill("textarea[name=return_content]", "改造目标不具体，请写明数据采集率")
    page.click("#offer-return_filing button")
    assert "请写明理由" in page.inner_text(".error-summary")
    assert "数据采集率" in page.input_value("textarea[name=return_content]")
    page.click(".error-summary a")
    page.keyboard.type("请补正后再提交")  # the link has led into the field
    page.click("#offer-return_filing button")
    assert "退回补正" in page.inner_text(".projstate-at")
    assert "数据采集率" in page.inner_text(".returnednote")
    drive.do(mill.certifier, project, "edit_filing", title=project.title,
             content=CASE.title, goal="数据自动采集率达到九成")  # fmt: skip
    drive.do(mill.certifier, project, "refile")

    page.goto(f"{live_server.url}/projects/{project.pk}/")
    page.fill("textarea[name=opinion]", "材料齐全，符合条件")
    page.click("#offer-pass_form_check button")
    for number, points in enumerate(("88", "85", "90"), start=1):
        page.fill(f"input[name=expert{number}_name]", f"评审人{number}")
        page.fill(f"input[name=expert{number}_points]", points)
    page.fill("textarea[name=reason]", "方案可行")
    page.click("button:has-text('评审通过')")
    assert "35万元" in page.inner_text("#offer-start_selection_publicity")
    page.click("#offer-start_selection_publicity button")
    assert "之后才能结束" in page.inner_text("#offer-close_selection_publicity")

    clock.workdays(6)
    page = opened(chromium, live_server, person)
    page.goto(f"{live_server.url}/work/projects/?lane=mine")
    page.click("summary:has-text('一起办理')")
    page.check("input[name=picked]")
    page.click("button:has-text('结束遴选公示')")
    page.click("button:has-text('结束遴选公示（1 个）')")
    assert "1 个项目都已办好" in page.inner_text(".messages")
    page.goto(f"{live_server.url}/projects/{project.pk}/")
    page.click("#offer-list_project button")
    assert Project.objects.get(pk=project.pk).at == State.LISTED


def test_an_agency_audits_on_a_tablet(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast, chromium: Any, live_server: Any
) -> None:
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    person = cast.person(Role.AGENCY_STAFF, "agency_ningxia")
    page = opened(chromium, live_server, person, width=820, height=1180)
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.goto(f"{live_server.url}/projects/{project.pk}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 820
    first, second = Line.objects.filter(project=project).order_by("pk")
    page.fill(f"#amount-{first.pk}", "400000")
    page.click(f"#line-{first.pk} .audit-save button")
    page.wait_for_selector(f"#line-{first.pk} .field-error")
    assert "核减要写明理由" in page.inner_text(f"#line-{first.pk}")
    page.fill(f"#reason-{second.pk}", "写了一半")  # another row keeps what is being typed
    page.fill(f"#reason-{first.pk}", "超出合同金额")
    page.click(f"#line-{first.pk} .audit-save button")
    page.wait_for_selector(f"#line-{first.pk} .audit-done")
    assert page.input_value(f"#reason-{second.pk}") == "写了一半"
    assert "还有 1 笔没有核定" in page.inner_text("#audit-sum")
    page.click(f"#line-{second.pk} .audit-save button")
    page.fill("#offer-finish_audit textarea", "投资真实，凭证齐全")  # it has just appeared
    page.click("#offer-finish_audit button")
    assert Project.objects.get(pk=project.pk).audited_fen == 60_000_000
    assert noise == []

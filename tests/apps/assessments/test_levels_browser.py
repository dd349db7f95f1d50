"""An officer imports a set, a colleague publishes it, and the levels page shows where the place is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import PublishedSet, SetState
from tests.apps.assessments.levels_kit import firms, own_values, sheets
from tests.apps.assessments.test_sets import colleague, shipped
from tests.cast import Cast, client_of
from tests.engine.grading.test_importing import as_bytes, import_document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(chromium: Any, live_server: Any, person: Any, width: int) -> Any:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    session = client_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])
    return context


def overflow(page: Any) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide


def test_import_publish_and_look(
    chromium: Any, live_server: Any, cast: Cast, tmp_path: Path
) -> None:
    shipped()
    who = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    sheets(firms(cast.places["pengyang"], 9), who, "self", lambda n: own_values(n % 3, n))
    noise: list[str] = []
    file = tmp_path / "官方.json"
    file.write_bytes(as_bytes(import_document()))
    writer = signed_in(
        chromium, live_server, cast.person(Role.COUNTY_OFFICER, "pengyang"), width=1440
    )
    second = signed_in(chromium, live_server, colleague(cast), width=390)
    try:
        page = writer.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.goto(live_server.url + "/work/indicator-sets/import/")
        page.set_input_files("input[type=file]", str(file))
        page.fill("input[name=version]", "2.0.0")
        page.click("text=检查并导入")
        assert "草稿" in page.inner_text(".lead")
        page.click("text=改等级条件")
        page.fill("input[name='levels.0.points']", "33")
        page.click("text=保存草稿")
        assert "现为 33 分" in page.inner_text("main")
        page.click("text=试算影响")
        assert "等级会变" in page.inner_text("dl")
        row = PublishedSet.objects.get(version="2.0.0")
        phone = second.new_page()
        phone.on("console", lambda message: noise.append(message.text))
        phone.goto(f"{live_server.url}/work/indicator-sets/{row.pk}/")
        assert overflow(phone) <= 0
        phone.click("text=发布 2.0.0 版")
        assert "已发布" in phone.inner_text("main")
        row.refresh_from_db()
        assert row.state == SetState.PUBLISHED
        phone.goto(live_server.url + "/work/levels/")
        assert "9" in phone.inner_text(".keyfigures")
        assert phone.locator(".plot-canvas svg, .plot-canvas canvas").count() >= 1
        for address in ("", "scenarios/", "list/?kind=self", "list/?missing=diagnosis", "doubts/"):
            phone.goto(f"{live_server.url}/work/levels/{address}")
            assert overflow(phone) <= 0, address
        assert noise == []
    finally:
        writer.close()
        second.close()

"""An enterprise fills its archive on a phone while the network comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.actions.save_draft import read
from shuzhuan.apps.enterprises.models import Draft, Enterprise
from shuzhuan.apps.enterprises.sections import SECTIONS
from tests.cast import Cast, client_of
from tests.site.test_shell_browser import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


def sign_in(context: Any, live_server: Any, person: Membership) -> None:
    cookie = client_of(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


@pytest.fixture
def phone(chromium: Any, live_server: Any, cast: Cast) -> Iterator[Any]:
    context = chromium.new_context(viewport=PHONE, has_touch=True)
    sign_in(context, live_server, cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    yield context
    context.close()


def test_nothing_is_lost_when_the_network_dies_while_typing(
    phone: Any, live_server: Any, mill: Enterprise
) -> None:
    last = SECTIONS["figures"].form.years()[0]  # type: ignore[attr-defined]
    url = f"{live_server.url}/my/archive/figures/"
    page = phone.new_page()
    page.goto(url)
    page.fill(f"#id_people_{last}", "86")
    page.wait_for_selector("#draft-state:has-text('草稿已自动保存')")
    assert read(Draft.objects.get())[0][f"people_{last}"] == "86"

    phone.set_offline(True)
    page.fill(f"#id_revenue_{last}", "32000000")
    page.fill(f"#id_assets_{last}", "四千一百万")  # not even valid
    page.wait_for_selector("#draft-state:has-text('没有网络')")
    page.close()  # and the tab is closed before the network is back

    phone.set_offline(False)
    page = phone.new_page()
    page.goto(url)
    assert page.input_value(f"#id_people_{last}") == "86"
    assert page.input_value(f"#id_revenue_{last}") == "32000000"
    assert page.input_value(f"#id_assets_{last}") == "四千一百万"
    page.wait_for_selector("#draft-state:has-text('草稿已自动保存')")
    assert read(Draft.objects.get())[0][f"assets_{last}"] == "四千一百万"
    assert page.evaluate("localStorage.length") == 0  # the server has it all now

    page.click("button[value=save]")
    page.wait_for_selector("[data-error-summary]")
    assert page.input_value(f"#id_assets_{last}") == "四千一百万"
    page.fill(f"#id_assets_{last}", "41000000")
    page.click("button[value=save]")
    page.wait_for_url("**/my/archive/?saved=figures")
    mill.refresh_from_db()
    assert (mill.people, mill.revenue_last_year_fen, mill.assets_fen) == (
        86,
        3_200_000_000,
        4_100_000_000,
    )
    page.goto(url)  # no ghost of the draft comes back
    assert page.evaluate("localStorage.length") == 0
    assert not page.is_visible("text=写的草稿")
    assert not Draft.objects.exists()


def test_the_network_returns_while_the_page_is_open(
    phone: Any, live_server: Any, mill: Enterprise
) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/my/archive/contact/")
    phone.set_offline(True)
    page.fill("#id_contact_name", "马会计")
    page.wait_for_selector("#draft-state:has-text('没有网络')")
    phone.set_offline(False)
    page.wait_for_selector("#draft-state:has-text('草稿已自动保存')")
    assert read(Draft.objects.get())[0]["contact_name"] == "马会计"


def test_a_save_without_network_can_be_repeated(
    phone: Any, live_server: Any, mill: Enterprise
) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/my/archive/contact/")
    page.wait_for_load_state("networkidle")
    phone.set_offline(True)
    page.fill("#id_contact_name", "马会计")
    page.click("button[value=save]")  # the browser shows its own error page
    phone.set_offline(False)
    page.goto(f"{live_server.url}/my/archive/contact/")
    assert page.input_value("#id_contact_name") == "马会计"
    page.click("button[value=save]")
    page.wait_for_url("**/my/archive/?saved=contact")
    assert Enterprise.objects.get(pk=mill.pk).contact_name == "马会计"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_are_accessible(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, width: int, scheme: str
) -> None:
    from shuzhuan.apps.access.actor import actor_of
    from tests.apps.enterprises.filling import add, fill

    certifier = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    fill(mill, actor_of(certifier), actor_of(officer))
    row = add(actor_of(certifier), mill, "high_tech", number="GR202464000012")
    own = [
        "/my/",
        "/my/archive/",
        *(f"/my/archive/{key}/" for key in SECTIONS),
        "/my/qualifications/",
        f"/my/qualifications/{row.pk}/",
        "/my/policies/",
        "/my/colleagues/",
        "/my/vendors/",
    ]
    desk = [f"/enterprises/{mill.pk}/{part}" for part in ("", "policies/", "survey/", "pilot/")]
    viewport = {"width": width, "height": 844}
    for person, paths in ((certifier, own), (officer, [*desk, "/enterprises/register/"])):
        context = chromium.new_context(viewport=viewport, color_scheme=scheme)
        sign_in(context, live_server, person)
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda message, noise=noise: noise.append(message.text))
        page.on("pageerror", lambda error, noise=noise: noise.append(str(error)))
        for path in paths:
            page.goto(live_server.url + path, wait_until="load")
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, (path, overflow)
            assert noise == [], path
            assert violations(page) == [], path
        context.close()


def test_a_section_works_without_scripts(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    try:
        sign_in(context, live_server, cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
        page = context.new_page()
        page.goto(f"{live_server.url}/my/archive/cloud/")
        page.check("input[name=uses_cloud][value=yes]")
        page.fill("#id_provider_1", "云帆软件")
        page.click("button[value=save]")
        assert page.is_visible("text=请选择类别")
        page.select_option("#id_kind_1", "saas")
        page.click("button[value=save]")
        assert page.is_visible("text=“上云用云”已保存")
        assert mill.cloud_uses.get().provider == "云帆软件"
    finally:
        context.close()

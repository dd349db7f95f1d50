"""A photograph from the phone: it needs the network, and never costs what was typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.models import AssessmentKind
from shuzhuan.apps.enterprises.models import Enterprise
from tests.apps.assessments.test_self_browser import ITEM, device, open_item, stored, wait_for
from tests.apps.evidence.good_files import jpg
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_photograph_without_the_network_keeps_the_page_and_goes_up_later(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, certifier: Actor, tmp_path: Path
) -> None:
    person = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    phone = device(chromium, live_server, person)
    sheet = start(certifier, mill, AssessmentKind.SELF)
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(jpg())
    page = open_item(phone, live_server, sheet, "q5")
    camera = "[data-item=q5] input[type=file]"
    assert page.get_attribute(camera, "capture") == "environment"
    phone.set_offline(True)
    page.check("[data-item=q5] input[value=C]")
    page.set_input_files(camera, str(photo))
    page.wait_for_selector("[data-item=q5] .field-error:has-text('没有传上去')")
    assert page.is_checked("[data-item=q5] input[value=C]")
    assert page.evaluate(ITEM) == "q5" and page.url.endswith("/q5/")
    phone.set_offline(False)
    wait_for(page, lambda: stored("q5") == (["C"], 1))
    page.set_input_files(camera, str(photo))
    page.wait_for_selector("[data-item=q5] .proofs-list li")
    assert page.is_checked("[data-item=q5] input[value=C]")
    assert page.url.endswith("/q5/") and stored("q5") == (["C"], 1)
    notes = tmp_path / "说明.jpg"
    notes.write_bytes("不是照片".encode())
    page.set_input_files(camera, str(notes))
    page.wait_for_selector("[data-item=q5] .field-error:has-text('没有接受这个文件')")
    assert page.url.endswith("/q5/")
    phone.close()

"""Somebody taps the button under a result and has the file: on a phone and at a desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise
from tests.apps.assessments.onsite import asked, certifier, today, vendor
from tests.apps.assessments.report_kit import RAW
from tests.apps.assessments.sheets import assessed, fill
from tests.cast import Cast, client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def taken(
    chromium: Any, live_server: Any, person: Membership, sheet: Assessment, button: str, wide: int
) -> Any:
    """The download behind a button of the result's page."""
    context = chromium.new_context(viewport={"width": wide, "height": 844}, accept_downloads=True)
    cookie = client_of(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("assessments:result", args=[sheet.pk]))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as found:
        page.get_by_role("button", name=button).click()
    return found.value


def test_the_self_assessment_on_a_phone(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, tmp_path: Path
) -> None:
    sheet = assessed(certifier(cast), mill)
    person = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    file = taken(chromium, live_server, person, sheet, "结果（PDF）", 390)
    assert file.suggested_filename == f"{mill.name}数字化水平自评结果-{today():%Y%m%d}.pdf"
    file.save_as(tmp_path / "result.pdf")
    assert (tmp_path / "result.pdf").read_bytes().startswith(b"%PDF")


def test_the_diagnosis_at_a_desk(
    chromium: Any, live_server: Any, cast: Cast, mill: Enterprise, tmp_path: Path
) -> None:
    who = vendor(cast)
    engagement = asked(cast, AssessmentKind.DIAGNOSIS, "vendor_guyuan")
    sheet = start(who, mill, AssessmentKind.DIAGNOSIS, engagement=engagement)
    fill(who, sheet, **RAW)
    sheet.refresh_from_db()
    submit_visit(who, sheet.pk, visited_on=today(), committed_name=who.name, seen_saves=sheet.saves)
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    file = taken(chromium, live_server, person, sheet, "诊断报告（Word）", 1440)
    assert file.suggested_filename == f"{mill.name}数字化水平诊断报告-{today():%Y%m%d}.docx"
    file.save_as(tmp_path / "report.docx")
    assert (tmp_path / "report.docx").read_bytes().startswith(b"PK")
    assert Entry.objects.filter(action="export_report").count() == 1

"""Who judges is free of who did the work, and judges alone: 改造评测分离."""

from __future__ import annotations

import pytest

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.independence import check
from shuzhuan.apps.projects.models import Line
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_next_body_does_not_hand_in_what_the_one_before_it_saw(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    project.refresh_from_db()
    first = drive.players.agency
    drive.sheet(first, mill, "acceptance", 2, project.grader)
    for line in Line.objects.filter(project=project):
        drive.do(first, project, "audit_line", line=line.pk, amount=line.amount_fen)
    other, party = (
        actor_of(cast.person(Role.AGENCY_STAFF, "agency_fujian")),
        cast.parties["agency_fujian"].pk,
    )
    drive.do(drive.players.county, project, "replace_agencies", grader=party, auditor=party,
             reason="前一家不再承担")  # fmt: skip
    audit = drive.try_(other, project, "finish_audit", opinion="投资真实")
    grading = drive.try_(other, project, "finish_grading", opinion="达到二级")
    assert "2 笔投入没有核定" in getattr(audit, "text", "")
    assert "还没有提交" in getattr(grading, "text", "")


def test_a_contract_of_a_running_project_ties_whatever_day_is_written_on_it(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    body, paper = drive.players.agency_party, drive.document(mill, "contract", "改造合同")
    drive.do(mill.certifier, project, "edit_contract", number="A-1", vendor_name=body.name,
             vendor_uscc=body.uscc, signed_on="2010-01-01", amount="5", document=paper.pk)  # fmt: skip
    assert check(mill.enterprise, body, "audit", clock.today)


def test_whoever_sold_to_the_enterprise_does_not_audit_its_own_invoices(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.IMPLEMENTING, clock.workdays)
    body, day = drive.players.agency_party, clock.today.isoformat()
    assert not check(mill.enterprise, body, "audit", clock.today)
    drive.do(mill.certifier, project, "edit_line", kind="software", name="软件", supplier=body.name,
             invoice_number="777", invoice_on=day, paid_on=day, amount="100")  # fmt: skip
    assert check(mill.enterprise, body, "audit", clock.today)

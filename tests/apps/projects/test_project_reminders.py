"""Whoever must move a project is reminded before and after its last day, and nobody else."""

from __future__ import annotations

import pytest

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.inbox.reminders import remind
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def told(project: Project) -> list[tuple[str, str]]:
    """Role and title of what was told as a reminder."""
    rows = Message.objects.filter(key__startswith=f"projects.due:{project.pk}:")
    return sorted((m.membership.role if m.membership else "", m.title) for m in rows)


def test_every_message_says_whose_deadline_it_is(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    """A task for whoever moves next; news for the firm, with whom it lies now."""

    def bodies(project: Project) -> dict[str, set[str]]:
        number = Step.objects.filter(project=project).latest("pk").number
        rows = Message.objects.filter(key__startswith=f"projects.step:{project.pk}:{number}")
        found: dict[str, set[str]] = {}
        for row in rows:
            assert row.membership is not None
            found.setdefault(row.membership.role, set()).add(row.body)
        return found

    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    project.refresh_from_db()
    assert bodies(project) == {
        str(Role.COUNTY_OFFICER): {f"形式审查：由贵单位办理，期限 {project.due_on}。"}
    }
    drive.check_form(project)
    project.refresh_from_db()
    told = bodies(project)
    assert told.pop(str(Role.COUNTY_OFFICER)) == {
        f"专家评审：由贵单位办理，期限 {project.due_on}。"
    }
    assert set.union(*told.values()) == {f"专家评审：由县级主管部门办理，期限 {project.due_on}。"}
    drive.review(project)
    drive.publicise_selection(project)
    project.refresh_from_db()
    assert bodies(project)[str(Role.ENTERPRISE_FILLER)] == {
        f"公示到{project.due_on}为止，期满由县级主管部门办理。"
    }


def test_the_county_three_days_and_one_day_before_and_when_late(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)  # due in ten working days
    remind()
    assert told(project) == []
    clock.workdays(7)
    remind()
    remind()
    firm = mill.enterprise.name
    three = (str(Role.COUNTY_OFFICER), f"还剩 3 个工作日：{firm}：形式审查")
    assert told(project) == [three, three]  # both officers, once
    clock.workdays(2)
    remind()
    clock.workdays(3)
    remind()
    words = {title.split("：")[0] for _, title in told(project)}
    assert words == {"还剩 3 个工作日", "还剩 1 个工作日", "已逾期"}
    drive.check_form(project)
    before = told(project)
    remind()
    assert told(project) == before


def test_each_body_until_it_has_done_its_part(
    drive: Drive, mill: Firm, clock: Clock, cast: Cast
) -> None:
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    clock.workdays(28)
    remind()
    assert [role for role, _ in told(project)] == [str(Role.AGENCY_STAFF)]

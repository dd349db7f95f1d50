"""The whole way of one project, by real actions, and what its books say in the end."""

from __future__ import annotations

from functools import partial

import pytest

from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.projects.models import Step
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE

pytestmark = pytest.mark.django_db


def test_a_project_goes_all_the_way_to_closing(drive: Drive, mill: Firm, clock: Clock) -> None:
    drive.answer = partial(Drive.answer, drive)  # type: ignore[method-assign]
    project = drive.carry(mill, CASE, State.CLOSED, clock.workdays)
    assert project.number == "彭阳县-2026-1-001"
    assert project.audited_fen == 70_000_000
    assert project.ceiling_fen == project.paid_fen == 35_000_000  # 70万元×50%
    assert project.reserved_fen == 0
    assert (project.level_before, project.level_after) == (1, 2)
    steps = list(Step.objects.filter(project=project).order_by("pk"))
    assert [s.number for s in steps] == list(range(1, len(steps) + 1))
    moved = Entry.objects.filter(kind="projects.project", outcome="done").count()
    assert moved == len(steps) + 1  # every step once, and the draft
    assert verify() == []


def test_a_sheet_written_at_once_is_the_sheet_saved_item_by_item(drive: Drive, mill: Firm) -> None:
    """The other tests write their sheets at once; nothing that they could meet is different."""

    def held() -> tuple[object, ...]:
        sheet = drive.sheet(mill.certifier, mill, "self", 2)
        columns = [f.attname for f in Answer._meta.concrete_fields]
        own = {"id", "assessment_id", "saved_key", "saved_at"}
        answers = Answer.objects.filter(assessment=sheet).order_by("item")
        same = Assessment.objects.values_list("result", "answered", "saves").get(pk=sheet.pk)
        return (*same, *answers.values_list(*(name for name in columns if name not in own)))

    at_once = held()
    drive.answer = partial(Drive.answer, drive)  # type: ignore[method-assign]
    assert held() == at_once
    assert len(at_once) == 3 + 31

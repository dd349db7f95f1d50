"""Provisional days are counted again when the calendar of their year is there, and on record."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.projects.actions.recount import Recounted, recount_all
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine import workdays
from shuzhuan.engine.process import State
from shuzhuan.site import cli
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE, players
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NEW_YEAR = frozenset({date(2027, 1, 1), date(2027, 1, 4)})


def publish(monkeypatch: pytest.MonkeyPatch, off: frozenset[date] = NEW_YEAR) -> None:
    """The calendar of 2027 arrives."""
    known = workdays.china()
    late = workdays.Calendar({**known.off, 2027: off}, {**known.work, 2027: frozenset()})
    monkeypatch.setattr(workdays, "china", lambda: late)


@pytest.fixture
def drive(cast: Cast, clock: Clock, tmp_path: Path, settings: Any) -> Drive:
    """A batch that opens at the end of a year whose next is not published yet."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    clock.to(date(2026, 12, 28))
    found = Drive(players(cast))
    found.open_pilot(clock.today, date(2027, 12, 28))
    found.budget(200_000_000)
    return found


@pytest.fixture
def waiting(drive: Drive, mill: Firm, clock: Clock) -> Project:
    project = drive.carry(mill, CASE, State.FORM_CHECK, clock.workdays)
    assert project.due_provisional
    return project


def test_a_day_is_counted_again_once(
    waiting: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told, version, steps = waiting.due_on, waiting.version, Step.objects.count()
    assert recount_all() == Recounted(0, 0, 0)  # nothing is known yet
    publish(monkeypatch)
    assert cli.main(["recount-due-days"]) == 0
    assert "1 个项目" in capsys.readouterr().out
    waiting.refresh_from_db()
    assert told is not None and waiting.due_on is not None
    assert workdays.china().between(told, waiting.due_on) == 1  # the Monday is off too
    assert not waiting.due_provisional
    # An open form stays good, and no step is invented; the audit tells of both days.
    assert (waiting.version, Step.objects.count()) == (version, steps)
    entry = Entry.objects.get(action="recount_due_day")
    detail = json.loads(entry.detail)
    assert (detail["was"], detail["is"]) == (str(told), str(waiting.due_on))
    assert entry.user_id is None and entry.object_id == str(waiting.pk)
    assert recount_all() == Recounted(0, 0, 0)


def test_a_day_never_comes_earlier(waiting: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    told = waiting.due_on
    publish(monkeypatch, frozenset())
    assert recount_all().projects == 1
    waiting.refresh_from_db()
    assert (waiting.due_on, waiting.due_provisional) == (told, False)


def test_a_project_in_a_publicity_has_as_long_as_the_publicity(
    drive: Drive, mill: Firm, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drive.carry(mill, CASE, State.SELECTION_PUBLICITY, clock.workdays)
    assert project.due_provisional
    publish(monkeypatch)
    assert cli.main(["verify-publicity"]) == 1
    assert recount_all() == Recounted(1, 0, 0)
    project.refresh_from_db()
    assert project.item is not None
    publicity = project.item.publicity
    assert (project.due_on, project.due_provisional) == (publicity.ends_on, False)
    assert cli.main(["verify-publicity"]) == 0

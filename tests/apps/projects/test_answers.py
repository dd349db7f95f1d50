"""A key is answered once, whatever comes between the attempt and what is written of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.models import Entry, Outcome
from shuzhuan.apps.projects.actions.perform import Done, NotDone, perform
from shuzhuan.apps.projects.models import ActionRequest, Step
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE

# The package offers the function under the module's name.
module = import_module("shuzhuan.apps.projects.actions.perform")
pytestmark = pytest.mark.django_db


def test_a_refusal_leaves_its_audit_row_and_its_answer(
    drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.FORM_CHECK, clock.workdays)
    before = (Step.objects.count(), Entry.objects.count(), ActionRequest.objects.count())
    key, county = uuid4(), drive.players.county
    first = perform(county, project.pk, "return_filing", {}, key=key)
    again = perform(county, project.pk, "return_filing", {}, key=key)
    assert isinstance(first, NotDone) and isinstance(again, NotDone) and again.again
    assert first.problems == again.problems
    steps, entries, requests = before
    assert Step.objects.count() == steps
    assert (Entry.objects.count(), ActionRequest.objects.count()) == (entries + 1, requests + 1)
    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.action, entry.outcome) == ("project_refused", Outcome.REFUSED)


def test_an_answer_that_came_between_the_attempt_and_its_refusal_stands(
    drive: Drive, mill: Firm, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drive.carry(mill, CASE, State.FORM_CHECK, clock.workdays)
    key, county, looks = uuid4(), drive.players.county, list[int]()
    locked, digest = module._locked, module._digest(county, project.pk, "return_filing", {})

    def looked(actor: Actor, pk: int, *asked: Any) -> Any:
        looks.append(pk)
        if len(looks) == 2:  # the first one has been undone
            done = Done(project.pk, "return_filing", "returned", 7)
            module._remember(county, project, "return_filing", key, digest, done)
        return locked(actor, pk, *asked)

    monkeypatch.setattr(module, "_locked", looked)
    answer = perform(county, project.pk, "return_filing", {}, key=key)
    assert answer == Done(project.pk, "return_filing", "returned", 7, again=True)
    assert not Entry.objects.filter(outcome=Outcome.REFUSED, object_id=str(project.pk)).exists()


def test_only_what_breaks_the_project_itself_is_a_refusal() -> None:
    def said(text: str) -> str | None:
        found: str | None = module._constraint(IntegrityError(text))
        return found

    money = 'new row for relation "projects_project" violates "project_money_descends"'
    assert said(money) == "补助不能超过上限，核定不能超过公示金额。"
    assert said("NOT NULL constraint failed: projects_project.title")
    assert said("UNIQUE constraint failed: projects_step.place_id, projects_step.number")
    assert said("UNIQUE constraint failed: audit_entry.chain_id, audit_entry.number") is None
    assert said('duplicate key value violates unique constraint "message_once"') is None

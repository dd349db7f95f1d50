"""Walks of `prove-states`: Hypothesis chooses what people try next."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from shuzhuan.apps.access.actor import PUBLIC, Actor
from shuzhuan.apps.projects.actions.perform import CERTIFIED, NotDone, perform
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.publicity.models import Objection, ObjectionState, PublicityItem
from shuzhuan.engine.process import BY_ACTION, MAIN_LINE, TABLE, Lane, State, leaving
from tests.proofs.states_world import (
    LANE_ROLES_AGAIN,
    Found,
    World,
    close_connection,
    entries,
    refused_cleanly,
)

STEPS_A_WALK = 40
STARTS = tuple(s for s in MAIN_LINE if s not in (State.CLEARED, State.CITY_REVIEW, State.DETERMINATION,
                                                 State.CONFIRMATION, State.CLOSED))  # fmt: skip
ENDINGS = frozenset({"withdraw", "discard", "reject_filing", "fail_experts", "disqualify"})
ACTIONS = [row.action for row in TABLE]
# The action that leads on from each state, and who does it.
FORWARD: dict[State, tuple[tuple[str, str], ...]] = {
    State.DRAFT: (("firm", "file"),),
    State.FORM_CHECK: (("county", "pass_form_check"),),
    State.RETURNED: (("firm", "refile"),),
    State.EXPERT_REVIEW: (("county", "record_experts"),),
    State.SELECTED: (("county", "start_selection_publicity"),),
    State.SELECTION_PUBLICITY: (("county", "close_selection_publicity"),),
    State.CLEARED: (("county", "list_project"),),
    State.LISTED: (("firm", "edit_contract"), ("firm", "start_work")),
    State.IMPLEMENTING: (("firm", "spend"), ("firm", "apply_acceptance")),
    State.ACCEPTANCE_REQUESTED: (("county", "assign_agencies"),),
    State.GRADING: (("agency", "accept"),),
    State.COUNTY_REVIEW: (("county", "pass_county_review"),),
    State.RECTIFICATION: (("firm", "report_rectified"),),
    State.CITY_REVIEW: (("city", "pass_city_review"),),
    State.APPROVED: (("county", "start_payment_publicity"),),
    State.PAYMENT_PUBLICITY: (("county", "close_payment_publicity"),),
    State.DETERMINATION: (("county", "determine"),),
    State.CONFIRMATION: (("second", "confirm_determination"),),
    State.PAYMENT: (("finance", "pay"),),
    State.PAID: (("county", "close"),),
    State.CLOSED: (("county", "order_claw_back"),),
    State.CLAW_BACK: (("finance", "confirm_returned"),),
}


def walk(world: World, steps: int) -> Found:
    """Walk until so many steps have been taken; problems are told with what Hypothesis prints."""
    tally = {
        "steps": 0,
        "done": 0,
        "refused": 0,
        "repeats": 0,
        "races": 0,
        "objections": 0,
        "paid": 0,
    }

    problems: list[str] = []

    def told(method: Callable[..., None]) -> Callable[..., None]:
        """The first thing that goes wrong is kept; the database cannot be walked twice."""

        @functools.wraps(method)
        def inner(self: Any, **chosen: Any) -> None:
            if problems:
                return
            try:
                method(self, **chosen)
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
                what = f"{type(error).__name__} {str(error)[:400]}"
                problems.append(f"{method.__name__} {chosen}: {what} ({place}), {self.where()}")

        return inner

    class Walk(RuleBasedStateMachine):
        """One project from its draft on."""

        @initialize(to=st.sampled_from(STARTS))
        @told
        def begin(self, to: State) -> None:
            """The walk begins somewhere on the line, reached by the right people."""
            self.firm, self.project, self.case = world.fresh()
            world.drive.advance(self.firm, self.case, self.project, to, world.clock.workdays)
            self.people = {**world.people, "firm": self.firm.certifier}
            self.last: tuple[Actor, str, dict[str, Any], Any, Any] | None = None

        def where(self) -> str:
            project = getattr(self, "project", None)
            return "" if project is None else f"project {project.pk} in {self._now().state}"

        def _now(self) -> Project:
            return Project.objects.select_related("batch", "enterprise", "pilot").get(
                pk=self.project.pk
            )

        def _check(self) -> None:
            tally["steps"] += 1
            problems = world.invariants(self.project)
            assert not problems, problems

        def _try(self, who: str, action: str) -> Any:
            project, actor = self._now(), self.people[who]
            body = world.payload(action, project, self.firm, self.case)
            row, key = BY_ACTION[action], world.key()
            fits = actor.role in LANE_ROLES_AGAIN[row.by] and project.at in row.sources
            own = self.firm.certifier.party_id
            foreign = row.by == Lane.ENTERPRISE and actor.party_id != own
            if not fits or foreign or who == "stranger":
                problem = refused_cleanly(world, actor, project, action, body)
                assert not problem, problem
                tally["refused"] += 1
                return None
            logged, waiting = entries(project, "refused"), self._open_objections()
            answer = perform(actor, project.pk, action, body, key=key)
            self.last = (actor, action, body, key, answer)
            after = self._now()
            if answer.ok:
                tally["done"] += 1
                tally["paid"] += action == "pay"
                moved = after.state != project.state
                ends = action in ("disqualify",) or action.startswith("uphold")
                assert not (waiting and moved and not ends), f"{action} under an open objection"
                if row.target is None:
                    assert not moved, f"{action} moved the project"
            else:
                tally["refused"] += 1
                assert after.version == project.version, f"{action} was refused and changed"
                assert entries(project, "refused") == logged + 1, f"{action} was not logged once"
            return answer

        def _open_objections(self) -> int:
            item = self._now().item_id
            rows = Objection.objects.filter(item_id=item, state=ObjectionState.OPEN)
            return rows.count() if item else 0

        @rule()
        @told
        def forward(self) -> None:
            """What the right person would do next."""
            project = self._now()
            for who, action in FORWARD.get(project.at, ()):
                if action == "spend":
                    self._spend()
                elif action == "accept":
                    self._accept()
                else:
                    self._try(who, action)
            self._check()

        @rule()
        @told
        def forward_again(self) -> None:
            self.forward()

        @rule()
        @told
        def forward_once_more(self) -> None:
            self.forward()

        def _spend(self) -> None:
            project = self._now()
            if not Line.objects.filter(project=project, removed_at__isnull=True).exists():
                world.drive.spend(self.firm, project, self.case)
            for name, slot, title in (
                ("acceptance_application", "commitment", "验收申请"),
                ("level_evidence", "report", "数字化水平佐证"),
            ):
                document = world.drive.document(self.firm, slot, title)
                body = {"paper": name, "document": document.pk}
                perform(self.firm.certifier, project.pk, "attach_paper", body, key=world.key())

        def _accept(self) -> None:
            project = self._now()
            if not project.graded and not project.audited:
                world.drive.accept(self.firm, project, self.case.level_target, {"车间装修": 0})
            else:
                self._try("county", "start_county_review")

        @rule(who=st.integers(0, 10**6), what=st.sampled_from(ACTIONS))
        @told
        def attack(self, who: int, what: str) -> None:
            """Anybody tries anything."""
            keys = sorted(self.people)
            self._try(keys[who % len(keys)], what)
            self._check()

        @rule(which=st.integers(0, 10**6))
        @told
        def side_step(self, which: int) -> None:
            """Something else that the table offers here, by somebody of the right lane."""
            project = self._now()
            rows = leaving(project.at)
            if which % 7:  # most walks go on
                rows = tuple(row for row in rows if row.action not in ENDINGS)
            if rows:
                row = rows[which % len(rows)]
                right = [k for k, a in sorted(self.people.items())
                         if a.role in LANE_ROLES_AGAIN[row.by] and k != "stranger"]  # fmt: skip
                who = "firm" if row.action in CERTIFIED else right[which % len(right)]
                if not who.startswith("firm"):
                    self._try(who, row.action)
                else:
                    self._try("firm", row.action)
            self._check()

        @rule(days=st.integers(1, 9))
        @told
        def wait(self, days: int) -> None:
            world.clock.to(world.clock.today + timedelta(days=days))
            self._check()

        @rule()
        @told
        def again(self) -> None:
            """The same key and body: the same answer, nothing done twice."""
            if self.last is not None:
                actor, action, body, key, answer = self.last
                before = self._now().version
                same = perform(actor, self.project.pk, action, body, key=key)
                assert (same.ok, same.again) == (answer.ok, True), f"{action} was answered anew"
                other = perform(actor, self.project.pk, action, {**body, "x": "1"}, key=key)
                assert isinstance(other, NotDone), f"{action}: another body was taken"
                assert self._now().version == before, f"{action} was done twice"
                tally["repeats"] += 1
            self._check()

        @rule()
        @told
        def race(self) -> None:
            """Two people press the same right button at once: at most one moves the project."""
            project = self._now()
            steps = [(w, a) for w, a in FORWARD.get(project.at, ()) if a in BY_ACTION]
            if steps and BY_ACTION[steps[-1][1]].target is not None:
                who, action = steps[-1]
                body = world.payload(action, project, self.firm, self.case)
                keys = (world.key(), world.key())

                def press(key: Any) -> Any:
                    try:
                        return perform(self.people[who], project.pk, action, body, key=key)
                    finally:
                        close_connection()

                with ThreadPoolExecutor(2) as pool:
                    answers = list(pool.map(press, keys))
                done = sum(answer.ok for answer in answers)
                assert done <= 1, f"{action} was done {done} times at once"
                assert self._now().version == project.version + done
                tally["races"] += 1
                tally["paid"] += done and action == "pay"
            self._check()

        @rule(upheld=st.booleans(), wait=st.booleans())
        @told
        def object(self, upheld: bool, wait: bool) -> None:
            """Somebody objects while it may be; the office decides now or later."""
            project = self._now()
            item = (
                PublicityItem.objects.select_related("publicity").filter(pk=project.item_id).first()
            )
            open_now = item is not None and item.publicity.runs_on(world.clock.today)
            quiet = open_now and item is not None and item.state == "running"
            if quiet and item is not None and not self._open_objections():
                object_to(PUBLIC, item.pk, "王建国", "13800000000", "请核查企业是否符合条件。",
                          key=str(world.key()), address=f"10.0.0.{tally['steps'] % 250}")  # fmt: skip
                tally["objections"] += 1
            if not wait:
                for row in Objection.objects.filter(
                    item_id=project.item_id, state=ObjectionState.OPEN
                ):
                    county = self.people["county"]
                    decide(county, row.pk, upheld, "已核查有关材料和现场情况。", str(world.key()))
            self._check()

    Walk = seed(world.source.getrandbits(32))(Walk)  # type: ignore[misc]
    chosen = settings(
        max_examples=max(1, steps // STEPS_A_WALK + 1), stateful_step_count=STEPS_A_WALK, deadline=None,
        database=None, phases=(Phase.generate,), derandomize=False, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    while tally["steps"] < steps and not problems:
        try:
            run_state_machine_as_test(Walk, settings=chosen)
        except Exception as error:
            problems.append(f"{type(error).__name__}: {str(error)[:600]}")
    return Found(problems, tally)

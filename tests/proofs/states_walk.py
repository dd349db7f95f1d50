"""Walks of `prove-states`: Hypothesis chooses what people try next."""

from __future__ import annotations

import functools
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.http import Http404
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from shuzhuan.apps.access.actor import PUBLIC, Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import Engagement
from shuzhuan.apps.projects.actions.perform import CERTIFIED, NotDone
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.publicity.models import Objection, ObjectionState
from shuzhuan.engine.process import BY_ACTION, PUBLIC_PERIODS, TABLE, Lane, State, leaving
from tests.proofs.states_bodies import arrange, open_item, payload
from tests.proofs.states_world import (
    LANE_ROLES_AGAIN,
    PAIRS,
    Found,
    World,
    entries,
    refused_cleanly,
)

STEPS_A_WALK = 60
RELEASES = {"uphold_payment_objection": "county", "retract_payment_publicity": "county",
            "disqualify": "second", "withdraw_claw_back": "second",
            "correct_claw_back": "second"}  # fmt: skip
ENDINGS = frozenset({"withdraw", "discard", "reject_filing", "fail_experts", "disqualify"})
ACTIONS = [row.action for row in TABLE]
EVERY = {(row.action, str(state)) for row in TABLE for state in row.sources}
CLOSES = {
    State.SELECTION_PUBLICITY: "close_selection_publicity",
    State.PAYMENT_PUBLICITY: "close_payment_publicity",
}
# What the walks must have tried in vain besides the rows of the table.
KINDS = ("early", "objection", "same person")
DEFIANCE = {(kind, action) for kind in KINDS[:2] for action in CLOSES.values()} | {
    ("same person", "confirm_determination"), ("same person", "return_determination"),
}  # fmt: skip
TALLY = ("steps", "done", "refused", "repeats", "races", "objections", "paid", "deadlocks")


class Walks:
    """What all walks have come to."""

    def __init__(self, goal: int) -> None:
        self.goal = goal
        self.tally = Counter(dict.fromkeys(TALLY, 0))
        self.seen: set[tuple[str, str]] = set()
        self.defied: set[tuple[str, str]] = set()
        self.problems: list[str] = []

    def untried(self, states: list[State]) -> list[State]:
        """Where something has not been tried yet: what must be refused comes first."""
        return [
            state for state in states
            if any((kind, row.action) in DEFIANCE - self.defied
                   for row in leaving(state) for kind in KINDS)
        ] or [
            state for state in states
            if any((row.action, str(state)) not in self.seen for row in leaving(state))
        ] or states  # fmt: skip

    def found(self) -> Found:
        figures: dict[str, Any] = dict(self.tally)
        figures["transitions"] = f"{len(self.seen)}/{len(EVERY)}"
        figures["defied"] = f"{len(self.defied)}/{len(DEFIANCE)}"
        return Found(self.problems, figures)

    def missing(self) -> list[str]:
        """What no walk has come to."""
        left = sorted(EVERY - self.seen) + sorted(DEFIANCE - self.defied)
        return [f"{action} from {state}" for action, state in left]


def told(method: Callable[..., None]) -> Callable[..., None]:
    """The first thing that goes wrong is kept; what was done to a database cannot be shrunk."""

    @functools.wraps(method)
    def inner(self: Walk, **chosen: Any) -> None:
        if self.walks.problems or self.walks.tally["steps"] >= self.walks.goal:
            return
        try:
            method(self, **chosen)
            problems = self.world.invariants(self.project)
            assert not problems, problems
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            what = f"{type(error).__name__} {str(error)[:400]}"
            text = (
                f"{method.__name__} {chosen}: {what} ({place}), from {self.start}: {self.history()}"
            )
            self.walks.problems.append(text)

    return inner


class Walk(RuleBasedStateMachine):
    """One project from some state on, in a world that nobody has touched since it was built."""

    world: World
    walks: Walks

    @initialize()
    @told
    def begin(self) -> None:
        """A state of which something has not been seen yet comes first."""
        self.start = self.world.source.choice(self.walks.untried(list(self.world.starts)))
        self.firm, self.project, self.case = self.world.fresh(self.start)
        self.people = {**self.world.people, "firm": self.firm.certifier}
        self.last: tuple[Actor, str, dict[str, Any], Any, bool] | None = None
        self.sheets: set[int] = set()
        self.counted = self._now().version - 1
        if self.walks.defied != DEFIANCE:
            self._defy(early=True)
            self._defy(early=False)

    def teardown(self) -> None:
        """The books balance at the end of every walk."""
        if not self.walks.problems and hasattr(self, "project"):
            self._note()
            self.walks.problems += self.world.last_look()

    # -- asking -----------------------------------------------------------------------------

    def history(self) -> str:
        """The history, for whoever looks for the mistake."""
        rows = Step.objects.filter(project=self.project).order_by("number")
        return " ".join(rows.values_list("action", flat=True)) if hasattr(self, "project") else ""

    def _now(self) -> Project:
        return self.world.now(self.project)

    def _note(self) -> None:
        rows = Step.objects.filter(project=self.project, number__gt=self.counted)
        self.walks.seen |= set(rows.values_list("action", "before"))

    def _do(self, who: str, action: str) -> Any:
        """Ask for an action; the answer, or None when it was refused as it had to be."""
        project, actor = self._now(), self.people[who]
        body = payload(self.world, action, project, self.firm, self.case)
        self.walks.tally["steps"] += 1
        row, key = BY_ACTION[action], self.world.key()
        fits = actor.role in LANE_ROLES_AGAIN[row.by] and project.at in row.sources
        foreign = row.by == Lane.ENTERPRISE and actor.party_id != self.firm.certifier.party_id
        if not fits or foreign or who == "stranger":
            problem = refused_cleanly(self.world, actor, project, action, body)
            assert not problem, problem
            self.walks.tally["refused"] += 1
            return None
        logged, waiting = entries(project, "refused"), self._open_objections()
        answer = self.world.ask(actor, project, action, body, key)
        self.last = (actor, action, body, key, answer.ok)
        after = self._now()
        if answer.ok:
            self.walks.tally["done"] += 1
            self.walks.tally["paid"] += action == "pay"
            moved = after.state != project.state
            ends = action == "disqualify" or action.startswith("uphold")
            assert not (waiting and moved and not ends), f"{action} under an open objection"
            assert moved or row.target is None or project.at == row.target, f"{action} led nowhere"
            assert not moved or row.target is not None, f"{action} moved the project"
        else:
            self.walks.tally["refused"] += 1
            assert after.version == project.version, f"{action} was refused and changed"
            assert entries(project, "refused") == logged + 1, f"{action} was not logged once"
        return answer

    def _right(self, action: str, state: State) -> list[str]:
        """Who may do it here: of the lane, and not whoever made what it approves."""
        row = BY_ACTION[action]
        if row.by == Lane.ENTERPRISE or action in CERTIFIED:
            return ["firm"]
        last = dict(
            Step.objects.filter(project=self.project).order_by("number").values_list("action", "user_id")
        )  # fmt: skip
        made = {last.get(first) for first, second in PAIRS if second == action}
        if action in RELEASES:  # what county or second did first; money set free takes two
            made.add(self.people[RELEASES[action]].user_id)
        return [
            key for key, actor in sorted(self.people.items())
            if actor.role in LANE_ROLES_AGAIN[row.by] and key != "stranger"
            and actor.user_id not in made
        ]  # fmt: skip

    def _open_objections(self) -> int:
        rows = Objection.objects.filter(item_id=self._now().item_id, state=ObjectionState.OPEN)
        return rows.count()

    def _object(self) -> bool:
        """Somebody objects, while one may."""
        item = open_item(self.world, self._now())
        if item is None or self._open_objections():
            return False
        self.walks.tally["steps"] += 1
        self.walks.tally["objections"] += 1
        object_to(
            PUBLIC, item.pk, "王建国", "13800000000", "请核查企业是否符合条件。",
            key=str(self.world.key()), address=f"10.0.0.{self.walks.tally['steps'] % 250}",
        )  # fmt: skip
        return True

    def _decide(self, upheld: bool) -> None:
        project = self._now()
        rows = Objection.objects.filter(item_id=project.item_id, state=ObjectionState.OPEN)
        for row in rows:
            self.walks.tally["steps"] += 1
            text = "已核查有关材料和现场情况。"
            decide(self.people["county"], row.pk, upheld, text, str(self.world.key()))

    # -- what people try --------------------------------------------------------------------

    @rule(turn=st.integers(0, 10**6))
    @told
    def go_on(self, turn: int) -> None:
        """What the table offers here and nobody has done yet, or else anything it offers."""
        self._note()
        state = self._now().at
        rows = leaving(state)
        if not rows:
            self.begin()
            return
        new = [row for row in rows if (row.action, str(state)) not in self.walks.seen]
        stays = [row for row in rows if row.action not in ENDINGS]
        rows = tuple(new or (stays if turn % 9 and stays else rows))
        moving = [row for row in rows if row.target is not None]
        row = (rows if not moving or turn % 2 else moving)[turn // 2 % len(moving or rows)]
        arrange(self, row.action)
        right = self._right(row.action, state)
        if right:
            self._do(right[turn % len(right)], row.action)

    @rule(turn=st.integers(0, 10**6))
    @told
    def go_on_again(self, turn: int) -> None:
        self.go_on(turn=turn)

    @rule(turn=st.integers(0, 10**6))
    @told
    def go_on_once_more(self, turn: int) -> None:
        self.go_on(turn=turn)

    @rule(who=st.integers(0, 10**6), what=st.sampled_from(ACTIONS))
    @told
    def attack(self, who: int, what: str) -> None:
        """Anybody tries anything."""
        keys = sorted(self.people)
        self._do(keys[who % len(keys)], what)

    @rule(early=st.booleans())
    @told
    def defy(self, early: bool) -> None:
        """The right role, the right state, and still it must be refused."""
        self._defy(early)

    def _defy(self, early: bool) -> None:
        state = self._now().at
        kind, who, action = "", "county", CLOSES.get(state, "")
        if state in PUBLIC_PERIODS:
            if early and open_item(self.world, self._now()) is not None:
                kind = "early"
            elif self._open_objections() or self._object():
                kind = "objection"
                self.world.clock.workdays(7)
        elif state == State.CONFIRMATION:
            made = Step.objects.filter(project=self.project, action="determine").latest("number")
            who = next(k for k, a in self.people.items() if a.user_id == made.user_id)
            kind = "same person"
            action = "confirm_determination" if early else "return_determination"
        if kind:
            answer = self._do(who, action)
            assert answer is not None and not answer.ok, f"{action} was done: {kind}"
            self.walks.defied.add((kind, action))

    @rule(days=st.integers(1, 9))
    @told
    def wait(self, days: int) -> None:
        self.world.clock.to(self.world.clock.today + timedelta(days=days))

    @rule(upheld=st.booleans(), later=st.booleans())
    @told
    def object(self, upheld: bool, later: bool) -> None:
        """Somebody objects while it may be; the office decides now or later."""
        self._object()
        if not later:
            self._decide(upheld)

    @rule()
    @told
    def again(self) -> None:
        """The same key and body: the same answer, nothing done twice; a body whose work on the
        project has ended meanwhile finds it no more."""
        if self.last is None:
            return
        actor, action, body, key, ok = self.last
        before = self._now()
        self.last = None
        self.walks.tally["steps"] += 2
        try:
            same = self.world.ask(actor, before, action, body, key)
        except Http404:
            works = Engagement.objects.filter(project_id=before.pk, ended_at__isnull=True)
            of_a_body = actor.role == Role.AGENCY_STAFF
            assert of_a_body and not works.filter(party=actor.party_id).exists(), (
                f"{action} was not found by whoever did it"
            )
            return
        assert (same.ok, same.again) == (ok, True), f"{action} was answered anew"
        other = self.world.ask(actor, before, action, {**body, "x": "1"}, key)
        assert isinstance(other, NotDone), f"{action}: another body was taken"
        assert self._now().version == before.version, f"{action} was done twice"
        self.walks.tally["repeats"] += 1

    @rule(
        kind=st.sampled_from(("twice", "twins", "others", "objection")), turn=st.integers(0, 10**6)
    )
    @told
    def race(self, kind: str, turn: int) -> None:
        """Two at once: the same button twice, one form sent twice, two different steps, or a step
        while an objection comes in or is answered."""
        project = self._now()
        moves = [row.action for row in leaving(project.at) if row.target is not None]
        if not moves:
            return
        first = moves[turn % len(moves)]
        arrange(self, first)
        one = self._press(first, turn)
        if kind == "twins":
            two = one
        elif kind == "others":
            two = self._press(moves[turn // 7 % len(moves)], turn // 3)
        elif kind == "objection":
            two = self._objecting(turn)
        else:
            two = self._press(first, turn)
        project = self._now()
        with ThreadPoolExecutor(2) as pool:
            answers = [
                work.result() for work in [pool.submit(self.world.apart, w) for w in (one, two)]
            ]
        self.walks.tally["steps"] += 2
        self.walks.tally["races"] += 1
        if kind == "twins":
            assert answers[0].ok == answers[1].ok, f"{first}: one form got two answers"
            assert answers[0].again != answers[1].again, (
                f"{first}: one form was answered twice anew"
            )
        done = sum(answer.ok for answer in answers if answer is not None and not answer.again)
        assert kind != "twice" or done <= 1, f"{first} was done {done} times at once"
        assert self._now().version == project.version + done, f"{first}: steps were lost"
        self.walks.tally["paid"] += done and first == "pay"

    def _press(self, action: str, turn: int) -> Callable[[], Any]:
        project = self._now()
        right = self._right(action, project.at)
        actor = self.people[right[turn % len(right)] if right else "county"]
        body = payload(self.world, action, project, self.firm, self.case)
        key = self.world.key()
        return lambda: self.world.ask(actor, project, action, body, key)

    def _objecting(self, turn: int) -> Callable[[], Any]:
        """Answers an open objection, or makes one; gives None, for it is no step of the project."""
        project = self._now()
        item = open_item(self.world, project)
        waiting = Objection.objects.filter(
            item_id=project.item_id, state=ObjectionState.OPEN
        ).first()
        key, county = str(self.world.key()), self.people["county"]

        def work() -> None:
            if waiting is not None:
                decide(county, waiting.pk, bool(turn % 2), "已核查有关材料和现场情况。", key)
            elif item is not None:
                object_to(
                    PUBLIC, item.pk, "王建国", "13800000000", "请核查企业是否符合条件。", key=key
                )

        return work


def walk(world: World, steps: int) -> Walks:
    """Walk until so many steps have been taken."""
    walks = Walks(steps)
    kind = type("SeededWalk", (Walk,), {"world": world, "walks": walks})
    chosen = settings(
        # A few examples at least: the first of each run is the simplest there is, and does nothing.
        max_examples=max(20, steps // STEPS_A_WALK + 1), stateful_step_count=STEPS_A_WALK,
        deadline=None, database=None, phases=(Phase.generate,), derandomize=False, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    while walks.tally["steps"] < steps and not walks.problems:
        try:
            run_state_machine_as_test(seed(world.source.getrandbits(32))(kind), settings=chosen)
        except Exception as error:
            walks.problems.append(f"{type(error).__name__}: {str(error)[:600]}")
    walks.tally["deadlocks"] = world.deadlocks
    return walks

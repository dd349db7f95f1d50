"""Several people at once: nothing is counted twice, nothing closes over an objection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from shuzhuan.apps.publicity import checks, hooks
from shuzhuan.apps.publicity.actions.decide import decide
from shuzhuan.apps.publicity.actions.finish import cancel, close
from shuzhuan.apps.publicity.models import Objection, ObjectionState, Publicity, State
from tests.apps.publicity.kit import LAST, Clock, first, objected, officer, published
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """What each step gave, or the mistake that it raised, in the order of the steps."""
    outcomes: list[Any] = [None] * len(steps)
    ready = threading.Barrier(len(steps))

    def run(at: int) -> None:
        try:
            ready.wait()
            outcomes[at] = steps[at]()
        except Exception as error:
            outcomes[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_objections_at_once_are_counted_one_by_one(cast: Cast) -> None:
    item = first(published(cast))
    made = at_once(*[lambda n=n: objected(item, f"k{n}") for n in range(4)])
    assert sorted(o.number for o in made) == [f"2026001-0{n}" for n in (1, 2, 3, 4)]
    publicity = Publicity.objects.get()
    assert (publicity.objections_open, publicity.objections_count) == (4, 4)
    assert checks.miscounted() == []


def test_the_same_form_twice_at_once_is_one_objection(cast: Cast) -> None:
    item = first(published(cast))
    made = at_once(*[lambda: objected(item)] * 4)
    assert len({o.pk for o in made}) == 1
    assert Publicity.objects.get().objections_count == 1


def test_one_of_two_decisions_at_once_holds(cast: Cast) -> None:
    objection = objected(first(published(cast)))
    who = officer(cast)
    outcomes = at_once(
        lambda: decide(who, objection.pk, upheld=True, finding="确实重复。", key="a"),
        lambda: decide(who, objection.pk, upheld=False, finding="核对无误。", key="b"),
    )
    refused = [o for o in outcomes if isinstance(o, ValidationError)]
    assert len(refused) == 1
    assert Publicity.objects.get().objections_open == 0


def test_publicities_started_at_once_have_numbers_of_their_own(cast: Cast) -> None:
    made = at_once(*[lambda: published(cast)] * 4)
    assert sorted(p.serial for p in made) == [1, 2, 3, 4]


def test_closing_waits_for_an_objection_made_in_the_last_moment(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is being received at midnight; the office closes a moment later."""
    publicity = published(cast)
    item, who = first(publicity), officer(cast)
    clock.at(LAST, 23, 59)
    inside, go_on = threading.Event(), threading.Event()

    def slow(actor: Any, objection: Objection) -> None:
        inside.set()
        assert go_on.wait(120)

    monkeypatch.setattr(hooks, "_objections", [slow])

    def late_close() -> Publicity:
        assert inside.wait(120)
        clock.at(LAST + timedelta(1), 0, 1)
        threading.Timer(0.3, go_on.set).start()
        return close(who, publicity)

    made, closed = at_once(lambda: objected(item), late_close)
    assert isinstance(made, Objection)
    assert isinstance(closed, ValidationError)
    assert "还有 1 件异议" in closed.messages[0]
    assert Publicity.objects.get().state == State.RUNNING


def test_cancelling_and_objecting_at_once_leaves_no_half(cast: Cast) -> None:
    publicity = published(cast)
    item, who = first(publicity), officer(cast)
    made, ended = at_once(lambda: objected(item), lambda: cancel(who, publicity, "名单有误"))
    assert isinstance(ended, Publicity)
    received = Objection.objects.filter(state=ObjectionState.OPEN).count()
    assert received == (0 if isinstance(made, ValidationError) else 1)
    assert checks.miscounted() == []

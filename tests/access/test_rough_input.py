"""Rough input in its everyday form; `make prove-rough` asks more, and has the controls."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from shuzhuan.site.access import TABLE
from tests.access.rough import run
from tests.access.world import make_world

SEED = 20260101


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Hundreds of refusals need not be reported one by one."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.django_db
def test_rough_input_is_refused_in_chinese_and_leaves_nothing() -> None:
    told = run(make_world(), SEED, rounds=1)
    assert not told.problems, "\n".join(told.problems)
    assert told.routes == set(TABLE)  # every route was asked
    assert told.refused > told.done > 0  # and the forms went deep enough to do something

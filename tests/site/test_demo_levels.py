"""The demonstration's firms differ as real ones do, and some have enough peers to be compared."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.assessments.models import Assessment
from shuzhuan.apps.assessments.queries.peers import PEERS_MIN, peers
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.engine.grading import grade, parse_answers, shipped_sets
from shuzhuan.site.rehearsal import half, stage
from shuzhuan.site.rehearsal.desk import MORE
from shuzhuan.site.rehearsal.stage import FIRMS
from shuzhuan.site.rehearsal.varied import Varied, likely_sheet

SET = shipped_sets()["2024-manufacturing"]
TRADES = sorted({industry for _, industry in FIRMS})
NAMES = [
    *((name, industry) for name, industry in FIRMS),
    *((name, industry) for name, industry, _ in half.NEIGHBOURS),
    *((name, industry) for name, industry, _ in MORE),
]


def points(sheet: dict[str, Any]) -> int:
    return grade(SET, parse_answers(SET, sheet)).points_milli.low


@pytest.mark.parametrize("level", range(5))
def test_a_likely_sheet_comes_to_its_level_and_no_two_are_alike(level: int) -> None:
    made = [likely_sheet(SET, level, *firm, 50) for firm in NAMES[::4]]
    for sheet in made:
        graded = grade(SET, parse_answers(SET, sheet))
        assert graded.complete and graded.level.low == graded.level.high == level
    assert len({json.dumps(sheet) for sheet in made}) == len(made)
    assert made[0] == likely_sheet(SET, level, *NAMES[0], 50)


def test_a_firm_that_ripens_gets_worse_in_nothing() -> None:
    name, trade = NAMES[0]
    steps = [likely_sheet(SET, level, name, trade, into) for level in range(4) for into in (0, 99)]
    for before, after in pairwise(steps):
        one, other = (grade(SET, parse_answers(SET, sheet)) for sheet in (before, after))
        for old, new in zip(one.questions, other.questions, strict=True):
            assert old.points_milli.low <= new.points_milli.low, old.id
        assert all(before[item] <= after[item] for item in SET.scenario)
    assert points(steps[0]) < points(steps[-1])


def test_a_level_that_no_sheet_has_is_said() -> None:
    with pytest.raises(ValueError, match="level 9"):
        likely_sheet(SET, 9, *NAMES[0], 50)


def test_three_trades_have_enough_firms_and_one_has_not() -> None:
    count = {trade: sum(industry == trade for _, industry in NAMES) for trade in TRADES}
    assert sorted(count.values()) == [4, 6, 6, 6]
    assert len({name for name, _ in NAMES}) == len(NAMES)


@pytest.mark.django_db
def test_the_sixth_of_a_trade_sees_five_peers_and_the_fifth_sees_none() -> None:
    ensure_shipped()
    people = stage.build()
    drive, firms = Varied(people.players), people.firms[:6]
    seen: list[Assessment] = []
    for firm in firms:
        drive.archive(firm, "轻工纺织")
        seen.append(drive.judges_itself(firm, 1))
        found = peers(seen[-1], indicator_set(seen[-1]).level_names)
        assert found.count == (PEERS_MIN if len(seen) > PEERS_MIN else 0)
    assert len({sheet.answers_sha256 for sheet in seen}) == len(firms)

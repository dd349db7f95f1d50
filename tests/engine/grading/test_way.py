"""What is missing and the shortest way: optimal by brute force, and it arrives."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuzhuan.engine.grading import (
    CostError,
    Costs,
    NoSuchLevelError,
    NoWay,
    Way,
    grade,
    missing,
    parse_answers,
    read_set,
    shipped_sets,
    shortest_way,
    show_milli,
)
from shuzhuan.engine.grading.wording import told_way

from . import oracle, small_sets
from .sheets import Sheet, random_sheet

REAL = shipped_sets()["2024-manufacturing"]
OLD = shipped_sets()["2022-manufacturing"]
EMPTY = parse_answers(REAL, {})


def costs_of(document: small_sets.Plain, prices: small_sets.Prices) -> Costs:
    questions = {q["id"] for q in document["questions"]}
    return Costs(
        {(item, str(step)): p for (item, step), p in prices.items() if item in questions},
        {(item, int(str(s))): p for (item, s), p in prices.items() if item not in questions},
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_no_sheet_is_cheaper(seed: int, priced: bool) -> None:
    rng = random.Random(seed)
    document = small_sets.random_document(rng)
    raw = small_sets.random_sheet(rng, document)
    prices = small_sets.random_prices(rng, document) if priced else {}
    target = rng.randrange(1, len(document["levels"]) + 1)
    indicators = read_set("set.json", small_sets.as_bytes(document))
    sheet = parse_answers(indicators, raw)
    way = shortest_way(indicators, sheet, target, costs_of(document, prices))
    wanted = small_sets.cheapest(document, raw, target, prices)
    if isinstance(way, NoWay):
        assert wanted is None
        assert way.reasons
        return
    assert way.cost == wanted
    assert sum(change.cost for change in way.changes) == way.cost
    assert grade(indicators, way.after).level.low >= target
    assert grade(indicators, way.after).points_milli.low == way.points_after_milli


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 4))
def test_fewest_steps_on_the_real_set(seed: int, target: int) -> None:
    raw = random_sheet(random.Random(seed))
    way = shortest_way(REAL, parse_answers(REAL, raw), target)
    assert isinstance(way, Way)
    assert way.cost == oracle.fewest_steps(raw, target)
    assert oracle.decide(way.after.to_json()).level[0] >= target


def test_each_change_is_needed() -> None:
    """Taking one change back again misses the level: nothing is advised for nothing."""
    for seed in range(40):
        raw = random_sheet(random.Random(seed))
        sheet = parse_answers(REAL, raw)
        way = shortest_way(REAL, sheet, 3)
        assert isinstance(way, Way)
        for change in way.changes:
            values = dict(way.after.values)
            values.pop(change.item)
            if change.before is not None:
                values[change.item] = change.before
            assert grade(REAL, replace(way.after, values=values)).level.low < 3


def test_a_reached_level_needs_nothing() -> None:
    best = {name: list(keys) for name, keys in oracle.MULTI.items()}
    raw: Sheet = {**best, **{n: keys[-1] for n, keys in oracle.SINGLE.items()}}
    raw |= dict.fromkeys(oracle.RATES, "100") | dict.fromkeys(oracle.SCENARIOS, 4)
    sheet = parse_answers(REAL, raw)
    way = shortest_way(REAL, sheet, 4)
    assert isinstance(way, Way)
    assert (way.changes, way.cost, way.after) == ((), 0, sheet)
    assert missing(REAL, sheet, 4).reached
    with pytest.raises(NoSuchLevelError, match="没有更高的等级"):
        shortest_way(REAL, sheet)
    with pytest.raises(NoSuchLevelError):
        missing(REAL, sheet, 5)


def test_missing_says_what_is_short_and_what_would_help() -> None:
    raw: Sheet = {"q5": "C", "q1": ["A"], "q2": "15", "s1": 1, "s2": 1, "s7": 0}
    gap = missing(REAL, parse_answers(REAL, raw))
    assert gap.level_name == "一级（初始级）"
    assert gap.points_milli == 20_000 - 5_000 - 1_500
    assert (gap.scenarios_short, gap.binding_short) == (4, 2)
    questions = {q.id: q for q in gap.questions}
    assert questions["q1"].options == ("B", "C", "D", "E")
    assert questions["q5"].options == ("D", "E")
    assert questions["q2"].gain_milli == 4_500
    assert not questions["q4"].answered
    assert gap.questions[0].gain_milli == max(q.gain_milli for q in gap.questions)
    scenarios = {s.id: s for s in gap.scenarios}
    assert "s1" not in scenarios
    assert (scenarios["s7"].now, scenarios["s3"].now) == (0, None)
    assert scenarios["s7"].next_step == REAL.scenario["s7"].levels[1]
    assert gap.scenarios[0].binding


def test_costs_decide_and_the_impossible_is_left_alone() -> None:
    dear = Costs({("q5", key): 1_000 for key in "BCDE"}, {("s1", 1): 1_000})
    way = shortest_way(REAL, EMPTY, 1, dear)
    assert isinstance(way, Way)
    assert not {"q5", "s1"} & {change.item for change in way.changes}
    fixed = Costs().without(REAL, ["q12", "q13", "q14", "q15", "s6"])
    way = shortest_way(REAL, EMPTY, 4, fixed)
    assert isinstance(way, Way)
    assert not {"q12", "q13", "q14", "q15", "s6"} & {change.item for change in way.changes}


def test_no_way_says_why() -> None:
    fixed = Costs().without(REAL, [*oracle.DIMENSIONS["foundation"], *oracle.SCENARIOS[:9]])
    way = shortest_way(REAL, EMPTY, 4, fixed)
    assert isinstance(way, NoWay)
    assert way.reasons == (
        "总分最多能到 50 分，达不到 80 分",
        "四级及以上的场景最多能有 7 个（要 10 个），其中约束性 4 个（要 6 个）",
    )


def test_the_total_alone_has_no_steps() -> None:
    way = shortest_way(OLD, parse_answers(OLD, {"q1": "30"}))
    assert isinstance(way, NoWay)
    assert way.reasons == ("总分最多能到 30 分，达不到 40 分",)


@pytest.mark.parametrize(
    "costs",
    [
        Costs({("q5", "Z"): 1}),
        Costs({("q99", "A"): 1}),
        Costs(scenarios={("s1", 5): 1}),
        Costs({("q5", "B"): -1}),
        Costs({("q5", "B"): 10**13}),
        Costs({("q5", "B"): True}),
        Costs({("q5", "B"): 1.5}),  # type: ignore[dict-item]
    ],
)
def test_bad_costs_are_refused(costs: Costs) -> None:
    with pytest.raises(CostError):
        shortest_way(REAL, EMPTY, 1, costs)


def test_texts_name_what_to_do() -> None:
    raw: Sheet = {"q1": ["A"], "q2": {"part": 12, "whole": 100}, "q5": "B", "s1": 1}
    way = shortest_way(REAL, parse_answers(REAL, raw), 4)
    assert isinstance(way, Way)
    texts = {change.item: change.text for change in way.changes}
    assert texts["q2"] == "数字化设备占比：由12%提高到超过 60%（+4.5 分）"
    assert (
        texts["q5"] == "信息系统覆盖面：由“只有一个业务环节在用”变为“所有业务环节都在用”（+7.5 分）"
    )
    assert texts["q1"].startswith("网络条件：增加“")
    assert texts["s1"].startswith("产品设计（约束性场景）：由一级提升到四级——")


def test_well_under_a_second_even_with_odd_costs() -> None:
    rng = random.Random(5)
    costs = Costs(
        {(q.id, key): rng.randrange(10**9) for q in REAL.questions for key in q.worth},
        {(s.id, n): rng.randrange(10**9) for s in REAL.scenarios for n in range(1, 5)},
    )
    started = time.process_time()
    for target in (1, 2, 3, 4):
        shortest_way(REAL, EMPTY, target, costs)
    assert time.process_time() - started < 1


def test_a_way_says_its_steps_and_what_becomes_of_each_condition() -> None:
    """Few steps are not few items: three rungs of one question may stand against two of two."""
    raw: Sheet = {
        "q1": ["B", "C"], "q2": "35", "q3": "35", "q4": ["B"], "q5": ["C"], "q6": ["B"],
        "q8": ["C"], "q9": ["B"], "q10": ["B"], "q12": ["B"], "q13": ["B"],
        **{f"s{n}": 2 for n in (3, 7, 13, 14)}, **{f"s{n}": 1 for n in (1, 6, 11, 12, 15)},
    }  # fmt: skip
    sheet = parse_answers(REAL, raw)
    way = shortest_way(REAL, sheet, 2)
    assert isinstance(way, Way)
    now, then = grade(REAL, sheet).checks[1], grade(REAL, way.after).checks[1]
    said = told_way(way, now, then)
    short, more = now.conditions[0].found.low, then.conditions[0].found.low
    assert said == (
        f"达到二级（规范级），最少 {way.cost} 步，涉及 {len(way.changes)} 项："
        f"总分由 {show_milli(short)} 分增到 {show_milli(more)} 分，"
        "二级及以上场景由 4 个增到 6 个，其中约束性由 3 个增到 4 个。"
    )
    assert more >= 40_000 > short
    everything = list("BCDE")
    full = parse_answers(REAL, {**raw, "q6": everything, "q7": everything, "q8": ["F"]})
    found = shortest_way(REAL, full, 2)
    assert isinstance(found, Way) and not found.gain_milli
    state = grade(REAL, full).checks[1], grade(REAL, found.after).checks[1]
    assert "总分已有" in told_way(found, *state)

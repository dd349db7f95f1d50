"""Before and after, versions that must not meet, and the signals for a second look."""

from __future__ import annotations

import random

import pytest

from shuzhuan.engine.grading import (
    DifferentSetsError,
    GradingError,
    IndicatorSet,
    Limits,
    Result,
    SetMapping,
    compare,
    grade,
    identical_sheets,
    jump_without_spend,
    parse_answers,
    read_set,
    same_figures,
    self_far_from_onsite,
    shipped_sets,
)
from shuzhuan.engine.grading.loading import SHIPPED

from . import oracle
from .sheets import Sheet, random_sheet

REAL = shipped_sets()["2024-manufacturing"]
OLD = shipped_sets()["2022-manufacturing"]
TEXT = (SHIPPED / REAL.id / "set.yaml").read_text(encoding="utf-8")


def graded(raw: Sheet, indicators: IndicatorSet = REAL) -> Result:
    return grade(indicators, parse_answers(indicators, raw))


def full(points: str, level: int) -> Sheet:
    """A complete sheet: every question at its worst (A) or best (Z), every scenario at a level."""
    raw: Sheet = dict.fromkeys(oracle.SCENARIOS, level)
    for name, keys in oracle.MULTI.items():
        raw[name] = ["A"] if points == "A" else list(keys)
    for name, keys in oracle.SINGLE.items():
        raw[name] = keys[0] if points == "A" else keys[-1]
    return raw | dict.fromkeys(oracle.RATES, "0" if points == "A" else "100")


def test_item_by_item() -> None:
    before = graded({**full("A", 1), "q1": ["B", "C"]})
    after = graded({**full("A", 2), "q1": ["C", "D", "E"], "s3": 1})
    found = compare(before, after)
    network = next(q for q in found.questions if q.after.id == "q1")
    assert (network.gained, network.lost, network.change_milli) == (("D", "E"), ("B",), 2_000)
    assert {s.after.id for s in found.scenarios if s.change == 1} == set(oracle.SCENARIOS) - {"s3"}
    assert found.points_change_milli == 2_000
    assert found.level_change == 0
    assert (found.only_before, found.only_after) == ((), ())


def test_what_is_open_is_not_compared_as_a_number() -> None:
    found = compare(graded({}), graded(full("Z", 4)))
    assert found.level_change is None
    assert found.points_change_milli is None
    assert all(q.change_milli is None for q in found.questions)
    assert all(s.change is None for s in found.scenarios)


def test_versions_are_never_compared_silently() -> None:
    new = graded(full("Z", 4))
    old = graded({"q1": "50"}, OLD)
    with pytest.raises(DifferentSetsError, match="版本不同"):
        compare(old, new)
    with pytest.raises(DifferentSetsError):
        self_far_from_onsite(old, new)
    with pytest.raises(DifferentSetsError):
        jump_without_spend(old, new, 0)
    edited = read_set("set.yaml", TEXT.replace("points: 60\n", "points: 61\n").encode())
    with pytest.raises(DifferentSetsError, match="内容不同"):
        compare(new, graded(full("Z", 4), edited))


def test_a_mapping_opens_exactly_one_direction() -> None:
    mapping = SetMapping(OLD.ref, REAL.ref, {"q1": "q5"})
    old, new = graded({"q1": "50"}, OLD), graded(full("Z", 4))
    found = compare(old, new, mapping)
    assert found.level_change is None  # the mapping does not say that the levels mean the same
    assert found.points_change_milli is None
    assert [q.after.id for q in found.questions] == ["q5"]
    assert len(found.only_after) == 30
    with pytest.raises(DifferentSetsError):
        compare(new, old, mapping)


def test_two_wordings_of_the_same_figures_can_be_mapped() -> None:
    worded = read_set("set.yaml", TEXT.replace("厂里的网络", "工厂的网络").encode())
    found = compare(graded(full("A", 0)), graded(full("Z", 4), worded), same_figures(REAL, worded))
    assert (found.level_change, found.points_change_milli) == (4, 100_000)
    edited = read_set("set.yaml", TEXT.replace("points: 60\n", "points: 61\n").encode())
    with pytest.raises(GradingError, match="不只是措辞不同"):
        same_figures(REAL, edited)


def test_self_far_from_onsite() -> None:
    own, onsite = graded(full("Z", 4)), graded({**full("Z", 1), "q5": "A"})
    doubt = self_far_from_onsite(own, onsite)
    assert doubt is not None
    assert doubt.text.startswith("自评高于现场：总分自评 100 分、现场 90 分")
    assert doubt.items[0] == "q5"
    below = self_far_from_onsite(onsite, own)
    assert below is not None
    assert below.text.startswith("自评低于现场")
    assert self_far_from_onsite(own, own) is None
    assert self_far_from_onsite(own, onsite, Limits(self_milli=20_000, self_levels=4)) is None
    assert self_far_from_onsite(own, graded({})) is None


def test_jump_without_spend() -> None:
    before, after = graded(full("A", 1)), graded(full("Z", 2))
    doubt = jump_without_spend(before, after, 2_999_999)
    assert doubt is not None
    assert "投入只有 29,999.99 元" in doubt.text
    assert jump_without_spend(before, after, 6_000_000) is None
    assert jump_without_spend(after, before, 0) is None
    assert jump_without_spend(before, before, 0) is None
    bare = full("A", 0)
    within = graded({**bare, "q4": list(oracle.MULTI["q4"]), "q5": "E"})  # 20 points, no level
    assert within.level.low == 0
    assert jump_without_spend(graded(bare), within, 2_999_999) is not None
    assert jump_without_spend(graded(bare), within, 3_000_000) is None
    small = graded({**bare, "q5": "E"})  # 10 points are no jump
    assert jump_without_spend(graded(bare), small, 0) is None


def test_identical_sheets() -> None:
    rng = random.Random(1)
    sheets = {f"企业{n}": parse_answers(REAL, random_sheet(rng)) for n in range(20)}
    assert identical_sheets(REAL, sheets) == []
    copied = {**full("Z", 3), "q2": "71.3"}
    for name in ("甲", "乙", "丙"):
        sheets[name] = parse_answers(REAL, copied)
    nothing = parse_answers(REAL, full("A", 0))
    sheets |= {"丁": nothing, "戊": nothing}  # enterprises that have nothing look alike
    (doubt,) = identical_sheets(REAL, sheets)
    assert doubt.who == ("甲", "乙", "丙")
    assert doubt.text == "3 份答卷的 31 项答案完全相同"
    assert len(doubt.items) == 31
    with pytest.raises(DifferentSetsError):
        identical_sheets(OLD, sheets)

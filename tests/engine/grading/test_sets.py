"""The shipped sets carry the right figures, and the loader refuses everything else by name."""

from __future__ import annotations

import json
from fractions import Fraction

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shuzhuan.engine.grading import (
    IndicatorSet,
    dump_set,
    figure_differences,
    json_schema,
    read_set,
    shipped_sets,
)
from shuzhuan.engine.grading.loading import SHIPPED
from shuzhuan.engine.grading.model import parse_milli, show_milli
from shuzhuan.engine.policy.errors import PackError

from . import oracle
from .small_sets import is_chinese

REAL = "2024-manufacturing"
TEXT = (SHIPPED / REAL / "set.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def real() -> IndicatorSet:
    return shipped_sets()[REAL]


def test_figures_of_the_2024_set(real: IndicatorSet) -> None:
    assert [q.id for q in real.questions] == list(oracle.QUESTIONS)
    for question in real.questions:
        assert question.points_milli == Fraction(oracle.FULL[question.id]) * 1000
        assert question.id in oracle.DIMENSIONS[question.dimension]
        for key, worth in question.worth.items():
            percent = oracle.percent(question.id, key)
            assert worth == Fraction(oracle.FULL[question.id]) * percent * 10
    assert [d.points_milli for d in real.dimensions] == [50_000, 30_000, 20_000]
    assert [s.id for s in real.scenarios] == list(oracle.SCENARIOS)
    assert {s.id for s in real.scenarios if s.binding} == oracle.BINDING
    rules = {r.level: r for r in real.levels}
    for level, (points, count, binding) in oracle.LEVELS.items():
        scenarios = rules[level].scenarios
        assert scenarios is not None
        assert rules[level].points_milli == points * 1000
        assert (scenarios.at, scenarios.count, scenarios.binding) == (level, count, binding)


def test_kinds_of_the_2024_set(real: IndicatorSet) -> None:
    kinds = {q.id: q.kind for q in real.questions}
    assert {q for q, kind in kinds.items() if kind == "multi"} == set(oracle.MULTI)
    assert {q for q, kind in kinds.items() if kind == "single"} == set(oracle.SINGLE)
    assert {q for q, kind in kinds.items() if kind == "rate"} == set(oracle.RATES)
    for name in oracle.RATES:
        bounds = [o.up_to_milli for o in real.question[name].options]
        assert bounds == [10_000, 20_000, 40_000, 60_000, 100_000]


def test_what_is_unofficial_is_marked(real: IndicatorSet) -> None:
    for indicators in shipped_sets().values():
        assert all("待核对官方原文" in (rule.unverified or "") for rule in indicators.levels)
    assert real.scenario["s12"].unverified  # one of three sources does not count it as binding
    assert real.question["q8"].by_key["F"].unverified  # two sources word it differently


def test_every_item_of_the_2024_set_helps(real: IndicatorSet) -> None:
    helps = {q.id: q.help for q in real.questions} | {s.id: s.help for s in real.scenarios}
    assert len(helps) == 31
    for item, text in helps.items():
        assert text.counts, item
        assert text.not_counts, item
        assert text.evidence, item


def test_the_2022_set_knows_the_total_only() -> None:
    old = shipped_sets()["2022-manufacturing"]
    assert [q.kind for q in old.questions] == ["points"]
    assert [r.points_milli for r in old.levels] == [20_000, 40_000, 60_000, 80_000]
    assert not old.scenarios
    assert all(rule.scenarios is None for rule in old.levels)


def test_a_stored_set_reads_back_to_the_same_digest() -> None:
    for indicators in shipped_sets().values():
        again = read_set("stored.json", dump_set(indicators).encode())
        assert again.ref == indicators.ref
        assert again == indicators


def test_digests_tell_words_and_figures_apart(real: IndicatorSet) -> None:
    words = read_set("a.yaml", TEXT.replace("厂里的网络", "工厂的网络").encode())
    assert words.ref.digest != real.ref.digest
    assert words.figures_digest == real.figures_digest
    assert figure_differences(real, words) == []
    figures = read_set("a.yaml", TEXT.replace("points: 60\n", "points: 61\n").encode())
    assert figures.figures_digest != real.figures_digest
    (line,) = figure_differences(real, figures)
    assert line.startswith("3级条件：原为 60 分")
    assert "现为 61 分" in line


MISTAKES = [
    ("    kind: multi\n", "    kind: multy\n", "是否想写 multi"),
    ("    topic: 设备与网络\n", "    topik: 设备与网络\n", "是否想写 topic"),
    ("id: 2024-manufacturing\n", "id: 2024-manufacturing\nid: again\n", "键 id 重复"),
    ("id: 2024-manufacturing\n", "id: 制造业\n", "不是指标集 id"),
    ("version: 1.0.0\n", "version: 一\n", "不是版本号"),
    ("    points: 8\n", "    points: 8.0001\n", "不是分值"),
    ("    points: 8\n", "    points: 1e1\n", "不是分值"),
    ("    points: 8\n", "    points: 9\n", "其下各题之和是 51"),
    ("dimension: foundation", "dimension: fundation", "没有维度 fundation"),
    ("percent: 9}", "percent: 8}", "各选项百分比之和是 99"),
    ("percent: 0, excludes_others: true}", "percent: 0}", "多选题没有排斥其他的选项"),
    ("up_to: 20, percent: 25", "up_to: 20, percent: 25.01", "除不尽"),
    ("{key: B, up_to: 20", "{key: B, up_to: 5", "区间没有由小到大"),
    ("up_to: 100, percent: 100", "up_to: 90, percent: 100", "最后一个区间没有到 100"),
    ("{key: B, up_to: 20", "{key: A, up_to: 20", "选项 A 重复"),
    ("text: 所有业务环节都在用, percent: 100", "text: 所有环节, percent: 90", "没有一个选项得满分"),
    ("  - id: q2\n", "  - id: q1\n", "id q1 重复"),
    ("  - id: s1\n", "  - id: q1\n", "id q1 已是题目的 id"),
    ("    binding: true\n", "    binding: yes\n", "不是 true 或 false"),
    ("  - level: 2\n", "  - level: 3\n", "这里应当是 2 级"),
    ("    points: 60\n", "    points: 30\n", "3级的条件比 2级宽"),
    ("    points: 80\n", "    points: 101\n", "门槛高于总分 100"),
    ("count: 10, binding: 6", "count: 17, binding: 6", "大于场景总数 16"),
    ("count: 10, binding: 6", "count: 12, binding: 11", "大于约束性场景总数 10"),
    ("count: 6, binding: 3", "count: 6, binding: 7", "大于本级要求的场景数 6"),
    ("at: 4, count", "at: 5, count", "大于场景最高的级别 4"),
    ("      4: 用仿真检验", "      5: 用仿真检验", "级别不连续"),
    ("    rate: {part: 其中数字化设备", "    rate: {parts: 其中数字化设备", "是否想写 part"),
    ("      - {key: A, text: 还没有用,", "      - {key: A,", "缺少 text"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_a_mistake_is_named_with_its_line(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(PackError) as caught:
        read_set("set.yaml", TEXT.replace(old, new, 1).encode())
    text = str(caught.value)
    assert message in text
    problem = next(p for p in caught.value.problems if message in p.text())
    assert problem.position.file == "set.yaml"
    assert problem.position.line > 1
    assert problem.hint
    assert all(is_chinese(p.message + p.hint) for p in caught.value.problems)


def test_all_mistakes_are_reported_at_once() -> None:
    spoilt = TEXT.replace("    points: 8\n", "    points: 9\n").replace(
        "percent: 9}", "percent: 8}"
    )
    with pytest.raises(PackError) as caught:
        read_set("set.yaml", spoilt.encode())
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("data", [b"", b"[]", b"a", b"{}", b"\xff", b"questions: &a []"])
def test_what_is_no_set_is_refused(data: bytes) -> None:
    with pytest.raises(PackError):
        read_set("set.yaml", data)


def test_the_schema_describes_every_key_in_chinese() -> None:
    schema = json_schema()
    forms = {**schema["$defs"], "top": schema}
    for name, form in forms.items():
        assert form["additionalProperties"] is False, name
        for key, entry in form["properties"].items():
            assert any("一" <= char <= "鿿" for char in entry["description"]), (name, key)
    assert set(schema["properties"]) >= {"format", "questions", "scenarios", "levels"}


def test_the_shipped_schema_is_current() -> None:
    """Otherwise: python -m shuzhuan.engine.grading schema > .../packs/indicators/set.schema.json"""
    published = (SHIPPED / "set.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == json_schema()


@pytest.mark.parametrize("name", ["2024-manufacturing", "2022-manufacturing"])
def test_an_editor_accepts_the_shipped_sets(name: str) -> None:
    """As YAML 1.2 editors read them, where numbers and truth values are no longer text."""
    plain = yaml.safe_load((SHIPPED / name / "set.yaml").read_text(encoding="utf-8"))
    for scenario in plain["scenarios"]:
        scenario["levels"] = {str(level): text for level, text in scenario["levels"].items()}
    jsonschema_rs.Draft202012Validator(json_schema()).validate(plain)


@given(st.integers(0, 10_000_000))
def test_thousandths_read_back_exactly(milli: int) -> None:
    assert parse_milli(show_milli(milli)) == milli

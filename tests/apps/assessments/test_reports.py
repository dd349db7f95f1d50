"""What a report says equals what the engine says; no database, no file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shuzhuan.apps.assessments.models import AssessmentKind
from shuzhuan.apps.assessments.reports.data import report_of
from shuzhuan.apps.assessments.reports.marks import marked_by, marks_of
from shuzhuan.apps.assessments.reports.material import Before, Use
from shuzhuan.apps.assessments.reports.model import ReportData, chapters_of
from shuzhuan.apps.assessments.reports.words import plain
from shuzhuan.engine.grading import (
    IndicatorSet,
    compare,
    dump_set,
    grade,
    parse_answers,
    read_set,
    shipped_sets,
    shortest_way,
    show_milli,
)
from tests.apps.assessments.report_kit import RAW, indicators, material, sha

DIAGNOSIS, ACCEPTANCE, SELF = (
    AssessmentKind.DIAGNOSIS, AssessmentKind.ACCEPTANCE, AssessmentKind.SELF,
)  # fmt: skip


def another_version(old: str, new: str) -> IndicatorSet:
    """The shipped set under another version, with one thing written differently."""
    text = dump_set(indicators()).replace('"1.0.0"', '"9.0.0"')
    assert old in text
    return read_set("9.0.0", text.replace(old, new).encode())


@pytest.mark.parametrize("kind", AssessmentKind)
def test_every_figure_is_the_engines(kind: AssessmentKind) -> None:
    found = material(kind)
    data, result = report_of(found), grade(found.indicators, found.answers)
    assert data.level == result.level_text
    assert data.points == show_milli(result.points_milli.low)
    assert [one.result for one in data.questions] == [
        f"{show_milli(q.points_milli.low)} / {show_milli(q.max_milli)} 分" for q in result.questions
    ]
    names = "零一二三四"
    assert [one.result for one in data.scenarios] == [
        f"{names[s.level or 0]}级" for s in result.scenarios
    ]
    assert len(data.questions) + len(data.scenarios) == 31
    states = [one.state == "满足" for one in data.conditions]
    assert states == [c.state for check in result.checks for c in check.conditions]
    way = shortest_way(found.indicators, found.answers)
    assert [one.partition("：")[2] for one in data.way.steps] == [
        change.text.partition("：")[2]  # type: ignore[union-attr]
        for change in way.changes
    ]
    assert len(data.charts) == 4


def test_the_charts_draw_the_same_figures() -> None:
    data = report_of(material())
    radar, dimensions, gap, costs = data.charts
    assert radar.option["series"][0]["data"][0]["value"] == [RAW[f"s{n}"] for n in range(1, 17)]
    assert dimensions.rows == (
        ("数字化基础", "25", "50"), ("数字化管理", "13.125", "30"), ("数字化成效", "18.5", "20"),
    )  # fmt: skip
    assert gap.rows[0] == ("总分（分）", "56.625", "60")
    assert sum(float(row[1].replace(",", "")) for row in costs.rows) == 548_500.5


def test_before_and_after_are_the_engines_comparison() -> None:
    found = material(ACCEPTANCE)
    data = report_of(found)
    assert found.before is not None and data.change is not None
    wanted = compare(grade(indicators(), found.before.answers), grade(indicators(), found.answers))
    moved = [one.change for one in data.change.questions if one.change != "不变"]
    assert moved == [
        f"+{show_milli(one.change_milli)}" for one in wanted.questions if one.change_milli
    ]
    assert "总分变化 +7.5 分，等级升 1 级；7 个场景提升，0 个场景下降" in data.change.sentence
    assert data.charts[3].key == "change"


def test_two_versions_are_never_compared_silently() -> None:
    """Other figures: nothing computed, and it says why. Other words only: compared, and said."""
    found = material(ACCEPTANCE)
    assert found.before is not None
    for old, new, compares in (
        ('"points": "40"', '"points": "41"', False),
        ("厂里的网络", "车间网络", True),
    ):
        other = another_version(old, new)
        before = Before(other, parse_answers(other, RAW), "甲", date(2025, 1, 1))
        data = report_of(replace(found, before=before))
        assert data.change is not None
        assert bool(data.change.questions) is compares
        assert data.has_before is compares
        assert ("措辞不同" if compares else "不能直接比较") in data.change.sentence
        assert (data.charts[3].key == "change") is compares
    nothing = report_of(replace(found, before=None))
    assert nothing.change is not None and "没有可以比较" in nothing.change.sentence


def test_a_document_has_one_number_and_its_first_twelve_signs() -> None:
    data = report_of(material())
    evidence = {one.title: one for one in data.evidence}
    assert [one.label for one in data.evidence] == [f"证据{n}" for n in range(1, 12)]
    shared = evidence["MES数据页截图"]
    assert (shared.used, shared.sha256) == ("第4题、场景6", sha("MES数据页截图")[:12])
    assert data.questions[3].evidence == data.scenarios[5].evidence == shared.label
    two = replace(
        material(), uses=(*material().uses, Use("q1", 99, "乙", "b" * 64, date(2025, 5, 7)))
    )
    assert report_of(two).questions[0].evidence == "证据1、证据12"


def test_the_subsidy_names_its_clause_and_its_sum() -> None:
    plan = report_of(material()).plan
    assert plan is not None
    assert "274,250.25 元" in plan.subsidy and "核定为准" in plan.subsidy
    (clause,) = plan.clauses
    assert clause.cite == "第七条（一）"
    assert "548,500.5元×50%=274,250.25元" in clause.lines[0]
    assert [one.target for one in plan.measures] == [
        "达到二级",
        "达到三级",
        "达到二级",
        "达到选项 B、C、E",
    ]


def test_marks_are_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    data = report_of(replace(material(), marks=("合成数据，仅供演示",), withdrawn="现场日期写错"))
    assert data.marks == ("合成数据，仅供演示", "待核对官方原文", "本次评测已撤销：现场日期写错")
    monkeypatch.setattr("shuzhuan.apps.assessments.reports.marks._markers", [])
    marked_by(lambda enterprise: "演练" if enterprise == "甲" else "")  # type: ignore[arg-type]
    assert marks_of("甲") == ["演练"]  # type: ignore[arg-type]
    assert marks_of("乙") == []  # type: ignore[arg-type]


def test_a_set_without_scenarios_and_a_top_level_sheet() -> None:
    old = shipped_sets()["2022-manufacturing"]
    answers = parse_answers(old, {next(iter(old.question)): "91.5"})
    data = report_of(
        replace(
            material(), indicators=old, answers=answers, uses=(), findings=(), plan=None, remarks={}
        )
    )
    assert data.scenarios == () and data.points == "91.5"
    assert "已是最高等级" in data.way.sentence
    assert [chart.key for chart in data.charts] == ["dimensions", "gap"]


def test_both_kinds_have_their_chapters() -> None:
    assert [c.short for c in chapters_of("diagnosis")] == [*"一二三四五六七八九", "附一", "附二"]
    assert "change" in [c.key for c in chapters_of("acceptance")]
    assert "plan" not in [c.key for c in chapters_of("acceptance")]


def test_what_a_document_cannot_hold_goes() -> None:
    assert plain("a\x00b\x0c\ud800c\u202ed\r\n e\tf\n\n") == "abcd\ne f"
    assert plain("{{ x }} <b> & #let $y$ @z \\ 🏭") == "{{ x }} <b> & #let $y$ @z \\ 🏭"


def test_numbers_and_names_are_stable() -> None:
    data: ReportData = report_of(material())
    assert data.number == "ZD-640425-20250506-000042"
    assert data.file_stem == "彭阳杂粮加工厂数字化水平诊断报告-20250506"
    slashed = report_of(replace(material(), enterprise="../甲/乙\n:丙"))
    assert "/" not in slashed.file_stem and "\n" not in slashed.file_stem
    assert report_of(material(SELF)).number.startswith("ZP-")

"""The operator's import: the file's words, checked figures, our help; mistakes by row and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shuzhuan.engine.grading import (
    IndicatorSet,
    dump_set,
    figure_differences,
    grade,
    import_set,
    parse_answers,
    read_set,
    shipped_sets,
    show_milli,
)
from shuzhuan.engine.grading.__main__ import main
from shuzhuan.engine.policy.errors import PackError

from .small_sets import is_chinese

REAL = shipped_sets()["2024-manufacturing"]
ID, VERSION = "2024-manufacturing", "2.0.0"


def number(milli: int) -> float:
    return float(show_milli(milli))


def import_document() -> dict[str, Any]:
    """A file in the operator's form with the figures of the 2024 set and words of its own."""
    titles = {d.id: d.title for d in REAL.dimensions}
    questions = []
    for n, q in enumerate(REAL.questions, 1):
        bounds = [0, *(number(o.up_to_milli or 0) for o in q.options)]
        options = [
            {
                "key": o.key,
                "text": f"另一种说法{o.key}"
                if q.kind != "rate"
                else f"{'[' if i == 0 else '('}{bounds[i]:g}{'%' if i else ''},{bounds[i + 1]:g}%]",
                "pct": number(o.percent_milli),
                "score": number(q.worth[o.key]),
            }
            for i, o in enumerate(q.options)
        ]
        questions.append(
            {
                "no": n,
                "dimension": titles[q.dimension],
                "level1": "主题",
                "level2": f"标题{n}",
                "question": f"第{n}问",
                "type": "multi" if q.kind == "multi" else "single",
                "max_score": number(q.points_milli),
                "options": options,
                "definition": "口径说明" if n == 2 else "",
                "fill_in_fields": ["具体数据"] if n == 2 else [],
            }
        )
    scenarios = [
        {
            "no": n,
            "group": "环节",
            "name": f"场景{n}",
            "binding": s.binding,
            "levels": {str(level): f"做到{level}" for level in range(1, 5)},
        }
        for n, s in enumerate(REAL.scenarios, 1)
    ]
    rules = [
        {
            "level": r.level,
            "min_score": number(r.points_milli),
            "min_scenes": r.scenarios.count,
            "min_binding": r.scenarios.binding,
        }
        for r in REAL.levels
        if r.scenarios
    ]
    return {
        "title": "评测指标",
        "document_no": "某〔2024〕1号",
        "dimension_max": {d.title: number(d.points_milli) for d in REAL.dimensions},
        "questions": questions,
        "scenarios": scenarios,
        "level_rules_UNOFFICIAL": rules,
        "level_names": {str(r.level): r.name for r in REAL.levels},
    }


def as_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def imported(document: dict[str, Any], **more: Any) -> IndicatorSet:
    return import_set("f.json", as_bytes(document), ID, VERSION, **more)


def test_words_are_replaced_and_figures_are_the_same() -> None:
    made = imported(import_document(), base=REAL)
    assert made.figures_digest == REAL.figures_digest
    assert figure_differences(REAL, made) == []
    assert made.question["q2"].ask == "第2问"
    assert made.question["q2"].kind == "rate"
    assert made.question["q5"].by_key["B"].text == "另一种说法B"
    assert made.scenario["s7"].levels[2] == "做到2"
    assert made.question["q2"].rate == REAL.question["q2"].rate
    assert made.question["q2"].help.note == "口径说明"
    assert made.question["q2"].help.counts == REAL.question["q2"].help.counts
    assert made.question["q2"].fields == ("具体数据",)
    assert (made.wording, made.version) == ("imported", VERSION)
    assert read_set("stored.json", dump_set(made).encode()).ref == made.ref


def test_marks_stay_until_a_person_has_compared() -> None:
    made = imported(import_document(), base=REAL)
    assert all(rule.unverified for rule in made.levels)
    assert made.scenario["s12"].unverified
    assert any("待核对官方原文" in notice for notice in made.notices)
    compared = imported(import_document(), base=REAL, verified=True)
    assert compared.wording == "official"
    assert not compared.scenario["s12"].unverified
    assert all(rule.unverified for rule in compared.levels)  # still under ..._UNOFFICIAL
    document = import_document()
    document["level_rules"] = document.pop("level_rules_UNOFFICIAL")
    official = imported(document, base=REAL, verified=True)
    result = grade(official, parse_answers(official, {}))
    assert result.unverified == ()


def test_without_a_base() -> None:
    made = imported(import_document())
    assert [d.id for d in made.dimensions] == ["d1", "d2", "d3"]
    assert made.question["q2"].help.counts == ()


def edit(path: str, value: object) -> dict[str, Any]:
    document: Any = import_document()
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    target = document
    for step in parents:
        target = target[step]
    target[last] = value
    return document  # type: ignore[no-any-return]


MISTAKES: list[tuple[str, object, str]] = [
    ("questions.2.options.1.score", 1.6, "第 3 题 › 第 2 个选项 › score：选项 B 得分 1.6"),
    ("questions.1.options.2.text", "(25%,40%]", "第 2 题 › 第 3 个选项 › text：区间与前一项不相接"),
    ("questions.1.options.2.text", "四成", "第 2 题 › 第 3 个选项 › text：其他选项是区间"),
    ("questions.1.options.0.text", "(0,10%]", "应当从 [0% 开始"),
    ("questions.4.no", 9, "第 5 题 › no：编号 9 不连续"),
    ("questions.4.dimension", "基础", "第 5 题 › dimension：没有维度 基础"),
    ("questions.0.options.1.key", "A", "第 1 题 › 第 2 个选项 › key：选项 A 重复"),
    ("questions.0.options.0.pct", 25, "第 1 个选项 › score"),
    ("questions.0.type", "both", "不能写“both”"),
    ("questions.0.extra", 1, "不认识的键 extra"),
    ("scenarios.0.binding", 1, "不是 true 或 false"),
    ("scenarios.3.levels", {"1": "甲", "3": "丙"}, "第 4 个场景 › levels：级别不连续"),
    ("dimension_max.数字化基础", 51, "其下各题之和是 50"),
    ("level_rules_UNOFFICIAL.2.min_score", 30, "第 3 个等级：3级的条件比 2级宽"),
    ("level_rules_UNOFFICIAL.3.min_scenes", 17, "第 4 个等级 › min_scenes：17 大于场景总数 16"),
    ("level_rules_UNOFFICIAL.3.min_binding", -1, "个数不能小于零"),
    ("level_rules_UNOFFICIAL.0.min_scenes", 0, "第 1 个等级 › min_binding：3 大于要求的场景数 0"),
    ("level_names", {"1": "初始级"}, "2 级没有名称"),
    ("level_rules", [], "等级条件要写一份"),
]


@pytest.mark.parametrize(("path", "value", "message"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_names_row_and_field(path: str, value: object, message: str) -> None:
    with pytest.raises(PackError) as caught:
        imported(edit(path, value), base=REAL)
    assert message in str(caught.value)
    assert all(p.position.file == "f.json" for p in caught.value.problems)
    assert all(is_chinese(p.message + p.hint) for p in caught.value.problems)


def test_the_line_is_that_of_the_file() -> None:
    document = edit("questions.2.options.1.score", 1.6)
    lines = as_bytes(document).decode().splitlines()
    with pytest.raises(PackError) as caught:
        imported(document)
    assert "1.6" in lines[caught.value.problems[0].position.line - 1]


def test_bad_id_and_version_are_refused() -> None:
    data = as_bytes(import_document())
    for set_id, version in (("X Y", "1.0.0"), ("x", "1")):
        with pytest.raises(PackError):
            import_set("f.json", data, set_id, version)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_bytes(as_bytes(import_document()))
    arguments = ["import", str(source), "--id", ID, "--version", VERSION, "--to", str(target)]
    assert main([*arguments, "--base", ID]) == 0
    assert "完全一致" in capsys.readouterr().out
    assert main(["check", str(target)]) == 0
    assert "15 题，16 个场景，没有错误" in capsys.readouterr().out
    source.write_bytes(as_bytes(edit("questions.4.no", 9)))
    assert main(arguments) == 1
    assert "编号 9 不连续" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "none.yaml")]) == 1
    assert main(["schema"]) == 0

"""The operator's import file (JSON, one file per document) → an indicator set.

The wording of the file replaces ours; help texts and the two counts of a rate, which the
file does not have, are kept from ``base`` where the numbers of the items agree. Every
figure is checked against the others in the file, and each mistake names its row and field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ConfigDict, ValidationError, model_validator

from shuzhuan.engine.policy.complaints import complaints
from shuzhuan.engine.policy.errors import PackError, Problem
from shuzhuan.engine.policy.scalars import Bool, Int, Natural, Text, Unit, refusal
from shuzhuan.engine.policy.schema_facts import Form, entry
from shuzhuan.engine.policy.source import Document, read_document

from .checks import Path, mistakes
from .model import (
    FORMAT,
    FULL_MILLI,
    IndicatorSet,
    OptionKey,
    PerCent,
    Points,
    Question,
    show_milli,
)

UNVERIFIED = "待核对官方原文"
_NUMBER = r"(\d+(?:\.\d+)?)"
_BAND = re.compile(rf"([\[(（]){_NUMBER}%?[,，]{_NUMBER}%?[\]］]")

Blank = Unit
"""A text that may be empty."""


class ImportOption(Form):
    """导入文件的一个选项。"""

    key: OptionKey = entry("选项键", "A")
    text: Text = entry("选项文字", "无")
    pct: PerCent = entry("占本题分值的百分比", 25)
    score: Points = entry("得分", 2)


class ImportQuestion(Form):
    """导入文件的一道题。"""

    no: Natural = entry("题号", 1)
    dimension: Text = entry("维度", "数字化基础")
    level1: Text = entry("一级指标")
    level2: Text = entry("二级指标")
    question: Text = entry("题面")
    type: Literal["multi", "single"] = entry("multi 多选 single 单选", "multi")
    max_score: Points = entry("满分", 8)
    options: tuple[ImportOption, ...] = entry("选项", min_length=2)
    definition: Blank = entry("说明", default="")
    fill_in_fields: tuple[Text, ...] = entry("另外要填的数据", default=())


class ImportScenario(Form):
    """导入文件的一个场景。"""

    no: Natural = entry("场景号", 1)
    group: Text = entry("所属环节")
    name: Text = entry("名称")
    binding: Bool = entry("true 约束性，false 指导性", True)
    levels: dict[Int, Text] = entry("各级做到什么，从 1 起")


class ImportRule(Form):
    """导入文件的一个等级。"""

    level: Natural = entry("等级", 1)
    min_score: Points = entry("总分至少", 20)
    min_scenes: Int = entry("场景至少几个", 6)
    min_binding: Int = entry("约束性场景至少几个", 3)


class ImportFile(Form):
    """导入文件。等级条件未与官方原文核对时写 level_rules_UNOFFICIAL。"""

    model_config = ConfigDict(title="导入文件")

    title: Text = entry("文件名称")
    document_no: Text = entry("文号")
    status: Blank = entry("来源说明", default="")
    dimension_max: dict[Text, Points] = entry("各维度满分", {"数字化基础": 50})
    questions: tuple[ImportQuestion, ...] = entry("计分题", min_length=1)
    scenarios: tuple[ImportScenario, ...] = entry("应用场景")
    level_rules: tuple[ImportRule, ...] | None = entry("等级条件", default=None)
    level_rules_unofficial: tuple[ImportRule, ...] | None = entry(
        "未核对的等级条件", default=None, alias="level_rules_UNOFFICIAL"
    )
    level_names: dict[Int, Text] = entry("等级名称", {1: "初始级"})

    @model_validator(mode="after")
    def _check(self) -> ImportFile:
        if (self.level_rules is None) == (self.level_rules_unofficial is None):
            raise refusal("等级条件要写一份", "写 level_rules，未核对的写 level_rules_UNOFFICIAL")
        return self

    @property
    def rules(self) -> tuple[ImportRule, ...]:
        return self.level_rules or self.level_rules_unofficial or ()

    @property
    def rules_key(self) -> str:
        return "level_rules" if self.level_rules is not None else "level_rules_UNOFFICIAL"


def import_set(
    file: str,
    data: bytes,
    set_id: str,
    version: str,
    base: IndicatorSet | None = None,
    verified: bool = False,
    sector: str = "",
) -> IndicatorSet:
    """The set of an import file (UTF-8 JSON); ``file`` is its name in messages.

    ``sector``: whom it is for, which the file does not say; as ``base`` says where it is empty.
    ``verified``: a person has compared the file with the official text, so nothing but level
    rules under ``level_rules_UNOFFICIAL`` stays marked. Raises PackError with every mistake.
    """
    document = read_document(file, data)
    if document.problems:
        raise PackError(problem for _, problem in document.problems)
    try:
        form = ImportFile.model_validate(document.plain)
    except ValidationError as error:
        found = complaints(document, ImportFile, error)
        raise PackError(sorted((p for _, p in found), key=lambda p: p.position)) from None
    wrong = list(_wrong(form))
    if wrong:
        raise PackError(_problem(document, *one) for one in wrong)
    plain = _plain(form, set_id, version, base, verified, sector)
    try:
        indicators = IndicatorSet.model_validate(plain)
    except ValidationError as error:
        # What came from the file has been read already: only id and version can be at fault.
        own = complaints(Document(file, plain), IndicatorSet, error)
        raise PackError(problem for _, problem in own) from None
    unsound = mistakes(indicators)
    if unsound:
        raise PackError(
            _problem(document, _path_in_file(form, path), message, hint)
            for path, message, hint in unsound
        )
    return indicators


def figure_differences(old: IndicatorSet, new: IndicatorSet) -> list[str]:
    """Every figure that differs, one Chinese line each; empty when only words differ."""
    before, after = _figure_lines(old), _figure_lines(new)
    lines = []
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            lines.append(f"{name}：原为 {before.get(name, '无')}，现为 {after.get(name, '无')}")
    return lines


def _figure_lines(indicators: IndicatorSet) -> dict[str, str]:
    lines = {f"维度 {d.id} 满分": show_milli(d.points_milli) for d in indicators.dimensions}
    for q in indicators.questions:
        lines[f"题目 {q.id}"] = f"{q.kind}，{show_milli(q.points_milli)} 分，维度 {q.dimension}"
        for o in q.options:
            band = "" if o.up_to_milli is None else f"，至 {show_milli(o.up_to_milli)}%"
            alone = "，排斥其他" if o.excludes_others else ""
            lines[f"题目 {q.id} 选项 {o.key}"] = f"{show_milli(o.percent_milli)}%{band}{alone}"
    for s in indicators.scenarios:
        kind = "约束性" if s.binding else "指导性"
        lines[f"场景 {s.id}"] = f"{kind}，{len(s.levels)} 级"
    for r in indicators.levels:
        rule = r.scenarios
        more = f"，{rule.at}级以上 {rule.count} 个、约束性 {rule.binding} 个" if rule else ""
        lines[f"{r.level}级条件"] = f"{show_milli(r.points_milli)} 分{more}"
    return lines


def _wrong(form: ImportFile) -> Iterator[tuple[Path, str, str]]:
    """Contradictions that only this form can have."""
    numbers = {"questions": [q.no for q in form.questions]}
    numbers["scenarios"] = [s.no for s in form.scenarios]
    for where, found in numbers.items():
        for index, number in enumerate(found):
            if number != index + 1:
                hint = f"按顺序编号，这里应当是 {index + 1}"
                yield (where, index, "no"), f"编号 {number} 不连续", hint
    for index, question in enumerate(form.questions):
        if question.dimension not in form.dimension_max:
            known = "、".join(form.dimension_max)
            hint = f"dimension_max 里有 {known}"
            yield ("questions", index, "dimension"), f"没有维度 {question.dimension}", hint
        yield from _wrong_scores(("questions", index, "options"), question)
        yield from _wrong_bands(("questions", index, "options"), question)
    for index, rule in enumerate(form.rules):
        if rule.level not in form.level_names:
            hint = "在 level_names 里补上"
            yield (form.rules_key, index, "level"), f"{rule.level} 级没有名称", hint
        for key, value in (("min_scenes", rule.min_scenes), ("min_binding", rule.min_binding)):
            if value < 0:
                yield (form.rules_key, index, key), "个数不能小于零", "写 0 或更大的数"
        if rule.min_binding > rule.min_scenes:
            message = f"{rule.min_binding} 大于要求的场景数 {rule.min_scenes}"
            yield (form.rules_key, index, "min_binding"), message, "约束性场景是其中的一部分"


def _wrong_scores(path: Path, question: ImportQuestion) -> Iterator[tuple[Path, str, str]]:
    for index, option in enumerate(question.options):
        if question.max_score * option.pct != option.score * FULL_MILLI:
            full, pct = show_milli(question.max_score), show_milli(option.pct)
            message = (
                f"选项 {option.key} 得分 {show_milli(option.score)} 与 {full} 分的 {pct}% 不等"
            )
            yield (*path, index, "score"), message, "核对 pct、score 和 max_score"


def _wrong_bands(path: Path, question: ImportQuestion) -> Iterator[tuple[Path, str, str]]:
    """A question is a rate when its options are bands; then all must be, without a gap."""
    bands = [_band(option.text) for option in question.options]
    if not any(bands):
        return
    expected: tuple[str, str] = ("[", "0")
    for index, band in enumerate(bands):
        if band is None:
            hint = "写成 (10%,20%] 的样子，上限包含在内"
            yield (*path, index, "text"), "其他选项是区间，这一项不是", hint
            return
        if (band[0], band[1]) != expected:
            hint = f"应当从 {expected[0]}{expected[1]}% 开始"
            yield (*path, index, "text"), "区间与前一项不相接", hint
        expected = ("(", band[2])


def _band(text: str) -> tuple[str, str, str] | None:
    """``(10%,20%]`` → ("(", "10", "20")."""
    match = _BAND.fullmatch(text.replace(" ", ""))
    if match is None:
        return None
    bracket, lower, upper = match.groups()
    return ("[" if bracket == "[" else "("), lower, upper


def _plain(
    form: ImportFile,
    set_id: str,
    version: str,
    base: IndicatorSet | None,
    verified: bool,
    sector: str,
) -> dict[str, Any]:
    """The document of the set, as ``read_set`` would read it."""
    ids = _dimension_ids(form, base)
    return {
        "format": FORMAT,
        "id": set_id,
        "version": version,
        "title": form.title,
        "sector": sector or (base.sector if base else form.title),
        "wording": "official" if verified else "imported",
        "document": {"title": form.title, "number": form.document_no},
        "notices": _notices(base, verified),
        "dimensions": [
            {"id": ids[name], "title": name, "points": show_milli(points)}
            for name, points in form.dimension_max.items()
        ],
        "levels": [_level(form, rule, verified) for rule in form.rules],
        "questions": [
            _question(
                q, ids[q.dimension], base.question.get(f"q{q.no}") if base else None, verified
            )
            for q in form.questions
        ],
        "scenarios": [_scenario(s, base, verified) for s in form.scenarios],
    }


def _dimension_ids(form: ImportFile, base: IndicatorSet | None) -> dict[str, str]:
    known = {d.title: d.id for d in base.dimensions} if base else {}
    return {name: known.get(name, f"d{n}") for n, name in enumerate(form.dimension_max, 1)}


def _notices(base: IndicatorSet | None, verified: bool) -> list[str]:
    """Ours speak of our own wording, which an import replaces; the rest stays."""
    kept = [text for text in base.notices if "措辞" not in text] if base else []
    return kept if verified else [*kept, f"题面由运营者导入，{UNVERIFIED}。"]


def _level(form: ImportFile, rule: ImportRule, verified: bool) -> dict[str, Any]:
    level: dict[str, Any] = {
        "level": str(rule.level),
        "name": form.level_names[rule.level],
        "points": show_milli(rule.min_score),
    }
    if rule.min_scenes:
        count, binding = str(rule.min_scenes), str(rule.min_binding)
        level["scenarios"] = {"at": str(rule.level), "count": count, "binding": binding}
    if not verified or form.level_rules is None:
        level["unverified"] = UNVERIFIED
    return level


def _question(
    given: ImportQuestion, dimension: str, base: Question | None, verified: bool
) -> dict[str, Any]:
    bands = [_band(option.text) for option in given.options]
    kind = "rate" if bands[0] else given.type
    question: dict[str, Any] = {
        "id": f"q{given.no}",
        "dimension": dimension,
        "topic": given.level1,
        "title": given.level2,
        "ask": given.question,
        "kind": kind,
        "points": show_milli(given.max_score),
        "fields": list(given.fill_in_fields),
        "options": [
            _option(option, band, kind, base if not verified else None)
            for option, band in zip(given.options, bands, strict=True)
        ],
    }
    advice = base.help.model_dump(exclude_none=True) if base else {}
    if given.definition:
        advice["note"] = given.definition
    question["help"] = advice
    if base and base.rate and kind == "rate":
        question["rate"] = base.rate.model_dump()
    return question


def _option(
    given: ImportOption, band: tuple[str, str, str] | None, kind: str, base: Question | None
) -> dict[str, Any]:
    option: dict[str, Any] = {"key": given.key, "percent": show_milli(given.pct)}
    if band:
        option["up_to"] = band[2]
    else:
        option["text"] = given.text
    if kind == "multi" and given.pct == 0:
        option["excludes_others"] = "true"
    mark = base.by_key[given.key].unverified if base and given.key in base.by_key else None
    return {**option, "unverified": mark} if mark else option


def _scenario(given: ImportScenario, base: IndicatorSet | None, verified: bool) -> dict[str, Any]:
    scenario: dict[str, Any] = {
        "id": f"s{given.no}",
        "area": given.group,
        "name": given.name,
        "binding": "true" if given.binding else "false",
        "levels": {str(level): text for level, text in given.levels.items()},
    }
    ours = base.scenario.get(f"s{given.no}") if base else None
    if ours:
        scenario["help"] = ours.help.model_dump(exclude_none=True)
        if ours.unverified and not verified:
            scenario["unverified"] = ours.unverified
    return scenario


_FILE_KEYS = {"percent": "pct", "points": "max_score", "up_to": "text"}
_RULE_KEYS = {"points": "min_score", "count": "min_scenes", "binding": "min_binding", "at": "level"}


def _path_in_file(form: ImportFile, path: Path) -> Path:
    """Where in the import file the thing at ``path`` of the set was written."""
    if path[0] == "dimensions" and isinstance(path[1], int):
        return ("dimension_max", list(form.dimension_max)[path[1]])
    if path[0] == "levels":
        rest = [_RULE_KEYS.get(str(step), step) for step in path[1:] if step != "scenarios"]
        return (form.rules_key, *rest)
    return tuple(_FILE_KEYS.get(step, step) if isinstance(step, str) else step for step in path)


_ROW_NAMES = {
    "questions": "第 {} 题",
    "options": "第 {} 个选项",
    "scenarios": "第 {} 个场景",
    "level_rules": "第 {} 个等级",
    "level_rules_UNOFFICIAL": "第 {} 个等级",
}


def _problem(document: Document, path: Path, message: str, hint: str) -> Problem:
    """``第 3 题 › 第 2 个选项 › score``."""
    words: list[str] = []
    for above, step in zip(("", *path), path, strict=False):
        if isinstance(step, int):
            words.append(_ROW_NAMES.get(str(above), "第 {} 项").format(step + 1))
        elif step not in _ROW_NAMES or step == path[-1]:
            words.append(step)
    return Problem(document.at(path), " › ".join(words), message, hint)

"""The figures of a set that an operator may change, and how a wrong one is named.

A path leads through the set's document: ``("levels", 1, "scenarios", "count")``. Whatever is
changed without a source is marked as not compared with the official text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shuzhuan.engine.grading import IndicatorSet, read_set
from shuzhuan.engine.grading.checks import mistakes
from shuzhuan.engine.grading.importing import UNVERIFIED
from shuzhuan.engine.grading.model import FORMAT
from shuzhuan.engine.policy.source import read_document

Path = tuple[str | int, ...]
_WORDS = {
    "points": "总分至少", "at": "场景级别", "count": "场景个数", "binding": "其中约束性",
    "percent": "百分比", "scenarios": "场景条件", "level": "等级", "options": "选项",
}  # fmt: skip


class FigureMistakes(Exception):
    """Figures that do not fit together; ``problems`` are (path, Chinese text)."""

    def __init__(self, problems: list[tuple[Path, str]]) -> None:
        super().__init__("；".join(text for _, text in problems))
        self.problems = problems


def marked(indicators: IndicatorSet) -> Iterator[tuple[Path, str, str]]:
    """Everything that has not been compared: (path of the item, its name, the mark)."""
    for i, level in enumerate(indicators.levels):
        if level.unverified:
            yield ("levels", i), f"{indicators.level_names[level.level]}的条件", level.unverified
    for i, dimension in enumerate(indicators.dimensions):
        if dimension.unverified:
            yield ("dimensions", i), f"维度“{dimension.title}”", dimension.unverified
    for i, question in enumerate(indicators.questions):
        if question.unverified:
            yield ("questions", i), f"第{i + 1}题 {question.title}", question.unverified
        for j, option in enumerate(question.options):
            if option.unverified:
                name = f"第{i + 1}题 {question.title} 选项 {option.key}"
                yield ("questions", i, "options", j), name, option.unverified
    for i, scenario in enumerate(indicators.scenarios):
        if scenario.unverified:
            yield ("scenarios", i), f"场景{i + 1} {scenario.name}", scenario.unverified


def name_of(indicators: IndicatorSet, path: Path) -> str:
    """``二级（规范级）的场景个数``, ``第3题 设备联网 选项 B 的百分比``."""
    words: list[str] = []
    match path:
        case ("levels", int(i), *rest):
            words, tail = [indicators.level_names[i + 1]], rest
        case ("scenarios", int(i), *rest):
            words, tail = [f"场景{i + 1} {indicators.scenarios[i].name}"], rest
        case ("questions", int(i), "options", int(j), *rest):
            question = indicators.questions[i]
            words = [f"第{i + 1}题 {question.title} 选项 {question.options[j].key}"]
            tail = rest
        case ("questions", int(i), *rest):
            words, tail = [f"第{i + 1}题 {indicators.questions[i].title}"], rest
        case _:
            tail = list(path)
    words += [_WORDS.get(str(step), str(step)) for step in tail if step != "scenarios"]
    return "的".join(word for word in words if word)


def with_figures(
    indicators: IndicatorSet, changes: Mapping[Path, str | bool | None], version: str = ""
) -> IndicatorSet:
    """The set with these values put in. ``None`` takes a key away.

    A changed item gets the mark 待核对官方原文 where it has none. Raises FigureMistakes.
    """
    document = indicators.to_document()
    for path, value in changes.items():
        if _put(document, path, value) and path[-1] != "unverified":
            _mark(document, path)
    if version:
        document["version"] = version
    return _checked(document)


def without_marks(indicators: IndicatorSet, paths: list[Path]) -> IndicatorSet:
    """The set with the marks of these items taken off."""
    document = indicators.to_document()
    for path in paths:
        _at(document, path).pop("unverified", None)
    return _checked(document)


def _checked(document: dict[str, Any]) -> IndicatorSet:
    """Contradictions are told by path, which a form needs; what is left is told by the reader."""
    data = json.dumps({"format": FORMAT, **document}, ensure_ascii=False).encode()
    plain = read_document("", data).plain
    indicators = IndicatorSet.model_validate(plain)
    wrong = [(path, f"{message}。{hint}。") for path, message, hint in mistakes(indicators)]
    if wrong:
        raise FigureMistakes(wrong)
    return read_set("", data)


def _at(document: dict[str, Any], path: Path) -> Any:
    found: Any = document
    for step in path:
        found = found[step]
    return found


def _put(document: dict[str, Any], path: Path, value: str | bool | None) -> bool:
    """Write one value; tells whether it differs from what stood there."""
    *above, key = path
    holder: Any = document
    for step in above:
        holder = holder.setdefault(step, {}) if isinstance(holder, dict) else holder[step]
    before = holder.get(key)
    if value is None:
        return holder.pop(key, None) is not None
    holder[key] = value
    return bool(str(before if before is not None else _default(path)) != str(value))


def _default(path: Path) -> object:
    """What a missing key stands for: ``dump_set`` leaves defaults out."""
    if path[0] == "scenarios":
        return True
    return 0


def _mark(document: dict[str, Any], path: Path) -> None:
    length = 4 if path[0] == "questions" and "options" in path else 2
    _at(document, path[:length]).setdefault("unverified", UNVERIFIED)

"""An indicator set: what is asked, what each answer is worth, which conditions make a level.

A set is data (``packs/indicators/*``, or imported by an operator) and never changes once
it is loaded. Points are whole thousandths of a point (``_milli``): the official figures
need three decimals (1.875), and integers add up without rounding. Figures from unofficial
sources carry ``unverified``, which every result that rests on them shows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, WithJsonSchema

from shuzhuan.engine.policy.scalars import Bool, Int, Natural, Slug, Text, Version, refusal
from shuzhuan.engine.policy.schema_facts import Form, entry

FORMAT = "shuzhuan.indicators/1"
POINT_MILLI = 1000
"""Thousandths in one point."""

MAX_POINTS = 10_000
FULL_MILLI = 100 * POINT_MILLI
"""100 % in thousandths of a per cent."""

Kind = Literal["multi", "single", "rate", "points"]
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,4})(?:\.([0-9]{1,3}))?")


def parse_milli(value: object, wanted: str = "数字，最多三位小数") -> int:
    """Thousandths of a plain decimal text (``7.5`` → 7500); raises PydanticCustomError."""
    match = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        found = f"“{str(value)[:40]}”" if isinstance(value, str) else "这里"
        raise refusal(f"{found}不是{wanted}", "只写数字，如 7.5，不带单位和百分号")
    whole, decimals = match.groups()
    return int(whole) * POINT_MILLI + int((decimals or "").ljust(3, "0"))


def show_milli(milli: int) -> str:
    """``7500`` → ``7.5``: the shortest exact decimal."""
    whole, rest = divmod(milli, POINT_MILLI)
    return f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)


def _points(value: object) -> int:
    milli = parse_milli(value, "分值，最多三位小数")
    if milli > MAX_POINTS * POINT_MILLI:
        raise refusal(f"分值大于 {MAX_POINTS}", "检查小数点")
    return milli


def _percent(value: object) -> int:
    milli = parse_milli(value, "百分数，最多三位小数")
    if milli > FULL_MILLI:
        raise refusal("百分数大于 100", "写 0 至 100 之间的数，不带 %")
    return milli


def _pattern(name: str, expression: str, hint: str) -> Callable[[object], str]:
    compiled = re.compile(expression)

    def check(value: object) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        raise refusal(f"“{str(value)[:40]}”不是{name}", hint)

    return check


_SET_ID, _OPTION_KEY = r"[a-z0-9][a-z0-9_-]{0,49}", r"[A-Z][A-Z0-9]{0,2}"
SetId = Annotated[
    str,
    BeforeValidator(_pattern("指标集 id", _SET_ID, "只用小写字母、数字、- 和 _")),
    WithJsonSchema({"type": "string", "pattern": f"^{_SET_ID}$"}),
]
OptionKey = Annotated[
    str,
    BeforeValidator(_pattern("选项键", _OPTION_KEY, "用大写字母，如 A、B、C")),
    WithJsonSchema({"type": "string", "pattern": f"^{_OPTION_KEY}$"}),
]
Points = Annotated[
    int,
    BeforeValidator(_points),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_POINTS, "multipleOf": 0.001}),
]
PerCent = Annotated[
    int,
    BeforeValidator(_percent),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.001}),
]
_UNVERIFIED = "尚未与官方原文核对时写上说明，结果中会一直显示"


def _unverified() -> Any:
    return entry(_UNVERIFIED, "待核对官方原文", default=None)


class Help(Form):
    """填写帮助：什么算，什么不算，拿什么证明。"""

    counts: tuple[Text, ...] = entry("算数的情形", ["按年付费的云端软件"], default=())
    not_counts: tuple[Text, ...] = entry("不算的情形", ["买了但停用的软件"], default=())
    evidence: tuple[Text, ...] = entry("可作佐证的材料", ["软件合同"], default=())
    note: Text | None = entry("其他说明，如计算口径", default=None)


class Option(Form):
    """一个选项，或比率题的一个区间。"""

    key: OptionKey = entry("选项键，本题内唯一", "A")
    percent_milli: PerCent = entry("占本题分值的百分比", 25, alias="percent")
    text: Text | None = entry("选项文字；比率题不写", "还没有用", default=None)
    up_to_milli: PerCent | None = entry(
        "比率题：区间上限（含），下限是前一区间的上限（不含）", 10, alias="up_to", default=None
    )
    excludes_others: Bool = entry("多选题的“无”：选了它就不能选别的", True, default=False)
    unverified: Text | None = _unverified()


class RateInput(Form):
    """比率题的两个数：比率 = part ÷ whole。"""

    part: Text = entry("分子的叫法", "其中数字化设备")
    whole: Text = entry("分母的叫法", "全部生产设备")
    unit: Text = entry("单位", "台")


class Question(Form):
    """一道计分题。"""

    id: Slug = entry("题目 id，全集唯一", "q1")
    dimension: Slug = entry("所属维度的 id", "foundation")
    topic: Text = entry("所属主题，用于分组", "设备与网络")
    title: Text = entry("短标题", "网络条件")
    ask: Text = entry("题面", "厂里的网络做到了哪些？")
    kind: Kind = entry("multi 多选相加 single 单选 rate 比率 points 直接填得分", "multi")
    points_milli: Points = entry("本题满分", 8, alias="points")
    options: tuple[Option, ...] = entry("选项；points 题不写", default=(), max_length=32)
    rate: RateInput | None = entry("比率题：用两个数填写时的叫法", default=None)
    fields: tuple[Text, ...] = entry("另外要填的数据，只作记录", ["上年员工人数"], default=())
    help: Help = entry("填写帮助", default=Help())
    unverified: Text | None = _unverified()

    @cached_property
    def worth(self) -> Mapping[str, int]:
        """Thousandths of a point for each option key; exact, see ``checks``."""
        points = self.points_milli
        return {o.key: points * o.percent_milli // FULL_MILLI for o in self.options}

    @cached_property
    def least_milli(self) -> int:
        """What an unanswered question is worth at least (the best case is ``points_milli``)."""
        return min(self.worth.values(), default=0) if self.kind != "multi" else 0

    @cached_property
    def none_key(self) -> str | None:
        """The key of 无 in a multi-choice question."""
        return next((o.key for o in self.options if o.excludes_others), None)

    @cached_property
    def by_key(self) -> Mapping[str, Option]:
        return {option.key: option for option in self.options}

    def option_text(self, key: str) -> str:
        """What a reader sees of an option: its words, or the band it stands for."""
        option = self.by_key[key]
        if option.up_to_milli is None:
            return option.text or key
        position = self.options.index(option)
        upper = show_milli(option.up_to_milli)
        if position == 0:
            return f"不超过 {upper}%"
        lower = self.options[position - 1].up_to_milli
        return f"超过 {show_milli(lower or 0)}%、不超过 {upper}%"


class Scenario(Form):
    """一个应用场景，按现场情况评级，不计分。"""

    id: Slug = entry("场景 id，全集唯一", "s1")
    area: Text = entry("所属环节，用于分组", "生产过程")
    name: Text = entry("名称", "质量管理")
    binding: Bool = entry("true 约束性，false 指导性", True)
    levels: dict[Int, Text] = entry("各级做到什么，从 1 起", {1: "质量记录用电子表格等工具整理。"})
    help: Help = entry("填写帮助", default=Help())
    unverified: Text | None = _unverified()


class ScenarioRule(Form):
    """等级的场景条件。"""

    at: Natural = entry("场景至少达到几级才计入", 2)
    count: Natural = entry("至少几个场景", 6)
    binding: Int = entry("其中至少几个约束性场景", 3, default=0)


class LevelRule(Form):
    """一个等级的条件，各项同时满足才算达到。"""

    level: Natural = entry("等级，从 1 起", 2)
    name: Text = entry("名称", "规范级")
    points_milli: Points = entry("总分至少", 40, alias="points")
    scenarios: ScenarioRule | None = entry("场景条件；只看总分时不写", default=None)
    unverified: Text | None = _unverified()


class Dimension(Form):
    """一个计分维度。"""

    id: Slug = entry("维度 id", "foundation")
    title: Text = entry("名称", "数字化基础")
    points_milli: Points = entry("满分，等于其下各题之和", 50, alias="points")
    unverified: Text | None = _unverified()


class SourceDocument(Form):
    """指标的官方文件。"""

    title: Text = entry("文件名称", "中小企业数字化水平评测指标（2024年版）")
    number: Text = entry("文号", "工信厅企业〔2024〕56号")


@dataclass(frozen=True, slots=True)
class SetRef:
    """Which set a sheet or a result belongs to. Equal only if every figure and word is equal."""

    id: str
    version: str
    digest: str

    def to_json(self) -> dict[str, str]:
        return {"id": self.id, "version": self.version, "digest": self.digest}

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


class IndicatorSet(Form):
    """一套评测指标。"""

    model_config = ConfigDict(title="指标集", populate_by_name=False)

    format: Literal["shuzhuan.indicators/1"] = entry("格式", FORMAT)
    id: SetId = entry("指标集 id", "2024-manufacturing")
    version: Version = entry("版本；改动任何数字都要用新版本", "1.0.0")
    title: Text = entry("名称", "中小企业数字化水平（制造业，2024年版）")
    sector: Text = entry("适用行业", "制造业")
    wording: Literal["own", "imported", "official"] = entry(
        "题面来源：own 自行措辞 imported 导入、未核对 official 已与官方原文核对", "own"
    )
    document: SourceDocument = entry("官方文件")
    notices: tuple[Text, ...] = entry("每份结果都要带的提示", default=())
    dimensions: tuple[Dimension, ...] = entry("计分维度", min_length=1, max_length=20)
    no_level_name: Text = entry("一级都没达到时的叫法", "无等级", default="无等级")
    levels: tuple[LevelRule, ...] = entry("等级，由低到高", min_length=1, max_length=9)
    questions: tuple[Question, ...] = entry("计分题", min_length=1, max_length=200)
    scenarios: tuple[Scenario, ...] = entry("应用场景", default=(), max_length=200)

    @cached_property
    def ref(self) -> SetRef:
        return SetRef(self.id, self.version, _digest(self.to_document()))

    @cached_property
    def figures_digest(self) -> str:
        """Hash of everything but words: equal for two wordings of the same indicators."""
        return _digest(self._figures())

    @cached_property
    def question(self) -> Mapping[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def scenario(self) -> Mapping[str, Scenario]:
        return {scenario.id: scenario for scenario in self.scenarios}

    @cached_property
    def top_milli(self) -> int:
        """The full total in thousandths of a point."""
        return sum(dimension.points_milli for dimension in self.dimensions)

    @cached_property
    def scenario_top(self) -> int:
        """The highest level of a scenario (the same for all, see ``checks``); 0 without any."""
        return len(self.scenarios[0].levels) if self.scenarios else 0

    @cached_property
    def level_names(self) -> tuple[str, ...]:
        """``二级（规范级）`` for each level; the first is the name of having none."""
        names = [self.no_level_name]
        for rule in self.levels:
            number = f"{numeral(rule.level)}级"
            names.append(number if rule.name == number else f"{number}（{rule.name}）")
        return tuple(names)

    @cached_property
    def unverified_options(self) -> tuple[tuple[Question, Option], ...]:
        """Options whose wording or worth has not been checked."""
        return tuple((q, o) for q in self.questions for o in q.options if o.unverified)

    def to_document(self) -> dict[str, Any]:
        """The set as plain JSON values in the form that is loaded; numbers as decimal text."""
        dumped = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {key: _decimal_text(value) for key, value in dumped.items()}

    def _figures(self) -> dict[str, Any]:
        return {
            "dimensions": [(d.id, d.points_milli) for d in self.dimensions],
            "levels": [
                (
                    r.points_milli,
                    (r.scenarios.at, r.scenarios.count, r.scenarios.binding)
                    if r.scenarios
                    else None,
                )
                for r in self.levels
            ],
            "questions": [
                (
                    q.id,
                    q.dimension,
                    q.kind,
                    q.points_milli,
                    [(o.key, o.percent_milli, o.up_to_milli, o.excludes_others) for o in q.options],
                )
                for q in self.questions
            ],
            "scenarios": [(s.id, s.binding, len(s.levels)) for s in self.scenarios],
        }


_NUMERALS = "零一二三四五六七八九"
_MILLI_KEYS = {"points", "percent", "up_to"}


def numeral(level: int) -> str:
    """``2`` → ``二``, for 二级."""
    return _NUMERALS[level]


def _decimal_text(value: Any) -> Any:
    """Stored thousandths back to the decimals that the loader reads."""
    if isinstance(value, dict):
        return {
            key: show_milli(inner)
            if key in _MILLI_KEYS and isinstance(inner, int)
            else _decimal_text(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_decimal_text(inner) for inner in value]
    return value


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

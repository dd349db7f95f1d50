"""Forms of the operator: a file, figures, what was compared, reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from pydantic_core import PydanticCustomError

from shuzhuan.apps.assessments.actions.set_drafts import TEXT_CHARS_MAX
from shuzhuan.apps.assessments.models.sets import NOTE_CHARS_MAX
from shuzhuan.apps.assessments.set_figures import Path, marked
from shuzhuan.engine.grading import IndicatorSet, show_milli
from shuzhuan.engine.grading.model import parse_milli

LEVELS, SCENARIOS, OPTIONS = "levels", "scenarios", "options"
PARTS = ((LEVELS, "等级条件"), (SCENARIOS, "约束性场景"), (OPTIONS, "选项百分比"))
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_SET_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


class VersionField(forms.CharField):
    """Three numbers, as the engine wants them."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "新版本号")
        options.setdefault("help_text", "三个数，如 1.1.0。用过的版本号不能再用。")
        super().__init__(max_length=32, **options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and not _VERSION.fullmatch(text):
            raise ValidationError("版本号写成三个数，如 1.1.0。")
        return text


class MilliField(forms.CharField):
    """A plain decimal with at most three places; cleaned to its shortest text."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).rstrip("%").strip()
        if not text:
            return ""
        try:
            return show_milli(parse_milli(text))
        except PydanticCustomError as error:
            raise ValidationError(f"{error.message()}。只写数字，如 7.5。") from None


class ImportForm(forms.Form):
    """A file, and what it does not say of itself."""

    file = forms.FileField(
        label="文件",
        help_text="整理好的官方文本（.json），或本平台格式的指标集（.yaml、.json）。",
        error_messages={"required": "请选择文件。", "empty": "文件是空的。"},
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.yaml,.yml"}),
    )
    base = forms.ChoiceField(
        label="以哪一版为底",
        help_text="沿用它的填写帮助，并逐项比较数字。题面以文件为准。",
    )
    set_id = forms.CharField(
        label="指标集编号",
        max_length=50,
        required=False,
        help_text="小写字母、数字和 -，如 2024-manufacturing。文件自己写了编号和版本的，这两格不用填。",
    )
    version = VersionField(label="版本号", required=False)
    sector = forms.CharField(
        label="适用行业",
        max_length=32,
        required=False,
        help_text="如 制造业、生产性服务业。不填就和作底的一版相同；文件自己写了的不用填。",
    )
    compared_with = forms.CharField(
        label="已逐字核对的官方文件",
        max_length=TEXT_CHARS_MAX,
        required=False,
        help_text="有人把整个文件与官方原文逐字核对过，才写文件名称、文号；没有核对请留空，结果会一直标“待核对官方原文”。",
    )
    note = forms.CharField(
        label="说明",
        max_length=NOTE_CHARS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, bases: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["base"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = bases

    def clean_sector(self) -> str:
        return "".join(str(self.cleaned_data["sector"]).split())

    def clean_set_id(self) -> str:
        text = str(self.cleaned_data["set_id"]).strip()
        if text and not _SET_ID.fullmatch(text):
            raise ValidationError("编号只用小写字母、数字、- 和 _。")
        return text


class CopyForm(forms.Form):
    """A new version of what is published."""

    version = VersionField()
    note = forms.CharField(label="说明", max_length=NOTE_CHARS_MAX, required=False)


class RetireForm(forms.Form):
    """Why a set is retired."""

    reason = forms.CharField(
        label="停用的原因",
        max_length=NOTE_CHARS_MAX,
        help_text="停用后不再用它开始新的评测；已经开始和提交的评测不受影响。",
        error_messages={"required": "请写明停用的原因。"},
    )


class CheckForm(forms.Form):
    """Who compared what with which document."""

    items = forms.MultipleChoiceField(
        label="已经核对的项目",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选已经核对过的项目。"},
    )
    document = forms.CharField(
        label="核对用的官方文件",
        max_length=TEXT_CHARS_MAX,
        help_text="文件名称、文号、页码，或主管部门的书面答复。",
        error_messages={"required": "请写明核对用的官方文件。"},
    )
    checker = forms.CharField(
        label="核对人",
        max_length=64,
        error_messages={"required": "请写明核对的人。"},
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, indicators: IndicatorSet, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["items"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (key_of(path), f"{name}（{mark}）") for path, name, mark in marked(indicators)
        ]


class FiguresForm(forms.Form):
    """One part of a set's figures: a field for each, named by its path."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, indicators: IndicatorSet, part: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.indicators, self.part = indicators, part
        self.paths: dict[str, Path] = {}
        for path, label, value in _figures(indicators, part):
            name = key_of(path)
            self.paths[name] = path
            self.fields[name] = _field(path, label, value)

    def changes(self) -> dict[Path, str | bool | None]:
        """What the cleaned form says, by path; a level with empty scenario cells has no condition."""
        found: dict[Path, str | bool | None] = {
            path: self.cleaned_data[name] for name, path in self.paths.items()
        }
        if self.part != LEVELS:
            return found
        for i, _ in enumerate(self.indicators.levels):
            above: Path = ("levels", i, "scenarios")
            cells = [(*above, key) for key in ("at", "count", "binding")]
            if all(found[cell] == "" for cell in cells):
                for cell in cells:
                    del found[cell]
                found[above] = None
        return found

    def clean(self) -> dict[str, Any]:
        """A condition on scenarios is written whole or not at all."""
        cleaned = super().clean() or {}
        if self.part == LEVELS:
            for i, _ in enumerate(self.indicators.levels):
                names = [f"levels.{i}.scenarios.{key}" for key in ("at", "count", "binding")]
                values = [cleaned.get(name) for name in names]
                if "" in values and any(values):
                    for name, value in zip(names, values, strict=True):
                        if value == "":
                            self.add_error(name, "场景条件要写全；不要场景条件就三格都留空。")
        return cleaned


def key_of(path: Path) -> str:
    """The name of a field: the path with dots."""
    return ".".join(map(str, path))


def path_of(key: str) -> Path:
    """The path that ``key_of`` wrote."""
    return tuple(int(step) if step.isdigit() else step for step in key.split("."))


def _field(path: Path, label: str, value: object) -> forms.Field:
    if isinstance(value, bool):
        return forms.BooleanField(label=label, required=False, initial=value)
    if path[-1] in ("at", "count", "binding"):
        digits = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        return forms.RegexField(
            r"^[0-9]{1,3}$", label=label, required=False, initial=value, widget=digits,
            error_messages={"invalid": "写 0 或更大的整数。"},
        )  # fmt: skip
    return MilliField(label=label, initial=value, error_messages={"required": "请填数字。"})


def _figures(indicators: IndicatorSet, part: str) -> Iterator[tuple[Path, str, object]]:
    if part == LEVELS:
        for i, rule in enumerate(indicators.levels):
            name, found = indicators.level_names[rule.level], rule.scenarios
            yield ("levels", i, "points"), f"{name}总分至少", show_milli(rule.points_milli)
            above: Path = ("levels", i, "scenarios")
            yield (*above, "at"), f"{name}场景级别", str(found.at) if found else ""
            yield (*above, "count"), f"{name}场景个数", str(found.count) if found else ""
            yield (*above, "binding"), f"{name}其中约束性", str(found.binding) if found else ""
    elif part == SCENARIOS:
        for i, scenario in enumerate(indicators.scenarios):
            yield ("scenarios", i, "binding"), f"场景{i + 1} {scenario.name}", scenario.binding
    else:
        for i, question in enumerate(indicators.questions):
            for j, option in enumerate(question.options):
                path: Path = ("questions", i, "options", j, "percent")
                label = f"第{i + 1}题选项 {option.key}（%）"
                yield path, label, show_milli(option.percent_milli)

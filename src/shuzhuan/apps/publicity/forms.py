"""Forms of the public and of the office."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms

from shuzhuan.apps.evidence.slots import MIB, SLOTS
from shuzhuan.apps.publicity.actions.attach import FILE_BYTES_MAX, FILES_MAX, SLOT
from shuzhuan.apps.publicity.models import (
    FINDING_CHARS_MAX,
    KEY_CHARS_MAX,
    NAME_CHARS_MAX,
    NUMBER_CHARS_MAX,
    REASON_CHARS_MAX,
    TEXT_CHARS_MAX,
)

UPHELD, DISMISSED = "upheld", "dismissed"


class KeyedForm(forms.Form):
    """A form with a name of its own, so that sending it twice does one thing."""

    key = forms.CharField(required=False, max_length=KEY_CHARS_MAX, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", secrets.token_urlsafe(24))


class SeveralFiles(forms.FileInput):
    """An input that takes more than one file."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, or none; what they are is checked where they are stored."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(file, initial) for file in data or () if file]


class ObjectionForm(KeyedForm):
    """What somebody holds against one item."""

    name = forms.CharField(
        label="姓名或单位名称",
        max_length=NAME_CHARS_MAX,
        help_text="请用真实姓名，或者单位全称。不对外公开。",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请写真实姓名或单位全称。"},
    )
    contact = forms.CharField(
        label="手机号或邮箱",
        max_length=100,
        help_text="加密保存，只用于核实和答复。",
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        error_messages={"required": "请写手机号、带区号的固定电话或电子邮箱。"},
    )
    text = forms.CharField(
        label="异议内容",
        max_length=TEXT_CHARS_MAX,
        help_text="写明哪一项不对、事实是什么、有什么依据。不要写他人的身份证号、银行账号。",
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": "请写明哪里有问题、依据是什么。"},
    )
    attachments = FilesField(
        label="附件",
        required=False,
        help_text=f"可以附照片、截图或 {SLOTS[SLOT].kinds_text}，最多 {FILES_MAX} 个，"
        f"每个不超过 {FILE_BYTES_MAX // MIB} MB。只有受理单位看得到。",
        widget=SeveralFiles(attrs={"accept": SLOTS[SLOT].accept}),
    )
    truth = forms.BooleanField(
        label="以上内容真实。我知道故意捏造事实要承担法律责任。",
        error_messages={"required": "请确认内容真实。"},
    )


class AnswerForm(forms.Form):
    """What an objector was given when the objection was received."""

    number = forms.CharField(
        label="异议编号",
        max_length=NUMBER_CHARS_MAX,
        help_text="如 2026001-01",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        error_messages={"required": "请写异议编号。"},
    )
    code = forms.CharField(
        label="查询码",
        max_length=20,
        help_text="提交异议时给您的 10 位字母和数字，不分大小写",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "请写查询码。"},
    )


class DecideForm(KeyedForm):
    """What the office found."""

    result = forms.ChoiceField(
        label="核查结论",
        choices=((DISMISSED, "异议不成立，公示继续有效"), (UPHELD, "异议成立，这一项不通过公示")),
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个结论。"},
    )
    finding = forms.CharField(
        label="核查结果",
        max_length=FINDING_CHARS_MAX,
        help_text="写明查了什么、事实怎样、依据哪一条。提出人凭查询码看得到，答复后不能改。",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请写明核查结果。"},
    )


class ReasonForm(forms.Form):
    """Why something is taken back, or looked at in the clear."""

    reason = forms.CharField(
        label="原因",
        max_length=REASON_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明原因。"},
    )

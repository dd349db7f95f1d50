"""Forms of the officer: 摸底 and the pilot list."""

from __future__ import annotations

from typing import Any

from django import forms

from shuzhuan.apps.enterprises.forms.fields import CountField, DayField
from shuzhuan.apps.enterprises.models import Readiness, Willingness

BATCH_MAX = 9


class SurveyForm(forms.Form):
    """What a visit or a call found."""

    willingness = forms.TypedChoiceField(
        label="改造意愿", choices=Willingness.choices, coerce=int, empty_value=None,
        required=False, widget=forms.RadioSelect,
    )  # fmt: skip
    readiness = forms.TypedChoiceField(
        label="数字化基础", choices=Readiness.choices, coerce=int, empty_value=None,
        required=False, widget=forms.RadioSelect,
    )  # fmt: skip
    note = forms.CharField(
        label="备注", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class PilotForm(forms.Form):
    """The day and the reason of entering or leaving the pilot list."""

    on = DayField(
        label="日期", required=True, error_messages={"required": "请填写日期，如 2026-03-01。"}
    )
    reason = forms.CharField(
        label="原因",
        max_length=200,
        help_text="写明依据，如会议纪要或通知的文号。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明原因。"},
    )
    batch = CountField(label="批次", most=BATCH_MAX, help_text="分批推进的写第几批，如 1")
    pack = forms.ChoiceField(label="依据的文件", required=False)

    def __init__(self, *args: Any, packs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pack"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = packs
        if not packs:
            del self.fields["pack"], self.fields["batch"]

"""Forms of the office."""

from __future__ import annotations

from django import forms

from shuzhuan.apps.notices.models import (
    BODY_CHARS_MAX,
    REASON_CHARS_MAX,
    TITLE_CHARS_MAX,
    Kind,
)


class NoticeForm(forms.Form):
    """The words of a draft."""

    kind = forms.ChoiceField(
        label="类别",
        choices=Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个类别。"},
    )
    title = forms.CharField(
        label="标题",
        max_length=TITLE_CHARS_MAX,
        error_messages={"required": "请写标题，如“2026年第一批试点企业公示”。"},
    )
    body = forms.CharField(
        label="正文",
        max_length=BODY_CHARS_MAX,
        help_text="纯文字，换行就是分段。写明对象、时间、材料、联系方式；不要写身份证号、手机号等个人信息。",
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": "请写正文。"},
    )
    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        label="原因",
        max_length=REASON_CHARS_MAX,
        help_text="已发布的内容撤回后，原因对公众可见。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明原因。"},
    )

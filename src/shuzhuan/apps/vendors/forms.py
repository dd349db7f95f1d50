"""Forms of consent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from shuzhuan.apps.enterprises.forms.fields import DayField

PARTS = (
    ("sees_finance", "人员与经营数据：历年人数、收入、资产、研发"),
    ("sees_documents", "资料文件：上传的证书、合同、凭证"),
    ("sees_projects", "项目与进度"),
)
_YEAR_DAYS = 365


class _PartsField(forms.MultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=PARTS, required=False, widget=forms.CheckboxSelectMultiple, **kwargs
        )

    def clean(self, value: Any) -> frozenset[str]:
        return frozenset(super().clean(value))


class AskForm(forms.Form):
    """Whom the vendor works for, what for, and which parts it needs."""

    uscc = forms.CharField(
        label="企业的统一社会信用代码",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填写企业的统一社会信用代码，18位。"},
    )
    purpose = forms.CharField(
        label="为企业做什么",
        max_length=200,
        help_text="企业会看到这句话，如：数字化诊断与改造方案",
        error_messages={"required": "请写明为企业做什么，企业会看到这句话。"},
    )
    parts = _PartsField(label="除基本情况外，还需要看")


class AnswerForm(forms.Form):
    """From when to when, and which parts the enterprise opens."""

    parts = _PartsField(
        label="除基本情况外，还让对方看", help_text="基本情况指名称、行业、规模、资质、上云用云。"
    )
    valid_from = DayField(label="起始日期", required=True)
    valid_to = DayField(
        label="截止日期", required=True, help_text="到这一天自动失效；随时可以撤回。"
    )

    @staticmethod
    def usual() -> dict[str, str]:
        """From today for a year."""
        today = timezone.localdate()
        last = today + timedelta(days=_YEAR_DAYS)
        return {"valid_from": today.isoformat(), "valid_to": last.isoformat()}

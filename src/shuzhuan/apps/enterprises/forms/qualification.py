"""The form of one qualification."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from shuzhuan.apps.enterprises.forms.fields import DayField, shown_day
from shuzhuan.apps.enterprises.forms.sections import SectionForm
from shuzhuan.apps.enterprises.models import (
    Qualification,
    QualificationKind,
    QualificationLevel,
    QualificationStage,
)

FIELDS = ("kind", "title", "level", "stage", "number", "granted_on", "expires_on")


class QualificationForm(SectionForm):
    """One recognition as its certificate or document has it."""

    kind = forms.ChoiceField(
        label="类别",
        choices=[("", "请选择"), *QualificationKind.choices],
        error_messages={"required": "请选择资质的类别。"},
    )
    title = forms.CharField(
        label="证书上的名称", required=False, max_length=128, help_text="与类别相同的不用写"
    )
    level = forms.ChoiceField(
        label="级别",
        required=False,
        choices=[("", "没有级别"), *QualificationLevel.choices],
        help_text="由哪一级认定；智能工厂选基础级至领航级。",
    )
    stage = forms.ChoiceField(
        label="首次还是复核",
        required=False,
        choices=QualificationStage.choices,
        widget=forms.RadioSelect,
        help_text="高新技术企业、专精特新和“小巨人”的奖励要看这一项。",
    )
    number = forms.CharField(label="证书或文件编号", required=False, max_length=64)
    granted_on = DayField(
        label="认定日期",
        required=True,
        error_messages={"required": "请填写认定日期，如 2024-11-08。"},
    )
    expires_on = DayField(label="有效期至", help_text="长期有效的不填；写成 2027-11-07")

    def clean_granted_on(self) -> Any:
        day = self.cleaned_data["granted_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError("认定日期还没有到，请检查年份。")
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        granted, expires = cleaned.get("granted_on"), cleaned.get("expires_on")
        if granted and expires and expires < granted:
            self.add_error("expires_on", "有效期不能早于认定日期。")
        return cleaned


def load(row: Qualification | None) -> dict[str, str]:
    """The texts of a row as the form has them."""
    if row is None:
        return dict.fromkeys(FIELDS, "")
    return {
        "kind": row.kind,
        "title": row.title,
        "level": row.level,
        "stage": row.stage,
        "number": row.number,
        "granted_on": shown_day(row.granted_on),
        "expires_on": shown_day(row.expires_on),
    }

"""Ask a body to visit, and end that."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone

from shuzhuan.apps.assessments.models import EngagementKind
from shuzhuan.apps.enterprises.forms.fields import DayField

USUAL_DAYS = 60


class EngageForm(forms.Form):
    """What for, and from when to when; the body is chosen beside it."""

    kind = forms.ChoiceField(
        label="请它做什么",
        choices=EngagementKind.choices,
        widget=forms.RadioSelect,
        help_text="验收评测和投资审核只能由与改造无关联的第三方机构做，委派时自动核对",
        error_messages={"required": "请选择诊断、验收评测或投资审核。"},
    )
    valid_from = DayField(label="起始日期", required=True)
    valid_to = DayField(label="截止日期", required=True, help_text="过了这一天，对方不再能看到企业")

    @staticmethod
    def usual() -> dict[str, str]:
        """From today for two months."""
        today = timezone.localdate()
        last = today + timedelta(days=USUAL_DAYS)
        return {"valid_from": today.isoformat(), "valid_to": last.isoformat()}


class EndForm(forms.Form):
    """Why the engagement ends before its time."""

    reason = forms.CharField(
        label="结束的原因",
        max_length=200,
        error_messages={"required": "请写明结束委派的原因。"},
    )

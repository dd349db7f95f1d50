"""Forms of a plan."""

from __future__ import annotations

from django import forms

from shuzhuan.apps.assessments.models import MeasureKind
from shuzhuan.apps.enterprises.forms.fields import DayField, YuanField


class OutlineForm(forms.Form):
    """What the plan is about, and when the work is done."""

    summary = forms.CharField(
        label="总体思路",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="先解决什么、再解决什么，为什么这样安排",
    )
    starts_on = DayField(label="计划开工", required=False)
    ends_on = DayField(label="计划完工", required=False)


class MeasureForm(forms.Form):
    """What is bought, from whom, for how much; the target of the item is read beside it."""

    kind = forms.ChoiceField(
        label="类别",
        choices=[("", "请选择"), *MeasureKind.choices],
        help_text="软件、云服务、数据采集传输设备计入可补助的投入，其他不计",
        error_messages={"required": "请选择类别。"},
    )
    product = forms.CharField(
        label="产品或服务",
        max_length=128,
        error_messages={"required": "请填写产品或服务的名称。"},
    )
    supplier = forms.CharField(label="供应单位", max_length=128, required=False)
    cost = YuanField(
        label="预计费用",
        required=True,
        error_messages={"required": "请填写预计费用；不另外花钱的写 0。"},
    )
    note = forms.CharField(
        label="说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReturnForm(forms.Form):
    """Why the enterprise sends the plan back."""

    reason = forms.CharField(
        label="退回原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明退回的原因，编制单位会看到。"},
    )

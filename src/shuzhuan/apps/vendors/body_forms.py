"""The form of a body's own record."""

from __future__ import annotations

from typing import Any

from django import forms

from shuzhuan.apps.enterprises.forms.fields import YES_NO, YesNoField, shown_yes_no
from shuzhuan.apps.vendors.actions.body import BodyText, categories_of
from shuzhuan.apps.vendors.body_facts import CONDITIONS
from shuzhuan.apps.vendors.models import BodyRecord


class BodyForm(forms.Form):
    """Category, the conditions of PY 第九条, industries, and who controls the body."""

    category = forms.ChoiceField(
        label="类别",
        help_text="场景型做一个或几个场景，综合型能做整体改造",
        error_messages={"required": "请选择类别。"},
    )
    industries = forms.CharField(
        label="服务的行业", max_length=200, required=False, help_text="如：轻工纺织、装备制造"
    )
    introduction = forms.CharField(
        label="简介", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    controller_name = forms.CharField(
        label="实际控制人",
        max_length=64,
        required=False,
        help_text="最终控制本单位的人，或者单位；只用来核对改造评测分离",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    controller_id = forms.CharField(
        label="实际控制人的证件号",
        max_length=40,
        required=False,
        help_text="身份证号或统一社会信用代码，18位；加密保存，不再显示全文",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, kind: str, mask: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)
        choices = [(str(one), one.label) for one in categories_of(kind)]
        category.choices = choices if len(choices) == 1 else [("", "请选择"), *choices]
        if mask:
            self.fields["controller_id"].help_text = f"已登记 {mask}；不改就留空"
        for name, (label, hint) in CONDITIONS.items():
            answer = YesNoField(label=label, help_text=hint)
            answer.choices = [("", "还不清楚"), *YES_NO]  # an answer can be taken back
            self.fields[name] = answer
        self.order_fields(["category", *CONDITIONS, "industries", "introduction"])

    @staticmethod
    def shown(row: BodyRecord | None) -> dict[str, str]:
        """What the fields show of a stored record; never the number."""
        if row is None:
            return {}
        texts = {
            "category": row.category,
            "industries": row.industries,
            "introduction": row.introduction,
            "controller_name": str(row.controller_name or ""),
        }
        return texts | {name: shown_yes_no(getattr(row, name)) for name in CONDITIONS}

    def text(self) -> BodyText:
        """What was typed. Call it on a valid form."""
        cleaned = self.cleaned_data
        return BodyText(
            category=cleaned["category"],
            conditions={name: cleaned[name] for name in CONDITIONS},
            industries=cleaned["industries"],
            introduction=cleaned["introduction"],
            controller_name=cleaned["controller_name"],
            controller_id=cleaned["controller_id"],
        )

"""One form per section of the archive. Every form is flat: a name and a text per field."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone

from shuzhuan.apps.enterprises.forms.fields import CountField, DayField, YesNoField, YuanField
from shuzhuan.apps.enterprises.models import CloudKind, Enterprise
from shuzhuan.apps.enterprises.models.enterprise import PEOPLE_MAX
from shuzhuan.apps.enterprises.models.records import CLOUD_SLOTS_MAX
from shuzhuan.apps.enterprises.queries.places import industries_at, parks_at
from shuzhuan.engine.sizes import industries

YEARS_SHOWN = 5
OTHER_INDUSTRY = "其他"
NOT_IN_PARK = "none"
FIGURES = ("people", "revenue", "main_revenue", "assets", "rd")
CLOUD_FIELDS = ("kind", "provider", "product", "annual_fee", "started_on", "ended_on")
_GBT4754 = re.compile(r"[A-T]?[0-9]{2,4}")
_PHONE = re.compile(r"\+?[0-9][0-9\- ]{5,19}")
_ACCOUNT = re.compile(r"[0-9][0-9\- ]{5,39}")


class SectionForm(forms.Form):
    """A form that knows whose archive it is for."""

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enterprise = enterprise


class BasicsForm(SectionForm):
    """What the enterprise is and where it belongs."""

    registered_on = DayField(label="成立日期", help_text="营业执照上的成立日期，写成 2018-05-20")
    is_legal_person = YesNoField(
        label="有独立法人资格吗？", help_text="有限公司、股份公司选“是”；分公司、个体工商户选“否”。"
    )
    industry = forms.ChoiceField(
        label="所属细分行业", required=False, help_text="当地文件列出的试点行业；都不是的选“其他”。"
    )
    size_industry = forms.ChoiceField(
        label="划型行业",
        required=False,
        help_text="用来按国家标准（工信部联企业〔2011〕300号）判断企业规模。工厂、矿山选“工业”。",
    )
    gbt4754 = forms.CharField(
        label="国民经济行业代码",
        required=False,
        max_length=8,
        help_text="GB/T 4754 的代码，如 C1431；在营业执照或统计报表上。",
    )
    park = forms.ChoiceField(label="所在园区", required=False)
    above_scale = YesNoField(
        label="是规模以上工业企业吗？",
        help_text="年主营业务收入2000万元及以上、已入统计库。与大中小微是两回事。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.enterprise.industry
        named = [*industries_at(self.enterprise.place)]
        if own and own not in (*named, OTHER_INDUSTRY):
            named.append(own)
        self._choose("industry", [(name, name) for name in (*named, OTHER_INDUSTRY)])
        self._choose("size_industry", [(str(n), rule.name) for n, rule in industries().items()])
        parks = [(str(pk), name) for pk, name in parks_at(self.enterprise.place)]
        self._choose("park", [(NOT_IN_PARK, "不在园区"), *parks])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *choices]

    def clean_gbt4754(self) -> str:
        text: str = self.cleaned_data["gbt4754"].upper()
        if text and _GBT4754.fullmatch(text) is None:
            raise forms.ValidationError("代码是一个字母加二至四位数字，如 C1431。")
        return text

    def clean_registered_on(self) -> Any:
        day = self.cleaned_data["registered_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError("成立日期还没有到，请检查年份。")
        return day


class FiguresForm(SectionForm):
    """People and money of the last five full years, a group of fields per year."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for year in self.years():
            self.fields[f"people_{year}"] = CountField(
                label=f"{year}年从业人员", most=PEOPLE_MAX, help_text="年末人数"
            )
            self.fields[f"revenue_{year}"] = YuanField(
                label=f"{year}年营业收入（元）", help_text=""
            )
            self.fields[f"main_revenue_{year}"] = YuanField(
                label=f"{year}年主营业务收入（元）", help_text=""
            )
            self.fields[f"assets_{year}"] = YuanField(label=f"{year}年资产总额（元）", help_text="")
            self.fields[f"rd_{year}"] = YuanField(label=f"{year}年研发投入（元）", help_text="")

    @staticmethod
    def years() -> list[int]:
        """The last full years, the latest first."""
        last = timezone.localdate().year - 1
        return list(range(last, last - YEARS_SHOWN, -1))

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """Title, fields and whether to show them open: the latest year and what is filled."""
        shown = []
        for at, year in enumerate(self.years()):
            fields = [self[f"{name}_{year}"] for name in FIGURES]
            used = any(field.value() or field.errors for field in fields)
            shown.append((f"{year}年", fields, at == 0 or used))
        return shown

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for year in self.years():
            revenue, main = cleaned.get(f"revenue_{year}"), cleaned.get(f"main_revenue_{year}")
            if revenue is not None and main is not None and main > revenue:
                self.add_error(f"main_revenue_{year}", "主营业务收入不会超过营业收入，请检查。")
        return cleaned


class ContactForm(SectionForm):
    """Whom to call and where money goes; kept encrypted, shown masked."""

    contact_name = forms.CharField(label="联系人", required=False, max_length=64)
    contact_phone = forms.CharField(
        label="联系电话",
        required=False,
        max_length=24,
        help_text="手机或固定电话，如 13800000000、0954-7010000",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    bank_name = forms.CharField(
        label="开户银行", required=False, max_length=128, help_text="写到支行"
    )
    bank_account = forms.CharField(
        label="银行账号",
        required=False,
        max_length=48,
        help_text="对公账户。加密保存，只有您单位和经办财政能看到。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_contact_phone(self) -> str:
        text: str = self.cleaned_data["contact_phone"]
        if text and _PHONE.fullmatch(text) is None:
            raise forms.ValidationError("电话只写数字和短横，如 13800000000、0954-7010000。")
        return text

    def clean_bank_account(self) -> str:
        text: str = self.cleaned_data["bank_account"]
        if text and _ACCOUNT.fullmatch(text) is None:
            raise forms.ValidationError("账号只写数字，可以带空格。")
        return text


class CloudForm(SectionForm):
    """Cloud services in use: one group of fields per service."""

    uses_cloud = YesNoField(label="贵企业用云服务吗？", help_text="云软件、云平台、云主机都算。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for slot in range(1, CLOUD_SLOTS_MAX + 1):
            self.fields[f"kind_{slot}"] = forms.ChoiceField(
                label=f"第{slot}项类别",
                required=False,
                choices=[("", "请选择"), *CloudKind.choices],
            )
            self.fields[f"provider_{slot}"] = forms.CharField(
                label=f"第{slot}项服务商", required=False, max_length=128
            )
            self.fields[f"product_{slot}"] = forms.CharField(
                label=f"第{slot}项产品", required=False, max_length=128
            )
            self.fields[f"annual_fee_{slot}"] = YuanField(
                label=f"第{slot}项年服务费（元）", help_text=""
            )
            self.fields[f"started_on_{slot}"] = DayField(label=f"第{slot}项开始日期")
            self.fields[f"ended_on_{slot}"] = DayField(
                label=f"第{slot}项结束日期", help_text="还在用的不填；写成 2018-05-20"
            )

    def head(self) -> list[forms.BoundField]:
        return [self["uses_cloud"]]

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """One open group for each service in use and one to write the next."""
        shown, blank = [], 0
        for slot in range(1, CLOUD_SLOTS_MAX + 1):
            fields = [self[f"{name}_{slot}"] for name in CLOUD_FIELDS]
            used = any(field.value() or field.errors for field in fields)
            blank += 0 if used else 1
            shown.append((f"第{slot}项云服务", fields, used or blank == 1))
        return shown

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        used = False
        for slot in range(1, CLOUD_SLOTS_MAX + 1):
            values = {name: cleaned.get(f"{name}_{slot}") for name in CLOUD_FIELDS}
            if not any(values.values()) and values["annual_fee"] is None:
                continue
            used = True
            for name, ask in (("kind", "请选择类别。"), ("provider", "请写服务商的名称。")):
                if not values[name] and f"{name}_{slot}" not in self.errors:
                    self.add_error(f"{name}_{slot}", ask)
            start, end = values["started_on"], values["ended_on"]
            if start and end and end < start:
                self.add_error(f"ended_on_{slot}", "结束日期不能早于开始日期。")
        if used and cleaned.get("uses_cloud") is False:
            self.add_error("uses_cloud", "下面登记了云服务，这里请选“是”，或者清空下面的内容。")
        return cleaned


DECLARED = (
    ("lawful_tax_compliant", "合法经营、依法纳税吗？", ""),
    ("finance_sound", "财务状况良好吗？", "账目健全，没有资不抵债或长期拖欠。"),
    ("bad_credit", "有不良信用记录吗？", "可在“信用中国”网站查询。"),
    ("on_abnormal_list", "现在被列入经营异常名录吗？", "可在国家企业信用信息公示系统查询。"),
    ("on_dishonest_list", "现在被列入严重失信主体名单吗？", "可在“信用中国”网站查询。"),
    (
        "on_procurement_blacklist",
        "被列入政府采购严重违法失信行为记录名单吗？",
        "可在中国政府采购网查询。",
    ),
    (
        "major_accident_3y",
        "近三年发生过重大及以上事故吗？",
        "生产安全、网络安全、数据安全、环境保护事故都算。",
    ),
    ("illegal_3y", "近三年有违法违规行为吗？", "如偷税漏税、非法集资。"),
    ("refused_supervision", "拒绝配合过监督检查或绩效评价吗？", ""),
    ("same_kind_funded", "改造项目已经拿过上级财政的同类补助吗？", ""),
    ("false_materials", "提交的材料里有不实之处吗？", "虚报投资、伪造凭证都算。"),
)


class DeclarationForm(SectionForm):
    """What the enterprise declares about credit and accidents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, hint in DECLARED:
            self.fields[name] = YesNoField(label=label, help_text=hint)
        self.fields["explanation"] = forms.CharField(
            label="情况说明",
            required=False,
            max_length=500,
            help_text="有记录或有事故的，写明情况和处理结果。",
            widget=forms.Textarea(attrs={"rows": 3}),
        )

"""What the administrators type."""

from __future__ import annotations

from typing import Any

from django import forms

from shuzhuan.apps.accounts.models import EXTERNAL_ID_CHARS_MAX, FULL_NAME_CHARS_MAX, UserKind
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, GOVERNMENT, Role
from shuzhuan.apps.administration.grants import OFFICES
from shuzhuan.apps.regions.models import CODE_CHARS_MAX, NAME_CHARS_MAX, Level, Region
from shuzhuan.apps.signin.forms import PlainForm
from shuzhuan.engine.policy.headers import ROOT, headers

LOGIN_NAME_CHARS = 64


def packs() -> list[tuple[str, str]]:
    """The policy packs that a place may run."""
    listed = [(each["id"], f"{each['place']}：{each['title']}") for each in headers(ROOT)]
    return [("", "（不运行政策包）"), *listed]


class RegionForm(PlainForm):
    """Name and pack of a place."""

    name = forms.CharField(label="名称", max_length=NAME_CHARS_MAX)
    pack = forms.ChoiceField(
        label="政策包",
        required=False,
        help_text="这个区域按哪一份政策文件办理；上级或下级运行的不用选。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pack"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = packs()


class NewRegionForm(RegionForm):
    """A place below another one."""

    level = forms.ChoiceField(label="层级")
    code = forms.RegexField(
        label="代码",
        regex=r"^[0-9A-Z]{1,12}$",
        max_length=CODE_CHARS_MAX,
        help_text="六位行政区划代码；园区在所属县的代码后加编号，如 640425P01。设立后不能修改。",
        error_messages={"invalid": "代码用 1 到 12 位数字或大写字母。"},
    )
    field_order = ("name", "level", "code", "pack")

    def __init__(self, *args: Any, parent: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = list(Level)[list(Level).index(Level(parent.level)) + 1 :]
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(level.value, level.label) for level in below]


class RegionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A place, indented by its level."""

    def label_from_instance(self, region: Any) -> str:
        """Two full-width blanks for each place above."""
        return f"{'　　' * (region.path.count('/') - 1)}{region.name}"


class GrantForm(PlainForm):
    """A role in a place."""

    role = forms.ChoiceField(label="身份")
    region = RegionChoice(label="区域", queryset=Region.objects.none(), empty_label="请选择")

    def __init__(
        self, *args: Any, place_ids: tuple[int, ...], kind: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in Role if role in OFFICES]
        if kind is not None:
            business = kind == UserKind.BUSINESS
            roles = [r for r in roles if (r not in ADMINISTRATORS if business else r == kind)]
        field, where = self.fields["role"], self.fields["region"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(where, RegionChoice)
        field.choices = [("", "请选择"), *((role.value, role.label) for role in roles)]
        where.queryset = Region.objects.filter(pk__in=place_ids).order_by("path")


class InviteForm(GrantForm):
    """A new person."""

    full_name = forms.CharField(label="姓名", max_length=FULL_NAME_CHARS_MAX)
    login_name = forms.CharField(
        label="登录名",
        max_length=LOGIN_NAME_CHARS,
        help_text="文字、字母、数字或 . _ - @，例如 li.ming@pengyang。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    external_id = forms.CharField(
        label="统一身份认证编号",
        max_length=EXTERNAL_ID_CHARS_MAX,
        required=False,
        help_text="接入统一身份认证时填写，用来认出这个人。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("full_name", "login_name", "role", "region", "external_id")


class ExternalIdForm(PlainForm):
    """Who a person is to the sign-in service."""

    external_id = forms.CharField(
        label="统一身份认证编号",
        max_length=EXTERNAL_ID_CHARS_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


FILTER_ROLES = [
    (role.value, role.label) for role in Role if role in GOVERNMENT | ADMINISTRATORS
] + [(role.value, role.label) for role in Role if role not in GOVERNMENT | ADMINISTRATORS]

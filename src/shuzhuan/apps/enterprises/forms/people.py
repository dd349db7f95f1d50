"""Forms about people: register an enterprise, invite a colleague."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from shuzhuan.apps.accounts.invented import PREFIX, WRONG, is_out_of_place
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.actions.register_enterprise import checked_code
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.engine import uscc

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@\-]{2,63}")
LOGIN_HINT = "字母、数字、点、横线或邮箱，至少3位；以后用它登录。"
COLLEAGUE_ROLES = (
    (Role.ENTERPRISE_FILLER, "填报人：填写档案和申报材料"),
    (Role.ENTERPRISE_CERTIFIER, "审定人：除填写外，还能声明、授权、邀请同事"),
    (Role.ENTERPRISE_FINANCE, "财务：填写经营数据和银行账户"),
)


class _PlaceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        above = f"{obj.parent.name} · " if obj.parent is not None else ""
        return f"{above}{obj.name}"


class RegisterForm(forms.Form):
    """The enterprise alone, as an officer registers it."""

    uscc = forms.CharField(
        label="统一社会信用代码",
        max_length=40,
        help_text="营业执照上的18位代码",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "请填写统一社会信用代码，18位，在营业执照上。"},
    )
    name = forms.CharField(
        label="企业名称",
        max_length=128,
        help_text="与营业执照一致",
        error_messages={"required": "请填写营业执照上的企业名称。"},
    )
    place = _PlaceChoice(
        label="所在县（市、区）或园区",
        queryset=Region.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择企业所在的县（市、区）或园区。"},
    )

    def __init__(self, *args: Any, place_ids: tuple[int, ...] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Region.objects.filter(level__in=(Level.COUNTY, Level.PARK))
        rows = rows.select_related("parent").order_by("path")
        if place_ids is not None:
            rows = rows.filter(pk__in=place_ids)
        field = self.fields["place"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def clean_uscc(self) -> str:
        try:
            return checked_code(self.cleaned_data["uscc"])
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from None


class _LoginMixin(forms.Form):
    def clean_login_name(self) -> str:
        text: str = self.cleaned_data["login_name"]
        if _LOGIN.fullmatch(text) is None:
            raise forms.ValidationError(f"登录名不合要求：{LOGIN_HINT}")
        if is_out_of_place(text):
            raise forms.ValidationError(WRONG)
        return text


class SelfRegisterForm(_LoginMixin, RegisterForm):
    """The enterprise and its first person, who becomes the certifier."""

    full_name = forms.CharField(
        label="您的姓名", max_length=64, error_messages={"required": "请填写您的姓名。"}
    )
    login_name = forms.CharField(
        label="登录名",
        max_length=64,
        help_text=LOGIN_HINT,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "请填写登录名。"},
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少10位，大写字母、小写字母、数字、其他符号中至少有三种。",
        error_messages={"required": "请设置密码。"},
    )
    truthful = forms.BooleanField(
        label="我由这家企业授权办理，所填内容属实",
        error_messages={"required": "请确认您由企业授权办理。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.DEMO:
            # A well-formed code that is nobody's cannot be thought up by hand.
            self.initial = {**self.initial, "uscc": _invented_code(), "login_name": PREFIX}

    def user(self) -> User:
        """The person, not stored yet."""
        user = User(
            login_name=self.cleaned_data["login_name"], full_name=self.cleaned_data["full_name"]
        )
        user.set_password(self.cleaned_data["password"])
        return user

    def clean_login_name(self) -> str:
        text = super().clean_login_name()
        if User.objects.filter(login_name=text).exists():
            raise forms.ValidationError("这个登录名已经有人用了，请换一个。")
        return text

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("password"):
            person = User(
                login_name=cleaned.get("login_name", ""), full_name=cleaned.get("full_name", "")
            )
            try:
                validate_password(cleaned["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


def _invented_code() -> str:
    first = f"91640425MA9{secrets.randbelow(10**6):06d}"
    return first + uscc.check_digit(first)


class InviteForm(_LoginMixin, forms.Form):
    """A colleague and what the colleague may do."""

    full_name = forms.CharField(
        label="姓名", max_length=64, error_messages={"required": "请填写同事的姓名。"}
    )
    login_name = forms.CharField(
        label="登录名",
        max_length=64,
        help_text=LOGIN_HINT,
        error_messages={"required": "请给同事起一个登录名。"},
    )
    role = forms.ChoiceField(
        label="角色",
        choices=COLLEAGUE_ROLES,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择角色。"},
    )

"""What people type at the door and on their own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from shuzhuan.apps.accounts.models import LOGIN_NAME_CHARS_MAX, User
from shuzhuan.apps.accounts.passwords import CHARS_MAX, HELP

CODE_CHARS_MAX = 32


class PlainForm(forms.Form):
    """A form that says what to do instead of which rule was broken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            verb = "选择" if isinstance(field, forms.ChoiceField) else "填写"
            field.error_messages["required"] = f"请{verb}{field.label}。"


class DoorForm(PlainForm):
    """Name and pass-word."""

    login_name = forms.CharField(
        label="登录名",
        max_length=LOGIN_NAME_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=CHARS_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(PlainForm):
    """A pass-word typed twice, for a known person."""

    password = forms.CharField(
        label="新密码",
        max_length=CHARS_MAX,
        strip=False,
        help_text=HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="确认密码",
        max_length=CHARS_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Hold the pass-word to the rules."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any] | None:
        """Both must be equal."""
        cleaned = super().clean()
        first, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if first and again and first != again:
            self.add_error("again", "两次输入的密码不一样。")
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """The same, and the present one first."""

    current = forms.CharField(
        label="现在的密码",
        max_length=CHARS_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")

    def clean(self) -> dict[str, Any] | None:
        """The new pass-word is another one."""
        cleaned = super().clean()
        password = self.cleaned_data.get("password")
        if password and password == self.cleaned_data.get("current"):
            self.add_error("password", ValidationError("新密码不能与现在的密码相同。"))
        return cleaned


class CodeForm(PlainForm):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(
        label="验证码",
        max_length=CODE_CHARS_MAX,
        help_text="手机验证器上的 6 位数字；手机不在身边时，可填一个恢复码。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )


class BindForm(PlainForm):
    """The first code of a new authenticator, with the secret it was made for."""

    sealed = forms.CharField(widget=forms.HiddenInput())
    code = forms.CharField(
        label="验证器上的 6 位数字",
        max_length=CODE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

"""What people enter about their mail."""

from __future__ import annotations

from django import forms

from shuzhuan.apps.inbox.models import MailWish

ADDRESS_CHARS_MAX = 254


class MailForm(forms.Form):
    """An address and what to send there."""

    address = forms.EmailField(
        label="邮件地址",
        max_length=ADDRESS_CHARS_MAX,
        help_text="会收到一封确认邮件；打开里面的链接之后才开始发。",
        error_messages={
            "required": "请填写邮件地址。",
            "invalid": "邮件地址不对，应像 zhang@example.cn。",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    wish = forms.ChoiceField(
        label="发送哪些",
        choices=MailWish.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择发送哪些。"},
    )

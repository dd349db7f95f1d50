"""Form fields: amounts in 元, whole numbers, days as people write them, yes or no."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms

from shuzhuan.engine.money import MoneyError, format_plain, parse_yuan

_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_COUNT_CHARS_MAX = 9
YES_NO = (("yes", "是"), ("no", "否"))
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)


class YuanField(forms.CharField):
    """An amount in 元; becomes fen, or None. Nothing is rounded or guessed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", "单位：元，只写数字，如 3000000 或 3000000.50")
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=32, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = parse_yuan(text)
        except MoneyError as error:
            raise forms.ValidationError(f"{error}。") from None
        if fen < 0:
            raise forms.ValidationError("金额不能是负数。")
        return fen


class CountField(forms.CharField):
    """A whole number from 0 to ``most``; becomes int, or None."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(**kwargs)
        self.most = most

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _COUNT_CHARS_MAX):
            raise forms.ValidationError(f"“{text[:20]}”不是整数，请只写数字，如 86。")
        number = int(text)
        if number > self.most:
            raise forms.ValidationError(f"{number}太大，请检查是否多写了零。")
        return number


class DayField(forms.CharField):
    """A day as people write it: 2018-05-20, 20180520, 2018年5月20日; becomes a date, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", "写成 2018-05-20")
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=16, **kwargs)

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        match = _DAY.fullmatch(text)
        if match is None:
            raise forms.ValidationError(f"“{text}”不是日期，请写成 2018-05-20。")
        year, *rest = (int(part) for part in match.groups() if part is not None)
        try:
            day = date(year, *rest)
        except ValueError:
            raise forms.ValidationError(f"没有“{text}”这一天，请检查月和日。") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError("年份应当在1900至2099之间。")
        return day


class YesNoField(forms.ChoiceField):
    """Yes, no, or not answered: True, False, None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(choices=YES_NO, widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> bool | None:
        text = super().clean(value)
        return None if not text else text == "yes"


def shown_yuan(fen: int | None) -> str:
    """As the field reads it back: 3000000, 3000000.50; empty for nothing known."""
    if fen is None:
        return ""
    return format_plain(fen).removesuffix(".00")


def shown_count(number: int | None) -> str:
    return "" if number is None else str(number)


def shown_day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def shown_yes_no(answer: bool | None) -> str:
    return "" if answer is None else ("yes" if answer else "no")

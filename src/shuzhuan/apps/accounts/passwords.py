"""What a pass-word must be: long, of mixed signs, unlike the person."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

CHARS_MIN = 10
CHARS_MAX = 128
CLASSES_MIN = 3
HELP = f"至少 {CHARS_MIN} 位，并且大写字母、小写字母、数字、其他符号中至少有三种。"


class LongAndMixed:
    """Length and mixture as classified protection asks for (GB/T 22239 8.1.4.1)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError that says what to change."""
        if len(password) < CHARS_MIN:
            raise ValidationError(f"密码至少 {CHARS_MIN} 位，现在是 {len(password)} 位。")
        if len(password) > CHARS_MAX:
            raise ValidationError(f"密码最多 {CHARS_MAX} 位。")
        if len({_kind(sign) for sign in password}) < CLASSES_MIN:
            raise ValidationError("密码要包含大写字母、小写字母、数字、其他符号中的至少三种。")

    def get_help_text(self) -> str:
        return HELP


class UnlikeThePerson(UserAttributeSimilarityValidator):
    """Refuses what resembles the login name or the name of the person."""

    def get_help_text(self) -> str:
        return "不要与登录名或姓名相近。"


def _kind(sign: str) -> str:
    category = unicodedata.category(sign)
    return category if category in {"Lu", "Ll", "Nd"} else "other"

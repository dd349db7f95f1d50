"""统一社会信用代码 (GB 32100-2015): 18 signs, the last of which checks the others.

Identifiers are text, never numbers; what spreadsheets and keyboards do to them on the way
(blanks, lower case, full-width signs) is undone before checking, nothing else is.
"""

from __future__ import annotations

import unicodedata

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z: they look like digits
CHARS = 18
_MODULUS = 31
_WEIGHT_BASE = 3
_REGION = slice(2, 8)


def normalise(text: str) -> str:
    """The code in its one form: half-width capitals without blanks and hyphens."""
    wide = unicodedata.normalize("NFKC", text)
    return "".join(wide.split()).replace("-", "").upper()


def check_sign(body: str) -> str:
    """The 18th sign that belongs to the first 17. Raises ValueError for a foreign sign."""
    total = sum(SIGNS.index(sign) * pow(_WEIGHT_BASE, at, _MODULUS) for at, sign in enumerate(body))
    return SIGNS[-total % _MODULUS]


def problem(code: str) -> str:
    """What is wrong with a normalised code, in Chinese; empty when it is sound."""
    if not code:
        return "请填写统一社会信用代码，18位，在营业执照上。"
    if "E+" in code and "." in code:
        return "代码变成了科学计数法，请把表格里的这一列改成文本格式，再重新填写。"
    if len(code) != CHARS:
        return f"统一社会信用代码是18位，这里有{len(code)}位。"
    foreign = [sign for sign in code if sign not in SIGNS]
    if foreign:
        return f"统一社会信用代码里没有“{foreign[0]}”，请对照营业执照检查（不用 I、O、S、V、Z）。"
    if not code[_REGION].isdigit():
        return "统一社会信用代码的第3至8位是地区代码，应当是数字。"
    if check_sign(code[:-1]) != code[-1]:
        return "统一社会信用代码的校验位不对，请对照营业执照检查每一位。"
    return ""

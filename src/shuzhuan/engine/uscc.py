"""统一社会信用代码 (GB 32100-2015): eighteen characters, the last of which checks the others.

A mistyped code sends money to the wrong enterprise; the check finds every single wrong
character and every swap of two neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_VALUES: Mapping[str, int] = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_LOOKALIKES = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U"}
_UNKNOWN = 255  # of a byte that is no character of a code


def check_digit(first: str) -> str:
    """The eighteenth character for the first seventeen. Raises KeyError for others than ALPHABET."""
    total = sum(_VALUES[c] * weight for c, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def problem(code: str) -> str | None:
    """What is wrong with a code, in Chinese; None when it is right."""
    if len(code) != LENGTH:
        if code != code.strip():
            return "统一社会信用代码前后有空白"
        if code.replace(".", "").upper().replace("E+", "").isdigit() and "E" in code.upper():
            return "统一社会信用代码变成了科学计数法，末几位已经丢失，请把这一列设为文本后重新填写"
        return f"统一社会信用代码应当是 18 位，这里有 {len(code)} 位"
    for place, character in enumerate(code, 1):
        if character in _VALUES:
            continue
        upper = character.upper()
        if character.isascii() and upper in _VALUES:
            return "统一社会信用代码的字母要大写"
        hint = f"，是否是 {_LOOKALIKES[upper]}？" if upper in _LOOKALIKES else ""
        return f"统一社会信用代码第 {place} 位不能是“{character}”{hint}"
    if check_digit(code[:-1]) != code[-1]:
        return "统一社会信用代码的校验位不对，请逐位核对"
    return None


def wrong(codes: Sequence[str | None]) -> dict[int, str]:
    """Position and problem of every wrong code; None and "" are not codes. Quick for whole columns."""
    usual = [at for at, code in enumerate(codes) if code is not None and _usual(code)]
    checked = _all_right([codes[at] or "" for at in usual])
    right = {at for at, fine in zip(usual, checked, strict=True) if fine}
    found = {at: problem(code) for at, code in enumerate(codes) if code and at not in right}
    return {at: message for at, message in found.items() if message is not None}


def _usual(code: str) -> bool:
    return len(code) == LENGTH and code.isascii()


def _all_right(codes: Sequence[str]) -> list[bool]:
    """Of codes of eighteen ASCII characters each."""
    if not codes:
        return []
    values = np.full(256, _UNKNOWN, dtype=np.int64)
    for character, value in _VALUES.items():
        values[ord(character)] = value
    raw = np.frombuffer("".join(codes).encode("ascii"), dtype=np.uint8).reshape(-1, LENGTH)
    digits = values[raw]
    known = (digits != _UNKNOWN).all(axis=1)
    expected = -(digits[:, :-1] @ np.array(_WEIGHTS)) % 31
    fine: list[bool] = (known & (expected == digits[:, -1])).tolist()
    return fine

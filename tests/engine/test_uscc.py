"""Credit codes: published codes pass, every single slip is found."""

from __future__ import annotations

import pytest

from shuzhuan.engine.uscc import ALPHABET, check_digit, problem, wrong

# The example of GB 32100-2015, and codes that their holders publish.
RIGHT = ("91350100M000100Y43", "91110000802100433B", "9111000071093123XX", "91440300708461136T")


@pytest.mark.parametrize("code", RIGHT)
def test_published_codes_are_right(code: str) -> None:
    assert check_digit(code[:-1]) == code[-1]
    assert problem(code) is None
    assert wrong([code]) == {}


@pytest.mark.parametrize("code", RIGHT[:2])
def test_every_wrong_character_is_found(code: str) -> None:
    slips = [
        code[:at] + other + code[at + 1 :]
        for at, right in enumerate(code)
        for other in ALPHABET
        if other != right
    ]
    assert all(problem(slip) for slip in slips)
    assert set(wrong(slips)) == set(range(len(slips)))


@pytest.mark.parametrize("code", RIGHT)
def test_every_swap_of_neighbours_is_found(code: str) -> None:
    for at in range(len(code) - 1):
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert swapped == code or problem(swapped) == "统一社会信用代码的校验位不对，请逐位核对"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("9135010OM000100Y43", "第 8 位不能是“O”，是否是 0"),
        ("91350100M000100Y4I", "第 18 位不能是“I”，是否是 1"),
        ("91350100m000100y43", "字母要大写"),
        ("91350100M000100Y4", "应当是 18 位，这里有 17 位"),
        ("９1350100M000100Y43", "第 1 位不能是“９”"),
        (" 91350100M000100Y43", "前后有空白"),
        ("9.13501E+17", "科学计数法"),
        ("1.2E+17", "科学计数法"),
        ("", "应当是 18 位"),
    ],
)
def test_the_message_says_what_is_wrong(code: str, told: str) -> None:
    assert told in (problem(code) or "")


def test_a_column_is_checked_as_one_code_is() -> None:
    codes = [*RIGHT, "91350100M000100Y44", None, "", "短", "９" * 18, RIGHT[0].lower()]
    expected = {at: problem(code) for at, code in enumerate(codes) if code and problem(code)}
    assert wrong(codes) == expected
    assert wrong([]) == {}

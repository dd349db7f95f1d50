"""统一社会信用代码: sound codes pass, every single slip and most swaps are found."""

import random

import pytest

from shuzhuan.engine import uscc

SOUND = "91350100M000100Y43"  # the example of GB 32100-2015


def test_the_example_of_the_standard_is_sound() -> None:
    assert uscc.problem(SOUND) == ""


@pytest.mark.parametrize(
    "text", [" 91350100m000100y43", "９１３５０１００M000100Y43", "9135 0100 M000 100Y-43"]
)
def test_what_keyboards_do_is_undone(text: str) -> None:
    assert uscc.normalise(text) == SOUND


def test_every_single_slip_is_found() -> None:
    for at in range(uscc.CHARS):
        for sign in uscc.SIGNS:
            if sign != SOUND[at]:
                assert uscc.problem(SOUND[:at] + sign + SOUND[at + 1 :]), (at, sign)


def test_most_swaps_of_neighbours_are_found() -> None:
    draw = random.Random(3)
    for _ in range(200):
        body = "91640425" + "".join(draw.choice(uscc.SIGNS) for _ in range(9))
        code = body + uscc.check_sign(body)
        assert uscc.problem(code) == ""
        at = draw.randrange(9, 16)
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert swapped == code or uscc.problem(swapped)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "18位"),
        ("1.2E+17", "科学计数法"),
        ("123", "这里有3位"),
        ("9135010OM000100Y43", "没有“O”"),
        ("91A50100M000100Y43", "地区代码"),
        ("91350100M000100Y44", "校验位"),
    ],
)
def test_each_mistake_has_its_own_sentence(text: str, said: str) -> None:
    assert said in uscc.problem(uscc.normalise(text))

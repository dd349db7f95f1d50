"""Codes against the vectors of RFC 6238 (appendix B, SHA-1, cut to six digits)."""

import base64

import pytest

from shuzhuan.apps.signin import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_vectors(seconds: int, expected: str) -> None:
    assert totp.code_at(SECRET, seconds) == expected
    assert totp.step_of(SECRET, expected, seconds) == seconds // 30


def test_one_step_off_is_accepted_two_are_not() -> None:
    now = 1_111_111_111
    for steps, known in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        typed = totp.code_at(SECRET, now + steps * 30)
        assert (totp.step_of(SECRET, typed, now) is not None) is known


@pytest.mark.parametrize("typed", ["", "28708", "２８７０８２", "287082 ", "-87082", "abcdef"])
def test_other_texts_are_refused(typed: str) -> None:
    assert totp.step_of(SECRET, typed, 59) is None


def test_the_picture_is_square_and_holds_no_style() -> None:
    side, drawing = totp.picture(totp.address(SECRET, "liu.gong"))
    assert side > 20
    assert set(drawing) <= set("M0123456789 hv1-z")

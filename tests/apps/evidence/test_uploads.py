"""Every hostile file is refused with a reason; one good file of each kind goes in."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from shuzhuan.apps.evidence.checks import UploadRefused, inspect
from shuzhuan.apps.evidence.slots import KINDS, SLOTS
from shuzhuan.engine.defuse import defused, defused_row
from tests.apps.evidence.good_files import all_good
from tests.apps.evidence.hostile import everything
from tests.apps.evidence.hostile_kit import Hostile

HOSTILE = list(everything())
GOOD = all_good()


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 300
    assert len({case.id for case in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_hostile_files_are_refused_with_a_reason(case: Hostile) -> None:
    with pytest.raises(UploadRefused) as refused:
        inspect(case.name, io.BytesIO(case.content), case.slot)
    assert re.search(r"[\u4e00-\u9fff]", refused.value.reason)
    assert refused.value.code


@pytest.mark.parametrize("label", GOOD)
def test_good_files_are_accepted(label: str) -> None:
    name, content, slot = GOOD[label]
    accepted = inspect(name, io.BytesIO(content), slot)
    assert accepted.kind.key == label.split("-", maxsplit=1)[0]
    assert accepted.name == name
    kept = accepted.content.read()
    assert kept
    if accepted.kind.key not in ("jpg", "png"):
        assert kept == content


def test_there_is_a_good_file_of_each_kind() -> None:
    assert {label.split("-")[0] for label in GOOD} == set(KINDS)
    assert {kind for slot in SLOTS.values() for kind in slot.kinds} == set(KINDS)


def test_a_photo_loses_place_device_and_comment_and_stands_upright() -> None:
    name, content, slot = GOOD["jpg"]
    assert b"PhoneMaker" in content
    kept = inspect(name, io.BytesIO(content), slot).content.read()
    assert b"PhoneMaker" not in kept
    assert b"made by a phone" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()
        assert "exif" not in picture.info
        assert picture.size == (120, 160)  # it said: turn me by a quarter


def test_cells_of_exports_are_never_formulas() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "　=1", "＝1", "\n=1"):
        assert defused(text) == f"'{text}"
    for text in ("", "a=1", "彭阳", "1-2", "a@b"):
        assert defused(text) == text
    assert defused_row(["=1", -5, None, 1.5, True]) == ["'=1", -5, None, 1.5, True]

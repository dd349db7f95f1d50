"""Sealed columns: both ciphers, nothing moves, keys change while the site runs."""

from pathlib import Path

import pytest

from shuzhuan.apps.access import crypto


@pytest.fixture(params=[crypto.AES, crypto.SM4])
def ring(request: pytest.FixtureRequest, tmp_path: Path, settings) -> crypto.Ring:  # type: ignore[no-untyped-def]
    settings.DATA_DIR = tmp_path
    settings.FIELD_CIPHER = request.param
    return crypto.ring()


def test_what_is_sealed_is_read_again(ring: crypto.Ring) -> None:
    sealed = crypto.seal("13895412345", "t.c")
    assert "13895412345" not in sealed
    assert crypto.unseal(sealed, "t.c") == "13895412345"
    assert crypto.seal("13895412345", "t.c") != sealed
    assert ring.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("where", [4, 20, -3])
def test_a_changed_text_is_refused(ring: crypto.Ring, where: int) -> None:
    sealed = crypto.seal("13895412345", "t.c")
    changed = list(sealed)
    changed[where] = "A" if changed[where] != "A" else "B"
    with pytest.raises(crypto.Unreadable):
        crypto.unseal("".join(changed), "t.c")


def test_a_text_moved_to_another_column_is_refused(ring: crypto.Ring) -> None:
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(crypto.seal("x", "t.phone"), "t.bank")


def test_plain_text_in_the_column_is_refused(ring: crypto.Ring) -> None:
    with pytest.raises(crypto.Unreadable):
        crypto.unseal("13895412345", "t.c")


def test_a_second_process_learns_a_new_key_and_keeps_reading_the_old(ring: crypto.Ring) -> None:
    old = crypto.seal("x", "t.c")
    other = crypto.Ring(ring.path)
    before = other.current()
    ring.add(crypto.AES)
    assert other.current().name != before.name
    assert other.named(before.name).secret == before.secret
    assert crypto.unseal(old, "t.c") == "x"


def test_a_retired_key_reads_nothing(ring: crypto.Ring) -> None:
    old = crypto.seal("x", "t.c")
    name = ring.current().name
    ring.add(crypto.SM4)
    ring.retire(name)
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(old, "t.c")
    with pytest.raises(ValueError, match="current"):
        ring.retire(ring.current().name)

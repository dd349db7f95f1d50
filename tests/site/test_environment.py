"""What an instance takes from its surroundings is read strictly."""

import os
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from shuzhuan.site import environment


def test_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = environment.secret_key(tmp_path)
    assert len(key) >= environment.SECRET_BYTES
    assert environment.secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_control_a_cut_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short", encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match=r"secret\.key"):
        environment.secret_key(tmp_path)


def test_data_directory_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUZHUAN_DATA", str(tmp_path / "new"))
    old = os.umask(0o022)
    try:
        path = environment.data_directory()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(("text", "value"), [("1", True), ("on", True), ("0", False), ("", False)])
def test_flag(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("SHUZHUAN_TEST_FLAG", text)
    assert environment.flag("SHUZHUAN_TEST_FLAG") is value


def test_control_an_unclear_flag_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUZHUAN_TEST_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SHUZHUAN_TEST_FLAG"):
        environment.flag("SHUZHUAN_TEST_FLAG")


def test_postgresql_address() -> None:
    settings = environment.postgresql("postgresql://li%40x:p%2Fw@127.0.0.1:5433/sz?sslmode=require")
    assert settings["USER"] == "li@x"
    assert settings["PASSWORD"] == "p/w"
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("127.0.0.1", "5433", "sz")
    assert settings["OPTIONS"] == {"sslmode": "require", "prepare_threshold": 0}


@pytest.mark.parametrize(
    "url", ["mysql://a/b", "postgresql://host", "postgresql://host/db?options=-c%20fsync=off"]
)
def test_control_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        environment.postgresql(url)

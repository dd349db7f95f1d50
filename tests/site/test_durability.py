"""The site refuses a database that could lose what it has acknowledged (SQLite 耐久性)."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.utils import ConnectionHandler

from shuzhuan.site import durability, environment

# Not for the suite's own database: the marker is what lets a test open any at all.
pytestmark = pytest.mark.django_db(transaction=True)


def opened(settings: dict[str, Any]) -> DatabaseWrapper:
    """Open a second database with the given settings, as Django itself would."""
    wrapper = ConnectionHandler({"default": settings})["default"]
    assert isinstance(wrapper, DatabaseWrapper)
    return wrapper


def test_default_settings_are_durable(tmp_path: Path) -> None:
    wrapper = opened(environment.sqlite(tmp_path / "good.sqlite3"))
    try:
        assert durability.faults(wrapper) == []
        durability.require(wrapper)
    finally:
        wrapper.close()


def weaken(**changes: str) -> Callable[[dict[str, Any]], None]:
    def change(settings: dict[str, Any]) -> None:
        for old, new in changes.items():
            command = settings["OPTIONS"]["init_command"]
            assert old in command
            settings["OPTIONS"]["init_command"] = command.replace(old, new)

    return change


def deferred(settings: dict[str, Any]) -> None:
    settings["OPTIONS"]["transaction_mode"] = "DEFERRED"


def in_memory(settings: dict[str, Any]) -> None:
    settings["NAME"] = ":memory:"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (weaken(WAL="DELETE"), "journal_mode"),
        (weaken(FULL="NORMAL"), "synchronous"),
        (weaken(FULL="OFF"), "synchronous"),
        (weaken(**{"foreign_keys=ON": "foreign_keys=OFF"}), "foreign_keys"),
        (deferred, "transaction_mode"),
        (in_memory, "journal_mode"),
    ],
    ids=["journal", "normal", "off", "foreign-keys", "deferred", "memory"],
)
def test_control_each_weakness_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], named: str
) -> None:
    settings = environment.sqlite(tmp_path / "weak.sqlite3")
    change(settings)
    wrapper = opened(settings)
    try:
        with pytest.raises(ImproperlyConfigured, match=named):
            durability.require(wrapper)
    finally:
        wrapper.close()


def test_the_database_of_the_suite_is_a_durable_file_or_a_server() -> None:
    if connection.vendor == "sqlite":
        assert durability.faults() == []
        assert Path(connection.settings_dict["NAME"]).is_file()
        with sqlite3.connect(connection.settings_dict["NAME"]) as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    else:
        assert connection.vendor == "postgresql"

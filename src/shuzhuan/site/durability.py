"""Refuse to serve on a database that can lose what it has acknowledged.

A setting that was asked for is not yet a setting that holds: SQLite silently keeps another
journal on some file systems, and a PostgreSQL server may run without fsync. So the values are
read back from the open connection, and the site does not start unless they are right.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

# PRAGMA synchronous answers with a number: 2 is FULL, 3 is EXTRA.
SYNCHRONOUS_SAFE = (2, 3)


def faults(database: BaseDatabaseWrapper | None = None) -> list[str]:
    """Name every property of the open database that could lose or break data."""
    wrapper = database if database is not None else connection
    readers = {"sqlite": _sqlite_faults, "postgresql": _postgresql_faults}
    reader = readers.get(wrapper.vendor)
    if reader is None:
        return [f"不支持的数据库：{wrapper.vendor}"]
    return reader(wrapper)


def require(database: BaseDatabaseWrapper | None = None) -> None:
    """Stop the start-up unless every property holds."""
    if found := faults(database):
        raise ImproperlyConfigured(
            "数据库设置不能保证已确认的数据不丢失，拒绝启动：" + "；".join(found)
        )


def _ask(wrapper: BaseDatabaseWrapper, question: str) -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return row[0] if row else None


def _sqlite_faults(wrapper: BaseDatabaseWrapper) -> list[str]:
    wrapper.ensure_connection()
    found = []
    if (mode := _ask(wrapper, "PRAGMA journal_mode")) != "wal":
        found.append(f"journal_mode 应为 wal，实际为 {mode}")
    if (level := _ask(wrapper, "PRAGMA synchronous")) not in SYNCHRONOUS_SAFE:
        found.append(f"synchronous 应为 2（FULL），实际为 {level}")
    if (keys := _ask(wrapper, "PRAGMA foreign_keys")) != 1:
        found.append(f"foreign_keys 应为 1，实际为 {keys}")
    if (kind := getattr(wrapper, "transaction_mode", None)) != "IMMEDIATE":
        found.append(f"transaction_mode 应为 IMMEDIATE，实际为 {kind}")
    return found


def _postgresql_faults(wrapper: BaseDatabaseWrapper) -> list[str]:
    found = []
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if (value := _ask(wrapper, f"SHOW {name}")) == "off":
            found.append(f"{name} 不能为 {value}")
    return found

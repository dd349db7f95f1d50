"""Rows that stay: the database itself refuses to change what was published, by direct SQL too.

An app says once which row may no longer change how; here it becomes a trigger on either database.
Not part of a migration, because SQLite loses triggers whenever Django rebuilds a table: dropped
before every `migrate` and laid down after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from shuzhuan.apps.accounts.triggers import present

# Column names to the SQL that says that one of them becomes something else.
Changed = Callable[..., str]


@dataclass(frozen=True)
class Stays:
    """A table whose rows may not change from OLD to NEW where ``test(changed)``, in SQL, is true.

    ``name``: of the trigger; ``message``: what the database says, for the log.
    """

    table: str
    name: str
    message: str
    test: Callable[[Changed], str]


_kept: dict[str, tuple[Stays, ...]] = {}


def keep(config: AppConfig, *stays: Stays) -> None:
    """Register what the tables of an app keep."""
    _kept[config.label] = stays


def statements(vendor: str, stays: Stays) -> list[str]:
    """SQL that lays one trigger down."""
    table, name, message = stays.table, stays.name, stays.message
    test = stays.test(_changed_sqlite if vendor == "sqlite" else _changed_postgresql)
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {test} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {test} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; "
        "END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _changed_sqlite(*columns: str) -> str:
    return " OR ".join(f'NEW."{c}" IS NOT OLD."{c}"' for c in columns)


def _changed_postgresql(*columns: str) -> str:
    # As text, because JSON has no equality there; the text is the same for the same value.
    return " OR ".join(f'NEW."{c}"::text IS DISTINCT FROM OLD."{c}"::text' for c in columns)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that the database does not have."""
    found = present(connection)
    return [each.name for kept in _kept.values() for each in kept if each.name not in found]


def before_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: make way for rebuilt tables."""
    _remove(connections[using], _kept.get(sender.label, ()))


def after_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: put the triggers of an app back."""
    connection, kept = connections[using], _kept.get(sender.label, ())
    made = [
        sql for each in _remove(connection, kept) for sql in statements(connection.vendor, each)
    ]
    with connection.cursor() as cursor:
        for statement in made:
            cursor.execute(statement)


def _remove(connection: BaseDatabaseWrapper, kept: tuple[Stays, ...]) -> list[Stays]:
    """Drop the triggers whose tables exist, and return them."""
    if not kept:
        return []
    existing = set(connection.introspection.table_names())
    found = [each for each in kept if each.table in existing]
    with connection.cursor() as cursor:
        for each in found:
            where = f" ON {each.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {each.name}{where}")
    return found

"""What was frozen stays frozen: the database refuses to change an opened batch's process.

Not part of a migration, because SQLite loses triggers whenever Django rebuilds a table: dropped
before every `migrate` and laid down after it.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE, NAME = "pilots_batch", "batch_process_stays"
MESSAGE = "an opened batch keeps its process"
FIXED = ("place_id", "pilot_id", "number", "clause", "process", "pack_version", "pack_digest")


def _changed(distinct: str) -> str:
    return " OR ".join(f"NEW.{column} {distinct} OLD.{column}" for column in FIXED)


def statements(vendor: str) -> list[str]:
    """SQL that lays the trigger down."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} "
            f"WHEN OLD.process <> '' AND ({_changed('IS NOT')}) "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.process <> '' AND ({_changed('IS DISTINCT FROM')}) THEN "
        f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
    ]


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the trigger where it and its table exist."""
    if TABLE not in connection.introspection.table_names():
        return
    where = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {NAME}{where}")


def before_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: make way for a rebuilt table."""
    remove(connections[using])


def after_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: put the trigger back."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    remove(connection)
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)

"""What was published and what was said against it stays: the database refuses to change it.

Laid down after every `migrate` and dropped before it, because SQLite loses triggers whenever
Django rebuilds a table.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE = "keeps what was published"
FIXED = {
    "publicity_publicity": (
        "place_id", "kind", "year", "serial", "number", "title", "basis", "fields",
        "amount_field", "days", "unit", "bound", "starts_on", "contact", "created_by_id",
    ),
    "publicity_publicityitem": (
        "place_id", "publicity_id", "position", "party_id", "subject_kind", "subject_id",
        "values", "amount_fen",
    ),
    "publicity_objection": (
        "place_id", "item_id", "party_id", "number", "made_at", "from_name", "text", "key",
    ),
    "publicity_objectionfile": (
        "place_id", "objection_id", "party_id", "position", "sha256", "size_bytes", "kind",
        "name", "original_name", "created_at",
    ),
}  # fmt: skip
# Once decided, an answer is not taken back or reworded.
DECIDED = ("state", "finding", "decided_by_id", "decided_at")


def _changed(columns: tuple[str, ...], distinct: str, cast: str = "") -> str:
    return " OR ".join(f'NEW."{c}"{cast} {distinct} OLD."{c}"{cast}' for c in columns)


def _test(table: str, vendor: str) -> str:
    # Text for text: PostgreSQL keeps JSON as jsonb, whose text is the same for the same value.
    distinct, cast = ("IS NOT", "") if vendor == "sqlite" else ("IS DISTINCT FROM", "::text")
    test = _changed(FIXED[table], distinct, cast)
    if table == "publicity_objection":
        test = f"{test} OR (OLD.state <> 'open' AND ({_changed(DECIDED, distinct, cast)}))"
    return test


def statements(vendor: str, table: str) -> list[str]:
    """SQL that lays the trigger of one table down."""
    name = f"{table}_stays"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {_test(table, vendor)} "
            f"BEGIN SELECT RAISE(ABORT, '{table} {MESSAGE}'); END"
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_test(table, vendor)} THEN RAISE EXCEPTION '{table} {MESSAGE}' "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers where they and their tables exist."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in FIXED:
            if table in existing:
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_stays{where}")


def before_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: make way for rebuilt tables."""
    remove(connections[using])


def after_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: put the triggers back."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    remove(connection)
    with connection.cursor() as cursor:
        for table in FIXED:
            if table in existing:
                for statement in statements(connection.vendor, table):
                    cursor.execute(statement)

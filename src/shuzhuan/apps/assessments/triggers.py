"""A published indicator set stays as it is: the database refuses to change it, by direct SQL too.

Not part of a migration, because SQLite loses triggers whenever Django rebuilds a table: dropped
before every `migrate` and laid down after it.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE, NAME = "assessments_publishedset", "indicator_set_stays"
MESSAGE = "a published indicator set never changes"
# Everything but the state and what is said when it is retired.
FIXED = (
    "place_id", "set_id", "version", "title", "sector", "document", "sha256", "figures_sha256",
    "has_unverified", "checked", "note", "based_on_id", "created_by_id", "changed_by_id",
    "published_at", "published_by_id",
)  # fmt: skip


def _changed(distinct: str) -> str:
    return " OR ".join(f"NEW.{column} {distinct} OLD.{column}" for column in FIXED)


def statements(vendor: str) -> list[str]:
    """SQL that lays the trigger down."""
    back = "NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} WHEN OLD.state <> 'draft' AND "
            f"({_changed('IS NOT')} OR {back}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.state <> 'draft' AND ({_changed('IS DISTINCT FROM')} OR {back}) THEN "
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

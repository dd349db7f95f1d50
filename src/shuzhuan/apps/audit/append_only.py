"""Tables that only grow: a database trigger refuses every UPDATE and DELETE.

A correction is a new row. The trigger also stops code that goes round the models; who
can drop the trigger is stopped by the published checkpoints.
"""

from collections.abc import Sequence
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MESSAGE = "append-only table"


Unique = Sequence[tuple[str, ...]]


def statements(vendor: str, table: str, unique: Unique = ()) -> tuple[list[str], list[str]]:
    """SQL that makes the triggers of ``table``, and SQL that drops them.

    ``unique``: sets of columns that are unique in it besides ``id``. SQLite fires no DELETE
    trigger for INSERT OR REPLACE, so a row that would replace another is refused before.
    """
    if vendor == "sqlite":
        same = [("id",), *unique]
        test = " OR ".join(
            "(" + " AND ".join(f"t.{column} = NEW.{column}" for column in columns) + ")"
            for columns in same
        )
        make = [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE} {table}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
        make.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - own names
            f"WHEN EXISTS (SELECT 1 FROM {table} t WHERE {test}) "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE} {table}: UNIQUE constraint failed'); END"
        )
        drop = [f"DROP TRIGGER {table}_no_{verb}" for verb in ("update", "delete", "replace")]
        return make, drop
    function = (
        "CREATE OR REPLACE FUNCTION shuzhuan_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE} %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; "
        "END $$"
    )
    make = [
        function,
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION shuzhuan_append_only()",
    ]
    return make, [f"DROP TRIGGER {table}_append_only ON {table}"]


def append_only(table: str, unique: Unique = ()) -> migrations.RunPython:
    """A migration step that makes ``table`` append-only on SQLite and PostgreSQL."""

    def make(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements(schema_editor.connection.vendor, table, unique)[0]:
            schema_editor.execute(statement, params=None)  # its text holds a %

    def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements(schema_editor.connection.vendor, table, unique)[1]:
            schema_editor.execute(statement, params=None)  # its text holds a %

    return migrations.RunPython(make, drop)

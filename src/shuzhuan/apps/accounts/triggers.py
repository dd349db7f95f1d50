"""What a constraint cannot say: a membership carries the kind of its user, and a kind never changes.

Together with the CHECK on Membership they make it impossible, by direct SQL too, that a system,
security or audit administrator holds any other role (trust.md 16).

The triggers are not part of a migration: SQLite loses them whenever Django rebuilds a table. They
are dropped before every `migrate` and laid down after it.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TRIGGERS = (
    ("accounts_membership", "membership_kind_on_insert"),
    ("accounts_membership", "membership_kind_on_update"),
    ("accounts_user", "user_kind_never_changes"),
)
FALSE_KIND = "membership.user_kind must equal the kind of its user"
FIXED_KIND = "the kind of a user never changes"

_EQUAL_SQLITE = f"""
CREATE TRIGGER {{name}} BEFORE {{event}} ON accounts_membership
WHEN NEW.user_kind IS NOT (SELECT kind FROM accounts_user WHERE id = NEW.user_id)
BEGIN SELECT RAISE(ABORT, '{FALSE_KIND}'); END
"""  # noqa: S608 (every word is a constant of this file)
_SQLITE = (
    _EQUAL_SQLITE.format(name="membership_kind_on_insert", event="INSERT"),
    _EQUAL_SQLITE.format(name="membership_kind_on_update", event="UPDATE OF user_kind, user_id"),
    f"""
CREATE TRIGGER user_kind_never_changes BEFORE UPDATE OF kind ON accounts_user
WHEN NEW.kind IS NOT OLD.kind
BEGIN SELECT RAISE(ABORT, '{FIXED_KIND}'); END
""",
)

_POSTGRESQL = (
    f"""
CREATE OR REPLACE FUNCTION accounts_membership_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.user_kind IS DISTINCT FROM (SELECT kind FROM accounts_user WHERE id = NEW.user_id) THEN
    RAISE EXCEPTION '{FALSE_KIND}' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
""",  # noqa: S608 (every word is a constant of this file)
    f"""
CREATE OR REPLACE FUNCTION accounts_user_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind IS DISTINCT FROM OLD.kind THEN
    RAISE EXCEPTION '{FIXED_KIND}' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
""",
    "CREATE TRIGGER membership_kind_on_insert BEFORE INSERT ON accounts_membership"
    " FOR EACH ROW EXECUTE FUNCTION accounts_membership_kind()",
    "CREATE TRIGGER membership_kind_on_update BEFORE UPDATE OF user_kind, user_id"
    " ON accounts_membership FOR EACH ROW EXECUTE FUNCTION accounts_membership_kind()",
    "CREATE TRIGGER user_kind_never_changes BEFORE UPDATE OF kind ON accounts_user"
    " FOR EACH ROW EXECUTE FUNCTION accounts_user_kind()",
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Lay the triggers down; the tables must be there."""
    remove(connection)
    statements = _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers where they and their tables exist."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, name in TRIGGERS:
            if table in existing:
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def present(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of all triggers of the database."""
    question = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return {row[0] for row in cursor.fetchall()}


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that the database does not have."""
    found = present(connection)
    return [name for _, name in TRIGGERS if name not in found]


def before_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: make way for a rebuilt table."""
    remove(connections[using])


def after_migrate(sender: Any, using: str, **_: Any) -> None:
    """Signal handler: put the triggers back."""
    connection = connections[using]
    if {table for table, _ in TRIGGERS} <= set(connection.introspection.table_names()):
        install(connection)

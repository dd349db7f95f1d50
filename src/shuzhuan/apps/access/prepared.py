"""Statements of the path that every action takes: written once, planned once, sent together.

The ORM spells a query anew each time it is asked, and PostgreSQL parses and plans it anew; on this
path that was most of the time. Here the SQL of a model's rows is spelled once in a process,
PostgreSQL keeps its plan on the connection, and statements nobody waits for go out in one round
trip. Only texts are kept, never rows: who may see or do what is asked of the database each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
ROWS_MAX = 64  # rows of one INSERT: each number of rows is a text of its own that is kept


def ask(sql: str, params: Sequence[Any] = ()) -> CursorWrapper:
    """Run one statement, with ``%s`` for values; its answer is read from the cursor returned.

    Within ``together`` fetching waits for the answer, and ``rowcount`` is known after the block.
    """
    cursor = _cursor()
    cursor.execute(sql, params)
    return cursor


@contextmanager
def together() -> Iterator[None]:
    """What is asked within goes out without waiting; it has been done when the block is left.

    Raises there what the database refused, at the latest. Only for statements of this module:
    the ORM counts rows at once, which cannot be known yet. SQLite has no way to wait for.
    """
    database = _database()
    if database.vendor != "postgresql":
        yield
        return
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def add(rows: Sequence[Model], *, once: bool = False) -> None:
    """Insert new rows of one model with what they hold, without reading back their keys.

    ``once``: a row that breaks a unique constraint is left out. As ``bulk_create`` this calls no
    ``save`` and sends no signal.
    """
    for start in range(0, len(rows), ROWS_MAX):
        some = rows[start : start + ROWS_MAX]
        fields = _written(type(some[0]))
        sql = _insert(type(some[0]), len(some)) + (" ON CONFLICT DO NOTHING" if once else "")
        ask(sql, [value for row in some for value in _values(row, fields, add=True)])


def change(row: Model, names: Sequence[str]) -> tuple[str, list[Any]]:
    """``SET`` of an update with these attributes of a row, and its values."""
    fields = [field for field in row._meta.concrete_fields if field.attname in names]
    marks = ", ".join(f"{field.column} = %s" for field in fields)
    return marks, _values(row, fields, add=False)


def moment(at: datetime) -> Any:
    """A time as the database keeps it, for a value of ``ask``."""
    return connection.ops.adapt_datetimefield_value(at)


def among(column: str, values: Sequence[Any]) -> str:
    """The test that a column holds one of the values; true of no row where there are none."""
    return f"{column} IN ({', '.join(['%s'] * len(values))})" if values else "1 = 0"


@cache
def columns(model: type[Model], alias: str) -> str:
    """Every column of a model's table, to be selected and read by ``row_of``."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def locked() -> str:
    """Ends a SELECT that locks what it finds. SQLite has one writer, who holds the lock already."""
    return " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""


def row_of(model: type[M], values: Iterable[Any]) -> M:
    """The row that a statement found: the values of ``columns``, in their order.

    A row that was joined from several models is read from one iterator, model by model.
    """
    names, converters = _reading(model)
    found = list(islice(values, len(names)))
    database = _database()
    for at, column, convert in converters:
        for each in convert:
            found[at] = each(found[at], column, database)
    return model.from_db(database.alias, names, found)


def prefetch(row: Model, names: Sequence[str]) -> None:
    """``prefetch_related_objects`` of one row, for relations back to it, in one round trip."""
    relations = [getattr(row, name).field for name in names]
    with together():
        asked = [ask(_related(relation), [row.pk]) for relation in relations]
    kept = row.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, relation, cursor in zip(names, relations, asked, strict=True):
        rows = getattr(row, name).all()
        rows._result_cache = [row_of(relation.model, values) for values in cursor.fetchall()]
        for each in rows._result_cache:
            setattr(each, relation.name, row)
        rows._prefetch_done = True
        kept[name] = rows


@cache
def _related(relation: Any) -> str:
    model = relation.model
    return (
        f"SELECT {columns(model, 't')} FROM {model._meta.db_table} t "  # noqa: S608 - own names
        f"WHERE t.{relation.column} = %s ORDER BY t.{model._meta.pk.column}"
    )


def _database() -> Any:
    """The thread's own connection. Asked of the name ``connection``, it is looked up every time."""
    return connections[DEFAULT_DB_ALIAS]


def _cursor() -> CursorWrapper:
    """A cursor whose statements the server prepares; sqlite3 keeps its own."""
    database = _database()
    if database.vendor != "postgresql":
        return cast("CursorWrapper", database.cursor())
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors:
        cursor: CursorWrapper = database._prepare_cursor(_kind()(database.connection))
    return cursor


@cache
def _kind() -> Any:
    """The kind of cursor, where psycopg is installed."""
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415

    class Cursor(ServerBindingCursor):
        def _send_query_prepared(self, name: bytes, query: Any, **more: Any) -> None:
            self._query = query  # what Django's log of statements shows
            super()._send_query_prepared(name, query, **more)  # type: ignore[misc]

    return Cursor


def _values(row: Model, fields: Iterable[Field[Any, Any]], *, add: bool) -> list[Any]:
    database = _database()
    return [field.get_db_prep_save(field.pre_save(row, add), database) for field in fields]


@cache
def _written(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _insert(model: type[Model], rows: int) -> str:
    names = ", ".join(str(field.column) for field in _written(model))
    marks = f"({', '.join(['%s'] * len(_written(model)))})"
    table = model._meta.db_table
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([marks] * rows)}"  # noqa: S608 - own names


@cache
def _reading(model: type[Model]) -> tuple[list[str], list[tuple[int, Any, list[Any]]]]:
    """Attribute names, and which values must be converted first."""
    converters = []
    for at, field in enumerate(model._meta.concrete_fields):
        column = field.get_col(model._meta.db_table)
        found = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        if found:
            converters.append((at, column, found))
    return [field.attname for field in model._meta.concrete_fields], converters

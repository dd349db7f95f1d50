"""Re-encrypting a live database: small batches, compare and swap, readers and writers go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from shuzhuan.apps.access import keyring
from shuzhuan.apps.access.crypto import PREFIX, EncryptedField, Sealed

BATCH_ROWS = 200
PASSES_MAX = 20
# A writer that took the old key just before the change has long finished by then.
FORGET_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Done:
    """What a rotation did."""

    key_id: str
    rows: int
    left: int


def fields() -> Iterator[tuple[type[Model], EncryptedField]]:
    """Every encrypted column of the site."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedField):
                yield model, field


def rotate(report: Callable[[str], None] = lambda _: None, batch: int = BATCH_ROWS) -> Done:
    """Take a new key for new values and bring every stored value over to it."""
    key_id = keyring.add_key().current_id
    return finish(key_id, report, batch)


def finish(
    key_id: str, report: Callable[[str], None] = lambda _: None, batch: int = BATCH_ROWS
) -> Done:
    """Bring every value over to the key. Safe to run again after an interruption."""
    moved = 0
    for _ in range(PASSES_MAX):
        for model, field in fields():
            count = _move(model, field, key_id, batch)
            moved += count
            if count:
                report(f"{model._meta.verbose_name} · {field.verbose_name}：{count} 行")
        left = sum(counts_by_key(other=key_id).values())
        if left == 0:
            return Done(key_id, moved, 0)
    return Done(key_id, moved, left)


def counts_by_key(other: str = "") -> dict[str, int]:
    """How many stored values each key of the ring still holds; without the key ``other``."""
    found: dict[str, int] = {}
    for model, field in fields():
        for key_id in keyring.ring().keys:
            if key_id != other and (count := _count(model, field, key_id)):
                found[key_id] = found.get(key_id, 0) + count
    return found


def forgettable(now: datetime | None = None) -> set[str]:
    """Retired keys that no value needs and no late writer can still use."""
    moment = now or datetime.now(UTC)
    used = counts_by_key()
    return {
        key.id
        for key in keyring.ring().keys.values()
        if key.retired_at
        and key.id not in used
        and moment - datetime.fromisoformat(key.retired_at) > FORGET_AFTER
    }


def _columns(model: type[Model], field: EncryptedField) -> tuple[str, str, str]:
    quote = connection.ops.quote_name
    assert model._meta.pk is not None
    key = str(model._meta.pk.column)
    return quote(model._meta.db_table), quote(str(field.column)), quote(key)


def _count(model: type[Model], field: EncryptedField, key_id: str) -> int:
    table, column, _ = _columns(model, field)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table} WHERE {column} LIKE %s",  # noqa: S608 - quoted names
            [f"{PREFIX}:{key_id}:%"],
        )
        return int(cursor.fetchone()[0])


def _move(model: type[Model], field: EncryptedField, key_id: str, batch: int) -> int:
    moved, last = 0, None
    while True:
        rows = _next_rows(model, field, last, batch)
        if not rows:
            return moved
        last = rows[-1]["pk"]
        old = [row for row in rows if _needs(row[field.attname], key_id)]
        if old:
            moved += _swap(model, field, old)


def _needs(stored: Any, key_id: str) -> bool:
    return isinstance(stored, Sealed) and stored.key_id != key_id


def _next_rows(
    model: type[Model], field: EncryptedField, last: Any, batch: int
) -> list[dict[str, Any]]:
    rows = model._default_manager.order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return list(rows.values("pk", field.attname, *field.bound_to)[:batch])


def _swap(model: type[Model], field: EncryptedField, rows: list[dict[str, Any]]) -> int:
    """Replace each value unless somebody has written it since it was read."""
    table, column, key = _columns(model, field)
    statement = f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s"  # noqa: S608
    fresh = []
    for row in rows:
        plain = field.open(row[field.attname], row)
        assert plain is not None
        fresh.append((field.seal(plain, row), row["pk"], row[field.attname].text))
    moved = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for values in fresh:
            cursor.execute(statement, values)
            moved += cursor.rowcount
    return moved

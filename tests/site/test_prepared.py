"""Statements written by hand read and write exactly what the ORM does."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from shuzhuan.apps.access import prepared
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Chain
from shuzhuan.apps.inbox.models import Message
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def held(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_every_row_is_read_as_the_orm_reads_it(cast: Cast) -> None:
    read = 0
    for model in apps.get_models():
        for row in model._default_manager.all()[:3]:
            pk = f"t.{model._meta.pk.column}"
            sql = (
                f"SELECT {prepared.columns(model, 't')} "  # noqa: S608 - own names
                f"FROM {model._meta.db_table} t WHERE {pk} = %s"
            )
            prepared_pk = model._meta.pk.get_db_prep_value(row.pk, connection)
            (values,) = prepared.ask(sql, [prepared_pk]).fetchall()
            assert held(prepared.row_of(model, values)) == held(row)
            read += 1
    assert read > 15


def message(cast: Cast, key: str) -> Message:
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    return Message(user_id=person.user_id, key=key, title="题", url="/", about_id=2**40)


@pytest.mark.parametrize("keys", [["a"], ["a", "b", "c"]])
def test_rows_are_written_as_the_orm_writes_them(cast: Cast, keys: list[str]) -> None:
    rows = [message(cast, key) for key in keys]
    prepared.add(rows)
    for row in rows:
        found = Message.objects.get(key=row.key)
        assert {**held(found), "id": None} == held(row)
    prepared.add([*rows, message(cast, "new")], once=True)
    assert Message.objects.count() == len(keys) + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.add(rows)


def test_an_update_writes_the_named_columns_alone(cast: Cast) -> None:
    row = message(cast, "a")
    row.save()
    row.title, row.body, row.done_at = "新题", "不写", None
    marks, values = prepared.change(row, ["title", "done_at"])
    sql = f"UPDATE inbox_message SET {marks} WHERE id = %s"  # noqa: S608 - own names
    prepared.ask(sql, [*values, row.pk])
    found = Message.objects.get(pk=row.pk)
    assert (found.title, found.body) == ("新题", "")


def test_what_goes_out_together_has_been_done_afterwards(cast: Cast) -> None:
    prepared.add([message(cast, "a"), message(cast, "b")])
    with prepared.together():
        done = prepared.ask("UPDATE inbox_message SET title = %s WHERE key <> %s", ["新", "b"])
        seen = prepared.ask("SELECT title FROM inbox_message WHERE key = %s", ["a"]).fetchone()
        prepared.add([message(cast, "c")])
    assert done.rowcount == 1 and seen == ("新",)
    assert Message.objects.count() == 3


def test_what_is_refused_in_between_is_raised_and_undone(cast: Cast) -> None:
    prepared.add([message(cast, "a")])
    with (
        pytest.raises(IntegrityError, match=r"message_once|UNIQUE"),
        transaction.atomic(),
        prepared.together(),
    ):
        prepared.add([message(cast, "b")])
        prepared.add([message(cast, "a")])
        prepared.add([message(cast, "c")])
    assert list(Message.objects.values_list("key", flat=True)) == ["a"]
    prepared.add([message(cast, "d")])  # the connection serves on


def test_the_log_shows_what_was_asked() -> None:
    connection.force_debug_cursor = True
    try:
        connection.queries_log.clear()
        Chain.objects.count()
        prepared.ask("SELECT 1 WHERE 1 = %s", [1])
        assert "SELECT 1 WHERE" in connection.queries_log[-1]["sql"]
    finally:
        connection.force_debug_cursor = False

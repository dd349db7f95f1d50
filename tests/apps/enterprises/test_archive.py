"""An archive is read whole in five statements, as the relations themselves would read it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries.archive import load
from tests.apps.enterprises.filling import fill

pytestmark = pytest.mark.django_db
ROWS = ("years", "qualifications", "declarations", "cloud_uses", "pilot_entries")


def test_all_rows_at_once(
    mill: Enterprise, certifier: Actor, officer: Actor, django_assert_num_queries: Any
) -> None:
    fill(mill, certifier, officer)
    plain = Enterprise.objects.get(pk=mill.pk)
    expected = {name: list(getattr(plain, name).order_by("pk").values()) for name in ROWS}
    assert expected["years"]
    read = Enterprise.objects.get(pk=mill.pk)
    with django_assert_num_queries(len(ROWS)):
        archive = load(read, date(2026, 3, 2))
        found = {name: list(getattr(read, name).all()) for name in ROWS}
        assert all(each.enterprise is read for rows in found.values() for each in rows)
        assert archive.years
    for name, rows in found.items():
        fields = [field.attname for field in rows[0]._meta.concrete_fields] if rows else []
        assert [{each: getattr(row, each) for each in fields} for row in rows] == expected[name]

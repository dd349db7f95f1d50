"""What the platform reads back before it serves: triggers that are there, a wall that binds."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from shuzhuan.apps.access import stays, wall

pytestmark = pytest.mark.django_db


def test_triggers_that_went_are_named_and_come_back() -> None:
    assert stays.missing(connection) == []
    for config in apps.get_app_configs():
        stays.before_migrate(config, "default")
    gone = stays.missing(connection)
    assert {"batch_process_stays", "indicator_set_stays", "notice_words_stay"} < set(gone)
    assert len(gone) == 7
    for config in apps.get_app_configs():
        stays.after_migrate(config, "default")
    assert stays.missing(connection) == []


def test_a_role_that_the_wall_does_not_bind_is_refused() -> None:
    wall.require(connection)  # the suite runs as one that it binds
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        bound = cursor.fetchone()[0]
        cursor.execute("RESET ROLE")
        try:
            with pytest.raises(ImproperlyConfigured, match="NOSUPERUSER NOBYPASSRLS"):
                wall.require(connection)
        finally:
            cursor.execute(f"SET ROLE {bound}")

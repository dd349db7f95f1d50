"""The second wall: PostgreSQL's row-level security behind the scoped queries.

Every table with a ``place_id`` gets one policy for all four commands. What a connection
may reach is set for each request from its actor: the rows of its places, or the rows of
its parties (own, and those opened by consent). Without a setting nothing is reached. The
command line, background work and pages before sign-in reach everything; code that must
look across places on behalf of a signed-in person says so with ``opened``.

SQLite has no such wall; there the scoped queries stand alone, held by the matrix test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, Model
from django.http import HttpRequest, HttpResponse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request

ALL, PLACES, PARTIES = "all", "places", "parties"
_PARTY, _ENTERPRISE = "accounts.party", "enterprises.enterprise"
Widening = Callable[[Actor], Iterable[int]]
_widenings: list[Widening] = []


def widened_by(rule: Widening) -> Widening:
    """Register who else an actor for a party may see: ids of parties, for example by consent."""
    _widenings.append(rule)
    return rule


def walled_models() -> list[type[Model]]:
    """Every model with a place of its own, by table name.

    The chains of the audit log stand outside (``WALLED = False``): everybody writes to the log of
    a place, and only the audit administrator's queries read it. So do messages: they are written
    across places, and each has one reader.
    """
    found = [
        m
        for m in apps.get_models()
        if getattr(m, "WALLED", True)
        and any(f.column == "place_id" for f in m._meta.concrete_fields)
    ]
    return sorted(found, key=lambda m: m._meta.db_table)


def _listed(name: str) -> str:
    """SQL for the ids in a setting. A sub-query, so that the text is read once and not for each row:
    a body with thousands of clients has a long one."""
    setting = f"nullif(current_setting('shuzhuan.{name}', true), '')"
    return f"SELECT unnest(string_to_array({setting}, ',')::bigint[])"


def _owners(model: type[Model]) -> list[str]:
    """SQL tests that a row belongs to one of the parties in reach."""
    listed = _listed("parties")
    if model._meta.label_lower == _PARTY:
        return [f"id IN ({listed})"]
    tests = []
    for field in model._meta.concrete_fields:
        if not isinstance(field, ForeignKey):
            continue
        target = field.related_model
        label = target._meta.label_lower if isinstance(target, type) else ""
        if label == _PARTY:
            tests.append(f"{field.column} IN ({listed})")
        elif label == _ENTERPRISE:
            tests.append(
                f"{field.column} IN (SELECT id FROM enterprises_enterprise "  # noqa: S608 - own names
                f"WHERE party_id IN ({listed}))"
            )
    return tests


def statements(model: type[Model]) -> list[str]:
    """SQL that puts the wall before one table; may be run again."""
    table = model._meta.db_table
    places = _listed("places")
    reach = "current_setting('shuzhuan.reach', true)"
    owners = " OR ".join(_owners(model)) or "false"
    test = (
        f"{reach} = '{ALL}'"
        f" OR ({reach} = '{PLACES}' AND (place_id IS NULL OR place_id IN ({places})))"
        f" OR ({reach} = '{PARTIES}' AND ({owners}))"
    )
    made = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS wall ON {table}",
        f"CREATE POLICY wall ON {table} USING ({test}) WITH CHECK ({test})",
    ]
    if model._meta.label_lower == _PARTY:
        # Name and code of a vendor or an agency are public, and stand beside what they did for
        # others: a join must not lose the row. Nobody writes them through this.
        made += [
            f"DROP POLICY IF EXISTS bodies ON {table}",
            f"CREATE POLICY bodies ON {table} FOR SELECT USING (kind IN ('vendor', 'agency'))",
        ]
    return made


def build(**_: Any) -> None:
    """After a migration: put the wall before every table that has a place (PostgreSQL only)."""
    if connection.vendor != "postgresql":
        return
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in walled_models():
            if model._meta.db_table in existing:
                for statement in statements(model):
                    cursor.execute(statement)


def require(database: BaseDatabaseWrapper) -> None:
    """Stop the start-up where the wall would bind nobody.

    Raises:
        ImproperlyConfigured: the role of the connection passes every policy.
    """
    if database.vendor != "postgresql":
        return
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles "
            "WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
        )
        if found := cursor.fetchone():
            raise ImproperlyConfigured(
                f"数据库用户 {found[0]} 不受行级安全约束，第二道墙不起作用，拒绝启动。"
                f"请运行：ALTER ROLE {found[0]} NOSUPERUSER NOBYPASSRLS，或者换一个普通用户"
            )


def open_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A new connection reaches everything until a request narrows it."""
    if connection.vendor == "postgresql":
        _set(ALL, (), (), connection)


def _set(
    reach: str,
    places: Iterable[int],
    parties: Iterable[int],
    database: BaseDatabaseWrapper | None = None,
) -> None:
    with (database or connection).cursor() as cursor:
        cursor.execute(
            "SELECT set_config('shuzhuan.reach', %s, false), "
            "set_config('shuzhuan.places', %s, false), set_config('shuzhuan.parties', %s, false)",
            [reach, ",".join(map(str, places)), ",".join(map(str, parties))],
        )


def narrow(actor: Actor) -> None:
    """Set what the connection reaches to what the signed-in actor may reach."""
    if actor.party_id is None:
        _set(PLACES, actor.place_ids, ())
    else:
        others = {party for rule in _widenings for party in rule(actor)}
        _set(PARTIES, (), sorted({actor.party_id, *others}))


@contextmanager
def opened(reason: str) -> Iterator[None]:
    """Look across places for a stated reason (a duplicate check, an invitation), then narrow again."""
    if connection.vendor != "postgresql":
        yield
        return
    if not reason:
        raise ValueError("looking across places needs a reason")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('shuzhuan.reach', true)")
        before = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('shuzhuan.reach', %s, false)", [ALL])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('shuzhuan.reach', %s, false)", [before])


class WallMiddleware:
    """Narrows the connection for each request, and opens it again afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of_request(request) if connection.vendor == "postgresql" else None
        if actor is None or actor.is_public:
            return self.get_response(request)
        narrow(actor)
        try:
            return self.get_response(request)
        finally:
            _set(ALL, (), ())

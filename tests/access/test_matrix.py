"""The access matrix in its everyday form; `make prove-access` runs all of it with the mutants."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import Http404
from django.urls import URLPattern, URLResolver, get_resolver

from shuzhuan.apps.access import prepared
from shuzhuan.apps.access.actor import PUBLIC, Actor, actor_of
from shuzhuan.apps.access.scope import locking, rules, visible
from shuzhuan.apps.access.wall import walled_models
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.vendors.models import Consent
from shuzhuan.site.access import TABLE
from tests.access.matrix import cells, clients_of, verdict
from tests.access.policy import may_see
from tests.access.world import World, make_world

pytestmark = pytest.mark.django_db
SAMPLE = 1_200  # cells of the everyday run
# What the public reads too, but for what is still being prepared.
PUBLISHED = {"assessments.PublishedSet": ~Q(state="draft")}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def routes(patterns: Any, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            found |= routes(pattern.url_patterns, prefix + space)
        elif isinstance(pattern, URLPattern):
            found.add(prefix + str(pattern.name))
    return found


def test_every_route_is_in_the_access_table_and_nothing_else() -> None:
    assert settings.ACCESS_TABLE == "shuzhuan.site.access.TABLE"
    assert routes(get_resolver().url_patterns) == set(TABLE)


def test_something_of_every_scoped_model_stands_in_two_tenants(world: World) -> None:
    for model in rules():
        places = {t.place.pk for t in world.things.get(model._meta.label, []) if t.place}
        assert len(places) >= 2, f"no things of {model._meta.label} in the world"


def test_scopes_agree_with_the_second_writing_of_the_rules(world: World) -> None:
    """Who sees which rows, for every model and everybody, equals the independent evaluator."""
    for model in rules():
        things = world.things[model._meta.label]
        seen = visible(PUBLIC, model)
        if model._meta.label in PUBLISHED:
            due_to_all = model._default_manager.filter(PUBLISHED[model._meta.label])
            assert set(seen) == set(due_to_all), model
        else:
            assert not seen.exists(), model
        for person in world.cast.people.values():
            shown = set(visible(actor_of(person), model).values_list("pk", flat=True))
            due = {t.row.pk for t in things if may_see(world, person, t)}
            assert shown & {t.row.pk for t in things} == due, (model, str(person))


def test_what_can_be_locked_is_what_can_be_seen(world: World) -> None:
    """Asked again after consents have ended, for the text of a rule is kept between two questions."""
    projects = list(Project.objects.values_list("pk", flat=True))

    def agree() -> int:
        found = 0
        for person in world.cast.people.values():
            actor = actor_of(person)
            shown = set(visible(actor, Project).values_list("pk", flat=True))
            assert {pk for pk in projects if locked(actor, pk)} == shown, str(person)
            found += len(shown)
        return found

    before = agree()
    Consent.objects.filter(sees_projects=True).update(valid_to=date(2026, 1, 2))
    assert agree() < before


def locked(actor: Actor, pk: int) -> bool:
    try:
        return prepared.ask(*locking(actor, Project, pk)).fetchone() is not None
    except Http404:
        return False


def test_a_sample_of_the_matrix(world: World) -> None:
    clients = clients_of(world)
    every = [cell for row in TABLE.values() for cell in cells(world, row)]
    chosen = random.Random(20260101).sample(every, min(SAMPLE, len(every)))
    problems = [p for cell in chosen for p in verdict(world, cell, clients)]
    assert problems == []


def test_a_model_without_a_rule_shows_nothing(world: World) -> None:
    from shuzhuan.apps.evidence.models import Blob

    assert Blob not in rules()
    assert Blob.objects.exists()
    for person in world.cast.people.values():
        assert not visible(actor_of(person), Blob).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the wall stands on PostgreSQL only")
class TestWall:
    """Row-level security with the first wall switched off."""

    def test_every_table_with_a_place_is_behind_the_wall(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
                "WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polname = 'wall' "
                "AND p.polcmd = '*' AND p.polwithcheck IS NOT NULL"
            )
            guarded = {row[0] for row in cursor.fetchall()}
            cursor.execute(
                "SELECT table_name FROM information_schema.columns WHERE column_name = 'place_id' "
                "AND table_schema = 'public'"
            )
            placed = {row[0] for row in cursor.fetchall()}
        assert {m._meta.db_table for m in walled_models()} <= guarded
        # All say why in their models: everybody writes to a log; a message has one reader; sets,
        # pilots and batches are public once they are opened.
        assert placed - guarded == {
            "audit_chain", "inbox_message", "assessments_publishedset", "pilots_pilot",
            "pilots_batch",
        }  # fmt: skip

    def test_the_suite_runs_as_a_role_that_the_wall_binds(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (False,)

    def test_nothing_foreign_is_reached_without_the_scopes(self, world: World) -> None:
        from shuzhuan.apps.access import wall

        tables = {m._meta.label: m for m in walled_models()}
        checked = 0
        for person in world.cast.people.values():
            actor = actor_of(person)
            wall.narrow(actor)
            try:
                for label, things in world.things.items():
                    if label not in tables:
                        continue
                    reached = set(tables[label]._default_manager.values_list("pk", flat=True))
                    for thing in things:
                        if thing.row.pk in reached:
                            assert _near(world, person, thing), (label, str(person))
                            checked += 1
            finally:
                wall._set(wall.ALL, (), ())
        assert checked > 0


def _near(world: World, person: Any, thing: Any) -> bool:
    """What the wall may let through: the own places, the own party, parties opened by consent or visit."""
    if isinstance(thing.row, Party) and thing.row.kind != PartyKind.ENTERPRISE:
        return True  # name and code of a vendor or an agency are public
    if person.party_id is None:
        return bool(thing.place.path.startswith(person.region.path))
    sides = {s.pk for s in (thing.owner, thing.vendor) if s is not None}
    sides |= {getattr(getattr(thing.row, "enterprise", None), "party_id", None)}
    sides |= {getattr(thing.row, "party_id", None)}
    opened = {e for e, v in (*world.consents, *world.engaged) if v == person.party_id}
    return bool(sides & {person.party_id, *opened})

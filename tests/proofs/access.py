"""`make prove-access`: the whole access matrix, and a mutant for every guard.

Builds a world with something of every kind in every tenant (tests/access/world.py) in a fresh
database, asks every route by every method as everybody about everything, compares with a second
writing of the rules (tests/access/policy.py), and looks for foreign canaries in every answer.
Then takes away one guard at a time — the row of a route, its writing roles, the scope of a
model — and each loss must be noticed. `--open ROUTE` is the control: it opens one route and the
proof must fail. `--sample N` asks N questions instead of all.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import random
import sys
import tempfile
from typing import Any


def main(arguments: list[str]) -> int:
    """Run the proof; 0 when every answer was right and every missing guard was noticed."""
    options = argparse.ArgumentParser()
    options.add_argument("--sample", type=int, default=0)
    options.add_argument("--seed", type=int, default=20260101)
    options.add_argument("--open", default="", help="control: a route to open for everybody")
    asked = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as data:
        _set_up(data)
        return _prove(asked)


def _set_up(data: str) -> None:
    os.environ["SHUZHUAN_DATA"] = data
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def _prove(asked: argparse.Namespace) -> int:
    from shuzhuan.site.access import TABLE
    from tests.access.matrix import address, cells, clients_of, verdict
    from tests.access.world import make_world

    world = make_world()
    clients = clients_of(world)
    # The questions come from the table as it should be; only then does the control open a route.
    every = [cell for row in TABLE.values() for cell in cells(world, row)]
    if asked.open:
        TABLE[asked.open] = dataclasses.replace(TABLE[asked.open], public=True)  # type: ignore[index]
    unreached = sorted({c.row.route for c in every if address(c.row, c.arguments) is None})
    chosen = every
    if asked.sample and asked.sample < len(every):
        chosen = random.Random(asked.seed).sample(every, asked.sample)
        # A sample must not miss the route that the control opened.
        chosen += [cell for cell in every if cell.row.route == asked.open]
    problems = [p for cell in chosen for p in verdict(world, cell, clients)]
    for problem in problems[:20]:
        print(problem)
    for route in unreached:
        print(f"address of {route} cannot be built: add it to EXTRA in tests/access/matrix.py")
    killed, mutants = _mutants(world, clients)
    foreign = sum("canary" in p for p in problems)
    print(
        f"PROVE-ACCESS routes={len(TABLE)} questions={len(chosen)} of={len(every)} "
        f"wrong={len(problems)} foreign_canaries={foreign} mutants={mutants} killed={killed} "
        f"unreached={len(unreached)}"
    )
    good = not problems and not unreached and killed == mutants and mutants > 0 and chosen
    return 0 if good else 1


def _mutants(world: Any, clients: Any) -> tuple[int, int]:
    """How many removed guards were noticed, of how many."""
    survivors = [*_row_mutants(world, clients), *_scope_mutants(world)]
    for name, noticed in survivors:
        if not noticed:
            print(f"nobody noticed: {name}")
    return sum(noticed for _, noticed in survivors), len(survivors)


def _row_mutants(world: Any, clients: Any) -> list[tuple[str, bool]]:
    """Open a route, or let everybody who may read it also write."""
    from shuzhuan.site.access import TABLE
    from tests.access.matrix import cells, expected, verdict

    table: Any = TABLE
    results = []
    for route, row in list(table.items()):
        if row.public:
            continue
        changes: list[dict[str, Any]] = [{"public": True}]
        if row.write_roles is not None and row.write_roles != row.roles:
            changes.append({"write_roles": None})
        closed = [c for c in cells(world, row) if expected(world, c) in ("asked", "refused")]
        for change in changes:
            table[route] = dataclasses.replace(row, **change)
            noticed = any(verdict(world, cell, clients) for cell in closed)
            table[route] = row
            results.append((f"{route} {change}", noticed))
    return results


def _scope_mutants(world: Any) -> list[tuple[str, bool]]:
    """Let everybody see every row of one model."""
    from django.db.models import Q

    from shuzhuan.apps.access import scope
    from shuzhuan.apps.access.actor import actor_of
    from tests.access.policy import may_see

    results = []
    for model, rule in list(scope._RULES.items()):
        scope._RULES[model] = lambda actor: Q()
        noticed = any(
            scope.visible(actor_of(person), model).filter(pk=thing.row.pk).exists()
            and not may_see(world, person, thing)
            for person in world.cast.people.values()
            for thing in world.things.get(model._meta.label, [])
        )
        scope._RULES[model] = rule
        results.append((f"scope of {model._meta.label}", noticed))
    return results


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

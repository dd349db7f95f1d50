"""`make prove-rough`: rough input for every route, from whoever may use it (tests/access/rough.py).

A world with something of every kind is built in a fresh database of each kind that there is. The
forms and filters that the pages offer are spoilt and sent; nothing may fail, nothing may be
refused without a word in Chinese, and what is refused may leave nothing behind. `--rounds N`
spoils each form N times, `--seed S` draws other spoils. The controls put a fault into the
program that the proof must see: `--careless number` (a number is read without being checked),
`--careless half` (what was written stays although the request is refused) or `--careless words`
(a refusal without words).
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

CARELESS = ("number", "half", "words")


def main(arguments: list[str]) -> int:
    """Run on each database; 0 when nothing was wrong, 1 when something was, 3 when it cannot run."""
    options = argparse.ArgumentParser(prog="python -m tests.proofs.rough", description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--pages", type=int, default=3, help="pages read of every route")
    options.add_argument("--seed", type=int, default=20260101)
    options.add_argument("--careless", choices=CARELESS, default="")
    options.add_argument("--on", choices=("sqlite", "postgresql"), default="", help="one database")
    asked = options.parse_args(arguments)
    if asked.on:
        return _prove(asked)
    kinds = ["sqlite"]
    if os.environ.get("SHUZHUAN_DATABASE_URL", "").startswith("postgresql://"):
        kinds.append("postgresql")
    # A process has one database; the codes say what came of each.
    codes = [
        subprocess.call([sys.executable, "-m", __spec__.name, *arguments, "--on", kind])
        for kind in kinds
    ]
    return max(code if code >= 0 else 3 for code in codes)  # killed: it has not run


@contextlib.contextmanager
def _database(kind: str) -> Iterator[None]:
    """A fresh test database, taken away at the end."""
    os.environ["SHUZHUAN_TEST_DATABASE"] = kind
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.db import connection
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    logging.disable(logging.CRITICAL)
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _prove(asked: argparse.Namespace) -> int:
    with _database(asked.on):
        from tests.access.rough import run
        from tests.access.world import make_world

        world = make_world()
        with _careless(asked.careless):
            told = run(world, asked.seed, asked.rounds, asked.pages)
    for problem in told.problems[:40]:
        print(problem)
    idle = told.done == 0 or told.refused == 0
    print(
        f"PROVE-ROUGH database={asked.on} routes={len(told.routes)} asked={told.asked} "
        f"refused={told.refused} done={told.done} wrong={len(told.problems)} seed={asked.seed}"
    )
    return 3 if idle else 1 if told.problems else 0


def _careless(fault: str) -> Any:
    """A program with one fault."""
    if fault == "number":
        return mock.patch("django.core.paginator.Paginator.get_page", _unchecked)
    if fault == "words":
        return mock.patch("shuzhuan.site.errors.page", _wordless)
    if fault == "half":
        return mock.patch("shuzhuan.apps.audit.middleware.AuditMiddleware._note", _leaving)
    return contextlib.nullcontext()


def _unchecked(self: Any, number: Any) -> Any:
    return self.page(int(number or 1))


def _wordless(request: Any, status: int, title: str = "", advice: str = "") -> Any:
    from django.http import HttpResponse

    return HttpResponse(status=status)


def _leaving(self: Any, request: Any, response: Any) -> None:
    """Something stays in a table although nobody says it was done."""
    from shuzhuan.apps.regions.models import Region

    region = Region.objects.order_by("pk").first()
    assert region is not None
    Region.objects.filter(pk=region.pk).update(name=f"{region.name}改")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

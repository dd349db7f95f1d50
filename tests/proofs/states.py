"""`make prove-states`: whatever people try, a project only moves as the table says.

Two parts, on a SQLite file and on PostgreSQL. *Walks*: Hypothesis drives projects with random
people, days, repeats, changed bodies and pairs that run at once, and compares every answer with
what the table allows and every row with the invariants. *Wrong*: every transition is asked for
by every role in every state where it must not be done (a sample by default, `--whole` for all);
each is refused, audited once, and nothing else has changed.

Control: `--careless ROW` removes one guard or one second person from the platform (see CARELESS);
the proof must then fail.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.ledger.databases import database, postgres

COULD_NOT_RUN = 3  # exit code; a control is red when it is 1
STEPS_FOR_ALL = 1_500  # so many reach every row of the table
CARELESS = ("state", "role", "second", "objection", "publicity", "audit")


def main(arguments: list[str]) -> int:
    """Run both parts on the databases asked for; 0 when nothing went as it should not."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument(
        "--steps", type=int, default=5_000, help="steps of the walks, per database"
    )
    options.add_argument("--cells", type=int, default=1_500, help="wrong ones, per database")
    options.add_argument("--whole", action="store_true", help="every role in every wrong state")
    options.add_argument("--seed", type=int, default=20260302)
    options.add_argument("--careless", choices=CARELESS, help="control: must turn the proof red")
    options.add_argument("--child", help=argparse.SUPPRESS)
    asked = options.parse_args(arguments)
    if asked.child:
        try:
            return _child(asked)
        except Exception:
            traceback.print_exc()
            return COULD_NOT_RUN
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    with ThreadPoolExecutor(len(kinds)) as pool:  # each waits for a process of its own
        return max(pool.map(lambda kind: _in_child(kind, arguments), kinds))


def _in_child(kind: str, arguments: list[str]) -> int:
    """One database in a process of its own: Django is set up once per process."""
    import subprocess

    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHUZHUAN_")}
    words = [sys.executable, "-m", "tests.proofs.states", *arguments, "--child", kind]
    with tempfile.TemporaryDirectory() as folder:
        environment["SHUZHUAN_DATA"] = folder
        if kind == "sqlite":
            return subprocess.run(words, env=environment, check=False).returncode
        with postgres(forgetful=True) as server, database(server, f"states_{os.getpid()}") as url:
            environment |= {"SHUZHUAN_DATABASE_URL": url, "LEDGER_PROOF_SERVER": server}
            return subprocess.run(words, env=environment, check=False).returncode


def _child(asked: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from tests.proofs import states_walk, states_world

    if asked.careless:
        states_world.be_careless(asked.careless)
    started = time.monotonic()
    world = states_world.World(asked.seed)
    problems: list[str] = []
    figures: dict[str, Any] = {}
    with world.standing():
        world.build()
        built = time.monotonic() - started
        walks = states_walk.walk(world, asked.steps)
        for found in (
            walks.found(),
            states_world.wrong_ones(world, None if asked.whole else asked.cells),
        ):
            problems += found.problems
            figures |= found.figures
    missing = walks.missing() if asked.steps >= STEPS_FOR_ALL and not problems else []
    for text in problems[:20]:
        print(f"{asked.child}: {text}")
    for text in missing:
        print(f"{asked.child}: never done: {text}")
    enough = figures["steps"] >= asked.steps and figures["paid"] > 0 and not missing
    shown = " ".join(f"{name}={value}" for name, value in figures.items())
    print(
        f"PROVE-STATES database={asked.child} seed={asked.seed} {shown} problems={len(problems)} "
        f"built={built:.0f} seconds={time.monotonic() - started:.0f}",
        flush=True,
    )
    return 0 if enough and not problems else 1


if __name__ == "__main__":
    assert Path("src/shuzhuan").is_dir(), "run it from the root of the project"
    sys.exit(main(sys.argv[1:]))

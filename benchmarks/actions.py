"""What a pilot's everyday work costs: an action, the officer's queue, the rehearsal.

Three parts. ``perform``: transitions of the main line, each with project, step, opinion, request,
audit row and chain, messages and outbox, against one raw SQL transaction through psycopg that
writes the same rows on the same server (PostgreSQL). ``queue``: a page of the queue at 10,000
projects against SQL written by hand, and the statements of the whole page (both databases).
``rehearsal``: the year of `shuzhuan rehearse pengyang` on SQLite. Sides take turns; a ratio is the
median of the ratios within a round. PostgreSQL is taken from SHUZHUAN_DATABASE_URL, or a private
cluster is started; without one nothing is measured and that is a failure.

    make bench-actions ARGS="--rounds 7 --only perform queue"
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.ledger.databases import database, postgres

PARTS = ("perform", "queue", "rehearsal")
REHEARSAL_SECONDS = 60.0


def main() -> int:
    """Run the parts; 1 when a bar is missed or a part could not be measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--projects", type=int, default=10_000, help="in the queue")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    told: list[str] = []
    good = True
    for part in given.only:
        if part == "rehearsal":
            good &= _rehearsal(told)
            continue
        words = ["--rounds", str(given.rounds)]
        if part == "queue":
            words += ["--projects", str(given.projects)]
            good &= _part("queue", words, "sqlite", told)
        good &= _part(part, words, "postgresql", told)
    print(f"BENCH-ACTIONS {' '.join(told)} good={int(good)}")
    return 0 if good else 1


def _part(part: str, words: list[str], kind: str, told: list[str]) -> bool:
    """One part on one database, in a process of its own: Django is set up once per process."""
    command = [sys.executable, "-m", f"benchmarks.actions_{part}", *words]
    with tempfile.TemporaryDirectory(prefix="shuzhuan-bench-") as folder:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHUZHUAN_")}
        environment |= {
            "SHUZHUAN_DATA": folder,
            "SHUZHUAN_ADDRESS": "http://127.0.0.1",
            "SHUZHUAN_MAIL_URL": f"file://{folder}/mail?from=bench@example.org",
            "DJANGO_SETTINGS_MODULE": "shuzhuan.site.settings",
        }
        if kind == "sqlite":
            return _run(command, environment, f"{part}.{kind}", told)
        try:
            with postgres() as server, database(server, f"bench_{os.getpid()}") as url:
                environment["SHUZHUAN_DATABASE_URL"] = url
                return _run(command, environment, f"{part}.{kind}", told)
        except (RuntimeError, OSError) as error:
            print(f"没有 PostgreSQL，不能测：{error}")
            told.append(f"{part}.{kind}=missing")
            return False


def _run(command: list[str], environment: dict[str, str], name: str, told: list[str]) -> bool:
    """Pass its lines on as they come; the ratio is on its last one."""
    last = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            print(line, end="", flush=True)
            last = line
    found = re.search(r"ratio=(\S+)", last)
    told.append(f"{name}={found[1] if found else 'failed'}")
    return child.returncode == 0 and found is not None


def _rehearsal(told: list[str]) -> bool:
    """The seconds that the platform itself reports, and what of them the processor worked."""
    program = str(Path(sys.executable).with_name("shuzhuan"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHUZHUAN_")}
    before = os.times()
    with tempfile.TemporaryDirectory(prefix="shuzhuan-bench-") as folder:
        environment["SHUZHUAN_DATA"] = folder
        done = subprocess.run(
            [program, "rehearse", "pengyang", "--quiet"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    after = os.times()
    busy = after.children_user - before.children_user
    busy += after.children_system - before.children_system
    found = re.search(r"database=sqlite .*steps=(\d+) .*seconds=([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        print(f"演练没有完成：{done.stderr[-500:] or done.stdout[-500:]}")
        told.append("rehearsal=failed")
        return False
    seconds, load = float(found[2]), os.getloadavg()[0]
    print(
        f"BENCH-REHEARSAL seconds={seconds:.1f} bar={REHEARSAL_SECONDS:.0f} processor={busy:.1f} "
        f"steps={found[1]} load={load:.1f} database=sqlite"
    )
    told.append(f"rehearsal={seconds:.1f}s")
    return seconds <= REHEARSAL_SECONDS


if __name__ == "__main__":
    sys.exit(main())

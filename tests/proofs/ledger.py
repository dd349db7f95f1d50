"""`make prove-ledger`: the ledger holds trust.md 1–7 on a SQLite file and on PostgreSQL.

Three parts on each database: random movements against a second ledger in memory, with the
invariants after each step; ledgers that are broken on purpose, each of which an invariant must
notice; reservations from several processes that empty a budget to the last unit, and 64 twins of
one request. `--break NAME` is the control: the sound run is made with that broken ledger and the
proof must fail. A database that cannot be had is a failure. PostgreSQL is taken from
SHUZHUAN_DATABASE_URL, or a private cluster is started.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

FORK = multiprocessing.get_context("fork")
MUTANTS_AT_ONCE = 2
MUTANTS_MIN = 10
TWINS = 64


def main(arguments: list[str]) -> int:
    """Run the proof on the databases that were asked for; 0 when everything held on each."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    options.add_argument("--steps", type=int, default=600)
    options.add_argument("--reservations", type=int, default=4000)
    options.add_argument("--processes", type=int, default=4)
    options.add_argument("--seed", type=int, default=20260101)
    options.add_argument("--break", dest="broken", default="", help="control: must turn it red")
    options.add_argument("--inside", default="", help=argparse.SUPPRESS)
    asked = options.parse_args(arguments)
    if asked.inside:
        return _inside(asked)
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    results = {kind: _outside(kind, arguments) for kind in kinds}
    told = " ".join(f"{kind}={'ok' if code == 0 else 'failed'}" for kind, code in results.items())
    good = all(code == 0 for code in results.values())
    print(f"LEDGER databases={len(results)} {told} good={int(good)}")
    return 0 if good else 1


def _outside(kind: str, arguments: list[str]) -> int:
    """One database, in a process of its own because Django is set up once per process."""
    from tests.ledger.databases import database, postgres

    words = [sys.executable, "-m", "tests.proofs.ledger", *arguments, "--inside", kind]
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "SHUZHUAN_DATA": data}
        environment.pop("SHUZHUAN_DATABASE_URL", None)
        if kind == "sqlite":
            return subprocess.run(words, env=environment, check=False).returncode
        try:
            with postgres() as server, database(server, f"ledger_{os.getpid()}") as url:
                environment |= {"SHUZHUAN_DATABASE_URL": url, "LEDGER_PROOF_SERVER": server}
                return subprocess.run(words, env=environment, check=False).returncode
        except (RuntimeError, OSError) as error:
            print(f"没有 PostgreSQL，不能证明：{error}")
            return 1


def _inside(asked: argparse.Namespace) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "shuzhuan.site.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.apps.funds.kit import Desk
    from tests.cast import build
    from tests.ledger.databases import Copies
    from tests.ledger.mutants import MUTANTS

    cast = build()
    # Forty days back may lie in the year before; the fund of that year takes both.
    from datetime import timedelta

    from django.utils import timezone

    year = (timezone.localdate() - timedelta(days=60)).year
    desks = [Desk(cast, year=year), Desk(cast, year=year - 1)]
    copies = Copies()
    if asked.broken and asked.broken not in {each.name for each in MUTANTS}:
        print(f"没有叫 {asked.broken} 的：{'、'.join(each.name for each in MUTANTS)}")
        return 2
    problems, told = _sound(copies, desks, asked)
    noticed, mutants = (0, 0) if asked.broken else _broken(copies, desks, asked, problems)
    for problem in problems:
        print(f"{copies.vendor}：{problem}")
    print(
        f"PROVE-LEDGER database={copies.vendor} {told} mutants={mutants} noticed={noticed} "
        f"problems={len(problems)} seed={asked.seed}"
    )
    enough = noticed == mutants >= MUTANTS_MIN
    return 0 if not problems and enough else 1


def _sound(copies: Any, desks: list[Any], asked: argparse.Namespace) -> tuple[list[str], str]:
    """The ledger as it is (or, for the control, as one mutant is): it must hold."""
    problems: list[str] = []
    told = []
    for part in ("steps", "drain", "twins", "mixed"):
        began = time.perf_counter()
        result = _apart(copies, f"sound_{part}", _part, (part, desks, asked))
        problems += [f"{part}：{problem}" for problem in result["problems"]]
        seconds = time.perf_counter() - began
        told.append(f"{result['told']} {part}_seconds={seconds:.1f}")
        print(f"{copies.vendor} {told[-1]}", flush=True)
    return problems, " ".join(told)


def _part(part: str, desks: list[Any], asked: argparse.Namespace) -> dict[str, Any]:
    from shuzhuan.apps.funds.models import Transfer
    from tests.ledger.drain import COST_FEN, drain, twins
    from tests.ledger.driver import Caught, Player
    from tests.ledger.mutants import MUTANTS

    for each in MUTANTS:
        if each.name == asked.broken:
            each.breaks()
    problems: list[str] = []
    told = ""
    try:
        if part == "steps":
            player = Player(desks, asked.seed)
            player.play(asked.steps)
            told = f"steps={asked.steps} granted={player.granted} refused={player.refused}"
            if min(player.granted, player.refused) < asked.steps // 10:
                problems.append("随机操作几乎都办成或几乎都被拒，没有证明什么")
        if part == "drain":
            came = drain(desks[0], asked.reservations, asked.processes)
            budget = asked.reservations * 7 // 10 * COST_FEN + 300
            told = (
                f"reservations={asked.reservations} applied={came['granted']} "
                f"refused_short={came['short']} overspent_fen="
                f"{max(0, came['granted'] * COST_FEN - budget)}"
            )
            if came["granted"] + came["short"] != asked.reservations:
                problems.append(f"有请求没有答复：{came}")
        if part == "twins":
            desks[0].filled()
            twins(desks[0], TWINS)
            rows = Transfer.objects.filter(purpose="reserve").count()
            told = f"twins={TWINS} twins_applied={rows}"
        if part == "mixed":
            came = drain(desks[0], 200, asked.processes, mixed=True)
            told = f"mixed={came['mixed']}"
            if not came["mixed"]:
                problems.append("没有一笔交错的拨付和追回")
    except Caught as caught:
        problems.append(str(caught))
    return {"problems": problems, "told": told}


def _broken(
    copies: Any, desks: list[Any], asked: argparse.Namespace, problems: list[str]
) -> tuple[int, int]:
    """Every mutant in a process and a database of its own, a few at a time."""
    from concurrent.futures import ThreadPoolExecutor

    from tests.ledger.mutants import MUTANTS

    chosen = [each for each in MUTANTS if copies.vendor in each.on]
    with ThreadPoolExecutor(MUTANTS_AT_ONCE) as pool:
        futures = [
            (each, pool.submit(_apart, copies, each.name, _look, (each, desks, asked.seed)))
            for each in chosen
        ]
        noticed = 0
        for each, future in futures:
            caught, text = future.result()["caught"]
            print(f"{copies.vendor} {each.name}：{f'{caught}（{text}）' if caught else '没有发现'}")
            if caught in each.invariants:
                noticed += 1
            else:
                wanted = "、".join(sorted(each.invariants))
                problems.append(f"{each.name} 应当由 {wanted} 发现，是 {caught or '没有'}")
    return noticed, len(chosen)


def _look(each: Any, desks: list[Any], seed: int) -> dict[str, Any]:
    from tests.ledger.mutants import noticed

    caught = noticed(each, desks, seed)
    if caught is None:
        return {"caught": ("", "")}
    return {"caught": (caught.invariant, str(caught).split(": ", 1)[1][:100])}


def _apart(copies: Any, name: str, work: Any, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Do ``work`` in a forked process on a fresh copy, so that nothing broken is left behind."""
    copy = copies.make(name)
    queue = FORK.SimpleQueue()
    process = FORK.Process(target=_forked, args=(copy, work, arguments, queue))
    process.start()
    result: dict[str, Any] = queue.get()
    process.join()
    copies.drop(copy)
    if "failed" in result:
        raise RuntimeError(f"{name}：{result['failed']}")
    return result


def _forked(copy: str, work: Any, arguments: tuple[Any, ...], queue: Any) -> None:
    import traceback

    from django.db import connections

    from tests.ledger.databases import use

    use(copy)
    try:
        queue.put(work(*arguments))
    except BaseException:
        queue.put({"failed": traceback.format_exc()})
    finally:
        connections.close_all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

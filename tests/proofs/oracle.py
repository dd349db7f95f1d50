"""Compare the engine with the oracle: `python -m tests.proofs.oracle`.

For each place a number of generated cases and every boundary go through both. Status, amount,
certainty, missing facts, shares and totals must be equal. Each difference is printed with the
JSON that replays it (`--replay FILE`). The last line counts; the exit code is 0 only if
something ran and nothing differs. `--break CLAUSE` makes the oracle wrong by one fen in that
clause, so that the proof must fail: a control of the proof itself.
`--columns` compares the columnar readings with the single-case reading instead.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from shuzhuan.engine.policy.pack import Library
from tests.oracle import columns
from tests.oracle.all_places import DECIDE
from tests.oracle.base import REFUSED, OracleResult, Outcome
from tests.oracle.generate import DAYS, PLACES, Case, boundaries, random_case

CHUNK = 2_000
COLUMN_CHUNK = 20_000
SHOWN = 20


@dataclass(frozen=True)
class Job:
    """A run of cases of one place; `start` and `stop` count within its kind."""

    place: str
    kind: str  # "random" or "boundary"
    seed: int
    start: int
    stop: int
    broken: str | None = None
    columns: bool = False


@dataclass(frozen=True)
class Report:
    """What a job found."""

    job: Job
    ran: int
    differences: int
    shown: tuple[tuple[str, str], ...]  # what differs, and the text that says how


@cache
def library() -> Library:
    return Library.load()


def cases_of(job: Job) -> Iterator[Case]:
    if job.kind == "boundary":
        yield from islice(boundaries(job.place), job.start, job.stop)
    else:
        for index in range(job.start, job.stop):
            yield random_case(job.place, job.seed, index)


def spoil(result: OracleResult, clause: str | None) -> OracleResult:
    """The control: one fen too much in one clause."""
    outcome = result.clauses.get(clause) if clause is not None else None
    if clause is None or outcome is None or outcome.amount is None or outcome.status == REFUSED:
        return result
    wrong = replace(outcome, amount=outcome.amount + 1)
    return replace(result, clauses={**result.clauses, clause: wrong})


def clause_differences(name: str, wanted: Outcome, got: Mapping[str, Any]) -> Iterator[str]:
    pairs: list[tuple[str, object, object]] = [
        ("status", wanted.status, got["status"]),
        ("amount_fen", wanted.amount, got["amount_fen"]),
        ("missing", sorted(wanted.missing), sorted(got["missing"])),
    ]
    if wanted.certainty is not None:
        pairs.append(("certainty", wanted.certainty, got["certainty"]))
        pairs.append(("payee", wanted.payee, got["payee"]))
    if wanted.amount is not None and wanted.status != REFUSED:
        pairs.append(("shares", wanted.shares, got.get("shares") or None))
    for what, left, right in pairs:
        if left != right:
            yield f"{name} {what}: oracle {left!r}, engine {right!r}"


def differences(place: str, case: Case, broken: str | None = None) -> list[str]:
    """Every way in which the two disagree about one case."""
    wanted = spoil(DECIDE[place](case.facts, case.as_of, case.readings), broken)
    try:
        program = library().get(place).bind(as_of=case.as_of, readings=case.readings)
        decision = program.decide(case.facts).to_json()
    except Exception as error:  # any failure of the engine is a difference, not an end
        return [f"engine raised {type(error).__name__}: {error}"]
    found: list[str] = []
    results = {result["id"]: result for result in decision["clauses"]}
    for name, outcome in wanted.clauses.items():
        if name in results:
            found += clause_differences(name, outcome, results[name])
        else:
            found.append(f"{name}: the engine has no such clause")
    for name, result in results.items():
        if name not in wanted.clauses and result["amount_fen"] is not None:
            found.append(f"{name}: the engine pays, the oracle knows no such clause")
    for what, sum_fen in (("total_fen", wanted.total), ("total_if_fen", wanted.total_if)):
        if decision[what] != sum_fen:
            found.append(f"{what}: oracle {sum_fen!r}, engine {decision[what]!r}")
    return found


def replayable(place: str, case: Case) -> str:
    document = {
        "place": place,
        "as_of": case.as_of.isoformat(),
        "readings": dict(case.readings),
        "facts": case.facts,
    }
    return json.dumps(document, ensure_ascii=False)


def case_by_case(job: Job, cases: Sequence[Case]) -> Iterator[tuple[int, list[str]]]:
    for number, case in enumerate(cases):
        found = differences(job.place, case, job.broken)
        if found:
            yield number, found


def in_columns(job: Job, cases: Sequence[Case]) -> Iterator[tuple[int, list[str]]]:
    def spoiled(clause: str, fen: int) -> int:
        return fen + 1 if clause == job.broken else fen

    fields = PLACES[job.place].fields
    yield from columns.differences(library().get(job.place), fields, cases, spoiled)


def run(job: Job) -> Report:
    """All cases of a job; of each kind of difference the first is kept as text."""
    cases = list(cases_of(job))
    count = 0
    shown: dict[str, str] = {}
    for number, found in (in_columns if job.columns else case_by_case)(job, cases):
        count += 1
        kind = ", ".join(sorted(line.partition(":")[0] for line in found))
        head = f"{job.place} {job.kind} seed={job.seed} index={job.start + number}"
        shown.setdefault(kind, "\n  ".join([head, *found, replayable(job.place, cases[number])]))
    return Report(job, len(cases), count, tuple(shown.items()))


def declarations(place: str) -> Iterator[str]:
    """What the pack declares against what the generators vary: facts and readings."""
    pack, spec = library().get(place), PLACES[place]
    for key in spec.fields:
        if key not in pack.facts:
            yield f"{place}: the pack has no fact {key}"
    declared = {name: set(options) for name, options in pack.readings.items()}
    varied = {name: set(options) for name, options in spec.readings.items()}
    if declared != varied:
        yield f"{place}: readings differ: oracle {varied}, engine {declared}"


def jobs_of(place: str, args: argparse.Namespace) -> Iterator[Job]:
    edges = sum(1 for _ in boundaries(place))
    size = COLUMN_CHUNK if args.columns else CHUNK
    for kind, count in (("boundary", edges), ("random", args.cases)):
        for start in range(0, count, size):
            stop = min(start + size, count)
            yield Job(place, kind, args.seed, start, stop, args.broken, args.columns)


def work(jobs: Sequence[Job], workers: int) -> Iterator[Report]:
    if workers <= 1:
        yield from map(run, jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run, jobs)


def replay(path: Path) -> int:
    """Show one case, both ways."""
    document = json.loads(path.read_text(encoding="utf-8"))
    place = document["place"]
    as_of = date.fromisoformat(document["as_of"])
    case = Case(document["facts"], as_of, document["readings"])
    result = DECIDE[place](case.facts, case.as_of, case.readings)
    for name, outcome in result.clauses.items():
        print(name, outcome)
    print("total", result.total, "total_if", result.total_if)
    found = differences(place, case)
    print("\n".join(found) if found else "no difference")
    return 1 if found else 0


def breakable(places: Sequence[str], clause: str) -> bool:
    """Whether some place has a clause of this name that carries an amount."""
    known = (DECIDE[place]({}, DAYS[0], {}).clauses.get(clause) for place in places)
    return any(outcome is not None and outcome.certainty is not None for outcome in known)


def tally(reports: Iterable[Report]) -> tuple[dict[str, int], int]:
    """Print one difference of each kind as they come; count what ran."""
    ran = {"random": 0, "boundary": 0}
    wrong = 0
    printed: set[tuple[str, str]] = set()
    by_place: dict[str, int] = {}
    for report in reports:
        ran[report.job.kind] += report.ran
        wrong += report.differences
        by_place[report.job.place] = by_place.get(report.job.place, 0) + report.differences
        for kind, text in report.shown:
            if len(printed) < SHOWN and (report.job.place, kind) not in printed:
                printed.add((report.job.place, kind))
                print(text)
    for place, count in by_place.items():
        print(f"{place}: {count} differing cases")
    return ran, wrong


def prove(places: Sequence[str], args: argparse.Namespace) -> int:
    started = time.monotonic()
    declared = [line for place in places for line in declarations(place)]
    print("\n".join(declared), end="\n" if declared else "")
    jobs = [job for place in places for job in jobs_of(place, args)]
    ran, wrong = tally(work(jobs, args.workers))
    wrong += len(declared)
    print(f"seed={args.seed} seconds={time.monotonic() - started:.0f}")
    print(
        f"PROVE-{'COLUMNS' if args.columns else 'ORACLE'} places={len(places)} cases={ran['random']} "
        f"boundaries={ran['boundary']} differences={wrong}"
    )
    empty = not places or ran["boundary"] == 0 or ran["random"] < args.cases * len(places)
    return 1 if wrong or empty else 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.oracle", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="generated cases per place")
    parser.add_argument("--place", action="append", choices=list(PLACES), help="only this place")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--break", dest="broken", metavar="CLAUSE", help="spoil the oracle here")
    parser.add_argument("--columns", action="store_true", help="columns against single cases")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="show one printed case")
    args = parser.parse_args(argv)
    if args.replay is not None:
        return replay(args.replay)
    places = args.place or list(PLACES)
    if args.broken is not None and not breakable(places, args.broken):
        parser.error(f"no clause {args.broken} that pays in {'、'.join(places)}")
    return prove(places, args)


if __name__ == "__main__":
    sys.exit(main())

"""Compare the grading engine with an independent oracle: `python -m tests.proofs.grading`.

Sheets: every edge and `--sheets` random ones go through the oracle, the one-sheet function
and the columns; points by question and dimension, scenario counts, levels and their bounds
must be equal. Ways: on `--ways` small random sets the shortest way is compared with trying
everything (with and without costs), and on the real set with a second exact method; every
way is applied and graded again. `--break edge|points|cost` makes the engine's copy of the
figures wrong in one place, so that the proof must fail: a control of the proof itself.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import Any

from shuzhuan.engine.grading import (
    Costs,
    IndicatorSet,
    NoWay,
    Result,
    encode,
    grade,
    grade_columns,
    parse_answers,
    read_set,
    shipped_sets,
    shortest_way,
)
from tests.engine.grading import oracle, small_sets
from tests.engine.grading.sheets import Sheet, edge_sheets, random_sheet

CHUNK = 10_000
WAY_CHUNK = 100
SHOWN = 10
SET = "2024-manufacturing"
BREAKS = ("edge", "points", "cost")


@dataclass(frozen=True)
class Job:
    """Sheets or ways number `start` to `stop` of a kind."""

    kind: str  # "edge", "random", "small" or "real"
    seed: int
    start: int
    stop: int
    broken: str | None = None


@dataclass
class Report:
    """What a job found; `levels` counts certain levels, so that an idle proof is noticed."""

    kind: str
    ran: int = 0
    differences: int = 0
    shown: list[str] = field(default_factory=list)
    levels: Counter[int] = field(default_factory=Counter)

    def differ(self, what: str, case: object) -> None:
        self.differences += 1
        if len(self.shown) < SHOWN:
            self.shown.append(f"{self.kind}: {what}\n  {json.dumps(case, ensure_ascii=False)}")


@cache
def indicators(broken: str | None) -> IndicatorSet:
    """The real set, or its spoilt copy."""
    document = shipped_sets()[SET].to_document()
    if broken == "edge":
        document["questions"][1]["options"][1]["up_to"] = "19.999"
    elif broken == "points":
        document["levels"][1]["points"] = "40.025"
    return read_set("set.json", small_sets.as_bytes(document))


def flat(result: Result) -> dict[str, int]:
    """A result as the columns name it."""
    row = {
        "points_low_milli": result.points_milli.low,
        "points_high_milli": result.points_milli.high,
        "level_low": result.level.low,
        "level_high": result.level.high,
        "unanswered": len(result.unanswered),
    }
    parts = {d.id: d.points_milli for d in result.dimensions}
    for part, points in {**parts, **{q.id: q.points_milli for q in result.questions}}.items():
        row[f"{part}_points_low_milli"] = points.low
        row[f"{part}_points_high_milli"] = points.high
    for count in result.counts:
        for name, bounds in (("at", count.count), ("binding", count.binding)):
            row[f"{name}_{count.level}_low"] = bounds.low
            row[f"{name}_{count.level}_high"] = bounds.high
    return row


def flat_oracle(outcome: oracle.Outcome) -> dict[str, Fraction | int]:
    """The same of the oracle; its fractions are compared as they are."""
    row: dict[str, Fraction | int] = {
        "points_low_milli": outcome.total[0] * 1000,
        "points_high_milli": outcome.total[1] * 1000,
        "level_low": outcome.level[0],
        "level_high": outcome.level[1],
        "unanswered": outcome.unanswered,
    }
    for part, points in (*outcome.dimensions.items(), *outcome.questions.items()):
        row[f"{part}_points_low_milli"] = points[0] * 1000
        row[f"{part}_points_high_milli"] = points[1] * 1000
    for level in outcome.at:
        for name, found in (("at", outcome.at[level]), ("binding", outcome.binding[level])):
            row[f"{name}_{level}_low"], row[f"{name}_{level}_high"] = found
    return row


def sheets_of(job: Job) -> Iterator[Sheet]:
    if job.kind == "edge":
        yield from islice(edge_sheets(), job.start, job.stop)
    else:
        for index in range(job.start, job.stop):
            yield random_sheet(random.Random(f"{job.seed}/{index}"))


def run_sheets(job: Job) -> Report:
    """Oracle, one-sheet function and columns on the sheets of a job."""
    report = Report(job.kind)
    real = indicators(job.broken)
    raws = list(sheets_of(job))
    sheets = [parse_answers(real, raw) for raw in raws]
    columns = grade_columns(real, encode(real, sheets), detail=True).iter_rows(named=True)
    for raw, sheet, row in zip(raws, sheets, columns, strict=True):
        result = flat(grade(real, sheet))
        wanted = flat_oracle(oracle.decide(raw))
        report.ran += 1
        if result["level_low"] == result["level_high"]:
            report.levels[result["level_low"]] += 1
        if result != wanted:
            names = [n for n in wanted | result if result.get(n) != wanted.get(n)]
            report.differ(f"oracle and engine differ in {', '.join(names)}", raw)
        if result != row:
            names = [n for n in row | result if result.get(n) != row.get(n)]
            report.differ(f"columns and engine differ in {', '.join(names)}", raw)
    return report


def run_small(job: Job) -> Report:
    """Shortest ways on small random sets against trying every sheet."""
    report = Report(job.kind)
    for index in range(job.start, job.stop):
        rng = random.Random(f"{job.seed}/small/{index}")
        document = small_sets.random_document(rng)
        raw = small_sets.random_sheet(rng, document)
        prices = small_sets.random_prices(rng, document) if index % 2 else {}
        target = rng.randrange(1, len(document["levels"]) + 1)
        report.ran += 1
        wanted = small_sets.cheapest(document, raw, target, prices)
        problem = wrong_grade(document, raw)
        problem = problem or wrong_way(document, raw, target, prices, wanted, job.broken)
        if problem:
            case = {"document": document, "sheet": raw, "target": target}
            report.differ(problem, {**case, "prices": [[*k, v] for k, v in prices.items()]})
    return report


def wrong_grade(document: dict[str, Any], raw: Sheet) -> str:
    """What is wrong with the engine's grade of a sheet of a small set, or nothing."""
    small = read_set("set.json", small_sets.as_bytes(document))
    result = grade(small, parse_answers(small, raw))
    wanted = small_sets.grade_bounds(document, raw)
    points = result.points_milli
    found = (Fraction(points.low, 1000), Fraction(points.high, 1000))
    if (found, (result.level.low, result.level.high)) != wanted:
        return f"grade {found} {result.level}, wanted {wanted}"
    return ""


def wrong_way(
    document: dict[str, Any],
    raw: Sheet,
    target: int,
    prices: small_sets.Prices,
    wanted: int | None,
    broken: str | None,
) -> str:
    """What is wrong with the engine's way, or nothing."""
    small = read_set("set.json", small_sets.as_bytes(document))
    questions = {q["id"] for q in document["questions"]}
    costs = Costs(
        {(item, str(step)): p for (item, step), p in prices.items() if item in questions},
        {(item, int(str(s))): p for (item, s), p in prices.items() if item not in questions},
        default=2 if broken == "cost" else 1,
    )
    sheet = parse_answers(small, raw)
    way = shortest_way(small, sheet, target, costs)
    if isinstance(way, NoWay):
        return "" if wanted is None else f"no way found, there is one for {wanted}"
    if wanted is None:
        return f"a way for {way.cost} found, there is none"
    if way.cost != wanted:
        return f"way costs {way.cost}, the cheapest {wanted}"
    if grade(small, way.after).level.low < target:
        return "the way does not reach the level"
    return ""


def run_real(job: Job) -> Report:
    """Fewest steps on the real set against the oracle's second method."""
    report = Report(job.kind)
    real = indicators(job.broken)
    for index in range(job.start, job.stop):
        rng = random.Random(f"{job.seed}/real/{index}")
        raw, target = random_sheet(rng), rng.randrange(1, 5)
        report.ran += 1
        wanted = oracle.fewest_steps(raw, target)
        way = shortest_way(real, parse_answers(real, raw), target)
        if isinstance(way, NoWay) or way.cost != wanted:
            found = "none" if isinstance(way, NoWay) else way.cost
            report.differ(f"level {target}: way costs {found}, the oracle {wanted}", raw)
        elif oracle.decide(way.after.to_json()).level[0] < target:
            report.differ(f"level {target}: the way does not reach it", raw)
    return report


RUN = {"edge": run_sheets, "random": run_sheets, "small": run_small, "real": run_real}


def run(job: Job) -> Report:
    try:
        return RUN[job.kind](job)
    except Exception as error:  # a failure of the engine is a difference, not an end
        report = Report(job.kind)
        report.differ(f"{type(error).__name__}: {error}", [job.start, job.stop])
        return report


def jobs_of(counts: dict[str, int], seed: int, broken: str | None) -> list[Job]:
    size = {"edge": CHUNK, "random": CHUNK, "small": WAY_CHUNK, "real": WAY_CHUNK}
    return [
        Job(kind, seed, start, min(start + size[kind], count), broken)
        for kind, count in counts.items()
        for start in range(0, count, size[kind])
    ]


def work(jobs: Sequence[Job], workers: int) -> Iterator[Report]:
    if workers <= 1:
        yield from map(run, jobs)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(run, jobs)


def tally(reports: Iterable[Report]) -> Report:
    """Print the first differences as they come; `levels` of the total is keyed by level."""
    total = Report("all")
    ran: Counter[str] = Counter()
    for report in reports:
        ran[report.kind] += report.ran
        total.differences += report.differences
        total.levels += report.levels
        for text in report.shown:
            if len(total.shown) < SHOWN:
                total.shown.append(text)
                print(text)
    total.ran = sum(ran.values())
    total.kind = " ".join(f"{kind}={ran[kind]}" for kind in ("random", "edge", "small", "real"))
    return total


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.grading", description=__doc__)
    parser.add_argument("--sheets", type=int, default=1_000_000, help="random sheets")
    parser.add_argument("--ways", type=int, default=4_000, help="small sets for the shortest way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--break", dest="broken", choices=BREAKS, help="spoil the engine's figures")
    args = parser.parse_args(argv)
    started = time.monotonic()
    edges = sum(1 for _ in edge_sheets())
    counts = {"edge": edges, "random": args.sheets, "small": args.ways, "real": args.ways // 20}
    total = tally(work(jobs_of(counts, args.seed, args.broken), args.workers))
    levels = ",".join(f"{level}:{total.levels[level]}" for level in range(5))
    idle = total.ran != sum(counts.values()) or not all(total.levels[n] for n in range(5))
    if idle:
        print("not everything ran, or a level never occurred")
    print(f"seed={args.seed} levels={levels} seconds={time.monotonic() - started:.0f}")
    names = {"random": "sheets", "edge": "edges", "small": "ways", "real": "real_ways"}
    ran = [f"{names[k]}={v}" for k, v in (pair.split("=") for pair in total.kind.split())]
    print(f"PROVE-GRADING {' '.join(ran)} differences={total.differences}")
    return 1 if total.differences or idle else 0


if __name__ == "__main__":
    sys.exit(main())

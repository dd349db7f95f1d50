"""Small random indicator sets, and grading and shortest ways on them by trying everything.

Works on the plain document of a set (what ``set.yaml`` says), not on the product's classes.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

Plain = dict[str, Any]
Sheet = dict[str, object]
Prices = dict[tuple[str, object], int | None]

_SPLITS = ([50, 50], [25, 75], [20, 20, 60], [30, 40, 30], [10, 20, 30, 40])


def random_document(rng: random.Random) -> Plain:
    """A set that the loader accepts: one to three questions, up to four scenarios, 1–3 levels."""
    questions = [_question(rng, n) for n in range(1, rng.randrange(2, 5))]
    top = rng.randrange(1, 4)
    scenarios = [_scenario(rng, n, top) for n in range(1, rng.randrange(0, 5))]
    total = sum((Fraction(q["points"]) for q in questions), Fraction())
    return {
        "format": "shuzhuan.indicators/1",
        "id": "small",
        "version": "1.0.0",
        "title": "小指标集",
        "sector": "测试",
        "wording": "own",
        "document": {"title": "测试", "number": "无"},
        "dimensions": [{"id": "all", "title": "总分", "points": _text(total)}],
        "levels": _levels(rng, total, scenarios, top),
        "questions": questions,
        "scenarios": scenarios,
    }


def _text(number: Fraction) -> str:
    milli = number * 1000
    assert milli.denominator == 1
    return f"{int(milli) // 1000}.{int(milli) % 1000:03}"


def _question(rng: random.Random, number: int) -> Plain:
    kind = rng.choice(("multi", "multi", "single", "rate"))
    question: Plain = {
        "id": f"q{number}",
        "dimension": "all",
        "topic": "题",
        "title": f"题{number}",
        "ask": "如何？",
        "kind": kind,
        "points": rng.choice(("4", "7.5", "10", "3")),
    }
    if kind == "multi":
        percents = rng.choice(_SPLITS)
        options = [{"key": "A", "text": "无", "percent": "0", "excludes_others": "true"}]
        options += [
            {"key": "BCDE"[i], "text": f"项{i}", "percent": str(p)} for i, p in enumerate(percents)
        ]
    else:
        percents = [*sorted(rng.choices((0, 0, 25, 50, 75), k=rng.randrange(1, 4))), 100]
        if kind == "single":
            rng.shuffle(percents)
            options = [
                {"key": "ABCDE"[i], "text": f"项{i}", "percent": str(p)}
                for i, p in enumerate(percents)
            ]
        else:
            bounds = [*sorted(rng.sample((5, 10, 20, 33, 50, 80), len(percents) - 1)), 100]
            options = [
                {"key": "ABCDE"[i], "up_to": str(b), "percent": str(p)}
                for i, (p, b) in enumerate(zip(percents, bounds, strict=True))
            ]
    return {**question, "options": options}


def _scenario(rng: random.Random, number: int, top: int) -> Plain:
    return {
        "id": f"s{number}",
        "area": "环节",
        "name": f"场景{number}",
        "binding": rng.choice(("true", "false")),
        "levels": {str(level): f"做到{level}" for level in range(1, top + 1)},
    }


def _levels(rng: random.Random, total: Fraction, scenarios: list[Plain], top: int) -> list[Plain]:
    number = rng.randrange(1, 4)
    points = sorted(rng.choices(range(int(total) + 1), k=number))
    binding = sum(s["binding"] == "true" for s in scenarios)
    counts = sorted(rng.choices(range(1, len(scenarios) + 1), k=number)) if scenarios else []
    special = sorted(rng.choices(range(min(binding, counts[0]) + 1), k=number)) if counts else []
    at = sorted(rng.choices(range(1, top + 1), k=number))
    levels: list[Plain] = []
    for index in range(number):
        rule: Plain = {"level": str(index + 1), "name": f"{index + 1}级"}
        rule["points"] = str(points[index])
        if counts:
            rule["scenarios"] = {
                "at": str(at[index]),
                "count": str(counts[index]),
                "binding": str(special[index]),
            }
        levels.append(rule)
    return levels


def is_chinese(text: str) -> bool:
    """Whether no sentence of English has slipped into a message."""
    return not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}", text)


def as_bytes(document: Plain) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def random_sheet(rng: random.Random, document: Plain) -> Sheet:
    sheet: Sheet = {}
    for question in document["questions"]:
        if rng.random() < 0.2:
            continue
        keys = [option["key"] for option in question["options"]]
        if question["kind"] == "multi":
            sheet[question["id"]] = [k for k in keys[1:] if rng.random() < 0.4] or ["A"]
        elif question["kind"] == "single":
            sheet[question["id"]] = rng.choice(keys)
        else:
            sheet[question["id"]] = rng.choice((str(rng.randrange(101)), rng.choice(keys)))
    for scenario in document["scenarios"]:
        if rng.random() < 0.8:
            sheet[scenario["id"]] = rng.randrange(len(scenario["levels"]) + 1)
    return sheet


def worth(question: Plain, answer: object) -> Fraction:
    """Points of one answer."""
    percents = {o["key"]: Fraction(o["percent"]) for o in question["options"]}
    full = Fraction(question["points"])
    if isinstance(answer, list):
        return full * sum((percents[key] for key in answer), Fraction()) / 100
    if answer in percents:
        return full * percents[str(answer)] / 100
    for option in question["options"]:
        if Fraction(str(answer)) <= Fraction(option["up_to"]):
            return full * percents[option["key"]] / 100
    raise AssertionError(answer)


def least(question: Plain) -> Fraction:
    """Points of an unanswered question at its worst."""
    keys = [o["key"] for o in question["options"]]
    return min(worth(question, key) for key in keys)


def holds(document: Plain, level: int, points: Fraction, judged: Mapping[str, int]) -> bool:
    rule = document["levels"][level - 1]
    if points < Fraction(rule["points"]):
        return False
    if "scenarios" not in rule:
        return True
    wanted = {key: int(value) for key, value in rule["scenarios"].items()}
    reached = [s for s in document["scenarios"] if judged[s["id"]] >= wanted["at"]]
    binding = [s for s in reached if s["binding"] == "true"]
    return len(reached) >= wanted["count"] and len(binding) >= wanted["binding"]


def level_of(document: Plain, points: Fraction, judged: Mapping[str, int]) -> int:
    levels = range(len(document["levels"]), 0, -1)
    return next((n for n in levels if holds(document, n, points, judged)), 0)


def grade_bounds(
    document: Plain, sheet: Sheet
) -> tuple[tuple[Fraction, Fraction], tuple[int, int]]:
    """Points and level, each as (all unanswered at their worst, all at their best)."""
    points: list[Fraction] = []
    levels: list[int] = []
    for best in (False, True):
        total = Fraction()
        for question in document["questions"]:
            answer = sheet.get(question["id"])
            if answer is not None:
                total += worth(question, answer)
            else:
                total += Fraction(question["points"]) if best else least(question)
        judged = {
            s["id"]: int(str(sheet.get(s["id"], len(s["levels"]) if best else 0)))
            for s in document["scenarios"]
        }
        points.append(total)
        levels.append(level_of(document, total, judged))
    return (points[0], points[1]), (levels[0], levels[1])


def cheapest(document: Plain, sheet: Sheet, target: int, prices: Prices) -> int | None:
    """The least cost of any sheet from which ``target`` holds, by trying every one of them."""
    costs: list[int] = []
    states = [list(_question_states(q, sheet, prices)) for q in document["questions"]]
    lifts = [list(_scenario_states(s, sheet, prices)) for s in document["scenarios"]]
    for questions in itertools.product(*states):
        points = sum((state[0] for state in questions), Fraction())
        price = sum(state[1] for state in questions)
        if costs and price >= min(costs):
            continue
        for scenarios in itertools.product(*lifts):
            names = [s["id"] for s in document["scenarios"]]
            judged = dict(zip(names, (state[0] for state in scenarios), strict=True))
            if holds(document, target, points, judged):
                costs.append(price + sum(state[1] for state in scenarios))
    return min(costs, default=None)


def _price(prices: Prices, item: str, step: object) -> int | None:
    return prices.get((item, step), 1)


def _question_states(
    question: Plain, sheet: Sheet, prices: Prices
) -> Iterator[tuple[Fraction, int]]:
    """(points, cost) of every state that can be reached in one question."""
    answer, name = sheet.get(question["id"]), question["id"]
    now = least(question) if answer is None else worth(question, answer)
    keys = [o["key"] for o in question["options"]]
    if question["kind"] == "multi":
        has = answer if isinstance(answer, list) else []
        free = [k for k in keys[1:] if k not in has and _price(prices, name, k) is not None]
        for size in range(len(free) + 1):
            for added in itertools.combinations(free, size):
                cost = sum(_price(prices, name, k) or 0 for k in added)
                yield now + worth(question, list(added)), cost
        return
    yield now, 0
    for key in keys:  # climb to this option: pay the cheapest on each rung in between
        goal = worth(question, key)
        rungs = sorted({worth(question, k) for k in keys if now < worth(question, k) < goal})
        steps = [
            min(
                (
                    p
                    for k in keys
                    if worth(question, k) == rung and (p := _price(prices, name, k)) is not None
                ),
                default=None,
            )
            for rung in rungs
        ]
        steps.append(_price(prices, name, key))
        if goal > now and None not in steps:
            yield goal, sum(step for step in steps if step is not None)


def _scenario_states(scenario: Plain, sheet: Sheet, prices: Prices) -> Iterator[tuple[int, int]]:
    now = int(str(sheet.get(scenario["id"]) or 0))
    total = 0
    yield now, 0
    for level in range(now + 1, len(scenario["levels"]) + 1):
        price = _price(prices, scenario["id"], level)
        if price is None:
            return
        total += price
        yield level, total


def random_prices(rng: random.Random, document: Plain) -> Prices:
    """Costs of every step: small, large, nothing, or impossible."""
    steps: list[tuple[str, object]] = [
        (q["id"], o["key"]) for q in document["questions"] for o in q["options"]
    ]
    steps += [(s["id"], int(n)) for s in document["scenarios"] for n in s["levels"]]
    return {step: rng.choice((0, 1, 1, 2, 3, 5, 100, None)) for step in steps}
